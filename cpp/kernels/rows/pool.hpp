#pragma once

#include <cstdint>

namespace corr2d {

// The inner loops of pools. They combine the elements of windows: `kMaximum` takes the greatest
// one, where NaN counts as greater than any number, and `kSum` adds them up.

enum class PoolOperation { kMaximum, kSum };

/// The taps of a window along planes, rows and columns: `counts` of them, `steps` floats apart.
/// Each count is at least 1.
struct PoolTaps {
  const float* first;
  std::int32_t counts[3];
  std::int32_t steps[3];
};

/// out[i] = the combination of tap[i] over all taps, for `count` contiguous elements; a sum is
/// divided by `divisor`. `out` may be a tap. Adds up the taps of a row before the rows, so that
/// errors grow with the sides of a window and not with its area.
void pool_rows(PoolOperation operation, const PoolTaps& taps, std::int32_t count, float divisor,
               float* out);

/// The windows along a row: out[x] = the combination of in[x * stride + k * dilation] over the taps
/// k. No other elements are read.
struct PoolColumns {
  const float* in;
  std::int32_t stride, dilation, taps;
};
void pool_columns(PoolOperation operation, const PoolColumns& columns, std::int32_t count,
                  float* out);

/// out[x] = the combination of tap[2 * x] over all taps, of which there are two or three neighbours
/// in a row.
void pool_pairs(PoolOperation operation, const PoolTaps& taps, std::int32_t count, float* out);

/// row[x] /= factor * divisors[x]
void divide_row(float* row, float factor, const float* divisors, std::int32_t count);

}  // namespace corr2d
