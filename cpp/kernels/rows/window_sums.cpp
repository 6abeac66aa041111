#include "kernels/rows/window_sums.hpp"

#include <algorithm>
#include <limits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

/// The sum of four lanes.
double total(v128_t lanes) {
  return (static_cast<double>(wasm_f32x4_extract_lane(lanes, 0)) +
          static_cast<double>(wasm_f32x4_extract_lane(lanes, 1))) +
         (static_cast<double>(wasm_f32x4_extract_lane(lanes, 2)) +
          static_cast<double>(wasm_f32x4_extract_lane(lanes, 3)));
}

/// Float32 sums of this many vectors are added to a float64 sum.
constexpr std::int32_t kVectors = 32;

/// Calls vector(i) for i = 0, 4, … and element(i) for the rest, and flush() after every kVectors
/// vectors and at the end of the vectors.
template <typename Vector, typename Element, typename Flush>
CORR2D_INLINE void for_each_vector(std::int32_t count, Vector vector, Element element,
                                   Flush flush) {
  std::int32_t i = 0;
  while (i + 4 <= count) {
    const std::int32_t end = std::min(i + 4 * kVectors, count - 3);
    CORR2D_NO_UNROLL
    for (; i < end; i += 4) vector(i);
    flush();
  }
  for (; i < count; ++i) element(i);
}

}  // namespace

void slide_down(const float* next, const float* last, std::int32_t count, MomentSums* columns) {
  auto* out = &columns->sum;
  std::int32_t x = 0;
  for (; x + 2 <= count; x += 2, out += 4) {
    const v128_t a = wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(next + x));
    const v128_t b = wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(last + x));
    const v128_t sum = wasm_f64x2_sub(a, b);
    const v128_t squares = wasm_f64x2_sub(wasm_f64x2_mul(a, a), wasm_f64x2_mul(b, b));
    wasm_v128_store(out,
                    wasm_f64x2_add(wasm_v128_load(out), wasm_i64x2_shuffle(sum, squares, 0, 2)));
    wasm_v128_store(
        out + 2, wasm_f64x2_add(wasm_v128_load(out + 2), wasm_i64x2_shuffle(sum, squares, 1, 3)));
  }
  if (x < count) {
    const double a = static_cast<double>(next[x]), b = static_cast<double>(last[x]);
    columns[x].sum += a - b;
    columns[x].squares += a * a - b * b;
  }
}

void sum_windows(const MomentSums* columns, std::int32_t window, std::int32_t count,
                 MomentSums* sums) {
  v128_t sum = wasm_f64x2_const(0, 0);
  for (std::int32_t x = 0; x < window; ++x) sum = wasm_f64x2_add(sum, wasm_v128_load(columns + x));
  wasm_v128_store(sums, sum);
  for (std::int32_t x = 1; x < count; ++x) {
    const v128_t change =
        wasm_f64x2_sub(wasm_v128_load(columns + x + window - 1), wasm_v128_load(columns + x - 1));
    sum = wasm_f64x2_add(sum, change);
    wasm_v128_store(sums + x, sum);
  }
}

RowRange range_of_row(const float* row, std::int32_t count) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  RowRange range = {kInfinity, -kInfinity, 0, true};
  v128_t low = wasm_f32x4_splat(kInfinity), high = wasm_f32x4_splat(-kInfinity);
  v128_t sum = wasm_f32x4_const(0, 0, 0, 0), zero = sum;
  for_each_vector(
      count,
      [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
        const v128_t x = wasm_v128_load(row + i);
        low = wasm_f32x4_pmin(low, x);
        high = wasm_f32x4_pmax(high, x);
        sum = wasm_f32x4_add(sum, x);
        // NaN if x is not finite.
        zero = wasm_f32x4_add(zero, wasm_f32x4_mul(x, wasm_f32x4_const(0, 0, 0, 0)));
      },
      [&](std::int32_t i) {
        range.low = std::min(range.low, row[i]);
        range.high = std::max(range.high, row[i]);
        range.sum += static_cast<double>(row[i]);
        range.is_finite &= row[i] * 0 == 0;
      },
      [&]() CORR2D_INLINE_LAMBDA {
        range.sum += total(sum);
        sum = wasm_f32x4_const(0, 0, 0, 0);
      });
  for (int shift = 0; shift < 2; ++shift) {
    low = wasm_f32x4_pmin(low, shift == 0 ? wasm_i32x4_shuffle(low, low, 2, 3, 0, 1)
                                          : wasm_i32x4_shuffle(low, low, 1, 0, 3, 2));
    high = wasm_f32x4_pmax(high, shift == 0 ? wasm_i32x4_shuffle(high, high, 2, 3, 0, 1)
                                            : wasm_i32x4_shuffle(high, high, 1, 0, 3, 2));
  }
  range.low = std::min(range.low, wasm_f32x4_extract_lane(low, 0));
  range.high = std::max(range.high, wasm_f32x4_extract_lane(high, 0));
  range.is_finite &= total(zero) == 0;
  return range;
}

double centre_row(const float* row, std::int32_t count, float scale, float centre, float* out) {
  const v128_t scales = wasm_f32x4_splat(scale), centres = wasm_f32x4_splat(centre);
  v128_t squares = wasm_f32x4_const(0, 0, 0, 0);
  double sum = 0;
  for_each_vector(
      count,
      [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
        const v128_t x = wasm_f32x4_sub(wasm_f32x4_mul(wasm_v128_load(row + i), scales), centres);
        wasm_v128_store(out + i, x);
        squares = wasm_f32x4_add(squares, wasm_f32x4_mul(x, x));
      },
      [&](std::int32_t i) {
        out[i] = row[i] * scale - centre;
        sum += static_cast<double>(out[i] * out[i]);
      },
      [&]() CORR2D_INLINE_LAMBDA {
        sum += total(squares);
        squares = wasm_f32x4_const(0, 0, 0, 0);
      });
  return sum;
}

void count_flat_rows(const float* row, const float* previous, std::int32_t window,
                     std::int32_t count, std::int32_t* flat_rows) {
  std::int32_t equal = 1;
  for (std::int32_t x = count + window - 2; x >= 0; --x) {
    equal = x < count + window - 2 && row[x] == row[x + 1] ? equal + 1 : 1;
    if (x >= count) continue;
    const bool continues = previous != nullptr && previous[x] == row[x];
    flat_rows[x] = equal < window ? 0 : continues ? flat_rows[x] + 1 : 1;
  }
}

WindowSums sum_window(const Window& window) {
  WindowSums sums = {};
  const v128_t reference = wasm_f32x4_splat(window.reference);
  const float* data = window.data;
  const float* w = window.numerator_weights;
  const float* q = window.weights;
  const float* m = window.linear_weights;
  const v128_t zero = wasm_f32x4_const(0, 0, 0, 0);
  for (std::int32_t y = 0; y < window.rows; ++y, data += window.row_step) {
    v128_t numerator = zero, sum = zero, squares = zero, linear = zero;
    for_each_vector(
        window.columns,
        [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
          const v128_t d = wasm_f32x4_sub(wasm_v128_load(data + i), reference);
          const v128_t qd = q == nullptr ? d : wasm_f32x4_mul(d, wasm_v128_load(q + i));
          numerator = wasm_f32x4_add(numerator, wasm_f32x4_mul(d, wasm_v128_load(w + i)));
          sum = wasm_f32x4_add(sum, qd);
          squares = wasm_f32x4_add(squares, wasm_f32x4_mul(qd, d));
          if (m != nullptr) {
            linear = wasm_f32x4_add(linear, wasm_f32x4_mul(d, wasm_v128_load(m + i)));
          }
        },
        [&](std::int32_t i) {
          const double d = static_cast<double>(data[i]) - static_cast<double>(window.reference);
          const double qd = q == nullptr ? d : d * static_cast<double>(q[i]);
          sums.numerator += d * static_cast<double>(w[i]);
          sums.sum += qd;
          sums.squares += qd * d;
          if (m != nullptr) sums.linear += d * static_cast<double>(m[i]);
        },
        [&]() CORR2D_INLINE_LAMBDA {
          sums.numerator += total(numerator);
          sums.sum += total(sum);
          sums.squares += total(squares);
          sums.linear += total(linear);
          numerator = sum = squares = linear = zero;
        });
    w += window.columns;
    if (q != nullptr) q += window.columns;
    if (m != nullptr) m += window.columns;
  }
  return sums;
}

}  // namespace corr2d
