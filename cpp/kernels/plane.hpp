#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// A tile of one output channel. Where there are no channels to share a load of the input,
/// neighbouring rows of the output do.
struct PlaneTile {
  const float* patch;        // the input of tap offset 0, row 0, column 0; see algorithms/part.hpp
  std::int32_t row_step;     // floats between rows of the patch
  const std::int32_t* taps;  // tap_count offsets into the patch
  std::int32_t tap_count, kernel_width;
  const float* weight;  // in the order of the taps
  float bias;
  TileOutput output;           // its channels are the rows of the tile
  std::int32_t rows, columns;  // that there are; the patch is read as if all were
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
  store_tile(tile.output, tile.columns, sum);
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
  store_tile(tile.output, tile.columns, sum);
}

/// One input channel and a kernel of 3 x 3 whose rows read neighbouring rows of the patch; tiles of
/// any number of rows. All nine weights stay in registers, and every row of the input is loaded
/// once: it ends the sums of one row of the output, goes on with those of the next and begins those
/// after it. No register is left for bias and clamping: finish_plane applies them to what has been
/// stored.
template <typename Madd, int kRows, int kVectors>
void f32_plane_roll3(const PlaneTile& tile) {
  static_assert(kRows == 1 && kVectors == 1, "more would not fit into registers");
  v128_t w[3][3];
  for (int k = 0; k < 9; ++k) w[k / 3][k % 3] = wasm_v128_load32_splat(tile.weight + k);
  const std::int32_t left = tile.taps[0], middle = tile.taps[1], right = tile.taps[2];
  const auto begin = [&](const float* in, int ky) CORR2D_INLINE_LAMBDA {
    const v128_t first = wasm_f32x4_mul(wasm_v128_load(in + left), w[ky][0]);
    return Madd::madd(wasm_v128_load(in + right), w[ky][2],
                      Madd::madd(wasm_v128_load(in + middle), w[ky][1], first));
  };
  const auto add = [&](const float* in, int ky, v128_t sum) CORR2D_INLINE_LAMBDA {
    const v128_t first = Madd::madd(wasm_v128_load(in + left), w[ky][0], sum);
    return Madd::madd(wasm_v128_load(in + right), w[ky][2],
                      Madd::madd(wasm_v128_load(in + middle), w[ky][1], first));
  };
  const float* in = tile.patch;
  float* out = tile.output.data;
  v128_t next = begin(in, 0);
  in += tile.row_step;
  v128_t now = add(in, 1, next);
  next = begin(in, 0);
  const bool whole = tile.columns == 4 && tile.output.column_stride == 1;
  CORR2D_NO_UNROLL
  for (std::int32_t row = tile.rows; row > 0; --row) {
    in += tile.row_step;
    const v128_t done = add(in, 2, now);
    now = add(in, 1, next);
    next = begin(in, 0);
    if (whole) {
      wasm_v128_store(out, done);
    } else {
      store_lanes(out, tile.output.column_stride, done, tile.columns);
    }
    out += tile.output.channel_stride;
  }
}

/// What f32_plane_roll3 leaves to be done on `tile.rows` x `tile.columns` elements, any number of
/// both: adds the bias and clamps, in place.
void finish_plane(const PlaneTile& tile);

}  // namespace corr2d
