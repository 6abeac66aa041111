#include "corr2d/image.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/bytes.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kPixels = 4;  // a vector of RGBA

/// Byte `channel` of each pixel.
v128_t channel_of(v128_t rgba, int channel) {
  const v128_t byte = wasm_u32x4_shr(rgba, static_cast<std::uint32_t>(8 * channel));
  return wasm_f32x4_convert_i32x4(wasm_v128_and(byte, wasm_i32x4_splat(0xff)));
}

v128_t grey_of(v128_t rgba) {
  const v128_t r = wasm_f32x4_mul(channel_of(rgba, 0), wasm_f32x4_splat(0.299f));
  const v128_t g = wasm_f32x4_mul(channel_of(rgba, 1), wasm_f32x4_splat(0.587f));
  const v128_t b = wasm_f32x4_mul(channel_of(rgba, 2), wasm_f32x4_splat(0.114f));
  return wasm_f32x4_add(wasm_f32x4_add(r, g), b);
}

}  // namespace

void rgba_to_planes(const std::uint8_t* rgba, std::int32_t pixels, std::int32_t channels,
                    float scale, float* planes) {
  const v128_t factor = wasm_f32x4_splat(scale);
  for (std::int32_t i = 0; i < pixels; i += kPixels) {
    const std::int32_t count = std::min(kPixels, pixels - i);
    std::uint8_t in[4 * kPixels] = {};
    std::memcpy(in, rgba + 4 * i, static_cast<std::size_t>(4 * count));
    const v128_t pixel = wasm_v128_load(in);
    for (std::int32_t c = 0; c < channels; ++c) {
      const v128_t value = channels == 1 ? grey_of(pixel) : channel_of(pixel, c);
      float out[kPixels];
      wasm_v128_store(out, wasm_f32x4_mul(value, factor));
      std::memcpy(planes + c * pixels + i, out, static_cast<std::size_t>(count) * sizeof(float));
    }
  }
}

void planes_to_rgba(const float* planes, std::int32_t pixels, std::int32_t channels, float low,
                    float high, std::uint8_t* rgba) {
  const v128_t lowest = wasm_f32x4_splat(low);
  // The widest ranges are beyond float32.
  const double range = static_cast<double>(high) - low;
  const v128_t factor = wasm_f32x4_splat(static_cast<float>(255 / range));
  for (std::int32_t i = 0; i < pixels; i += kPixels) {
    const std::int32_t count = std::min(kPixels, pixels - i);
    const auto plane = [&](std::int32_t c) {
      float in[kPixels] = {};
      std::memcpy(in, planes + c * pixels + i, static_cast<std::size_t>(count) * sizeof(float));
      const v128_t above = wasm_f32x4_sub(wasm_v128_load(in), lowest);
      return to_byte_range(wasm_f32x4_mul(above, factor));
    };
    const v128_t r = plane(0);
    const v128_t g = channels == 1 ? r : plane(1);
    const v128_t b = channels == 1 ? r : plane(2);
    const v128_t a = channels == 4 ? plane(3) : wasm_i32x4_splat(255);
    const v128_t pixel = wasm_v128_or(wasm_v128_or(r, wasm_i32x4_shl(g, 8)),
                                      wasm_v128_or(wasm_i32x4_shl(b, 16), wasm_i32x4_shl(a, 24)));
    std::uint8_t out[4 * kPixels];
    wasm_v128_store(out, pixel);
    std::memcpy(rgba + 4 * i, out, static_cast<std::size_t>(4 * count));
  }
}

}  // namespace corr2d
