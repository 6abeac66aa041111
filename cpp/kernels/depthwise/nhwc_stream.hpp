#pragma once

#include "kernels/depthwise/window_row.hpp"

namespace corr2d {

/// DepthwiseStream for four contiguous channels (NHWC) and one output row.
struct DepthwiseNhwcStream {
  /// With s the stride and r the output row: pixel 0 of input row s r + 1 and, if s is 2, of row
  /// s r.
  const float *bottom, *middle;
  std::int32_t bottom_step, middle_step;  // floats between neighbouring pixels of these rows
  const float* weight;                    // tap 0
  std::int32_t weight_step;               // floats between taps
  const float* bias;
  float* partial_sums[2];  // 4 * columns floats each
  float* output;
  std::int32_t output_step;  // floats between neighbouring output pixels
  std::int32_t columns;      // of the output
  bool zero_left, zero_right;
};

/// Sums start with the bias; add_bias_and_clamp clamps them afterwards.
template <typename Madd, int kStride>
void f32_depthwise_nhwc_stream(const DepthwiseNhwcStream& stream) {
  v128_t w[3][3];
  for (int k = 0; k < 9; ++k) {
    w[k / 3][k % 3] = wasm_v128_load(stream.weight + k * stream.weight_step);
  }
  const auto add_kernel_row = [&](int ky, const WindowRow& x, v128_t sum) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[ky][2],
                      Madd::madd(x.middle, w[ky][1], Madd::madd(x.left, w[ky][0], sum)));
  };
  // Local copies: stores to the output might alias `stream`. The bias is reloaded for every pixel
  // because no register is left.
  const float* bias = stream.bias;
  const std::int32_t bottom_step = stream.bottom_step, middle_step = stream.middle_step;
  const std::int32_t output_step = stream.output_step;
  const std::int32_t last = stream.columns - 1;
  const bool zero_left = stream.zero_left, zero_right = stream.zero_right;
  const float *bottom = stream.bottom, *middle = stream.middle;
  float *first_sums = stream.partial_sums[0], *second_sums = stream.partial_sums[1];
  float* out = stream.output;

  // Neighbouring windows overlap, so their common pixels stay in registers.
  const v128_t zero = wasm_f32x4_splat(0);
  WindowRow bottom_row = {zero, zero_left ? zero : wasm_v128_load(bottom - bottom_step), zero};
  WindowRow middle_row = {zero, zero_left ? zero : wasm_v128_load(middle - middle_step), zero};
  if constexpr (kStride == 1) {
    bottom_row.right = wasm_v128_load(bottom);
    bottom += bottom_step;
  } else {
    bottom_row.right = bottom_row.middle;
    middle_row.right = middle_row.middle;
  }
  const auto advance = [&](WindowRow& row, const float*& in, std::int32_t step, bool has_right)
                           CORR2D_INLINE_LAMBDA {
                             if constexpr (kStride == 1) {
                               row.left = row.middle;
                               row.middle = row.right;
                             } else {
                               row.left = row.right;
                               row.middle = wasm_v128_load(in);
                               in += step;
                             }
                             row.right = has_right ? wasm_v128_load(in) : zero;
                             in += step;
                           };
  const auto one_pixel = [&](bool has_right) CORR2D_INLINE_LAMBDA {
    advance(bottom_row, bottom, bottom_step, has_right);
    if constexpr (kStride == 1) {
      wasm_v128_store(out, add_kernel_row(2, bottom_row, wasm_v128_load(second_sums)));
      wasm_v128_store(second_sums, add_kernel_row(1, bottom_row, wasm_v128_load(first_sums)));
      wasm_v128_store(first_sums, add_kernel_row(0, bottom_row, wasm_v128_load(bias)));
    } else {
      const v128_t sum = add_kernel_row(2, bottom_row, wasm_v128_load(first_sums));
      wasm_v128_store(first_sums, add_kernel_row(0, bottom_row, wasm_v128_load(bias)));
      advance(middle_row, middle, middle_step, has_right);
      wasm_v128_store(out, add_kernel_row(1, middle_row, sum));
    }
    first_sums += 4;
    second_sums += 4;
    out += output_step;
  };
  CORR2D_NO_UNROLL
  for (std::int32_t x = 0; x < last; ++x) one_pixel(true);
  one_pixel(!zero_right);
}

}  // namespace corr2d
