#include "kernels/row.hpp"

#include <algorithm>
#include <cstring>

namespace corr2d {
namespace {

constexpr std::int32_t kFill = -1;

/// In 64 bits: twice the longest axis is more than 32 hold.
std::int64_t modulo(std::int64_t i, std::int64_t period) {
  const std::int64_t remainder = i % period;
  return remainder < 0 ? remainder + period : remainder;
}

/// Where position `i`, inside or beyond an axis of `size` elements, finds its element: an index
/// below `size`, or kFill.
std::int32_t source(std::int32_t i, std::int32_t size, PaddingMode mode) {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case PaddingMode::kConstant:
      return kFill;
    case PaddingMode::kReplicate:
      return i < 0 ? 0 : size - 1;
    case PaddingMode::kCircular:
      return static_cast<std::int32_t>(modulo(i, size));
    case PaddingMode::kReflect: {
      const std::int64_t period = 2 * (std::int64_t{size} - 1);
      const std::int64_t at = modulo(i, period);
      return static_cast<std::int32_t>(std::min(at, period - at));
    }
    case PaddingMode::kSymmetric: {
      const std::int64_t period = 2 * std::int64_t{size};
      const std::int64_t at = modulo(i, period);
      return static_cast<std::int32_t>(std::min(at, period - 1 - at));
    }
  }
  return kFill;
}

}  // namespace

void fetch_row(const Plane& plane, std::int32_t row, std::int32_t first, std::int32_t step,
               std::int32_t count, float* out) {
  const std::int32_t source_row = source(row, plane.height, plane.mode);
  if (source_row == kFill) {
    for (std::int32_t i = 0; i < count; ++i) out[i] = plane.fill;
    return;
  }
  const float* data = plane.data + source_row * plane.row_stride;

  const auto outside = [&](std::int32_t i) {
    const std::int32_t column = source(first + i * step, plane.width, plane.mode);
    return column == kFill ? plane.fill : data[column * plane.column_stride];
  };
  // Elements [begin, end) lie inside the plane.
  const auto clamped = [&](std::int32_t i) { return i < 0 ? 0 : i > count ? count : i; };
  const std::int32_t begin = clamped(first >= 0 ? 0 : (-first + step - 1) / step);
  const std::int32_t end =
      first >= plane.width ? begin : clamped((plane.width - 1 - first) / step + 1);

  std::int32_t i = 0;
  for (; i < begin; ++i) out[i] = outside(i);
  const float* in = data + (first + i * step) * plane.column_stride;
  // A single element needs no step, and the product might be more than 32 bits hold.
  const std::int32_t in_step = end - i > 1 ? step * plane.column_stride : 1;
  if (in_step == 1 && i < end) {
    std::memcpy(out + i, in, static_cast<std::size_t>(end - i) * sizeof(float));
    i = end;
  }
  for (; i < end; ++i, in += in_step) out[i] = *in;
  for (; i < count; ++i) out[i] = outside(i);
}

}  // namespace corr2d
