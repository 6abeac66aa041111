#pragma once

#include "algorithms/tiling/patch.hpp"
#include "core/correlation.hpp"
#include "kernels/tile.hpp"

namespace corr2d {

/// A block of one output channel, computed from one input channel with a 3 x 3 kernel without
/// dilation and with the same stride, 1 or 2, along rows and columns.
struct StreamingBlock {
  const float* input;     // what the middle tap reads for the first output
  std::int32_t row_step;  // floats between rows of the input
  ZeroBorder zero_border;
  std::int32_t stride;
  const float* weight;  // [3][3]
  float bias;
  TileOutput output;           // the elements of a row are neighbours
  std::int32_t rows, columns;  // at least DepthwiseStream::kMinColumns columns

  /// Floats of scratch memory for a block with this many columns.
  static std::int64_t scratch_floats(std::int32_t columns, std::int32_t stride);
};

/// Whether streaming kernels exist for this kernel size, stride and rounding. Padding and layout
/// are not checked.
bool has_stream_kernel(const Correlation& correlation);

/// Whether streams along rows (streaming.cpp) can do it.
bool can_stream_rows(const Correlation& correlation);

/// Correlates a block. Products are summed in the order of the taps, except for stride 2, where the
/// middle row of the kernel comes last.
void correlate_stream(const StreamingBlock& block, float* scratch);

}  // namespace corr2d
