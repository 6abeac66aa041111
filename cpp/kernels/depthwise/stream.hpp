#pragma once

#include "kernels/depthwise/window_row.hpp"

namespace corr2d {

/// Depthwise with a 3 x 3 kernel, row by row: every input row is read once, from left to right.
/// With stride s, the output in row r and column x reads rows s r - 1, s r and s r + 1 and columns
/// s x - 1, s x and s x + 1 of the input. On either side the input may end one column early; zero
/// takes that column's place.
struct DepthwiseStream {
  static constexpr std::int32_t kMinColumns = 5;

  /// Column 0 of the bottom row of the first output's window, s r + 1, and for stride 2 of its
  /// middle row, s r.
  const float *bottom, *middle;
  std::int32_t row_step;   // floats from one output row's `bottom` to the next
  const float* weight;     // [3][3]
  float* partial_sums[2];  // of the following output rows: padded(columns) floats each
  float* output;
  std::int32_t output_step;    // floats between output rows
  std::int32_t rows, columns;  // of the output; at least kMinColumns columns
  bool zero_left, zero_right;  // whether zero replaces the outermost column on this side

  static constexpr std::int32_t padded(std::int32_t columns) { return (columns + 3) / 4 * 4; }
};

/// All nine weights stay in registers. With stride 1, an input row completes the sums of one output
/// row, continues those of the next and starts those of the one after. No register is left for bias
/// and clamping, so add_bias_and_clamp applies them afterwards. Before the first output row, the
/// partial sums must be primed with the input rows above its bottom row, one run each, with a
/// scratch row as `output`: two rows for stride 1; for stride 2 one, as `bottom` and `middle`.
///
/// Reading wide images from left to right keeps a sequential access pattern. A kernel that walks
/// down vertical strips uses few of the cache's sets. 3 x 3, cycles per vector of 4 outputs, V8
/// 11.3 unfused / 14.6 fused:
///
///                      1920 wide    512 wide     112 wide
///   left to right       7.6 / 5.7    7.8 / 6.1    7.5 / 5.6
///   vertical strips    12.8 / 9.4   31.9 / 29.5   9.0 / 6.9
template <typename Madd, int kStride>
void f32_depthwise_stream(const DepthwiseStream& stream) {
  v128_t w[3][3];
  for (int k = 0; k < 9; ++k) w[k / 3][k % 3] = wasm_v128_load32_splat(stream.weight + k);
  const auto add_kernel_row = [&](int ky, const WindowRow& x, v128_t sum) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[ky][2],
                      Madd::madd(x.middle, w[ky][1], Madd::madd(x.left, w[ky][0], sum)));
  };
  const auto first_kernel_row = [&](const WindowRow& x) CORR2D_INLINE_LAMBDA {
    return Madd::madd(x.right, w[0][2],
                      Madd::madd(x.middle, w[0][1], wasm_f32x4_mul(x.left, w[0][0])));
  };
  // Local copies: stores to the output might alias `stream`.
  float *const first_sums = stream.partial_sums[0], *const second_sums = stream.partial_sums[1];
  const float *bottom = stream.bottom, *middle = stream.middle;
  float* out = stream.output;
  const std::int32_t row_step = stream.row_step, output_step = stream.output_step;
  const std::int32_t columns = stream.columns;
  const bool zero_left = stream.zero_left, zero_right = stream.zero_right;

  // A store separates the loads of different rows: V8 schedules all loads before the next store.
  const auto four_outputs = [&](std::int32_t x, auto load, auto store) CORR2D_INLINE_LAMBDA {
    if constexpr (kStride == 1) {
      const WindowRow row = load(bottom);
      store(add_kernel_row(2, row, wasm_v128_load(second_sums + x)));
      wasm_v128_store(second_sums + x, add_kernel_row(1, row, wasm_v128_load(first_sums + x)));
      wasm_v128_store(first_sums + x, first_kernel_row(row));
    } else {
      const WindowRow row = load(bottom);
      const v128_t sum = add_kernel_row(2, row, wasm_v128_load(first_sums + x));
      wasm_v128_store(first_sums + x, first_kernel_row(row));
      store(add_kernel_row(1, load(middle), sum));
    }
  };
  // The last vector of inputs ends with the row. Its last 1 to 4 lanes are new; they are moved to
  // the front.
  const std::int32_t whole = (columns - 1) / 4 * 4, rest = columns - whole;
  const v128_t lanes = wasm_i8x16_make(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const v128_t rest_to_front =
      wasm_i8x16_add(lanes, wasm_i8x16_splat(static_cast<std::int8_t>(16 - 4 * rest)));

  CORR2D_NO_UNROLL
  for (std::int32_t row = stream.rows; row > 0; --row) {
    four_outputs(
        0,
        [&](const float* in) CORR2D_INLINE_LAMBDA {
          return zero_left ? load_first_window_row<kStride>(in) : load_window_row<kStride>(in);
        },
        [&](v128_t sum) CORR2D_INLINE_LAMBDA { wasm_v128_store(out, sum); });
    CORR2D_NO_UNROLL
    for (std::int32_t x = 4; x < whole; x += 4) {
      four_outputs(
          x,
          [&](const float* in)
              CORR2D_INLINE_LAMBDA { return load_window_row<kStride>(in + kStride * x); },
          [&](v128_t sum) CORR2D_INLINE_LAMBDA { wasm_v128_store(out + x, sum); });
    }
    four_outputs(
        whole,
        [&](const float* in) CORR2D_INLINE_LAMBDA {
          const float* last = in + kStride * (columns - 4);
          const WindowRow x =
              zero_right ? load_last_window_row<kStride>(last) : load_window_row<kStride>(last);
          return WindowRow{wasm_i8x16_swizzle(x.left, rest_to_front),
                           wasm_i8x16_swizzle(x.middle, rest_to_front),
                           wasm_i8x16_swizzle(x.right, rest_to_front)};
        },
        [&](v128_t sum) CORR2D_INLINE_LAMBDA {
          float* last = out + whole;
          if (rest == 4) {
            wasm_v128_store(last, sum);
          } else {
            wasm_v128_store32_lane(last, sum, 0);
            if (rest > 1) wasm_v128_store32_lane(last + 1, sum, 1);
            if (rest > 2) wasm_v128_store32_lane(last + 2, sum, 2);
          }
        });
    bottom += row_step;
    middle += row_step;
    out += output_step;
  }
}

}  // namespace corr2d
