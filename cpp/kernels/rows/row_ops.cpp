#include "kernels/rows/row_ops.hpp"

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

/// Applies `combine` to whole vectors, then to each remaining element in a vector of its own.
template <typename Combine>
void for_each_vector(float* into, const float* row, std::int32_t count, Combine combine) {
  std::int32_t i = 0;
  CORR2D_NO_UNROLL
  for (; i + kLanes <= count; i += kLanes) {
    wasm_v128_store(into + i, combine(wasm_v128_load(into + i), wasm_v128_load(row + i)));
  }
  CORR2D_NO_UNROLL
  for (; i < count; ++i) {
    const v128_t result =
        combine(wasm_v128_load32_splat(into + i), wasm_v128_load32_splat(row + i));
    wasm_v128_store32_lane(into + i, result, 0);
  }
}

}  // namespace

void max_row(float* into, const float* row, std::int32_t count) {
  for_each_vector(into, row, count, [](v128_t a, v128_t b) {
    // Keeps a if it is NaN or a >= b. Otherwise takes b, which may be NaN.
    const v128_t stays = wasm_v128_or(wasm_f32x4_ge(a, b), wasm_f32x4_ne(a, a));
    return wasm_v128_bitselect(a, b, stays);
  });
}

void add_row(float* into, const float* row, std::int32_t count) {
  for_each_vector(into, row, count, [](v128_t a, v128_t b) { return wasm_f32x4_add(a, b); });
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
