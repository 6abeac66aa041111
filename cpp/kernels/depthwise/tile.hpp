#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of one output channel. Where there are no channels to share a load of the input,
/// neighbouring rows of the output do.
struct PlaneTile {
  const float*
      patch;  // the input of tap offset 0, row 0, column 0; see algorithms/tiling/phase_problem.hpp
  std::int32_t row_step;     // floats between rows of the patch
  const std::int32_t* taps;  // tap_count offsets into the patch
  std::int32_t tap_count, kernel_width;
  const float* weight;  // in the order of the taps
  float bias;
  TileOutput output;
};

template <int kRows, int kVectors>
CORR2D_INLINE void begin_with_bias(const PlaneTile& tile, v128_t (&sum)[kRows][kVectors]) {
  for (auto& of_row : sum) {
    for (v128_t& s : of_row) s = wasm_v128_load32_splat(&tile.bias);
  }
}

/// Any taps. Sums from the bias on, in the order of the taps.
template <typename Madd, int kRows, int kVectors>
void f32_plane_taps(const PlaneTile& tile) {
  v128_t sum[kRows][kVectors];
  begin_with_bias(tile, sum);
  CORR2D_NO_UNROLL
  for (std::int32_t t = 0; t < tile.tap_count; ++t) {
    const float* at = tile.patch + tile.taps[t];
    const v128_t w = wasm_v128_load32_splat(tile.weight + t);
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = Madd::madd(wasm_v128_load(at + r * tile.row_step + 4 * v), w, sum[r][v]);
      }
    }
  }
  store_tile(tile.output, sum);
}

/// Kernels of one input channel whose rows read neighbouring rows of the patch: two rows of the
/// output share what is loaded of a row of the input, for the one as row ky of the kernel, for the
/// next as row ky - 1. Sums from the bias on, in the order of the taps.
template <typename Madd, int kRows, int kVectors>
void f32_plane_rows(const PlaneTile& tile) {
  static_assert(kRows == 2, "the first and the last row of the input belong to one row each");
  v128_t sum[kRows][kVectors];
  begin_with_bias(tile, sum);
  const auto one_row = [&](int row, std::int32_t first) CORR2D_INLINE_LAMBDA {
    CORR2D_NO_UNROLL
    for (std::int32_t t = first; t < first + tile.kernel_width; ++t) {
      const float* at = tile.patch + row * tile.row_step + tile.taps[t];
      const v128_t w = wasm_v128_load32_splat(tile.weight + t);
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = Madd::madd(wasm_v128_load(at + 4 * v), w, sum[row][v]);
      }
    }
  };
  one_row(0, 0);
  CORR2D_NO_UNROLL
  for (std::int32_t t = tile.kernel_width; t < tile.tap_count; ++t) {
    const float* at = tile.patch + tile.taps[t];
    const v128_t w = wasm_v128_load32_splat(tile.weight + t);
    const v128_t above = wasm_v128_load32_splat(tile.weight + t - tile.kernel_width);
    for (int v = 0; v < kVectors; ++v) {
      const v128_t x = wasm_v128_load(at + 4 * v);
      sum[0][v] = Madd::madd(x, w, sum[0][v]);
      sum[1][v] = Madd::madd(x, above, sum[1][v]);
    }
  }
  one_row(1, tile.tap_count - tile.kernel_width);
  store_tile(tile.output, sum);
}

/// What f32_plane_stream3 leaves to be done: adds the bias to `rows` rows of `columns` elements and
/// clamps them, in place.
void finish_rows(const TileOutput& output, float bias, std::int32_t rows, std::int32_t columns);

}  // namespace corr2d
