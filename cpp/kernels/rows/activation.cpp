#include "kernels/rows/activation.hpp"

#include <cstddef>

#include "kernels/simd.hpp"
#include "kernels/tile.hpp"

// Coefficients are our own: tools/fit-activations.py finds and prints them.

namespace corr2d {
namespace {

v128_t splat(float value) { return wasm_f32x4_splat(value); }

v128_t bits(std::int32_t value) { return wasm_i32x4_splat(value); }

v128_t negative(v128_t x) { return wasm_f32x4_lt(x, splat(0)); }

/// a where the mask is set, and b elsewhere.
v128_t select(v128_t mask, v128_t a, v128_t b) { return wasm_v128_bitselect(a, b, mask); }

/// min(x, high). pmin(a, b) is b < a ? b : a, so that x has to come first for its NaN to win.
v128_t at_most(v128_t x, float high) { return wasm_f32x4_pmin(x, splat(high)); }

/// max(x, low), and -0 for -0 and 0.
v128_t at_least(v128_t x, float low) { return wasm_f32x4_pmax(x, splat(low)); }

/// c[0] + c[1] x + c[2] x^2 ...
template <int kTerms>
v128_t polynomial(v128_t x, const float (&c)[kTerms]) {
  v128_t sum = splat(c[kTerms - 1]);
  for (int i = kTerms - 2; i >= 0; --i) sum = Unfused::madd(sum, x, splat(c[i]));
  return sum;
}

/// For |x| below 2^22: x / ln 2 rounded to an integer n, plus kShift, which puts n into the lowest
/// bits. Unlike a conversion, that is cheap everywhere.
constexpr float kShift = 0x1.8p23f;
v128_t shifted_exponent(v128_t x) {
  return wasm_f32x4_add(wasm_f32x4_mul(x, splat(1.44269502f)), splat(kShift));
}

/// A number that has more digits than float32: high + low, where low is far smaller.
struct Pair {
  v128_t high, low;
};

/// x - n ln 2. The higher part of ln 2 has 16 bits, so that its product with n is exact, and so is
/// the difference; the lower part adds 24 more.
Pair reduced(Pair x, v128_t shifted) {
  const v128_t n = wasm_f32x4_sub(shifted, splat(kShift));
  return {wasm_f32x4_sub(x.high, wasm_f32x4_mul(n, splat(0.693145752f))),
          wasm_f32x4_sub(x.low, wasm_f32x4_mul(n, splat(1.42860677e-06f)))};
}

/// exp(r) - 1 for |r| up to 0.3467, exact to a part of itself even near 0: r + r^2 q(r).
v128_t reduced_expm1(Pair pair) {
  const v128_t r = wasm_f32x4_add(pair.high, pair.low);
  const v128_t q = polynomial(
      r, {0.5f, 0.166666657f, 0.0416664928f, 0.00833354611f, 0.00139323273f, 0.000197616333f});
  const v128_t rest = wasm_f32x4_mul(wasm_f32x4_mul(r, r), q);
  return wasm_f32x4_add(pair.high, wasm_f32x4_add(pair.low, rest));
}

/// A number that float32 may be too narrow for, as high * low. Products with the factors one after
/// the other lose digits only where the product itself is below the normal numbers.
struct Scaled {
  v128_t high, low;
};

/// f 2^n for n from -254 to 254, with half of the exponent in each factor. At -254 both are 0, and
/// that is meant: an infinity times them has to be NaN.
Scaled scaled(v128_t f, v128_t shifted) {
  const v128_t n = wasm_i32x4_sub(shifted, splat(kShift));
  const v128_t half = wasm_i32x4_shr(n, 1);
  const auto power = [](v128_t exponent) {
    return wasm_i32x4_shl(wasm_i32x4_add(exponent, bits(127)), 23);
  };
  return {wasm_f32x4_mul(f, power(half)), power(wasm_i32x4_sub(n, half))};
}

/// Where exp(-x) is a little below 2^-254 and `scaled` 0.
constexpr float kFar = 176.2f;

/// A factor, x or 1, times sigmoid(x): 1 / (1 + t) for x >= 0 and t / (1 + t) below, where t =
/// exp(-|x|).
v128_t times_sigmoid(v128_t factor, v128_t x) {
  const v128_t one = splat(1);
  const v128_t from = wasm_f32x4_neg(at_most(wasm_f32x4_abs(x), kFar));
  const v128_t shifted = shifted_exponent(from);
  const v128_t expm1 = reduced_expm1(reduced({from, splat(0)}, shifted));
  const Scaled t = scaled(wasm_f32x4_add(expm1, one), shifted);
  const Scaled product = scaled(Unfused::madd(factor, expm1, factor), shifted);
  const v128_t is_negative = negative(x);
  const v128_t above = select(is_negative, product.high, factor);
  const v128_t below = wasm_f32x4_add(wasm_f32x4_mul(t.high, t.low), one);
  return wasm_f32x4_mul(wasm_f32x4_div(above, below), select(is_negative, t.low, one));
}

// What follows are the activations: each makes four elements of four.

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

/// With m = exp(2|x|) - 1, which loses nothing near 0, tanh |x| is m / (m + 2).
struct Tanh {
  v128_t operator()(v128_t x) const {
    const v128_t a = at_most(wasm_f32x4_abs(x), 10);  // tanh is 1 from 9.02 on
    const v128_t twice = wasm_f32x4_add(a, a);
    const v128_t shifted = shifted_exponent(twice);
    const v128_t reduced_m = reduced_expm1(reduced({twice, splat(0)}, shifted));
    // 2^n is n added to the exponent of 1, and m is 2^n (reduced_m + 1) - 1.
    const v128_t n = wasm_i32x4_sub(shifted, splat(kShift));
    const v128_t power = wasm_i32x4_add(wasm_i32x4_shl(n, 23), splat(1));
    const v128_t m = Unfused::madd(power, reduced_m, wasm_f32x4_sub(power, splat(1)));
    const v128_t y = wasm_f32x4_div(m, wasm_f32x4_add(m, splat(2)));
    return select(splat(-0.0f), x, y);
  }
};

/// x Phi(x), where Phi is the normal distribution's and Phi(-a) = exp(-a^2 / 2) P(a) / Q(a).
/// Nothing cancels: for x >= 0 it is x - x Phi(-x), where Phi(-x) is 1/2 at most.
struct Gelu {
  v128_t operator()(v128_t x) const {
    const v128_t a = at_most(wasm_f32x4_abs(x), kFarthest);
    const v128_t p0 = splat(0.75f);
    const v128_t p = wasm_f32x4_mul(
        a, polynomial(a, {0.666923761f, 0.281893164f, 0.0633259639f, 0.00652716402f}));
    const v128_t q =
        polynomial(a, {1.5f, 2.53067517f, 1.83296406f, 0.722790718f, 0.15874131f, 0.0163610652f});
    // -a^2 / 2 in two parts: by the first 12 bits of a, whose square is exact, and by the rest.
    const v128_t first = wasm_v128_and(a, bits(~0xfff));
    const v128_t rest = wasm_f32x4_mul(wasm_f32x4_sub(first, a), wasm_f32x4_add(first, a));
    const Pair exponent = {wasm_f32x4_mul(wasm_f32x4_mul(first, first), splat(-0.5f)),
                           wasm_f32x4_mul(rest, splat(0.5f))};
    const v128_t shifted = shifted_exponent(wasm_f32x4_add(exponent.high, exponent.low));
    const v128_t expm1 = reduced_expm1(reduced(exponent, shifted));
    const v128_t product = wasm_f32x4_add(Unfused::madd(expm1, wasm_f32x4_add(p, p0), p), p0);
    const Scaled tail = scaled(wasm_f32x4_div(product, q), shifted);
    const v128_t is_negative = negative(x);
    const v128_t factor = select(is_negative, x, a);
    const v128_t y = wasm_f32x4_mul(wasm_f32x4_mul(factor, tail.high), tail.low);
    return select(is_negative, y, wasm_f32x4_sub(x, y));
  }
  static constexpr float kFarthest = 18.77f;  // half its square is just below kFar
};

// One copy of these two serves all activations: they are for strided elements and for tails.

/// The first `columns` (1 to 4) elements; the other lanes are 0.
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
void each(const Rows& rows, Function function) {
  for (std::int32_t r = 0; r < rows.rows; ++r) {
    float* row = rows.data + std::ptrdiff_t{r} * rows.row_stride;
    for (std::int32_t c = 0; c < rows.columns; c += 4) {
      float* at = row + std::ptrdiff_t{c} * rows.column_stride;
      const std::int32_t left = rows.columns - c;
      const std::int32_t count = left < 4 ? left : 4;
      const bool whole = rows.column_stride == 1 && count == 4;
      const v128_t x = whole ? wasm_v128_load(at) : gather(at, rows.column_stride, count);
      const v128_t y = function(x);
      if (whole) {
        wasm_v128_store(at, y);
      } else {
        scatter(at, rows.column_stride, y, count);
      }
    }
  }
}

}  // namespace

void activate(float* data, std::int32_t rows, std::int32_t row_stride, std::int32_t columns,
              std::int32_t column_stride, Activation activation, float alpha) {
  // Order does not matter, so that it is the dense axis that becomes vectors.
  const Rows view = row_stride == 1 ? Rows{data, columns, column_stride, rows, row_stride}
                                    : Rows{data, rows, row_stride, columns, column_stride};
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return each(view, Relu{});
    case Activation::kRelu6:
      return each(view, Relu6{});
    case Activation::kLeakyRelu:
      return each(view, LeakyRelu{splat(alpha)});
    case Activation::kSigmoid:
      return each(view, Sigmoid{});
    case Activation::kTanh:
      return each(view, Tanh{});
    case Activation::kSilu:
      return each(view, Silu{});
    case Activation::kHardSwish:
      return each(view, HardSwish{});
    case Activation::kGelu:
      return each(view, Gelu{});
  }
}

}  // namespace corr2d
