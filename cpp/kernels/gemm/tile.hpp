#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// Columns of a tile and of a panel.
constexpr std::int32_t kPanelColumns = 8;

/// A tile of the product of a weight matrix (output channels x depth) and an input matrix (depth x
/// columns), both packed so that the kernel reads each from its start to its end.
///
/// GFLOP/s by channels of a tile, 8 columns, depth 576, all in the caches (registers alone: simd
/// 44, relaxed 52). With two vectors of the input there is room for the sums of 5 channels in the
/// 15 registers that V8 has; 6 spill where multiply and add are apart.
///
///                          1    2    3    4    5    6
///   simd, V8 11.3         17   30   38   36   42   26
///   simd, V8 14.6         17   32   40   43   44   26
///   relaxed, V8 14.6      13   26   38   50   50   51
struct GemmTile {
  const float* panel;  // [depth][kPanelColumns]: the input's columns
  std::int32_t depth;
  const float* weight;         // [depth][kChannels]
  const float* start;          // what the sums begin with
  std::int32_t start_channel;  // floats between channels of it
  TileOutput output;           // its rows are output channels
};

/// Adds to what `start` says in the order of the depth, for every element of the output.
template <typename Madd, int kChannels, int kVectors>
void f32_gemm_tile(const GemmTile& tile) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) {
      sum[c][v] = wasm_v128_load(tile.start + c * tile.start_channel + 4 * v);
    }
  }
  const float* panel = tile.panel;
  const float* weight = tile.weight;
  CORR2D_NO_UNROLL
  for (std::int32_t k = tile.depth; k > 0; --k) {
    multiply_add<Madd>(panel, weight, sum);
    panel += 4 * kVectors;
    weight += kChannels;
  }
  store_tile(tile.output, sum);
}

}  // namespace corr2d
