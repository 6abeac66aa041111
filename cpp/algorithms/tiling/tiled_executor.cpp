#include "algorithms/tiling/tiled_executor.hpp"

#include <algorithm>

namespace corr2d {
namespace {

/// Fractional strides make phases, as many as their product, each with tables of its own.
constexpr std::int64_t kMaxPhases = 256 * 256;

/// Blocks begin at multiples of this many columns, where tiles do.
constexpr std::int32_t kColumnUnit = 8;

/// The largest number from 1 to `most` that `fits`; 1 if none does. If a number fits, so must all
/// smaller ones.
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

const char* tiling_refusal(const Correlation& c) {
  return std::int64_t{phases_of(c.rows)} * phases_of(c.columns) <= kMaxPhases / phases_of(c.planes)
             ? nullptr
             : "its strides divide the output into more than 65536 phases";
}

TiledExecutor::~TiledExecutor() {
  for (std::size_t i = 0; i < phases_.size(); ++i) delete phases_[i];
}

Status TiledExecutor::prepare_blocks(const BlockLimits& limits, const float* weight) {
  if (!create_phases()) return Status::kOutOfMemory;
  choose_blocks(limits);
  if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    PhaseProblem& phase = *phases_[i];
    phase.patch.set_block(block_rows_, block_columns_);
    Status status = weight == nullptr ? Status::kOk : phase.pack(c_, weight);
    if (status == Status::kOk) {
      status = phase.patch.prepare(!copies(phase, block_columns_), copies_any(phase));
    }
    if (status != Status::kOk) return status;
    weight_bytes_ += phase.bytes();
  }
  return Status::kOk;
}

Status TiledExecutor::reserve_scratch(std::int64_t floats) {
  scratch_floats_ = floats;
  workspace_floats_ += floats;
  return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
}

bool TiledExecutor::create_phases() {
  const std::int32_t row_phases = phases_of(c_.rows), column_phases = phases_of(c_.columns);
  grid_.groups = c_.groups;
  grid_.phases = phases_of(c_.planes) * row_phases * column_phases;
  if (!phases_.reset(static_cast<std::size_t>(grid_.phases))) return false;
  std::fill(phases_.data(), phases_.data() + phases_.size(), nullptr);
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    const auto index = static_cast<std::int32_t>(i);
    const std::int32_t rows = index / column_phases;
    phases_[i] = new PhaseProblem(c_, rows / row_phases, rows % row_phases, index % column_phases);
    if (phases_[i] == nullptr) return false;
    phases_[i]->reads_in_place = can_read_in_place(phases_[i]->patch);
  }
  return true;
}

std::int64_t TiledExecutor::largest_patch(std::int32_t block_rows,
                                          std::int32_t block_columns) const {
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    phases_[i]->patch.set_block(block_rows, block_columns);
    largest = std::max(largest, phases_[i]->patch.floats());
  }
  return largest;
}

Range TiledExecutor::columns_of(const PhaseProblem& phase, std::int32_t index) const {
  const std::int32_t width = phase.columns.outputs;
  const Range units = range_of(divide_up(width, kColumnUnit), grid_.columns, index);
  const std::int32_t first = units.first * kColumnUnit;
  return {first, std::min(units.count * kColumnUnit, width - first)};
}

/// Chooses the columns of a block first, then as many rows as the limits allow, then images. All
/// three axes are divided evenly.
void TiledExecutor::choose_blocks(const BlockLimits& limits) {
  min_in_place_columns_ = limits.min_in_place_columns;
  // The first phase has the most outputs.
  const PhaseProblem& first = *phases_[0];
  const std::int32_t height = first.rows.outputs, width = first.columns.outputs;
  const bool is_limited = !limits.limits_copies_only || copies(first, width);
  const auto fits = [&](std::int32_t rows, std::int32_t columns) {
    return !is_limited || largest_patch(rows, columns) <= limits.patch_floats;
  };
  for (grid_.columns = divide_up(width, limits.max_columns);; grid_.columns *= 2) {
    block_columns_ = kColumnUnit * divide_up(divide_up(width, grid_.columns), kColumnUnit);
    if (block_columns_ <= limits.min_outputs || fits(1, block_columns_)) break;
  }
  grid_.columns = divide_up(width, block_columns_);
  block_columns_ = std::min(block_columns_, width);

  const std::int32_t most = std::max(1, limits.max_outputs / block_columns_);
  grid_.rows =
      divide_up(height, largest(std::min(height, most), [&](std::int32_t rows) {
                  return rows * block_columns_ <= limits.min_outputs || fits(rows, block_columns_);
                }));
  if (limits.joins_images && grid_.rows == 1 && grid_.columns == 1) {
    const std::int64_t outputs = std::int64_t{height} * block_columns_;
    const std::int64_t affordable =
        std::min(limits.max_outputs / outputs,
                 limits.patch_floats / std::max<std::int64_t>(largest_patch(height, width), 1));
    block_images_ = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(affordable, 1, std::int64_t{first.images}));
  }
  grid_.images = divide_up(first.images, block_images_);

  if (kDivides) divide_blocks(limits);

  block_images_ = divide_up(first.images, grid_.images);
  block_rows_ = divide_up(height, grid_.rows);
  block_columns_ =
      std::min(kColumnUnit * divide_up(divide_up(width, kColumnUnit), grid_.columns), width);
  const std::int64_t patch_floats = largest_patch(block_rows_, block_columns_);
  bool copies_some = false;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    copies_some = copies_some || copies_any(*phases_[i]);
  }
  workspace_floats_ = copies_some ? patch_floats * block_images_ + kReadSlack : 0;
}

void TiledExecutor::divide_blocks(const BlockLimits& limits) {
  const PhaseProblem& first = *phases_[0];
  const std::int32_t height = first.rows.outputs, width = first.columns.outputs;
  Workload work = {};
  work.other_tasks = c_.groups * grid_.phases;
  work.channels = c_.outputs;
  work.depth = c_.channels * first.planes.taps * first.rows.taps * first.columns.taps;
  work.weight_columns = limits.weight_columns;
  work.input_channels = limits.input_channels;
  std::int32_t* axis = &grid_.rows;
  if (block_images_ > 1) {
    axis = &grid_.images;
    work.units = first.images;
    work.unit_columns = height * width;
  } else if (height > 1) {
    work.units = height;
    work.unit_columns = divide_up(width, grid_.columns);
    work.other_tasks *= grid_.images * grid_.columns;
  } else {
    axis = &grid_.columns;
    work.units = divide_up(width, kColumnUnit);
    work.unit_columns = kColumnUnit;
    work.other_tasks *= grid_.images;
  }
  work.min_parts = *axis;
  const Split split = divide_work(work, c_.threads);
  *axis = split.axis;
  grid_.channels = split.channels;
}

bool TiledExecutor::copies_any(const PhaseProblem& phase) const {
  for (std::int32_t i = 0; i < grid_.columns; ++i) {
    const std::int32_t columns = columns_of(phase, i).count;
    if (columns > 0 && copies(phase, columns)) return true;
  }
  return false;
}

void TiledExecutor::run(const TaskData& data, const TaskIndex& task) const {
  const PhaseProblem& phase = *phases_[static_cast<std::size_t>(task.phase)];
  const Range images = range_of(phase.images, grid_.images, task.image);
  const Range rows = range_of(phase.rows.outputs, grid_.rows, task.rows);
  const Range columns = columns_of(phase, task.columns);
  // Phases with fewer outputs than the first may have fewer blocks.
  if (columns.count <= 0 || rows.count == 0 || images.count == 0) return;

  const std::int32_t group = task.group;
  const float* input = data.input_floats() + group * c_.input.group;
  const std::int32_t row_step = phase.rows.output_step * c_.output.row;
  const std::int32_t column_step = phase.columns.output_step * c_.output.column;
  const AxisPhase& planes = phase.planes;
  const ImageSteps output_images = {images.first, planes.outputs, c_.output.image,
                                    planes.output_step * c_.output.plane};
  float* output = data.output_floats() + planes.first_output * c_.output.plane +
                  output_images.at(images.first) + group * c_.output.group +
                  phase.rows.first_output * c_.output.row + rows.first * row_step +
                  phase.columns.first_output * c_.output.column + columns.first * column_step;

  const bool is_copied = copies(phase, columns.count);
  PatchView view = {};
  ImageSteps input_images;
  if (is_copied) {
    input_images = {0, 1, static_cast<std::int32_t>(phase.patch.floats()), 0};
    // The last one fetched, which `view` is of, has to be the first image.
    for (std::int32_t i = images.count; i-- > 0;) {
      view = phase.patch.fetch(input, images.first + i, rows.first, rows.count, columns.first,
                               columns.count, data.workspace + input_images.at(i));
    }
  } else {
    input_images = {images.first, planes.outputs, c_.input.image, planes.stride * c_.input.plane};
    view = phase.patch.view(input + planes.origin * c_.input.plane + input_images.at(images.first),
                            rows.first, columns.first);
  }
  compute({.phase = phase,
           .input = view,
           .is_copied = is_copied,
           .input_images = input_images,
           .output = {.data = output,
                      .add = data.second_at(output),
                      .images = images.count,
                      .rows = rows.count,
                      .columns = columns.count,
                      .image_steps = output_images,
                      .channel_step = c_.output.channel,
                      .row_step = row_step,
                      .column_step = column_step},
           .first_row = rows.first,
           .first_column = columns.first,
           .group = group,
           .first_channel = group * c_.outputs,
           .channels = channels_of(c_.outputs, grid_.channels, task.channels)},
          data.workspace + workspace_floats_ - scratch_floats_);
}

}  // namespace corr2d
