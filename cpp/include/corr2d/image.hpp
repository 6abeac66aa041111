#pragma once

#include <cstdint>

namespace corr2d {

/// Converts an 8-bit RGBA image (`rgba`: `pixels` x 4 bytes) to float32 planes (`planes`:
/// `channels` x `pixels`) and multiplies each value by `scale`. 3 channels are R, G, B; 4 are
/// R, G, B, A; 1 is the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
void rgba_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                    float scale, float* planes);

/// Converts float32 planes to an 8-bit RGBA image, with the shapes of `rgba_to_planes`. `low` maps
/// to 0 and `high`, which must be greater, to 255; values are clamped and rounded to the nearest
/// integer (ties to even), and NaN becomes 0. One plane gives a grey image. With fewer than four
/// planes the image is opaque.
void planes_to_rgba(const float* planes, std::int32_t pixels, std::int32_t channels, float low,
                    float high, std::uint8_t* rgba);

}  // namespace corr2d
