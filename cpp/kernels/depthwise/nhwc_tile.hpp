#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// Depthwise on contiguous channels (NHWC): a tile of a few output pixels and neighbouring
/// channels, each with weights of its own.
struct DepthwiseNhwcTile {
  const float* patch;               // input of pixel 0, channel 0 at tap offset 0
  std::int32_t pixel_step;          // floats between the inputs of neighbouring output pixels
  const std::int32_t* tap_offsets;  // [tap_count], floats from `patch`
  std::int32_t tap_count;
  const float* weight;       // tap 0, channel 0
  std::int32_t weight_step;  // floats between taps
  const float* bias;         // channel 0
  TileOutput output;         // rows are pixels, columns are channels
};

/// Each sum starts with the bias and adds the taps in the order of the table.
template <typename Madd, int kPixels, int kVectors>
void f32_depthwise_nhwc(const DepthwiseNhwcTile& tile) {
  v128_t sum[kPixels][kVectors];
  for (auto& sums_of_pixel : sum) {
    for (int v = 0; v < kVectors; ++v) sums_of_pixel[v] = wasm_v128_load(tile.bias + 4 * v);
  }
  const float* weight = tile.weight;
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    const float* in = tile.patch + tile.tap_offsets[t];
    for (int v = 0; v < kVectors; ++v) {
      const v128_t w = wasm_v128_load(weight + 4 * v);
      for (int p = 0; p < kPixels; ++p) {
        sum[p][v] = Madd::madd(wasm_v128_load(in + p * tile.pixel_step + 4 * v), w, sum[p][v]);
      }
    }
    weight += tile.weight_step;
  }
  store_tile(tile.output, sum);
}

}  // namespace corr2d
