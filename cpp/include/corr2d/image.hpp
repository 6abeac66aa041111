#pragma once

#include <cstdint>

namespace corr2d {

/// Takes 8-bit RGBA pixels apart into planes of float32, each value times `scale`.
/// `channels` 3: R, G, B. 4: R, G, B, A. 1: grey, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
/// rgba: 4 * pixels bytes; planes: channels x pixels.
void rgba_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                    float scale, float* planes);

/// The way back: `low` becomes 0 and `high` 255, what lies outside is clamped, what lies between is
/// rounded to the nearest (ties to even), NaN becomes 0. One plane gives grey; with less than four
/// planes the result is opaque. `high` must be greater than `low`.
void planes_to_rgba(const float* planes, std::int32_t pixels, std::int32_t channels, float low,
                    float high, std::uint8_t* rgba);

}  // namespace corr2d
