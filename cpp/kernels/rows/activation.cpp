#include "kernels/rows/activation.hpp"

#include <cstddef>

#include "kernels/simd.hpp"
#include "kernels/tile.hpp"

// tools/fit-activations.py computes and prints the coefficients.

namespace corr2d {
namespace {

v128_t splat(float value) { return wasm_f32x4_splat(value); }

v128_t bits(std::int32_t value) { return wasm_i32x4_splat(value); }

v128_t negative(v128_t x) { return wasm_f32x4_lt(x, splat(0)); }

/// a where the mask is set, b elsewhere.
v128_t select(v128_t mask, v128_t a, v128_t b) { return wasm_v128_bitselect(a, b, mask); }

/// min(x, high). pmin(a, b) is b < a ? b : a: with x first, a NaN stays.
v128_t at_most(v128_t x, float high) { return wasm_f32x4_pmin(x, splat(high)); }

/// max(x, low); at_least(-0, 0) is -0.
v128_t at_least(v128_t x, float low) { return wasm_f32x4_pmax(x, splat(low)); }

/// c[0] + c[1] x + c[2] x^2 ...
template <int kTerms>
v128_t polynomial(v128_t x, const float (&c)[kTerms]) {
  v128_t sum = splat(c[kTerms - 1]);
  for (int i = kTerms - 2; i >= 0; --i) sum = Unfused::madd(sum, x, splat(c[i]));
  return sum;
}

/// n + kShift, where n is x / ln 2 rounded to an integer and |n| < 2^22. The addition leaves n in
/// the lowest bits of the float. It is fast on every machine; a conversion is not.
constexpr float kShift = 0x1.8p23f;
v128_t shifted_exponent(v128_t x) {
  return wasm_f32x4_add(wasm_f32x4_mul(x, splat(1.44269502f)), splat(kShift));
}

/// An unevaluated sum high + low, where |low| is much smaller than |high|: more digits than
/// float32.
struct Pair {
  v128_t high, low;
};

/// x - n ln 2. The high part of ln 2 has 16 bits, so its product with n and the difference are
/// exact. The low part adds 24 more bits.
Pair reduce(Pair x, v128_t shifted) {
  const v128_t n = wasm_f32x4_sub(shifted, splat(kShift));
  return {wasm_f32x4_sub(x.high, wasm_f32x4_mul(n, splat(0.693145752f))),
          wasm_f32x4_sub(x.low, wasm_f32x4_mul(n, splat(1.42860677e-06f)))};
}

/// exp(r) - 1 for |r| <= 0.3467, as r + r^2 q(r): the relative error stays small near 0.
v128_t reduced_expm1(Pair pair) {
  const v128_t r = wasm_f32x4_add(pair.high, pair.low);
  const v128_t q = polynomial(
      r, {0.5f, 0.166666657f, 0.0416664928f, 0.00833354611f, 0.00139323273f, 0.000197616333f});
  const v128_t rest = wasm_f32x4_mul(wasm_f32x4_mul(r, r), q);
  return wasm_f32x4_add(pair.high, wasm_f32x4_add(pair.low, rest));
}

/// An unevaluated product high * low that may exceed the range of float32. Multiplying by one
/// factor after the other loses digits only if the result is denormal.
struct Scaled {
  v128_t high, low;
};

/// f 2^n for n from -254 to 254; each factor has half of the exponent. At n = -254 both factors are
/// 0, so that infinity times them is NaN.
Scaled scaled(v128_t f, v128_t shifted) {
  const v128_t n = wasm_i32x4_sub(shifted, splat(kShift));
  const v128_t half = wasm_i32x4_shr(n, 1);
  const auto power = [](v128_t exponent) {
    return wasm_i32x4_shl(wasm_i32x4_add(exponent, bits(127)), 23);
  };
  return {wasm_f32x4_mul(f, power(half)), power(wasm_i32x4_sub(n, half))};
}

/// exp(-kFar) is slightly below 2^-254, where `scaled` is 0.
constexpr float kFar = 176.2f;

/// `factor` times sigmoid(x), where `factor` is x or 1. With t = exp(-|x|), sigmoid(x) is
/// 1 / (1 + t) for x >= 0 and t / (1 + t) for x < 0.
v128_t times_sigmoid(v128_t factor, v128_t x) {
  const v128_t one = splat(1);
  const v128_t exponent = wasm_f32x4_neg(at_most(wasm_f32x4_abs(x), kFar));
  const v128_t shifted = shifted_exponent(exponent);
  const v128_t expm1 = reduced_expm1(reduce({exponent, splat(0)}, shifted));
  const Scaled t = scaled(wasm_f32x4_add(expm1, one), shifted);
  const Scaled product = scaled(Unfused::madd(factor, expm1, factor), shifted);
  const v128_t is_negative = negative(x);
  const v128_t numerator = select(is_negative, product.high, factor);
  const v128_t denominator = wasm_f32x4_add(wasm_f32x4_mul(t.high, t.low), one);
  return wasm_f32x4_mul(wasm_f32x4_div(numerator, denominator), select(is_negative, t.low, one));
}

// The activations: function objects on vectors of four elements.

struct Relu {
  v128_t operator()(v128_t x) const { return at_least(x, 0); }
};

struct Relu6 {
  v128_t operator()(v128_t x) const { return at_most(at_least(x, 0), 6); }
};

struct LeakyRelu {
  v128_t alpha;
  v128_t operator()(v128_t x) const {
    return select(wasm_f32x4_gt(x, splat(0)), x, wasm_f32x4_mul(x, alpha));
  }
};

struct Sigmoid {
  v128_t operator()(v128_t x) const { return times_sigmoid(splat(1), x); }
};

struct Silu {
  v128_t operator()(v128_t x) const { return times_sigmoid(x, x); }
};

struct HardSwish {
  v128_t operator()(v128_t x) const {
    const v128_t gate = at_most(at_least(wasm_f32x4_add(x, splat(3)), 0), 6);
    return wasm_f32x4_div(wasm_f32x4_mul(x, gate), splat(6));
  }
};

/// tanh |x| = m / (m + 2) with m = exp(2|x|) - 1, which is accurate near 0.
struct Tanh {
  v128_t operator()(v128_t x) const {
    const v128_t a = at_most(wasm_f32x4_abs(x), 10);  // tanh(x) rounds to 1 from 9.02 on
    const v128_t twice = wasm_f32x4_add(a, a);
    const v128_t shifted = shifted_exponent(twice);
    const v128_t reduced_m = reduced_expm1(reduce({twice, splat(0)}, shifted));
    // 2^n is 1 with n added to its exponent bits; m is 2^n (reduced_m + 1) - 1.
    const v128_t n = wasm_i32x4_sub(shifted, splat(kShift));
    const v128_t power = wasm_i32x4_add(wasm_i32x4_shl(n, 23), splat(1));
    const v128_t m = Unfused::madd(power, reduced_m, wasm_f32x4_sub(power, splat(1)));
    const v128_t y = wasm_f32x4_div(m, wasm_f32x4_add(m, splat(2)));
    return select(splat(-0.0f), x, y);
  }
};

/// x Phi(x), where Phi is the cumulative normal distribution and Phi(-a) = exp(-a^2 / 2) P(a) /
/// Q(a). For x >= 0 the result is x - x Phi(-x). Nothing cancels, because Phi(-x) is at most 1/2.
struct Gelu {
  v128_t operator()(v128_t x) const {
    const v128_t a = at_most(wasm_f32x4_abs(x), kLargest);
    const v128_t p0 = splat(0.75f);
    const v128_t p = wasm_f32x4_mul(
        a, polynomial(a, {0.666923761f, 0.281893164f, 0.0633259639f, 0.00652716402f}));
    const v128_t q =
        polynomial(a, {1.5f, 2.53067517f, 1.83296406f, 0.722790718f, 0.15874131f, 0.0163610652f});
    // -a^2 / 2 as a pair: the leading 12 bits of a, whose square is exact, and the remainder.
    const v128_t leading = wasm_v128_and(a, bits(~0xfff));
    const v128_t rest = wasm_f32x4_mul(wasm_f32x4_sub(leading, a), wasm_f32x4_add(leading, a));
    const Pair exponent = {wasm_f32x4_mul(wasm_f32x4_mul(leading, leading), splat(-0.5f)),
                           wasm_f32x4_mul(rest, splat(0.5f))};
    const v128_t shifted = shifted_exponent(wasm_f32x4_add(exponent.high, exponent.low));
    const v128_t expm1 = reduced_expm1(reduce(exponent, shifted));
    const v128_t product = wasm_f32x4_add(Unfused::madd(expm1, wasm_f32x4_add(p, p0), p), p0);
    const Scaled tail = scaled(wasm_f32x4_div(product, q), shifted);
    const v128_t is_negative = negative(x);
    const v128_t factor = select(is_negative, x, a);
    const v128_t y = wasm_f32x4_mul(wasm_f32x4_mul(factor, tail.high), tail.low);
    return select(is_negative, y, wasm_f32x4_sub(x, y));
  }
  static constexpr float kLargest = 18.77f;  // half its square is just below kFar
};

// Strided elements and tails. Not inlined, so that all activations share one copy.

/// Loads `columns` (1 to 4) elements; the other lanes are 0.
[[gnu::noinline]] v128_t gather(const float* in, std::int32_t column_stride, std::int32_t columns) {
  v128_t v = wasm_v128_load32_zero(in);
  if (columns > 1) v = wasm_v128_load32_lane(in + column_stride, v, 1);
  if (columns > 2) v = wasm_v128_load32_lane(in + 2 * column_stride, v, 2);
  if (columns > 3) v = wasm_v128_load32_lane(in + 3 * column_stride, v, 3);
  return v;
}

[[gnu::noinline]] void scatter(float* out, std::int32_t column_stride, v128_t v,
                               std::int32_t columns) {
  wasm_v128_store32_lane(out, v, 0);
  if (columns > 1) wasm_v128_store32_lane(out + column_stride, v, 1);
  if (columns > 2) wasm_v128_store32_lane(out + 2 * column_stride, v, 2);
  if (columns > 3) wasm_v128_store32_lane(out + 3 * column_stride, v, 3);
}

struct Rows {
  float* data;
  std::int32_t rows, row_stride, columns, column_stride;
};

template <typename Function>
void for_each_vector(const Rows& rows, Function function) {
  for (std::int32_t r = 0; r < rows.rows; ++r) {
    float* row = rows.data + std::ptrdiff_t{r} * rows.row_stride;
    for (std::int32_t c = 0; c < rows.columns; c += 4) {
      float* data = row + std::ptrdiff_t{c} * rows.column_stride;
      const std::int32_t left = rows.columns - c;
      const std::int32_t count = left < 4 ? left : 4;
      const bool whole = rows.column_stride == 1 && count == 4;
      const v128_t x = whole ? wasm_v128_load(data) : gather(data, rows.column_stride, count);
      const v128_t y = function(x);
      if (whole) {
        wasm_v128_store(data, y);
      } else {
        scatter(data, rows.column_stride, y, count);
      }
    }
  }
}

}  // namespace

void activate(float* data, std::int32_t rows, std::int32_t row_stride, std::int32_t columns,
              std::int32_t column_stride, Activation activation, float alpha) {
  // Vectors run along the contiguous axis, whichever it is.
  const Rows view = row_stride == 1 ? Rows{data, columns, column_stride, rows, row_stride}
                                    : Rows{data, rows, row_stride, columns, column_stride};
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return for_each_vector(view, Relu{});
    case Activation::kRelu6:
      return for_each_vector(view, Relu6{});
    case Activation::kLeakyRelu:
      return for_each_vector(view, LeakyRelu{splat(alpha)});
    case Activation::kSigmoid:
      return for_each_vector(view, Sigmoid{});
    case Activation::kTanh:
      return for_each_vector(view, Tanh{});
    case Activation::kSilu:
      return for_each_vector(view, Silu{});
    case Activation::kHardSwish:
      return for_each_vector(view, HardSwish{});
    case Activation::kGelu:
      return for_each_vector(view, Gelu{});
  }
}

}  // namespace corr2d
