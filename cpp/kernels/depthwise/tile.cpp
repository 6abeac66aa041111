#include "kernels/depthwise/tile.hpp"

namespace corr2d {

void finish_rows(const TileOutput& output, float bias, std::int32_t rows, std::int32_t columns) {
  const v128_t biases = wasm_f32x4_splat(bias);
  for (std::int32_t row = 0; row < rows; ++row) {
    float* at = output.data + row * output.row_step;
    std::int32_t x = 0;
    for (; x + 4 <= columns; x += 4) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load(at + x), biases);
      wasm_v128_store(at + x, clamp(sum, output.low, output.high));
    }
    for (; x < columns; ++x) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load32_splat(at + x), biases);
      wasm_v128_store32_lane(at + x, clamp(sum, output.low, output.high), 0);
    }
  }
}

}  // namespace corr2d
