#pragma once

#include "core/correlation.hpp"
#include "kernels/tile.hpp"

namespace corr2d {

/// Sides on which a block reads one row or column beyond the input, where zero stands.
struct ZeroBorder {
  bool top, bottom, left, right;
};

/// A block of one output channel that a kernel of 3 x 3 makes from one input channel, which its
/// rows and columns read without dilation and with the same stride, 1 or 2.
struct StreamingBlock {
  const float* input;     // what the tap in the middle reads for the first output
  std::int32_t row_step;  // floats between rows of the input
  ZeroBorder zero_border;
  std::int32_t stride;
  const float* weight;
  float bias;
  TileOutput output;           // its elements lie side by side
  std::int32_t rows, columns;  // DepthwiseStream::kMinColumns at least

  /// Floats of scratch for blocks of so many columns.
  static std::int64_t scratch_floats(std::int32_t columns, std::int32_t stride);
};

/// Whether there is a kernel for streams of this, whatever stands around the input.
bool has_stream_kernel(const Correlation& correlation);

/// Correlates it. The order of summation is that of the taps, but for stride 2, where the middle
/// row of the kernel comes last.
void correlate_stream(const StreamingBlock& block, float* scratch);

}  // namespace corr2d
