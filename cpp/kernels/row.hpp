#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// One channel of one image, and what stands around it.
struct Plane {
  const float* data;
  std::int32_t height, width;
  std::int32_t row_stride, column_stride;  // elements
  PaddingMode mode;
  float fill;
};

constexpr std::int32_t kFill = -1;

/// Where position `i`, inside or beyond an axis of `size` elements, finds its element: an index
/// below `size`, or kFill. This is the one place that knows what the padding modes mean; none has a
/// limit to its width.
std::int32_t source_position(std::int32_t i, std::int32_t size, PaddingMode mode);

/// Copies `count` elements of row `row`, from column `first` on and every `step` columns, to
/// `out`. Row and columns are the plane's own: -1 is the first one of the padding.
void fetch_row(const Plane& plane, std::int32_t row, std::int32_t first, std::int32_t step,
               std::int32_t count, float* out);

}  // namespace corr2d
