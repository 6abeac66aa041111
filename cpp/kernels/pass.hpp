#pragma once

#include "kernels/simd.hpp"

namespace corr2d {

/// A tile of one pass of a separable correlation. It correlates along the rows of the input and
/// transposes: two passes correlate along both axes and restore the order of the axes.
///
///   output[x, y] = bias + the sum over products p and taps t of
///                  weight[p, t] * input[p, y + t, x]
///
/// for 4 neighbouring y, contiguous in the output, and 8 neighbouring x, contiguous in the input.
struct PassTile {
  static constexpr std::int32_t kRows = 4, kColumns = 8;

  const float* input;
  std::int32_t product_step, row_step;  // floats between products and between rows of the input
  const float* weight;                  // [products][taps]
  std::int32_t products, taps;          // at least kRows taps
  float bias;
  float* output;
  std::int32_t output_step;  // floats between neighbouring x
};

/// Each vector of input is loaded once, for the windows of all rows of the tile, and each weight is
/// loaded once: the next input row needs it for the next row of the tile. Sums start with the bias
/// and add the taps in order. No sum reads anything outside its window.
///
/// 31 taps, V8 11.3 on an AMD Zen 4, products and additions per cycle of 4 lanes: 1.4 unfused, 1.6
/// fused, of at most 2. The tile of 2 x 16 outputs of f32_depthwise_shared_rows reaches 1.
template <typename Madd, int kRows>
void f32_pass(const PassTile& tile) {
  static_assert(kRows == 4, "a weight is named for each row: LLVM would keep an array in memory");
  constexpr int kVectors = PassTile::kColumns / 4;
  v128_t sum[kRows][kVectors];
  for (auto& sums_of_row : sum) {
    for (v128_t& s : sums_of_row) s = wasm_v128_load32_splat(&tile.bias);
  }
  const std::int32_t row_step = tile.row_step;
  CORR2D_NO_UNROLL
  for (std::int32_t p = 0; p < tile.products; ++p) {
    const float* in = tile.input + p * tile.product_step;
    const float* weight = tile.weight + p * tile.taps;
    const float* const end = weight + tile.taps;
    // Adds the next input row, times w0 to w3, to the rows `first` to `last`.
    const auto add_row = [&](int first, int last, v128_t w0, v128_t w1, v128_t w2, v128_t w3)
                             CORR2D_INLINE_LAMBDA {
                               const v128_t w[kRows] = {w0, w1, w2, w3};
                               for (int v = 0; v < kVectors; ++v) {
                                 const v128_t x = wasm_v128_load(in + 4 * v);
                                 for (int r = first; r <= last; ++r) {
                                   sum[r][v] = Madd::madd(x, w[r], sum[r][v]);
                                 }
                               }
                               in += row_step;
                             };
    // The weights of an input row and of the rows before it.
    v128_t w2 = wasm_v128_load32_splat(weight);
    add_row(0, 0, w2, w2, w2, w2);
    v128_t w1 = wasm_v128_load32_splat(weight + 1);
    add_row(0, 1, w1, w2, w2, w2);
    v128_t w0 = wasm_v128_load32_splat(weight + 2);
    add_row(0, 2, w0, w1, w2, w2);
    weight += 3;
    CORR2D_NO_UNROLL
    do {
      const v128_t w3 = w2;
      w2 = w1;
      w1 = w0;
      w0 = wasm_v128_load32_splat(weight);
      add_row(0, 3, w0, w1, w2, w3);
    } while (++weight != end);
    add_row(1, 3, w0, w0, w1, w2);
    add_row(2, 3, w0, w0, w0, w1);
    add_row(3, 3, w0, w0, w0, w0);
  }
  // Local copies: stores to the output might alias `tile`.
  float* out = tile.output;
  const std::int32_t output_step = tile.output_step;
  for (int v = 0; v < kVectors; ++v) {
    v128_t columns[4];
    transpose(sum[0][v], sum[1][v], sum[2][v], sum[3][v], columns);
    for (const v128_t column : columns) {
      wasm_v128_store(out, column);
      out += output_step;
    }
  }
}

}  // namespace corr2d
