#include "kernels/rows/row_ops.hpp"

#include <limits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

}  // namespace

void update_maximum(const MaximumRow& maximum, const float* row, std::int32_t begin,
                    std::int32_t end, std::int32_t place) {
  const v128_t places = wasm_i32x4_splat(place), none = wasm_i32x4_splat(kNoPlace);
  const auto update = [&](v128_t candidate, v128_t* value, v128_t* from) CORR2D_INLINE_LAMBDA {
    const v128_t is_greater = wasm_f32x4_gt(candidate, *value);
    const v128_t is_nan = wasm_f32x4_ne(candidate, candidate);
    const v128_t is_first = wasm_i32x4_eq(*from, none);
    const v128_t replaces = wasm_v128_or(wasm_v128_or(is_greater, is_nan), is_first);
    *value = wasm_v128_bitselect(candidate, *value, replaces);
    *from = wasm_v128_bitselect(places, *from, replaces);
  };
  std::int32_t i = begin;
  CORR2D_NO_UNROLL
  for (; i + kLanes <= end; i += kLanes) {
    v128_t value = wasm_v128_load(maximum.values + i), from = wasm_v128_load(maximum.places + i);
    update(wasm_v128_load(row + i), &value, &from);
    wasm_v128_store(maximum.values + i, value);
    wasm_v128_store(maximum.places + i, from);
  }
  CORR2D_NO_UNROLL
  for (; i < end; ++i) {
    v128_t value = wasm_v128_load32_splat(maximum.values + i);
    v128_t from = wasm_v128_load32_splat(maximum.places + i);
    update(wasm_v128_load32_splat(row + i), &value, &from);
    wasm_v128_store32_lane(maximum.values + i, value, 0);
    wasm_v128_store32_lane(maximum.places + i, from, 0);
  }
}

void add_row(float* into, const float* row, std::int32_t count) {
  std::int32_t i = 0;
  CORR2D_NO_UNROLL
  for (; i + kLanes <= count; i += kLanes) {
    wasm_v128_store(into + i, wasm_f32x4_add(wasm_v128_load(into + i), wasm_v128_load(row + i)));
  }
  CORR2D_NO_UNROLL
  for (; i < count; ++i) into[i] += row[i];
}

bool inspect_rows(const float* rows, std::int32_t row_step, std::int32_t columns, float* cells) {
  v128_t fractions = wasm_i32x4_splat(0);
  CORR2D_NO_UNROLL
  for (const float* end = rows + columns; rows < end; rows += 2 * kLanes, ++cells) {
    // Bits of absolute values have the order of the values; those of NaN are the greatest.
    v128_t largest = wasm_v128_load32_splat(cells);
    CORR2D_NO_UNROLL
    for (std::int32_t i = 0; i < 4 * row_step; i += row_step) {
      const v128_t left = wasm_v128_load(rows + i), right = wasm_v128_load(rows + i + kLanes);
      largest = wasm_i32x4_max(largest, wasm_f32x4_abs(left));
      largest = wasm_i32x4_max(largest, wasm_f32x4_abs(right));
      fractions = wasm_v128_or(fractions, wasm_f32x4_ne(left, wasm_f32x4_nearest(left)));
      fractions = wasm_v128_or(fractions, wasm_f32x4_ne(right, wasm_f32x4_nearest(right)));
    }
    largest = wasm_i32x4_max(largest, wasm_i32x4_shuffle(largest, largest, 2, 3, 0, 1));
    largest = wasm_i32x4_max(largest, wasm_i32x4_shuffle(largest, largest, 1, 0, 3, 2));
    largest = wasm_i32x4_min(largest, wasm_f32x4_splat(std::numeric_limits<float>::infinity()));
    wasm_v128_store32_lane(cells, largest, 0);
  }
  return wasm_v128_any_true(fractions);
}

void add_bias_and_clamp(const TileOutput& output, float bias, std::int32_t rows,
                        std::int32_t columns) {
  const v128_t biases = wasm_f32x4_splat(bias);
  for (std::int32_t row = 0; row < rows; ++row) {
    float* data = output.data + row * output.row_step;
    std::int32_t x = 0;
    for (; x + kLanes <= columns; x += kLanes) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load(data + x), biases);
      wasm_v128_store(data + x, clamp(sum, output.low, output.high));
    }
    for (; x < columns; ++x) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load32_splat(data + x), biases);
      wasm_v128_store32_lane(data + x, clamp(sum, output.low, output.high), 0);
    }
  }
}

}  // namespace corr2d
