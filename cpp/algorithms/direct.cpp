// Direct: any kernel size, stride, dilation, groups, padding and layout, forward and spread,
// without a column matrix.
//
// A task makes a block of rows and columns of the output, for all channels of one group. It first
// copies the part of the padded input that the block reads, the patch, into its workspace, taken
// apart by phase (axis.hpp). So for the kernel every stride is 1, and each tap of the weight is one
// offset into the patch. A spread axis falls into phases of the output, each with taps of its own;
// a pair of phases, one for rows and one for columns, is a part with its own table and weights.
//
// Patch: [input channel of the group][row slot][row][column slot][column]
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include <algorithm>

#include "algorithms/axis.hpp"
#include "algorithms/packing.hpp"
#include "kernels/activation.hpp"
#include "kernels/list.hpp"
#include "kernels/row.hpp"

namespace corr2d {
namespace {

/// A patch should stay in the second-level cache beside the weights of a block of channels.
constexpr std::int64_t kPatchFloats = 32 * 1024;
/// Wide enough for the fetching of a row to be mostly copying.
constexpr std::int32_t kMaxColumns = 512;
constexpr std::int32_t kMinColumns = 64;
/// Blocks begin where tiles do.
constexpr std::int32_t kColumnUnit = 8;

/// Strides of transposed problems come in pairs of phases; nobody has one of 65 by 65.
constexpr std::int64_t kMaxParts = 64 * 64;

/// A pair of phases: how its patch is laid out, its table of taps and its weights.
struct Part : Allocated {
  AxisPhase row_phase, column_phase;
  PatchAxis rows, columns;
  std::int32_t slot_rows = 0;  // rows of a row slot
  std::int32_t pitch = 0;      // elements of a column slot
  Buffer<std::int32_t> taps;
  PackedWeights weights;

  Part(const CorrelationAxis& row_axis, std::int32_t row_index, const CorrelationAxis& column_axis,
       std::int32_t column_index)
      : row_phase(phase_of(row_axis, row_index)),
        column_phase(phase_of(column_axis, column_index)) {}

  void shape_patch(std::int32_t block_rows, std::int32_t block_columns) {
    rows = PatchAxis(row_phase, block_rows);
    columns = PatchAxis(column_phase, block_columns);
    slot_rows = rows.length(block_rows);
    pitch = columns.length(block_columns);
  }

  std::int64_t patch_floats(std::int32_t channels) const {
    // A tile reads up to 3 columns beyond the last.
    return std::int64_t{channels} * rows.slots() * slot_rows * columns.slots() * pitch + 3;
  }

  std::int32_t row_offset(std::int32_t channel, std::int32_t slot, std::int32_t row) const {
    return ((channel * rows.slots() + slot) * slot_rows + row) * columns.slots() * pitch;
  }

  Status prepare(const Correlation& c, const float* weight) {
    const Status status =
        weights.pack(c, weight, {row_phase.first_tap, row_phase.tap_step, row_phase.taps},
                     {column_phase.first_tap, column_phase.tap_step, column_phase.taps});
    if (status != Status::kOk) return status;
    if (!taps.reset(static_cast<std::size_t>(weights.depth()))) return Status::kOutOfMemory;
    std::int32_t* tap = taps.data();
    for (std::int32_t i = 0; i < c.inputs; ++i) {
      for (std::int32_t y = 0; y < row_phase.taps; ++y) {
        for (std::int32_t x = 0; x < column_phase.taps; ++x) {
          *tap++ = row_offset(i, rows.slot(y), rows.shift(y)) + columns.slot(x) * pitch +
                   columns.shift(x);
        }
      }
    }
    return Status::kOk;
  }
};

class Direct : public Executor {
 public:
  explicit Direct(const Correlation& correlation)
      : c_(correlation), clamp_(clamp_of(correlation.activation)) {}
  ~Direct() override {
    for (std::size_t i = 0; i < parts_.size(); ++i) delete parts_[i];
  }

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    if (!make_parts()) return Status::kOutOfMemory;
    choose_blocks();
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    weight_bytes_ = bias_.bytes();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      Part& part = *parts_[i];
      part.shape_patch(block_rows_, block_columns_);
      if (const Status status = part.prepare(c_, weight); status != Status::kOk) return status;
      weight_bytes_ += part.weights.bytes() + part.taps.bytes();
    }
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const auto next = [&task](std::int32_t count) {
      const std::int32_t index = task % count;
      task /= count;
      return index;
    };
    const std::int32_t x = next(column_blocks_) * block_columns_;
    const std::int32_t y = next(row_blocks_) * block_rows_;
    const Part& part = *parts_[static_cast<std::size_t>(next(part_count_))];
    const std::int32_t group = next(c_.groups);
    const std::int32_t image = task;
    // The blocks are those of the largest part.
    const std::int32_t columns = std::min(block_columns_, part.column_phase.outputs - x);
    const std::int32_t rows = std::min(block_rows_, part.row_phase.outputs - y);
    if (columns <= 0 || rows <= 0) return;

    fetch(data, part, image, group, y, rows, x, columns);
    const std::int32_t row_step = part.row_phase.output_step * c_.output.row;
    const std::int32_t column_step = part.column_phase.output_step * c_.output.column;
    float* out = data.output_floats() + image * c_.output.image + group * c_.output.group +
                 part.row_phase.first_output * c_.output.row + y * row_step +
                 part.column_phase.first_output * c_.output.column + x * column_step;
    for (std::int32_t channel = 0; channel < c_.outputs;) {
      const std::int32_t block = channel_block(c_.outputs - channel);
      const Kernel<DirectRow>& kernel = direct_kernels().find(block, c_.fusing);
      const std::int32_t packed = group * c_.outputs + channel;
      for (std::int32_t row = 0; row < rows; ++row) {
        float* at = out + channel * c_.output.channel + row * row_step;
        kernel.run({data.workspace + part.row_offset(0, 0, row),
                    part.taps.data(),
                    part.weights.depth(),
                    part.weights.of(packed),
                    bias_.data() + packed,
                    {at, c_.output.channel, column_step, clamp_.low, clamp_.high},
                    columns});
        if (!is_clamp(c_.activation)) {
          activate(at, block, c_.output.channel, columns, column_step, c_.activation,
                   c_.activation_alpha);
        }
      }
      channel += block;
    }
  }

 private:
  bool make_parts() {
    const std::int32_t row_phases = phases_of(c_.rows);
    const std::int32_t column_phases = phases_of(c_.columns);
    part_count_ = row_phases * column_phases;
    if (!parts_.reset(static_cast<std::size_t>(part_count_))) return false;
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i] = nullptr;
    for (std::int32_t i = 0; i < part_count_; ++i) {
      Part* part = new Part(c_.rows, i / column_phases, c_.columns, i % column_phases);
      if (part == nullptr) return false;
      parts_[static_cast<std::size_t>(i)] = part;
    }
    return true;
  }

  std::int64_t largest_patch(std::int32_t block_rows, std::int32_t block_columns) const {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i]->shape_patch(block_rows, block_columns);
      largest = std::max(largest, parts_[i]->patch_floats(c_.inputs));
    }
    return largest;
  }

  /// Columns first, then as many rows as the budget allows; both divided evenly.
  void choose_blocks() {
    // The first part has the most outputs.
    const std::int32_t height = parts_[0]->row_phase.outputs;
    const std::int32_t width = parts_[0]->column_phase.outputs;
    for (column_blocks_ = divide_up(width, kMaxColumns);; column_blocks_ *= 2) {
      block_columns_ = kColumnUnit * divide_up(divide_up(width, column_blocks_), kColumnUnit);
      if (block_columns_ <= kMinColumns || largest_patch(1, block_columns_) <= kPatchFloats) break;
    }
    column_blocks_ = divide_up(width, block_columns_);

    std::int32_t most = height;
    for (std::int32_t fewest = 1; fewest < most;) {
      const std::int32_t middle = most - (most - fewest) / 2;
      if (largest_patch(middle, block_columns_) <= kPatchFloats) {
        fewest = middle;
      } else {
        most = middle - 1;
      }
    }
    row_blocks_ = divide_up(height, most);
    block_rows_ = divide_up(height, row_blocks_);

    tasks_ = c_.images * c_.groups * part_count_ * row_blocks_ * column_blocks_;
    workspace_floats_ = largest_patch(block_rows_, block_columns_);
  }

  /// Fills the patch for the outputs of `rows` rows from y on and `columns` columns from x on.
  void fetch(const TaskData& data, const Part& part, std::int32_t image, std::int32_t group,
             std::int32_t y, std::int32_t rows, std::int32_t x, std::int32_t columns) const {
    for (std::int32_t channel = 0; channel < c_.inputs; ++channel) {
      const Plane plane = {data.input_floats() + image * c_.input.image + group * c_.input.group +
                               channel * c_.input.channel,
                           c_.rows.input,
                           c_.columns.input,
                           c_.input.row,
                           c_.input.column,
                           c_.padding_mode,
                           c_.fill_value};
      for (std::int32_t slot = 0; slot < part.rows.slots(); ++slot) {
        const std::int32_t first = part.rows.position(slot, y);
        for (std::int32_t row = 0; row < part.rows.length(rows); ++row) {
          float* out = data.workspace + part.row_offset(channel, slot, row);
          for (std::int32_t column_slot = 0; column_slot < part.columns.slots(); ++column_slot) {
            fetch_row(plane, first + row * part.rows.stride(),
                      part.columns.position(column_slot, x), part.columns.stride(),
                      part.columns.length(columns), out + column_slot * part.pitch);
          }
        }
      }
    }
  }

  const Correlation c_;
  const Clamp clamp_;
  Buffer<float> bias_;
  Buffer<Part*> parts_;
  std::int32_t part_count_ = 0;
  std::int32_t block_rows_ = 1, block_columns_ = 1, row_blocks_ = 1, column_blocks_ = 1;
};

bool can_do(const Correlation& c) {
  return std::int64_t{phases_of(c.rows)} * phases_of(c.columns) <= kMaxParts;
}

}  // namespace

const AlgorithmEntry kDirectAlgorithm = {Algorithm::kDirect, "direct", can_do, prepare<Direct>};

}  // namespace corr2d
