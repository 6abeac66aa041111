#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of the product of a weight matrix (output channels x depth) and an input matrix (depth x
/// columns), both packed so that the kernel reads each from its start to its end.
struct GemmTile {
  const float* panel;  // [depth][4 * kVectors]: the input's columns of this tile
  std::int32_t depth;
  const float* weight;  // [depth][kChannels]
  const float* bias;    // [kChannels]
  TileOutput output;
  std::int32_t columns;  // 1 to 4 * kVectors are stored
};

/// Sums from the bias on, in the order of the depth, for every element of the output.
template <typename Madd, int kChannels, int kVectors>
void f32_gemm_tile(const GemmTile& tile) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) sum[c][v] = wasm_v128_load32_splat(tile.bias + c);
  }
  const float* panel = tile.panel;
  const float* weight = tile.weight;
  for (std::int32_t k = 0; k < tile.depth; ++k) {
    v128_t x[kVectors];
    for (int v = 0; v < kVectors; ++v) x[v] = wasm_v128_load(panel + 4 * v);
    for (int c = 0; c < kChannels; ++c) {
      const v128_t w = wasm_v128_load32_splat(weight + c);
      for (int v = 0; v < kVectors; ++v) sum[c][v] = Madd::madd(x[v], w, sum[c][v]);
    }
    panel += 4 * kVectors;
    weight += kChannels;
  }
  store_tile(tile.output, 0, tile.columns, sum);
}

}  // namespace corr2d
