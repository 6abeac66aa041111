#include "kernels/plane.hpp"

namespace corr2d {

void finish_plane(const PlaneTile& tile) {
  const TileOutput& out = tile.output;
  const v128_t bias = wasm_f32x4_splat(tile.bias);
  for (std::int32_t row = 0; row < tile.rows; ++row) {
    float* at = out.data + row * out.channel_stride;
    std::int32_t x = 0;
    if (out.column_stride == 1) {
      for (; x + 4 <= tile.columns; x += 4) {
        const v128_t sum = wasm_f32x4_add(wasm_v128_load(at + x), bias);
        wasm_v128_store(at + x, clamp(sum, out.low, out.high));
      }
    }
    for (; x < tile.columns; ++x) {
      float* one = at + x * out.column_stride;
      const v128_t sum = wasm_f32x4_add(wasm_v128_load32_splat(one), bias);
      store_lanes(one, 1, clamp(sum, out.low, out.high), 1);
    }
  }
}

}  // namespace corr2d
