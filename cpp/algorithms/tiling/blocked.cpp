#include "algorithms/tiling/blocked.hpp"

#include <algorithm>

#include "kernels/rows/activation.hpp"

namespace corr2d {
namespace {

/// Strides of transposed problems come in pairs of phases, each with tables of its own.
constexpr std::int64_t kMaxParts = 256 * 256;

/// Blocks begin where tiles do.
constexpr std::int32_t kColumnUnit = 8;

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
             : "as its strides part the output into more than 65536 phases";
}

Blocked::~Blocked() {
  for (std::size_t i = 0; i < parts_.size(); ++i) delete parts_[i];
}

Status Blocked::prepare_blocks(const BlockLimits& limits, const float* weight) {
  if (!make_parts()) return Status::kOutOfMemory;
  choose_blocks(limits);
  if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    PhaseProblem& part = *parts_[i];
    part.shape_patch(block_rows_, block_columns_);
    const bool views = !copies(part, block_columns_);
    const Status status = part.prepare(weight, views, fetches(part));
    if (status != Status::kOk) return status;
    weight_bytes_ += part.bytes();
  }
  return Status::kOk;
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
    parts_[i] = new PhaseProblem(c_, index / column_phases, index % column_phases);
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

Range Blocked::columns_of(const PhaseProblem& part, std::int32_t index) const {
  const std::int32_t width = part.columns().outputs;
  const Range units = range_of(divide_up(width, kColumnUnit), column_blocks_, index);
  const std::int32_t first = units.first * kColumnUnit;
  return {first, std::min(units.count * kColumnUnit, width - first)};
}

/// Columns first, then as many rows as the limits allow, then images; all divided evenly.
void Blocked::choose_blocks(const BlockLimits& limits) {
  min_in_place_columns_ = limits.min_in_place_columns;
  streams_ = limits.streams;
  // The first part has the most outputs.
  const std::int32_t height = parts_[0]->rows().outputs;
  const std::int32_t width = parts_[0]->columns().outputs;
  const bool bounded = !streams_ || copies(*parts_[0], width);
  const auto fits = [&](std::int32_t rows, std::int32_t columns) {
    return !bounded || largest_patch(rows, columns) <= limits.patch_floats;
  };
  for (column_blocks_ = divide_up(width, limits.max_columns);; column_blocks_ *= 2) {
    block_columns_ = kColumnUnit * divide_up(divide_up(width, column_blocks_), kColumnUnit);
    if (block_columns_ <= limits.min_outputs || fits(1, block_columns_)) break;
  }
  column_blocks_ = divide_up(width, block_columns_);
  block_columns_ = std::min(block_columns_, width);

  const std::int32_t most = std::max(1, limits.max_outputs / block_columns_);
  row_blocks_ =
      divide_up(height, largest(std::min(height, most), [&](std::int32_t rows) {
                  return rows * block_columns_ <= limits.min_outputs || fits(rows, block_columns_);
                }));
  if (limits.joins_images && row_blocks_ == 1 && column_blocks_ == 1) {
    const std::int64_t outputs = std::int64_t{height} * block_columns_;
    const std::int64_t affordable =
        std::min(limits.max_outputs / outputs,
                 limits.patch_floats / std::max<std::int64_t>(largest_patch(height, width), 1));
    block_images_ =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(affordable, 1, std::int64_t{c_.images}));
  }
  image_blocks_ = divide_up(c_.images, block_images_);

  if (kDivides) divide_blocks(limits);

  block_images_ = divide_up(c_.images, image_blocks_);
  block_rows_ = divide_up(height, row_blocks_);
  block_columns_ =
      std::min(kColumnUnit * divide_up(divide_up(width, kColumnUnit), column_blocks_), width);
  patch_floats_ = largest_patch(block_rows_, block_columns_);
  bool copying = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) copying = copying || fetches(*parts_[i]);
  workspace_floats_ = copying ? patch_floats_ * block_images_ + PhaseProblem::kSlack : 0;
  tasks_ = image_blocks_ * c_.groups * static_cast<std::int32_t>(parts_.size()) * channel_blocks_ *
           row_blocks_ * column_blocks_;
}

void Blocked::divide_blocks(const BlockLimits& limits) {
  const std::int32_t height = parts_[0]->rows().outputs;
  const std::int32_t width = parts_[0]->columns().outputs;
  const auto parts = static_cast<std::int32_t>(parts_.size());
  const std::int32_t units = divide_up(width, kColumnUnit);
  const std::int32_t depth = c_.inputs * parts_[0]->rows().taps * parts_[0]->columns().taps;
  Work work = {};
  work.others = c_.groups * parts;
  work.channels = c_.outputs;
  work.depth = depth;
  work.weight_columns = limits.weight_columns;
  work.input_channels = limits.input_channels;
  std::int32_t* axis = &row_blocks_;
  if (block_images_ > 1) {
    axis = &image_blocks_;
    work.units = c_.images;
    work.unit_columns = height * width;
  } else if (height > 1) {
    work.units = height;
    work.unit_columns = divide_up(width, column_blocks_);
    work.others *= image_blocks_ * column_blocks_;
  } else {
    axis = &column_blocks_;
    work.units = units;
    work.unit_columns = kColumnUnit;
    work.others *= image_blocks_;
  }
  work.shares = *axis;
  const Split shares = divide_work(work, c_.workers);
  *axis = shares.axis;
  channel_blocks_ = shares.channels;
}

bool Blocked::fetches(const PhaseProblem& part) const {
  for (std::int32_t i = 0; i < column_blocks_; ++i) {
    const std::int32_t columns = columns_of(part, i).count;
    if (columns > 0 && copies(part, columns)) return true;
  }
  return false;
}

void Blocked::run_task(const TaskData& data, std::int32_t task) const {
  const auto next = [&task](std::int32_t count) {
    const std::int32_t index = task % count;
    task /= count;
    return index;
  };
  const std::int32_t channel_share = next(channel_blocks_);
  const std::int32_t column_block = next(column_blocks_);
  const std::int32_t row_block = next(row_blocks_);
  const PhaseProblem& part =
      *parts_[static_cast<std::size_t>(next(static_cast<std::int32_t>(parts_.size())))];
  const std::int32_t group = next(c_.groups);
  const Range images = range_of(c_.images, image_blocks_, task);
  const Range rows = range_of(part.rows().outputs, row_blocks_, row_block);
  const Range columns = columns_of(part, column_block);
  // Parts with fewer outputs than others may have fewer blocks.
  if (columns.count <= 0 || rows.count == 0) return;

  const float* input = data.input_floats() + images.first * c_.input.image + group * c_.input.group;
  const std::int32_t row_step = part.rows().output_step * c_.output.row;
  const std::int32_t column_step = part.columns().output_step * c_.output.column;
  float* output = data.output_floats() + images.first * c_.output.image + group * c_.output.group +
                  part.rows().first_output * c_.output.row + rows.first * row_step +
                  part.columns().first_output * c_.output.column + columns.first * column_step;

  const bool copying = copies(part, columns.count);
  PatchView view = {};
  if (copying) {
    for (std::int32_t i = images.count; i-- > 0;) {
      view = part.fetch(input + i * c_.input.image, rows.first, rows.count, columns.first,
                        columns.count, data.workspace + i * part.patch_floats());
    }
  } else {
    view = part.view(input, rows.first, columns.first);
  }
  const auto patch_image = static_cast<std::int32_t>(part.patch_floats());
  const ZeroBorder zero_border =
      copying ? ZeroBorder{}
              : part.zero_border(rows.first, rows.count, columns.first, columns.count);
  compute({part, view, copying, zero_border, copying ? patch_image : c_.input.image, output,
           c_.output.image, row_step, column_step, images.count, rows.count, columns.count, group,
           group * c_.outputs, channels_of(c_.outputs, channel_blocks_, channel_share)},
          data.workspace + workspace_floats_ - scratch_floats_);
}

void Blocked::finish(const Block& block) const {
  if (is_clamp(c_.activation)) return;
  for (std::int32_t image = 0; image < block.images; ++image) {
    for (std::int32_t row = 0; row < block.rows; ++row) {
      activate(block.output + image * block.output_image + row * block.output_row +
                   block.channels.first * c_.output.channel,
               block.channels.count, c_.output.channel, block.columns, block.output_column,
               c_.activation, c_.activation_alpha);
    }
  }
}

}  // namespace corr2d
