#include "kernels/row.hpp"

#include <algorithm>
#include <cstring>

namespace corr2d {
namespace {

/// In 64 bits: twice the longest axis is more than 32 hold.
std::int64_t modulo(std::int64_t i, std::int64_t period) {
  const std::int64_t remainder = i % period;
  return remainder < 0 ? remainder + period : remainder;
}

}  // namespace

std::int32_t source_position(std::int32_t i, std::int32_t size, PaddingMode mode) {
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

void fetch_row(const Plane& plane, std::int32_t row, std::int32_t first, std::int32_t step,
               std::int32_t count, float* out) {
  const std::int32_t source_row = source_position(row, plane.height, plane.mode);
  if (source_row == kFill) {
    for (std::int32_t i = 0; i < count; ++i) out[i] = plane.fill;
    return;
  }
  const float* data = plane.data + source_row * plane.row_stride;

  const auto outside = [&](std::int32_t i) {
    const std::int32_t column = source_position(first + i * step, plane.width, plane.mode);
    return column == kFill ? plane.fill : data[column * plane.column_stride];
  };
  // Elements [begin, end) lie inside the plane.
  const auto clamped = [&](std::int32_t i) { return i < 0 ? 0 : i > count ? count : i; };
  const std::int32_t begin = clamped(first >= 0 ? 0 : (-first + step - 1) / step);
  const std::int32_t end =
      first >= plane.width ? begin : clamped((plane.width - 1 - first) / step + 1);

  std::int32_t i = 0;
  for (; i < begin; ++i) out[i] = outside(i);
  // Only now: where no element lies inside, the products might be more than 32 bits hold.
  if (i < end) {
    const float* in = data + (first + i * step) * plane.column_stride;
    const std::int32_t in_step = end - i > 1 ? step * plane.column_stride : 1;
    if (in_step == 1) {
      std::memcpy(out + i, in, static_cast<std::size_t>(end - i) * sizeof(float));
      i = end;
    }
    for (; i < end; ++i, in += in_step) out[i] = *in;
  }
  for (; i < count; ++i) out[i] = outside(i);
}

}  // namespace corr2d
