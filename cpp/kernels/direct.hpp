#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// One row of the output, for a few output channels at once, straight from the input: no column
/// matrix is made. Where each tap of the kernel finds its input is a table of offsets, so that
/// the kernel knows nothing of kernel sizes, strides, dilations or channels.
struct DirectRow {
  const float* patch;        // the input of tap offset 0 for column 0; see algorithms/direct.cpp
  const std::int32_t* taps;  // tap_count offsets into the patch
  std::int32_t tap_count;
  const float* weight;  // [tap_count][channels of the tile]
  const float* bias;    // [channels of the tile]
  TileOutput output;
  std::int32_t columns;
};

/// Sums from the bias on, tap by tap in the table's order, for every element of the output.
/// Reads the patch up to 3 columns beyond the last one.
template <typename Madd, int kChannels, int kVectors>
CORR2D_INLINE void f32_direct_tile(const DirectRow& row, std::int32_t first, std::int32_t columns) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) sum[c][v] = wasm_v128_load32_splat(row.bias + c);
  }
  const float* weight = row.weight;
  for (std::int32_t t = 0; t < row.tap_count; ++t) {
    const float* at = row.patch + row.taps[t] + first;
    v128_t x[kVectors];
    for (int v = 0; v < kVectors; ++v) x[v] = wasm_v128_load(at + 4 * v);
    for (int c = 0; c < kChannels; ++c) {
      const v128_t w = wasm_v128_load32_splat(weight + c);
      for (int v = 0; v < kVectors; ++v) sum[c][v] = Madd::madd(x[v], w, sum[c][v]);
    }
    weight += kChannels;
  }
  store_tile(row.output, first, columns, sum);
}

template <typename Madd, int kChannels, int kVectors>
void f32_direct_row(const DirectRow& row) {
  std::int32_t x = 0;
  for (; x + 4 * kVectors <= row.columns; x += 4 * kVectors) {
    f32_direct_tile<Madd, kChannels, kVectors>(row, x, 4 * kVectors);
  }
  for (; x < row.columns; x += 4) {
    const std::int32_t left = row.columns - x;
    f32_direct_tile<Madd, kChannels, 1>(row, x, left < 4 ? left : 4);
  }
}

}  // namespace corr2d
