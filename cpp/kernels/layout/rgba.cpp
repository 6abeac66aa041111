#include "kernels/layout/rgba.hpp"

#include <algorithm>
#include <type_traits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kPixels = 4;  // in a vector of bytes
constexpr std::int32_t kMaxPlanes = 4;
constexpr std::int32_t kAlpha = static_cast<std::int32_t>(0xff000000);

template <int kChannel>
CORR2D_INLINE v128_t channel_of(v128_t rgba) {
  const v128_t byte = kChannel == 0 ? rgba : wasm_u32x4_shr(rgba, 8 * kChannel);
  return wasm_f32x4_convert_i32x4(kChannel == 3 ? byte
                                                : wasm_v128_and(byte, wasm_i32x4_splat(0xff)));
}

CORR2D_INLINE v128_t grey_of(v128_t rgba) {
  const v128_t r = wasm_f32x4_mul(channel_of<0>(rgba), wasm_f32x4_splat(0.299f));
  const v128_t g = wasm_f32x4_mul(channel_of<1>(rgba), wasm_f32x4_splat(0.587f));
  const v128_t b = wasm_f32x4_mul(channel_of<2>(rgba), wasm_f32x4_splat(0.114f));
  return wasm_f32x4_add(wasm_f32x4_add(r, g), b);
}

/// Clamps to 0 … 255; NaN becomes 0.
CORR2D_INLINE v128_t clamp(v128_t values) {
  // pmax(a, b) is a < b ? b : a: with 0 first, a NaN becomes 0.
  const v128_t positive = wasm_f32x4_pmax(wasm_f32x4_splat(0), values);
  return wasm_f32x4_pmin(positive, wasm_f32x4_splat(255));
}

/// Rounds to integers from 0 to 255.
CORR2D_INLINE v128_t to_bytes(v128_t values) {
  // A float32 of 2^23 or more has no fraction bits: adding 2^23 rounds, and the integer is in the
  // low bits of the sum.
  const v128_t rounded = wasm_f32x4_add(clamp(values), wasm_f32x4_splat(8388608.0f));
  return wasm_v128_and(rounded, wasm_i32x4_splat(0xff));
}

// kScales is false for a scale of 1, as in image filters, and omits the multiplication.

template <Planes kKind, bool kScales>
CORR2D_INLINE void deinterleave(const std::uint8_t* rgba, v128_t scale, float* planes,
                                std::int32_t plane_step) {
  const v128_t pixels = wasm_v128_load(rgba);
  const auto store = [&](int channel, v128_t values) CORR2D_INLINE_LAMBDA {
    wasm_v128_store(planes + channel * plane_step,
                    kScales ? wasm_f32x4_mul(values, scale) : values);
  };
  if constexpr (kKind == Planes::kGrey) {
    store(0, grey_of(pixels));
  } else {
    const v128_t alpha = channel_of<3>(pixels);
    const auto colour = [&](v128_t values) CORR2D_INLINE_LAMBDA {
      return kKind == Planes::kPremultiplied ? wasm_f32x4_mul(values, alpha) : values;
    };
    store(0, colour(channel_of<0>(pixels)));
    store(1, colour(channel_of<1>(pixels)));
    store(2, colour(channel_of<2>(pixels)));
    if constexpr (count_of(kKind) == 4) store(3, alpha);
  }
}

template <Planes kKind, bool kScales>
CORR2D_INLINE void interleave(const float* planes, std::int32_t plane_step, v128_t low,
                              v128_t factor, v128_t alpha, std::uint8_t* rgba) {
  constexpr bool kPremultiplied = kKind == Planes::kPremultiplied;
  const auto plane = [&](int channel) CORR2D_INLINE_LAMBDA {
    return wasm_v128_load(planes + channel * plane_step);
  };
  const v128_t divisor =
      kPremultiplied ? clamp(wasm_f32x4_sub(plane(3), low)) : wasm_f32x4_splat(1);
  const auto bytes = [&](int channel) CORR2D_INLINE_LAMBDA {
    const v128_t values = plane(channel);
    const v128_t shifted =
        wasm_f32x4_sub(kPremultiplied ? wasm_f32x4_div(values, divisor) : values, low);
    return to_bytes(kScales ? wasm_f32x4_mul(shifted, factor) : shifted);
  };
  const v128_t r = bytes(0);
  const v128_t g = kKind == Planes::kGrey ? r : bytes(1);
  const v128_t b = kKind == Planes::kGrey ? r : bytes(2);
  const v128_t a = kPremultiplied           ? wasm_i32x4_shl(to_bytes(divisor), 24)
                   : kKind == Planes::kRgba ? wasm_i32x4_shl(bytes(3), 24)
                                            : wasm_v128_and(alpha, wasm_i32x4_splat(kAlpha));
  const v128_t out =
      wasm_v128_or(wasm_v128_or(r, wasm_i32x4_shl(g, 8)), wasm_v128_or(wasm_i32x4_shl(b, 16), a));
  // Where alpha is 0, the divisions above may have any result.
  wasm_v128_store(
      rgba, kPremultiplied ? wasm_v128_andnot(out, wasm_i32x4_eq(a, wasm_i32x4_splat(0))) : out);
}

/// Calls convert(first pixel) for every four pixels. The last four end with the row and may overlap
/// the previous four.
template <typename Convert>
CORR2D_INLINE void for_each_four(std::int32_t pixels, Convert convert) {
  const std::int32_t last = pixels - kPixels;
  // A single call, because `convert` is inlined: a second one would double the code.
  CORR2D_NO_UNROLL
  for (std::int32_t i = 0;; i = std::min(i + kPixels, last)) {
    convert(i);
    if (i == last) break;
  }
}

template <Planes kKind>
using Constant = std::integral_constant<Planes, kKind>;

/// Calls visit(kind, whether to scale) with both as compile-time constants.
template <typename Visit>
void with_constants(Planes kind, float scale, Visit visit) {
  if (kind == Planes::kPremultiplied) {
    visit(Constant<Planes::kPremultiplied>(), std::false_type());
  } else if (kind == Planes::kGrey) {
    visit(Constant<Planes::kGrey>(), std::true_type());
  } else if (kind == Planes::kRgba) {
    visit(Constant<Planes::kRgba>(), std::true_type());
  } else if (scale != 1) {
    visit(Constant<Planes::kRgb>(), std::true_type());
  } else {
    visit(Constant<Planes::kRgb>(), std::false_type());
  }
}

}  // namespace

void pixels_to_planes(const std::uint8_t* rgba, std::int32_t pixels, Planes kind, float scale,
                      float* planes, std::int32_t plane_step) {
  if (pixels < kPixels) {
    std::uint8_t in[4 * kPixels] = {};
    float out[kMaxPlanes * kPixels];
    std::copy(rgba, rgba + 4 * pixels, in);
    pixels_to_planes(in, kPixels, kind, scale, out, kPixels);
    for (std::int32_t c = 0; c < count_of(kind); ++c) {
      std::copy(out + c * kPixels, out + c * kPixels + pixels, planes + c * plane_step);
    }
    return;
  }
  const v128_t factor = wasm_f32x4_splat(scale);
  with_constants(kind, scale, [&](auto which, auto scales) {
    for_each_four(pixels, [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
      deinterleave<decltype(which)::value, decltype(scales)::value>(rgba + 4 * i, factor,
                                                                    planes + i, plane_step);
    });
  });
}

void planes_to_pixels(const float* planes, std::int32_t plane_step, std::int32_t pixels,
                      Planes kind, float low, float factor, const std::uint8_t* alpha,
                      std::uint8_t* rgba) {
  if (pixels < kPixels) {
    float in[kMaxPlanes * kPixels] = {};
    std::uint8_t alpha_in[4 * kPixels] = {}, out[4 * kPixels];
    for (std::int32_t c = 0; c < count_of(kind); ++c) {
      std::copy(planes + c * plane_step, planes + c * plane_step + pixels, in + c * kPixels);
    }
    if (alpha != nullptr) std::copy(alpha, alpha + 4 * pixels, alpha_in);
    planes_to_pixels(in, kPixels, kPixels, kind, low, factor, alpha == nullptr ? nullptr : alpha_in,
                     out);
    std::copy(out, out + 4 * pixels, rgba);
    return;
  }
  const v128_t lows = wasm_f32x4_splat(low), factors = wasm_f32x4_splat(factor);
  const v128_t opaque = wasm_i32x4_splat(kAlpha);
  with_constants(kind, factor, [&](auto which, auto scales) {
    for_each_four(pixels, [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
      const v128_t alphas = alpha == nullptr ? opaque : wasm_v128_load(alpha + 4 * i);
      interleave<decltype(which)::value, decltype(scales)::value>(planes + i, plane_step, lows,
                                                                  factors, alphas, rgba + 4 * i);
    });
  });
}

}  // namespace corr2d
