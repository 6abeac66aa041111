#pragma once

#include <cstdint>

#include "kernels/simd.hpp"

namespace corr2d {

/// Where a tile of the output goes and what is done to it on the way: one row of the output for
/// each of the tile's output channels.
struct TileOutput {
  float* data;                  // channel 0, column 0 of the tile
  std::int32_t channel_stride;  // elements
  std::int32_t column_stride;   // elements
  float low, high;              // every element is clamped to this; NaN stays NaN
};

/// Each lane clamped; NaN stays NaN.
CORR2D_INLINE v128_t clamp(v128_t values, float low, float high) {
  // pmax(a, b) is a < b ? b : a, so that the values have to come first for their NaN to win.
  return wasm_f32x4_pmin(wasm_f32x4_pmax(values, wasm_f32x4_splat(low)), wasm_f32x4_splat(high));
}

/// Stores the first `columns` (1 to 4) lanes.
CORR2D_INLINE void store_lanes(float* out, std::int32_t column_stride, v128_t v,
                               std::int32_t columns) {
  wasm_v128_store32_lane(out, v, 0);
  if (columns > 1) wasm_v128_store32_lane(out + column_stride, v, 1);
  if (columns > 2) wasm_v128_store32_lane(out + 2 * column_stride, v, 2);
  if (columns > 3) wasm_v128_store32_lane(out + 3 * column_stride, v, 3);
}

/// Clamps and stores the first `columns` (1 to 4 * kVectors) columns of a tile.
template <int kChannels, int kVectors>
CORR2D_INLINE void store_tile(const TileOutput& out, std::int32_t columns,
                              const v128_t (&tile)[kChannels][kVectors]) {
  const bool whole = columns == 4 * kVectors && out.column_stride == 1;
  for (int c = 0; c < kChannels; ++c) {
    float* row = out.data + c * out.channel_stride;
    for (int v = 0; v < kVectors; ++v) {
      const v128_t clamped = clamp(tile[c][v], out.low, out.high);
      if (whole) {
        wasm_v128_store(row + 4 * v, clamped);
      } else if (4 * v < columns) {
        store_lanes(row + 4 * v * out.column_stride, out.column_stride, clamped, columns - 4 * v);
      }
    }
  }
}

/// sum[c][v] += weight[c] * vector v of the input. V8 does all loads of a loop's step before the
/// arithmetic, so that what is loaded first is the shorter side of the tile.
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
