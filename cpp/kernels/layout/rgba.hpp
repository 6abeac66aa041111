#pragma once

#include <cstdint>

namespace corr2d {

// Conversions between 8-bit RGBA pixels and float32 planes, one per channel, `plane_step` floats
// apart.

/// The planes of a picture. The enumerator's value is the number of planes, except for
/// kPremultiplied.
enum class Planes {
  kPremultiplied = 0,  // R * A, G * A, B * A from 0 to 255^2, and A
  kGrey = 1,           // 0.299 R + 0.587 G + 0.114 B
  kRgb = 3,
  kRgba = 4,
};

/// The number of planes.
constexpr std::int32_t count_of(Planes kind) {
  return kind == Planes::kPremultiplied ? 4 : static_cast<std::int32_t>(kind);
}

/// A channel's value v becomes v * scale. kPremultiplied requires a scale of 1.
void pixels_to_planes(const std::uint8_t* rgba, std::int32_t pixels, Planes kind, float scale,
                      float* planes, std::int32_t plane_step);

/// A value v becomes (v - low) * factor, rounded to nearest (ties to even) and clamped to 0 … 255;
/// NaN becomes 0. With kGrey and kRgb, alpha is copied from the pixels at `alpha`, or is 255 if
/// `alpha` is null.
///
/// kPremultiplied requires a factor of 1. Alpha a becomes a - low, clamped to 0 … 255; the
/// colours are divided by the result before low is subtracted from them. All channels of a pixel
/// whose rounded alpha is 0 are 0.
void planes_to_pixels(const float* planes, std::int32_t plane_step, std::int32_t pixels,
                      Planes kind, float low, float factor, const std::uint8_t* alpha,
                      std::uint8_t* rgba);

}  // namespace corr2d
