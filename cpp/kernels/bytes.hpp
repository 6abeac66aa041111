#pragma once

#include <cstdint>

#include "kernels/simd.hpp"

namespace corr2d {

/// Each value as a whole number from 0 to 255: rounded to the nearest (ties to even) and clamped, 0
/// for NaN.
inline v128_t to_byte_range(v128_t values) {
  // pmax(a, b) is a < b ? b : a, so that here NaN loses.
  const v128_t positive = wasm_f32x4_pmax(wasm_f32x4_splat(0), values);
  const v128_t clamped = wasm_f32x4_pmin(positive, wasm_f32x4_splat(255));
  return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(clamped));
}

/// out[i] = in[i], for `count` bytes.
void bytes_to_floats(const std::uint8_t* in, std::int32_t count, float* out);

/// Writes `pixels` pixels of 4 bytes: R, G and B from `rgba`, of 4 floats a pixel, rounded to the
/// nearest (ties to even) and clamped, NaN as 0; alpha from `alpha`, which has 4 bytes a pixel.
void floats_to_pixels(const float* rgba, const std::uint8_t* alpha, std::int32_t pixels,
                      std::uint8_t* out);

}  // namespace corr2d
