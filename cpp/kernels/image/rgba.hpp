#pragma once

#include <cstdint>

namespace corr2d {

// 8-bit RGBA pixels and planes of float32, `plane_step` floats apart.

/// Value v of a channel becomes v * scale. `channels` 3: R, G, B. 4: R, G, B, A. 1: grey,
/// 0.299 R + 0.587 G + 0.114 B.
void pixels_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                      float scale, float* planes, std::int32_t plane_step);

/// Value v becomes (v - low) * factor, rounded to the nearest (ties to even) and clamped; NaN
/// becomes 0. `channels` 1: grey. 1 or 3: alpha is that of the pixels at `alpha`, or 255 where
/// this is null.
void planes_to_pixels(const float* planes, std::int32_t plane_step, std::int32_t pixels,
                      std::int32_t channels, float low, float factor, const std::uint8_t* alpha,
                      std::uint8_t* rgba);

}  // namespace corr2d
