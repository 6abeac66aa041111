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

/// Stores the first `columns` (1 to 4) lanes.
CORR2D_INLINE void store_lanes(float* out, std::int32_t column_stride, v128_t v,
                               std::int32_t columns) {
  if (column_stride == 1 && columns == 4) {
    wasm_v128_store(out, v);
    return;
  }
  wasm_v128_store32_lane(out, v, 0);
  if (columns > 1) wasm_v128_store32_lane(out + column_stride, v, 1);
  if (columns > 2) wasm_v128_store32_lane(out + 2 * column_stride, v, 2);
  if (columns > 3) wasm_v128_store32_lane(out + 3 * column_stride, v, 3);
}

/// Clamps and stores the first `columns` (1 to 4 * kVectors) columns of a tile that starts at
/// column `first` of `out`.
template <int kChannels, int kVectors>
CORR2D_INLINE void store_tile(const TileOutput& out, std::int32_t first, std::int32_t columns,
                              const v128_t (&tile)[kChannels][kVectors]) {
  const v128_t low = wasm_f32x4_splat(out.low);
  const v128_t high = wasm_f32x4_splat(out.high);
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) {
      const std::int32_t left = columns - 4 * v;
      if (left <= 0) break;
      // pmax(a, b) is a < b ? b : a, so that the tile has to come first for its NaN to win.
      const v128_t clamped = wasm_f32x4_pmin(wasm_f32x4_pmax(tile[c][v], low), high);
      store_lanes(out.data + c * out.channel_stride + (first + 4 * v) * out.column_stride,
                  out.column_stride, clamped, left < 4 ? left : 4);
    }
  }
}

}  // namespace corr2d
