#pragma once

#include <cstdint>

namespace corr2d {

/// out[i] = in[i], for `count` bytes.
void bytes_to_floats(const std::uint8_t* in, std::int32_t count, float* out);

/// Writes `pixels` pixels of 4 bytes: R, G and B from `rgba`, of 4 floats a pixel, rounded to the
/// nearest (ties to even) and clamped, NaN as 0; alpha from `alpha`, which has 4 bytes a pixel.
void floats_to_pixels(const float* rgba, const std::uint8_t* alpha, std::int32_t pixels,
                      std::uint8_t* out);

}  // namespace corr2d
