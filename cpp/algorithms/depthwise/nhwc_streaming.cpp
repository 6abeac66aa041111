// Depthwise of 3 x 3 where channels are neighbours in memory: rows of pixels, four channels at a
// time, are streams (kernels/depthwise/stream.hpp) that read the input in place.
//
// A task makes a block of rows, columns and channels. It goes down the rows, all channels of one
// before the next: so input and output come in the order in which they lie in memory, and the sums
// of a row stay in the first-level cache.
//
// Planes whose rows are too narrow for streams of their own are turned into pixels, those of a
// block whole, and the output back.
//
// Error bound: that of depthwise.

#include "algorithms/depthwise/nhwc_streaming.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/depthwise/nhwc_weights.hpp"
#include "algorithms/depthwise/streaming_block.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;
constexpr std::int32_t kBlockChannels = 64;
/// Of planes, which stay in the first-level cache with what is made of them.
constexpr std::int32_t kTransposedChannels = 16;
constexpr std::int32_t kTransposedSize = 14;  // rows and columns of the input
/// Floats of a row of a block.
constexpr std::int32_t kRowFloats = 2048;
/// Rows of a block, which should make up for the two before it.
constexpr std::int32_t kBlockRows = 128;

class NhwcStreaming : public Executor {
 public:
  explicit NhwcStreaming(const Correlation& correlation)
      : c_(correlation),
        clamp_(clamp_of(correlation.activation)),
        transposes_(c_.input.group != 1) {}

  Status prepare(const float* weight, const float* bias) {
    const std::int32_t rows = c_.rows.output, columns = c_.columns.output;
    block_channels_ = std::min(transposes_ ? kTransposedChannels : kBlockChannels, c_.groups);
    channel_blocks_ = divide_up(c_.groups, block_channels_);
    block_rows_ = divide_up(rows, divide_up(rows, kBlockRows));
    row_blocks_ = divide_up(rows, block_rows_);
    block_columns_ = divide_up(columns, divide_up(columns, kRowFloats / block_channels_));
    column_blocks_ = divide_up(columns, block_columns_);
    tasks_ = c_.images * channel_blocks_ * row_blocks_ * column_blocks_;
    // Two rows of sums for each channel, and an output that nobody reads.
    workspace_floats_ = (2 * block_channels_ + kLanes) * block_columns_;
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

  void run_task(const TaskData& data, std::int32_t task) const override {
    const auto next = [&task](std::int32_t count) {
      const std::int32_t index = task % count;
      task /= count;
      return index;
    };
    const std::int32_t x = next(column_blocks_) * block_columns_;
    const std::int32_t y = next(row_blocks_) * block_rows_;
    const std::int32_t channel = next(channel_blocks_) * block_channels_;
    const std::int32_t rows = std::min(block_rows_, c_.rows.output - y);
    const float* input = data.input_floats() + task * c_.input.image + channel * c_.input.group;
    float* const result = data.output_floats() + task * c_.output.image + channel * c_.output.group;
    Block block = {input,
                   x,
                   std::min(block_columns_, c_.columns.output - x),
                   channel,
                   std::min(block_channels_, c_.groups - channel),
                   data.workspace};
    float* output = result + y * output_.row + x * output_.column;
    if (transposes_) {
      float* const pixels = data.workspace + transposed_input_;
      transpose(input, c_.input.group, block.channels, c_.rows.input * c_.columns.input, pixels,
                block_channels_);
      block.input = pixels;
      output = data.workspace + transposed_output_;
    }

    const std::int32_t middle = y * c_.rows.stride - c_.rows.pad + 1;
    run(block, middle - 1, middle - 1, nullptr);
    if (c_.rows.stride == 1) run(block, middle, middle, nullptr);
    for (std::int32_t row = 0; row < rows; ++row, output += output_.row) {
      const std::int32_t at = middle + row * c_.rows.stride;
      run(block, at, at + 1, output);
      finish(block, output);
    }
    if (transposes_) {
      transpose(data.workspace + transposed_output_, block_channels_, rows * block.columns,
                block.channels, result, c_.output.group);
    }
  }

 private:
  struct Block {
    const float* input;  // of the first channel
    std::int32_t x, columns, channel, channels;
    float* sums;
  };

  /// A row of pixels, or of zeros beyond the input.
  struct Row {
    const float* pixels;  // what the tap in the middle reads for the first output
    std::int32_t step;
  };

  Row row_of(const Block& block, std::int32_t row) const {
    static constexpr float kZeros[kBlockChannels] = {};
    if (row < 0 || row >= c_.rows.input) return {kZeros, 0};
    const std::int32_t column = block.x * c_.columns.stride + 1 - c_.columns.pad;
    return {block.input + row * input_.row + column * input_.column, input_.column};
  }

  /// The row of the output that these rows of the input end; `output` is null where nobody reads
  /// it.
  void run(const Block& block, std::int32_t middle_row, std::int32_t next_row,
           float* output) const {
    const CorrelationAxis& axis = c_.columns;
    const auto& kernel = depthwise_nhwc_stream_kernels().find(axis.stride, true);
    const Row middle = row_of(block, middle_row), next = row_of(block, next_row);
    const std::int32_t last = (block.x + block.columns - 1) * axis.stride + 2 - axis.pad;
    float* nowhere = block.sums + 2 * block.channels * block.columns;
    DepthwiseNhwcStream stream;
    stream.bottom_step = next.step;
    stream.middle_step = middle.step;
    stream.weight_step = weights_.step();
    stream.output_step = output == nullptr ? kLanes : output_.column;
    stream.columns = block.columns;
    stream.zero_left = block.x == 0 && axis.pad == 1;
    stream.zero_right = last >= axis.input;
    for (std::int32_t c = 0; c < block.channels; c += kLanes) {
      stream.bottom = next.pixels + c;
      stream.middle = middle.pixels + c;
      stream.weight = weights_.of(block.channel + c);
      stream.bias = weights_.bias(block.channel + c);
      stream.partial_sums[0] = block.sums + 2 * c * block.columns;
      stream.partial_sums[1] = stream.partial_sums[0] + kLanes * block.columns;
      stream.output = output == nullptr ? nowhere : output + c;
      kernel.run(stream);
    }
  }

  void finish(const Block& block, float* output) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (!is_clamp(c_.activation)) {
      activate(output, block.columns, output_.column, block.channels, 1, c_.activation,
               c_.activation_alpha);
    } else if (clamp_.low > -kInfinity || clamp_.high < kInfinity) {
      add_bias_and_clamp({output, output_.column, clamp_.low, clamp_.high}, 0, block.columns,
                         block.channels);
    }
  }

  const Correlation c_;
  const Clamp clamp_;
  const bool transposes_;
  GroupedStrides input_ = c_.input, output_ = c_.output;       // of pixels
  std::int64_t transposed_input_ = 0, transposed_output_ = 0;  // places in the workspace
  std::int32_t block_channels_ = 1, block_rows_ = 1, block_columns_ = 1;
  std::int32_t channel_blocks_ = 1, row_blocks_ = 1, column_blocks_ = 1;
  NhwcWeights weights_;
};

/// Whether at most one zero stands before the first element, and one behind the last.
bool has_margin(const CorrelationAxis& axis) {
  return axis.pad >= 0 && axis.pad <= 1 &&
         std::int64_t{axis.output - 1} * axis.stride + 2 - axis.pad <= axis.input;
}

}  // namespace

bool can_stream_nhwc(const Correlation& c) {
  const bool has_zeros = c.padding_mode == PaddingMode::kConstant && c.fill_value == 0;
  const bool has_pixels = c.input.group == 1 && c.output.group == 1;
  const auto are_planes = [](const GroupedStrides& strides, std::int32_t columns) {
    return strides.column == 1 && strides.row == columns;
  };
  const bool are_narrow = c.columns.input <= kTransposedSize && c.rows.input <= kTransposedSize &&
                          are_planes(c.input, c.columns.input) &&
                          are_planes(c.output, c.columns.output);
  return has_stream_kernel(c) && c.outputs == 1 && (has_pixels || are_narrow) &&
         c.groups % kLanes == 0 && has_zeros && has_margin(c.rows) && has_margin(c.columns);
}

Status prepare_nhwc_streaming(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor) {
  return prepare<NhwcStreaming>(correlation, weight, bias, executor);
}

}  // namespace corr2d
