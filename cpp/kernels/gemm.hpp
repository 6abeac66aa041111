#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// Columns of a tile and of a packed panel.
constexpr std::int32_t kPanelColumns = 8;

/// A tile of the product of a weight matrix (output channels x depth) and an input matrix
/// (depth x columns). Both are packed so that the kernel reads them sequentially.
///
/// GFLOP/s by the channels of a tile of 8 columns, depth 576, all data in cache (peak from
/// registers alone: simd 44, relaxed 52). V8 has 15 vector registers: two input vectors leave room
/// for the sums of 5 channels; with separate multiply and add, 6 channels spill.
///
///                          1    2    3    4    5    6
///   simd, V8 11.3         17   30   38   36   42   26
///   simd, V8 14.6         17   32   40   43   44   26
///   relaxed, V8 14.6      13   26   38   50   50   51
struct GemmTile {
  const float* panel;  // [depth][kPanelColumns] of the input matrix
  std::int32_t depth;
  const float* weight;            // [depth][channels of the tile]
  const float* initial;           // initial value of every sum: a tile of output channels
  std::int32_t initial_row_step;  // floats between its channels
  TileOutput output;              // rows are output channels
};

/// Each sum starts with its initial value and adds the products in the order of the depth.
template <typename Madd, int kChannels, int kVectors>
void f32_gemm(const GemmTile& tile) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) {
      sum[c][v] = wasm_v128_load(tile.initial + c * tile.initial_row_step + 4 * v);
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
