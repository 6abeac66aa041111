#pragma once

#include "kernels/simd.hpp"

namespace corr2d {

/// One row of the 3 x 3 windows of four neighbouring outputs: the inputs of the left, middle and
/// right kernel column, one output in each lane.
struct WindowRow {
  v128_t left, middle, right;
};

CORR2D_INLINE v128_t even_lanes(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 2, 4, 6); }
CORR2D_INLINE v128_t odd_lanes(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 1, 3, 5, 7); }

/// `in` is the middle input of the first of the four outputs.
template <int kStride>
CORR2D_INLINE WindowRow load_window_row(const float* in) {
  if constexpr (kStride == 1) {
    return {wasm_v128_load(in - 1), wasm_v128_load(in), wasm_v128_load(in + 1)};
  } else {
    const v128_t in0123 = wasm_v128_load(in), in4567 = wasm_v128_load(in + 4);
    return {even_lanes(wasm_v128_load(in - 1), wasm_v128_load(in + 3)), even_lanes(in0123, in4567),
            odd_lanes(in0123, in4567)};
  }
}

/// At the left end of the row: the element left of `in` is not read and counts as zero.
template <int kStride>
CORR2D_INLINE WindowRow load_first_window_row(const float* in) {
  const v128_t zero = wasm_f32x4_splat(0);
  if constexpr (kStride == 1) {
    const v128_t in0123 = wasm_v128_load(in);
    return {wasm_i32x4_shuffle(zero, in0123, 3, 4, 5, 6), in0123, wasm_v128_load(in + 1)};
  } else {
    const v128_t in0123 = wasm_v128_load(in), in4567 = wasm_v128_load(in + 4);
    const v128_t in1357 = odd_lanes(in0123, in4567);
    return {wasm_i32x4_shuffle(zero, in1357, 3, 4, 5, 6), even_lanes(in0123, in4567), in1357};
  }
}

/// At the right end of the row: the element right of the last window's middle is not read and
/// counts as zero.
template <int kStride>
CORR2D_INLINE WindowRow load_last_window_row(const float* in) {
  const v128_t zero = wasm_f32x4_splat(0);
  const v128_t left = wasm_v128_load(in - 1);
  if constexpr (kStride == 1) {
    const v128_t in0123 = wasm_v128_load(in);
    return {left, in0123, wasm_i32x4_shuffle(in0123, zero, 1, 2, 3, 4)};
  } else {
    const v128_t in3456 = wasm_v128_load(in + 3);
    const v128_t odd_inputs = even_lanes(left, in3456);  // -1, 1, 3, 5
    return {odd_inputs, odd_lanes(left, in3456), wasm_i32x4_shuffle(odd_inputs, zero, 1, 2, 3, 4)};
  }
}

}  // namespace corr2d
