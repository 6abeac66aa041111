#pragma once

#include <cstdint>

#include "kernels/simd.hpp"

namespace corr2d {

/// The destination of a tile and the clamping applied to it. Kernels write whole tiles whose rows
/// are contiguous; `run_tile` handles partial tiles and other layouts with a temporary tile.
struct TileOutput {
  float* data;            // row 0, column 0 of the tile
  std::int32_t row_step;  // floats between rows of the tile
  float low, high;        // clamps every element; NaN stays NaN
};

/// Clamps each lane; NaN stays NaN.
CORR2D_INLINE v128_t clamp(v128_t values, float low, float high) {
  // pmax(a, b) is a < b ? b : a: with the values first, their NaN is the result.
  return wasm_f32x4_pmin(wasm_f32x4_pmax(values, wasm_f32x4_splat(low)), wasm_f32x4_splat(high));
}

template <int kRows, int kVectors>
CORR2D_INLINE void store_tile(const TileOutput& out, const v128_t (&tile)[kRows][kVectors]) {
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      wasm_v128_store(out.data + r * out.row_step + 4 * v, clamp(tile[r][v], out.low, out.high));
    }
  }
}

/// sum[c][v] += weight[c] * input vector v. V8 schedules all loads of an iteration before the
/// arithmetic, so the shorter side of the tile is loaded first: fewer registers are live.
template <typename Madd, int kChannels, int kVectors>
CORR2D_INLINE void multiply_add(const float* input, const float* weight,
                                v128_t (&sum)[kChannels][kVectors]) {
  if constexpr (kChannels < kVectors) {
    v128_t w[kChannels];
    for (int c = 0; c < kChannels; ++c) w[c] = wasm_v128_load32_splat(weight + c);
    for (int v = 0; v < kVectors; ++v) {
      const v128_t x = wasm_v128_load(input + 4 * v);
      for (int c = 0; c < kChannels; ++c) sum[c][v] = Madd::madd(x, w[c], sum[c][v]);
    }
  } else {
    v128_t x[kVectors];
    for (int v = 0; v < kVectors; ++v) x[v] = wasm_v128_load(input + 4 * v);
    for (int c = 0; c < kChannels; ++c) {
      const v128_t w = wasm_v128_load32_splat(weight + c);
      for (int v = 0; v < kVectors; ++v) sum[c][v] = Madd::madd(x[v], w, sum[c][v]);
    }
  }
}

}  // namespace corr2d
