#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of one output channel. Output channels cannot share loads, so neighbouring output rows
/// share them.
struct DepthwiseTile {
  const float* patch;               // input of row 0, column 0 at tap offset 0; see PatchView
  std::int32_t row_step;            // floats between rows of the patch
  const std::int32_t* tap_offsets;  // [tap_count], floats from `patch`
  std::int32_t tap_count, kernel_width;
  const float* weight;  // [tap_count]
  float bias;
  TileOutput output;
};

template <int kRows, int kVectors>
CORR2D_INLINE void begin_with_bias(const DepthwiseTile& tile, v128_t (&sum)[kRows][kVectors]) {
  for (auto& sums_of_row : sum) {
    for (v128_t& s : sums_of_row) s = wasm_v128_load32_splat(&tile.bias);
  }
}

/// Any tap offsets. Each sum starts with the bias and adds the taps in the order of the table.
template <typename Madd, int kRows, int kVectors>
void f32_depthwise(const DepthwiseTile& tile) {
  v128_t sum[kRows][kVectors];
  begin_with_bias(tile, sum);
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    const float* in = tile.patch + tile.tap_offsets[t];
    const v128_t w = wasm_v128_load32_splat(tile.weight + t);
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = Madd::madd(wasm_v128_load(in + r * tile.row_step + 4 * v), w, sum[r][v]);
      }
    }
  }
  store_tile(tile.output, sum);
}

/// One input channel whose kernel rows read neighbouring rows of the patch, the first row first.
/// Two output rows share every load of an input row: it is kernel row ky of output row 0 and kernel
/// row ky - 1 of output row 1. Each sum starts with the bias and adds the taps in the order of the
/// table.
template <typename Madd, int kRows, int kVectors>
void f32_depthwise_shared_rows(const DepthwiseTile& tile) {
  static_assert(kRows == 2, "the first and the last input row belong to one output row each");
  v128_t sum[kRows][kVectors];
  begin_with_bias(tile, sum);
  const auto add_kernel_row = [&](int row, std::int32_t first_tap) CORR2D_INLINE_LAMBDA {
    CORR2D_NO_UNROLL
    for (std::int32_t t = first_tap; t < first_tap + tile.kernel_width; ++t) {
      const float* in = tile.patch + row * tile.row_step + tile.tap_offsets[t];
      const v128_t w = wasm_v128_load32_splat(tile.weight + t);
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = Madd::madd(wasm_v128_load(in + 4 * v), w, sum[row][v]);
      }
    }
  };
  add_kernel_row(0, 0);
  CORR2D_NO_UNROLL
  for (std::int32_t t = tile.kernel_width; t < tile.tap_count; ++t) {
    const float* in = tile.patch + tile.tap_offsets[t];
    const v128_t w0 = wasm_v128_load32_splat(tile.weight + t);
    const v128_t w1 = wasm_v128_load32_splat(tile.weight + t - tile.kernel_width);
    for (int v = 0; v < kVectors; ++v) {
      const v128_t x = wasm_v128_load(in + 4 * v);
      sum[0][v] = Madd::madd(x, w0, sum[0][v]);
      sum[1][v] = Madd::madd(x, w1, sum[1][v]);
    }
  }
  add_kernel_row(1, tile.tap_count - tile.kernel_width);
  store_tile(tile.output, sum);
}

}  // namespace corr2d
