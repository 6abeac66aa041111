#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of a few pixels and neighbouring channels, each of which has weights of its own:
/// depthwise where channels are neighbours in memory, as NHWC has them.
struct ChannelsTile {
  const float* patch;        // the input of tap offset 0, pixel 0, channel 0
  std::int32_t pixel_step;   // floats between what neighbouring pixels of the output read
  const std::int32_t* taps;  // tap_count offsets into the patch
  std::int32_t tap_count;
  const float* weight;       // of tap 0, channel 0
  std::int32_t weight_step;  // floats between taps
  const float* bias;         // of channel 0
  TileOutput output;         // its rows are pixels
};

/// Sums from the bias on, in the order of the taps.
template <typename Madd, int kPixels, int kVectors>
void f32_channels_tile(const ChannelsTile& tile) {
  v128_t sum[kPixels][kVectors];
  for (auto& of_pixel : sum) {
    for (int v = 0; v < kVectors; ++v) of_pixel[v] = wasm_v128_load(tile.bias + 4 * v);
  }
  const float* weight = tile.weight;
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    const float* at = tile.patch + tile.taps[t];
    for (int v = 0; v < kVectors; ++v) {
      const v128_t w = wasm_v128_load(weight + 4 * v);
      for (int p = 0; p < kPixels; ++p) {
        sum[p][v] = Madd::madd(wasm_v128_load(at + p * tile.pixel_step + 4 * v), w, sum[p][v]);
      }
    }
    weight += tile.weight_step;
  }
  store_tile(tile.output, sum);
}

}  // namespace corr2d
