#include "corr2d/image.hpp"

#include "kernels/layout/rgba.hpp"

namespace corr2d {

void rgba_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                    float scale, float* planes) {
  pixels_to_planes(rgba, pixels, static_cast<Planes>(channels), scale, planes, pixels);
}

void planes_to_rgba(const float* planes, std::int32_t pixels, std::int32_t channels, float low,
                    float high, std::uint8_t* rgba) {
  // In float64: the largest ranges overflow float32.
  const double range = static_cast<double>(high) - low;
  planes_to_pixels(planes, pixels, pixels, static_cast<Planes>(channels), low,
                   static_cast<float>(255 / range), nullptr, rgba);
}

}  // namespace corr2d
