// Depthwise 3 x 3 in streams of neighbouring channels: without dilation, of stride 1 or 2, with at
// most one zero of padding on each side, for channels that are neighbours in memory, as in NHWC.
// Four channels at a time, it reads every row of pixels once, in place
// (kernels/depthwise/stream.hpp). It also does small planes in NCHW, whose rows are too narrow
// for streams along rows: it transposes those of a block of channels to pixels, and the output
// back.
//
// A task computes a block of rows, columns and channels. It goes down the rows and computes all
// channels of a row before the next row: input and output are accessed in the order of memory, and
// the sums of a row stay in the first-level cache.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = 9 and eps = 2^-24, unless
// something overflows or underflows.

#include <algorithm>

#include "algorithms/algorithm.hpp"
#include "algorithms/depthwise/nhwc_weights.hpp"
#include "algorithms/depthwise/streaming_block.hpp"
#include "algorithms/depthwise/tiles.hpp"
#include "algorithms/tiling/epilogue.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;
constexpr std::int32_t kBlockChannels = 64;
/// Channels of a block of transposed planes: they and their outputs stay in the first-level cache.
constexpr std::int32_t kTransposedChannels = 16;
/// The most rows and columns of a transposed plane.
constexpr std::int32_t kTransposedSize = 14;
/// Floats of a row of a block.
constexpr std::int32_t kRowFloats = 2048;
/// Rows of a block: so many that priming the sums with the two rows above hardly counts.
constexpr std::int32_t kBlockRows = 128;

class NhwcStreaming : public Executor {
 public:
  explicit NhwcStreaming(const Correlation& correlation)
      : c_(correlation), epilogue_(correlation), transposes_(c_.input.group != 1) {}

  Status prepare(const float* weight, const float* bias) {
    const std::int32_t rows = c_.rows.output, columns = c_.columns.output;
    block_channels_ = std::min(transposes_ ? kTransposedChannels : kBlockChannels, c_.groups);
    grid_.columns = divide_up(columns, kRowFloats / block_channels_);
    grid_.rows = divide_up(rows, kBlockRows);
    grid_.groups = divide_up(c_.groups, block_channels_);
    grid_.images = c_.images;
    // Two rows of sums for each channel, and an output row that is not used.
    workspace_floats_ = (2 * block_channels_ + kLanes) * divide_up(columns, grid_.columns);
    if (transposes_) {
      transposed_input_ = workspace_floats_;
      transposed_output_ = transposed_input_ + c_.rows.input * c_.columns.input * block_channels_;
      workspace_floats_ = transposed_output_ + rows * columns * block_channels_;
      input_ = {0, 1, 1, c_.columns.input * block_channels_, block_channels_};
      output_ = {0, 1, 1, columns * block_channels_, block_channels_};
    }
    const Status status = weights_.pack(c_, weight, bias, kLanes);
    weight_bytes_ = weights_.bytes();
    return status;
  }

 private:
  struct Block {
    const float* input;  // column 0 of the first channel
    Range columns;
    std::int32_t channel, channels;
    float* sums;
  };

  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range rows = range_of(c_.rows.output, grid_.rows, task.rows);
    const std::int32_t channel = task.group * block_channels_;
    const float* input =
        data.input_floats() + task.image * c_.input.image + channel * c_.input.group;
    float* const result =
        data.output_floats() + task.image * c_.output.image + channel * c_.output.group;
    Block block = {.input = input,
                   .columns = range_of(c_.columns.output, grid_.columns, task.columns),
                   .channel = channel,
                   .channels = std::min(block_channels_, c_.groups - channel),
                   .sums = data.workspace};
    float* output = result + rows.first * output_.row + block.columns.first * output_.column;
    if (transposes_) {
      // These planes are so small that they are one block of rows and columns.
      float* const pixels = data.workspace + transposed_input_;
      transpose(input, c_.input.group, block.channels, c_.rows.input * c_.columns.input, pixels,
                block_channels_);
      block.input = pixels;
      output = data.workspace + transposed_output_;
    }

    const std::int32_t middle = rows.first * c_.rows.stride - c_.rows.pad + 1;
    // Prime the sums with the rows above.
    run_row(block, middle - 1, middle - 1, nullptr);
    if (c_.rows.stride == 1) run_row(block, middle, middle, nullptr);
    for (std::int32_t row = 0; row < rows.count; ++row, output += output_.row) {
      const std::int32_t at = middle + row * c_.rows.stride;
      run_row(block, at, at + 1, output);
      clamp(block, output);
      if (!transposes_) {
        epilogue_.apply(output, data.second_at(output), block.columns.count, output_.column,
                        block.channels, 1);
      }
    }
    if (transposes_) {
      const std::int32_t pixels = rows.count * block.columns.count;
      transpose(data.workspace + transposed_output_, block_channels_, pixels, block.channels,
                result, c_.output.group);
      epilogue_.apply(result, data.second_at(result), block.channels, c_.output.group, pixels, 1);
    }
  }

  /// A row of pixels of the input, or of zeros above or below it.
  struct Row {
    const float* pixels;  // what the middle tap reads for the first output
    std::int32_t step;    // floats between neighbouring pixels
  };

  Row row_of(const Block& block, std::int32_t row) const {
    static constexpr float kZeros[kBlockChannels] = {};
    if (row < 0 || row >= c_.rows.input) return {kZeros, 0};
    const std::int32_t column = block.columns.first * c_.columns.stride + 1 - c_.columns.pad;
    return {block.input + row * input_.row + column * input_.column, input_.column};
  }

  /// Computes the output row whose last input row is `next_row`. If `output` is null, it only
  /// primes the sums.
  void run_row(const Block& block, std::int32_t middle_row, std::int32_t next_row,
               float* output) const {
    const CorrelationAxis& axis = c_.columns;
    const auto& kernel = depthwise_nhwc_stream_kernels().find(axis.stride, true);
    const Row middle = row_of(block, middle_row), next = row_of(block, next_row);
    const std::int32_t last =
        (block.columns.first + block.columns.count - 1) * axis.stride + 2 - axis.pad;
    float* unused_output = block.sums + 2 * block.channels * block.columns.count;
    DepthwiseNhwcStream stream;
    stream.bottom_step = next.step;
    stream.middle_step = middle.step;
    stream.weight_step = weights_.step();
    stream.output_step = output == nullptr ? kLanes : output_.column;
    stream.columns = block.columns.count;
    stream.zero_left = block.columns.first == 0 && axis.pad == 1;
    stream.zero_right = last >= axis.input;
    for (std::int32_t c = 0; c < block.channels; c += kLanes) {
      stream.bottom = next.pixels + c;
      stream.middle = middle.pixels + c;
      stream.weight = weights_.of(block.channel + c);
      stream.bias = weights_.bias(block.channel + c);
      stream.partial_sums[0] = block.sums + 2 * c * block.columns.count;
      stream.partial_sums[1] = stream.partial_sums[0] + kLanes * block.columns.count;
      stream.output = output == nullptr ? unused_output : output + c;
      kernel.run(stream);
    }
  }

  /// Clamps a row; the kernels do not.
  void clamp(const Block& block, float* output) const {
    if (!epilogue_.limits()) return;
    add_bias_and_clamp({output, output_.column, epilogue_.low, epilogue_.high}, 0,
                       block.columns.count, block.channels);
  }

  const Correlation c_;
  const ActivationEpilogue epilogue_;
  const bool transposes_;
  GroupedStrides input_ = c_.input, output_ = c_.output;       // of pixels
  std::int64_t transposed_input_ = 0, transposed_output_ = 0;  // offsets in the workspace
  std::int32_t block_channels_ = 1;
  NhwcWeights weights_;
};

/// Whether the outputs read at most one element before the input and one behind it.
bool has_narrow_border(const CorrelationAxis& axis) {
  return axis.pad >= 0 && axis.pad <= 1 &&
         std::int64_t{axis.output - 1} * axis.stride + 2 - axis.pad <= axis.input;
}

const char* refusal(const Correlation& c) {
  const bool pads_zeros = c.padding_mode == PaddingMode::kConstant && c.fill_value == 0;
  const bool has_pixels = c.input.group == 1 && c.output.group == 1;
  const auto are_planes = [](const GroupedStrides& strides, std::int32_t columns) {
    return strides.column == 1 && strides.row == columns;
  };
  const bool are_small = c.columns.input <= kTransposedSize && c.rows.input <= kTransposedSize &&
                         are_planes(c.input, c.columns.input) &&
                         are_planes(c.output, c.columns.output);
  const bool can = c.is_flat && has_stream_kernel(c) && c.outputs == 1 &&
                   (has_pixels || are_small) && c.groups % kLanes == 0 && pads_zeros &&
                   has_narrow_border(c.rows) && has_narrow_border(c.columns);
  return can ? nullptr : kSpecialCase;
}

}  // namespace

const AlgorithmEntry kDepthwiseNhwcStreamingEntry = {
    .id = EntryId::kDepthwiseNhwcStreaming,
    .algorithm = Algorithm::kDepthwise,
    .refusal = refusal,
    .prepare = prepare<NhwcStreaming>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = depthwise_op_counts,
};

}  // namespace corr2d
