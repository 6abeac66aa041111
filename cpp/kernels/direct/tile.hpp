#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of the output, of one row and a few output channels, straight from the input: no matrix
/// is made of it. Where each tap of the kernel finds its input is a table of offsets, so that the
/// kernel knows nothing of kernel sizes, strides, dilations or channels.
struct DirectTile {
  const float*
      patch;  // the input of tap offset 0 for column 0; see algorithms/tiling/phase_problem.hpp
  const std::int32_t* taps;  // tap_count offsets into the patch
  std::int32_t tap_count;
  const float* weight;  // [tap_count][channels of the tile]
  const float* bias;    // [channels of the tile]
  TileOutput output;    // its rows are output channels
};

/// Sums from the bias on, tap by tap in the table's order, for every element of the output.
template <typename Madd, int kChannels, int kVectors>
void f32_direct_tile(const DirectTile& tile) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) sum[c][v] = wasm_v128_load32_splat(tile.bias + c);
  }
  const float* weight = tile.weight;
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    multiply_add<Madd>(tile.patch + tile.taps[t], weight, sum);
    weight += kChannels;
  }
  store_tile(tile.output, sum);
}

}  // namespace corr2d
