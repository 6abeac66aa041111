#pragma once

#include <cstdint>

namespace corr2d {

// Conversions between 8-bit RGBA pixels and float32 planes, one per channel, `plane_step` floats
// apart.

/// A channel's value v becomes v * scale. `channels` is 3 for R, G, B; 4 for R, G, B, A; or 1 for
/// grey, 0.299 R + 0.587 G + 0.114 B.
void pixels_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                      float scale, float* planes, std::int32_t plane_step);

/// A value v becomes (v - low) * factor, rounded to nearest (ties to even) and clamped to 0 … 255;
/// NaN becomes 0. `channels` is 1 for grey, 3 or 4. With 1 or 3 channels, alpha is copied from the
/// pixels at `alpha`, or is 255 if `alpha` is null.
void planes_to_pixels(const float* planes, std::int32_t plane_step, std::int32_t pixels,
                      std::int32_t channels, float low, float factor, const std::uint8_t* alpha,
                      std::uint8_t* rgba);

}  // namespace corr2d
