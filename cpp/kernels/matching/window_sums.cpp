#include "kernels/matching/window_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

/// The sum of four lanes.
double total(v128_t lanes) {
  const v128_t high = wasm_i32x4_shuffle(lanes, lanes, 2, 3, 0, 1);
  const v128_t sum =
      wasm_f64x2_add(wasm_f64x2_promote_low_f32x4(lanes), wasm_f64x2_promote_low_f32x4(high));
  return wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1);
}

/// Loads the first four of `count` elements, and NaN in place of missing ones.
v128_t load_up_to_4(const float* data, std::int32_t count) {
  if (count >= 4) return wasm_v128_load(data);
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  float lanes[4] = {kNaN, kNaN, kNaN, kNaN};
  std::copy(data, data + count, lanes);
  return wasm_v128_load(lanes);
}

constexpr std::int32_t whole_vectors(std::int32_t count) { return count & ~3; }

}  // namespace

void slide_down(const float* next, const float* last, std::int32_t count, MomentSums* columns) {
  auto* out = &columns->sum;
  std::int32_t x = 0;
  for (; x + 2 <= count; x += 2, out += 4) {
    const v128_t a = wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(next + x));
    const v128_t b = wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(last + x));
    const v128_t sum = wasm_f64x2_sub(a, b);
    const v128_t squares = wasm_f64x2_mul(sum, wasm_f64x2_add(a, b));
    const v128_t left = wasm_i64x2_shuffle(sum, squares, 0, 2);
    const v128_t right = wasm_i64x2_shuffle(sum, squares, 1, 3);
    wasm_v128_store(out, wasm_f64x2_add(wasm_v128_load(out), left));
    wasm_v128_store(out + 2, wasm_f64x2_add(wasm_v128_load(out + 2), right));
  }
  if (x < count) {
    const double a = static_cast<double>(next[x]), b = static_cast<double>(last[x]);
    columns[x].sum += a - b;
    columns[x].squares += (a - b) * (a + b);
  }
}

void sum_windows(const MomentSums* columns, std::int32_t window, std::int32_t count,
                 MomentSums* sums) {
  v128_t sum = wasm_f64x2_const(0, 0);
  for (std::int32_t x = 0; x < window - 1; ++x) {
    sum = wasm_f64x2_add(sum, wasm_v128_load(columns + x));
  }
  // Subtracting the leaving column from the entering one first leaves a single addition that waits
  // for the sum before.
  v128_t leaving = wasm_f64x2_const(0, 0);
  for (std::int32_t x = 0; x < count; ++x) {
    const v128_t change = wasm_f64x2_sub(wasm_v128_load(columns + x + window - 1), leaving);
    sum = wasm_f64x2_add(sum, change);
    wasm_v128_store(sums + x, sum);
    leaving = wasm_v128_load(columns + x);
  }
}

RowRange range_of_row(const float* row, std::int32_t count) {
  v128_t largest = wasm_f32x4_const(0, 0, 0, 0), sum = largest;
  std::int32_t x = 0;
  for (; x < whole_vectors(count); x += 4) {
    const v128_t values = wasm_v128_load(row + x);
    largest = wasm_f32x4_pmax(largest, wasm_f32x4_abs(values));
    sum = wasm_f32x4_add(sum, values);
  }
  RowRange range = {0, total(sum)};
  float lanes[4];
  wasm_v128_store(lanes, largest);
  for (const float lane : lanes) range.largest = std::max(range.largest, lane);
  for (; x < count; ++x) {
    range.largest = std::max(range.largest, std::abs(row[x]));
    range.sum += static_cast<double>(row[x]);
  }
  return range;
}

double centre_row(const float* row, std::int32_t count, float scale, float centre, float* out) {
  v128_t squares = wasm_f32x4_const(0, 0, 0, 0);
  std::int32_t x = 0;
  for (; x < whole_vectors(count); x += 4) {
    const v128_t scaled = wasm_f32x4_mul(wasm_v128_load(row + x), wasm_f32x4_splat(scale));
    const v128_t value = wasm_f32x4_sub(scaled, wasm_f32x4_splat(centre));
    wasm_v128_store(out + x, value);
    squares = wasm_f32x4_add(squares, wasm_f32x4_mul(value, value));
  }
  double sum = total(squares);
  for (; x < count; ++x) {
    out[x] = row[x] * scale - centre;
    sum += static_cast<double>(out[x] * out[x]);
  }
  return sum;
}

void count_flat_rows(const float* row, const float* previous, std::int32_t window,
                     std::int32_t count, std::int32_t* flat_rows) {
  const std::int32_t last = count + window - 2;
  std::int32_t equal = 1;
  for (std::int32_t x = last; x >= 0; --x) {
    equal = x < last && row[x] == row[x + 1] ? equal + 1 : 1;
    if (x >= count) continue;
    const bool continues = previous != nullptr && previous[x] == row[x];
    flat_rows[x] = equal < window ? 0 : continues ? flat_rows[x] + 1 : 1;
  }
}

void or_bytes(const std::uint8_t* from, std::int32_t count, std::uint8_t* into) {
  for (std::int32_t i = 0; i < count; i += 16) {
    wasm_v128_store(into + i, wasm_v128_or(wasm_v128_load(into + i), wasm_v128_load(from + i)));
  }
}

WindowSums sum_window(const Window& window) {
  WindowSums sums = {};
  const float* data = window.data;
  const float* w = window.first;
  const float* q = window.second;
  for (std::int32_t y = 0; y < window.rows; ++y) {
    v128_t first = wasm_f32x4_const(0, 0, 0, 0), second = first, squares = first;
    for (std::int32_t x = 0; x < window.columns; x += 4) {
      const v128_t values = wasm_f32x4_mul(load_up_to_4(data + x, window.columns - x),
                                           wasm_f32x4_splat(window.scale));
      const v128_t difference = wasm_f32x4_sub(values, wasm_f32x4_splat(window.reference));
      const v128_t is_finite =
          wasm_f32x4_eq(wasm_f32x4_sub(difference, difference), wasm_f32x4_splat(0));
      const v128_t d = wasm_v128_and(difference, is_finite);
      const v128_t qd = wasm_f32x4_mul(d, wasm_v128_load(q + x));
      first = wasm_f32x4_add(first, wasm_f32x4_mul(d, wasm_v128_load(w + x)));
      second = wasm_f32x4_add(second, qd);
      squares = wasm_f32x4_add(squares, wasm_f32x4_mul(qd, d));
    }
    sums.first += total(first);
    sums.second += total(second);
    sums.squares += total(squares);
    data += window.row_step;
    w += window.columns;
    q += window.columns;
  }
  return sums;
}

}  // namespace corr2d
