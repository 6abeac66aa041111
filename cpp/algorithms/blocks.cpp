#include "algorithms/blocks.hpp"

#include <algorithm>

#include "kernels/activation.hpp"

namespace corr2d {
namespace {

/// Strides of transposed problems come in pairs of phases; nobody has one of 65 by 65.
constexpr std::int64_t kMaxParts = 64 * 64;

/// Blocks begin where tiles do.
constexpr std::int32_t kColumnUnit = 8;

/// Columns that have to be left to be read in place for edges to be copied apart from them.
constexpr std::int32_t kMinBetweenEdges = 256;

/// The most that `fits` in 1 to `most`; 1 even if it does not fit.
template <typename Fits>
std::int32_t largest(std::int32_t most, Fits fits) {
  std::int32_t fewest = 1;
  while (fewest < most) {
    const std::int32_t middle = most - (most - fewest) / 2;
    if (fits(middle)) {
      fewest = middle;
    } else {
      most = middle - 1;
    }
  }
  return fewest;
}

}  // namespace

const char* refusal_of_blocks(const Correlation& c) {
  return std::int64_t{phases_of(c.rows)} * phases_of(c.columns) <= kMaxParts
             ? nullptr
             : "as its strides part the output into more than 4096 phases";
}

Blocked::~Blocked() {
  for (std::size_t i = 0; i < parts_.size(); ++i) delete parts_[i];
}

Status Blocked::prepare_blocks(const BlockLimits& limits, const float* weight) {
  if (!make_parts()) return Status::kOutOfMemory;
  if (const Status status = choose_blocks(limits); status != Status::kOk) return status;
  bool copying = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = *parts_[i];
    bool views = false, fetches = false;
    for (std::int32_t y = 0; y < row_cuts_.count(); ++y) {
      for (std::int32_t x = 0; x < column_cuts_.count(); ++x) {
        const Place place = place_of(part, y, x);
        if (place.rows > 0 && place.columns > 0) (copies(part, place) ? fetches : views) = true;
      }
    }
    part.shape_patch(block_rows_, block_columns_);
    const Status status = part.prepare(weight, views, fetches);
    if (status != Status::kOk) return status;
    weight_bytes_ += part.bytes();
    copying = copying || fetches;
  }
  workspace_floats_ = copying ? patch_floats_ * block_images_ + Part::kSlack : 0;
  return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
}

Status Blocked::want_scratch(std::int64_t floats) {
  scratch_floats_ = floats;
  workspace_floats_ += floats;
  return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
}

bool Blocked::make_parts() {
  const std::int32_t column_phases = phases_of(c_.columns);
  if (!parts_.reset(static_cast<std::size_t>(phases_of(c_.rows) * column_phases))) return false;
  std::fill(parts_.data(), parts_.data() + parts_.size(), nullptr);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto index = static_cast<std::int32_t>(i);
    parts_[i] = new Part(c_, index / column_phases, index % column_phases);
    if (parts_[i] == nullptr) return false;
  }
  return true;
}

std::int64_t Blocked::largest_patch(std::int32_t block_rows, std::int32_t block_columns) const {
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i]->shape_patch(block_rows, block_columns);
    largest = std::max(largest, parts_[i]->patch_floats());
  }
  return largest;
}

/// Columns first, then as many rows as the limits allow, then images; all divided evenly.
Status Blocked::choose_blocks(const BlockLimits& limits) {
  // The first part has the most outputs.
  const AxisPhase& rows = parts_[0]->rows();
  const AxisPhase& columns = parts_[0]->columns();
  const AxisPhase::Inside inside_rows = rows.inside(c_.rows.input);
  const AxisPhase::Inside inside_columns = columns.inside(c_.columns.input);
  const std::int32_t lead = kColumnUnit * divide_up(inside_columns.first, kColumnUnit);
  const std::int32_t tail =
      kColumnUnit * divide_up(columns.outputs - inside_columns.end, kColumnUnit);
  const bool parts_edges = limits.parts_edges && parts_.size() == 1 && c_.input.column == 1 &&
                           columns.stride == 1 && inside_rows.end > inside_rows.first &&
                           columns.outputs - lead - tail >= kMinBetweenEdges;
  const std::int32_t width = columns.outputs - (parts_edges ? lead + tail : 0);
  const std::int32_t row_lead = parts_edges ? inside_rows.first : 0;
  const std::int32_t row_tail = parts_edges ? rows.outputs - inside_rows.end : 0;
  const std::int32_t height = rows.outputs - row_lead - row_tail;

  for (std::int32_t blocks = divide_up(width, limits.max_columns);; blocks *= 2) {
    block_columns_ = kColumnUnit * divide_up(divide_up(width, blocks), kColumnUnit);
    if (block_columns_ <= limits.min_columns ||
        largest_patch(1, block_columns_) <= limits.patch_floats) {
      break;
    }
  }
  block_columns_ = std::min(block_columns_, width);
  const std::int32_t most = std::min(height, std::max(1, limits.max_outputs / block_columns_));
  block_rows_ = largest(most, [&](std::int32_t count) {
    return largest_patch(count, block_columns_) <= limits.patch_floats;
  });
  block_rows_ = divide_up(height, divide_up(height, block_rows_));
  if (!row_cuts_.cut(rows.outputs, row_lead, row_tail, block_rows_) ||
      !column_cuts_.cut(columns.outputs, parts_edges ? lead : 0, parts_edges ? tail : 0,
                        block_columns_)) {
    return Status::kOutOfMemory;
  }
  // Edges may be higher or wider than what lies between.
  block_rows_ = std::max({block_rows_, row_lead, row_tail});
  if (parts_edges) block_columns_ = std::max({block_columns_, lead, tail});
  patch_floats_ = largest_patch(block_rows_, block_columns_);

  if (limits.joins_images && row_cuts_.count() == 1 && column_cuts_.count() == 1) {
    const std::int64_t outputs = std::int64_t{block_rows_} * block_columns_;
    const std::int64_t affordable =
        std::min(limits.max_outputs / outputs,
                 limits.patch_floats / std::max<std::int64_t>(patch_floats_, 1));
    block_images_ =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(affordable, 1, std::int64_t{c_.images}));
  }
  image_blocks_ = divide_up(c_.images, block_images_);
  min_in_place_columns_ = limits.min_in_place_columns;
  tasks_ = image_blocks_ * c_.groups * static_cast<std::int32_t>(parts_.size()) *
           row_cuts_.count() * column_cuts_.count();
  return Status::kOk;
}

Blocked::Place Blocked::place_of(const Part& part, std::int32_t row_block,
                                 std::int32_t column_block) const {
  const std::int32_t y = row_cuts_.start(row_block), x = column_cuts_.start(column_block);
  // The cuts are those of the largest part.
  return {y, std::min(row_cuts_.size(row_block), part.rows().outputs - y), x,
          std::min(column_cuts_.size(column_block), part.columns().outputs - x)};
}

void Blocked::run_task(const TaskData& data, std::int32_t task) const {
  const auto next = [&task](std::int32_t count) {
    const std::int32_t index = task % count;
    task /= count;
    return index;
  };
  const std::int32_t column_block = next(column_cuts_.count());
  const std::int32_t row_block = next(row_cuts_.count());
  const Part& part =
      *parts_[static_cast<std::size_t>(next(static_cast<std::int32_t>(parts_.size())))];
  const std::int32_t group = next(c_.groups);
  const std::int32_t image = task * block_images_;
  const Place place = place_of(part, row_block, column_block);
  const auto [y, rows, x, columns] = place;
  if (columns <= 0 || rows <= 0) return;
  const std::int32_t images = std::min(block_images_, c_.images - image);

  const float* input = data.input_floats() + image * c_.input.image + group * c_.input.group;
  const std::int32_t row_step = part.rows().output_step * c_.output.row;
  const std::int32_t column_step = part.columns().output_step * c_.output.column;
  float* output = data.output_floats() + image * c_.output.image + group * c_.output.group +
                  part.rows().first_output * c_.output.row + y * row_step +
                  part.columns().first_output * c_.output.column + x * column_step;

  const bool copying = copies(part, place);
  PatchView view = {};
  if (copying) {
    for (std::int32_t i = images; i-- > 0;) {
      view = part.fetch(input + i * c_.input.image, y, rows, x, columns,
                        data.workspace + i * part.patch_floats());
    }
  } else {
    view = part.view(input, y, x);
  }
  const auto patch_image = static_cast<std::int32_t>(part.patch_floats());
  compute({part, view, copying ? patch_image : c_.input.image, output, c_.output.image, row_step,
           column_step, images, rows, columns, group, group * c_.outputs},
          data.workspace + workspace_floats_ - scratch_floats_);
}

void Blocked::finish(const Block& block) const {
  if (is_clamp(c_.activation)) return;
  for (std::int32_t image = 0; image < block.images; ++image) {
    for (std::int32_t row = 0; row < block.rows; ++row) {
      activate(block.output + image * block.output_image + row * block.output_row, c_.outputs,
               c_.output.channel, block.columns, block.output_column, c_.activation,
               c_.activation_alpha);
    }
  }
}

}  // namespace corr2d
