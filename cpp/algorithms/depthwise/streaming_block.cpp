#include "algorithms/depthwise/streaming_block.hpp"

#include <algorithm>
#include <limits>

#include "kernels/list.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

/// Bias and clamp are applied to this many outputs at a time, while these are in the first-level
/// cache.
constexpr std::int32_t kFloatsAtOnce = 2048;

}  // namespace

std::int64_t StreamingBlock::scratch_floats(std::int32_t columns, std::int32_t stride) {
  return 3 * std::int64_t{DepthwiseStream::padded(columns)} + std::int64_t{columns} * stride + 2;
}

bool has_stream_kernel(const Correlation& c) {
  const auto is_plain = [](const CorrelationAxis& axis) {
    return axis.kernel == 3 && axis.dilation == 1 && axis.stride <= 2 && !axis.fractional_stride;
  };
  return c.fusing && c.inputs == 1 && is_plain(c.rows) && is_plain(c.columns) &&
         c.rows.stride == c.columns.stride;
}

bool can_stream_rows(const Correlation& c) { return has_stream_kernel(c) && c.output.column == 1; }

void correlate_stream(const StreamingBlock& block, float* scratch) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::int32_t padded = DepthwiseStream::padded(block.columns), stride = block.stride;
  const Kernel<DepthwiseStream>& kernel = depthwise_stream_kernels().find(stride, true);
  const TileOutput& output = block.output;
  float* const unused_output = scratch + 2 * padded;
  // A row of zeros, which stands for input rows above and below the input. It begins one column to
  // the left of the first output.
  float* const zeros = unused_output + padded + 1;
  if (block.zero_border.top || block.zero_border.bottom) {
    std::fill(zeros - 1, zeros + block.columns * stride + 1, 0.0f);
  }
  DepthwiseStream stream = {nullptr,
                            nullptr,
                            stride * block.row_step,
                            block.weight,
                            {scratch, scratch + padded},
                            unused_output,
                            0,
                            1,
                            block.columns,
                            block.zero_border.left,
                            block.zero_border.right};
  const auto run = [&](const float* middle, const float* next) {
    stream.middle = middle;
    stream.bottom = next;
    kernel.run(stream);
  };

  // Prime the sums with the rows above.
  const float* above = block.zero_border.top ? zeros : block.input - block.row_step;
  run(above, above);
  if (stride == 1) run(block.input, block.input);

  const bool clamps = output.low > -kInfinity || output.high < kInfinity;
  const bool finishes = block.bias != 0 || clamps;
  const std::int32_t inside = block.rows - (block.zero_border.bottom ? 1 : 0);
  const std::int32_t at_once = finishes ? std::max(1, kFloatsAtOnce / block.columns) : block.rows;
  stream.output_step = output.row_step;
  for (std::int32_t row = 0; row < block.rows; row += stream.rows) {
    const bool last = row == inside;
    stream.rows = last ? 1 : std::min(at_once, inside - row);
    stream.output = output.data + row * output.row_step;
    const float* middle = block.input + row * stream.row_step;
    run(middle, last ? zeros : middle + block.row_step);
    if (finishes) {
      add_bias_and_clamp({stream.output, output.row_step, output.low, output.high}, block.bias,
                         stream.rows, block.columns);
    }
  }
}

}  // namespace corr2d
