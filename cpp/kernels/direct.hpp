#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// One output row of a few output channels, computed from the input without an im2col matrix. A
/// table of offsets gives the input position of each tap, so the kernel does not depend on kernel
/// size, stride, dilation or the number of input channels.
struct DirectTile {
  const float* patch;               // input of column 0 at tap offset 0; see PatchView
  const std::int32_t* tap_offsets;  // [tap_count], floats from `patch`
  std::int32_t tap_count;
  const float* weight;  // [tap_count][channels of the tile]
  const float* bias;    // [channels of the tile]
  TileOutput output;    // rows are output channels
};

/// Each sum starts with the bias and adds the taps in the order of the table.
template <typename Madd, int kChannels, int kVectors>
void f32_direct(const DirectTile& tile) {
  v128_t sum[kChannels][kVectors];
  for (int c = 0; c < kChannels; ++c) {
    for (int v = 0; v < kVectors; ++v) sum[c][v] = wasm_v128_load32_splat(tile.bias + c);
  }
  const float* weight = tile.weight;
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    multiply_add<Madd>(tile.patch + tile.tap_offsets[t], weight, sum);
    weight += kChannels;
  }
  store_tile(tile.output, sum);
}

}  // namespace corr2d
