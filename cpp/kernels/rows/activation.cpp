#include "kernels/rows/activation.hpp"

#include <cstddef>
#include <limits>
#include <utility>

#include "kernels/simd.hpp"
#include "kernels/tile.hpp"

// tools/fit-activations.py computes and prints the coefficients.

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The parameters of kSelu that keep the mean at 0 and the variance at 1 (Klambauer et al., 2017).
constexpr float kSeluAlpha = 1.67326324f, kSeluScale = 1.05070099f;

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

/// ln 2. The high part has 16 bits, so its product with n is exact. The low part adds 24 more bits.
constexpr float kLn2High = 0.693145752f, kLn2Low = 1.42860677e-06f;

/// x - n ln 2. The high part is exact.
Pair reduce(Pair x, v128_t shifted) {
  const v128_t n = wasm_f32x4_sub(shifted, splat(kShift));
  return {Unfused::nmadd(n, splat(kLn2High), x.high), Unfused::nmadd(n, splat(kLn2Low), x.low)};
}

/// q in exp(r) = 1 + r + r^2 q(r), for |r| <= 0.3467.
v128_t quotient(v128_t r) {
  return polynomial(r, {0.49999997f, 0.166665465f, 0.0416674353f, 0.00836625881f, 0.00138706493f});
}

/// exp(r) - 1: the relative error stays small near 0.
v128_t reduced_expm1(Pair pair) {
  const v128_t r = wasm_f32x4_add(pair.high, pair.low);
  const v128_t rest = wasm_f32x4_mul(wasm_f32x4_mul(r, r), quotient(r));
  return wasm_f32x4_add(pair.high, wasm_f32x4_add(pair.low, rest));
}

/// exp(x - n ln 2), where n is `shifted`.
v128_t reduced_exp(v128_t x, v128_t shifted) {
  const v128_t n = wasm_f32x4_sub(shifted, splat(kShift));
  const v128_t high = Unfused::nmadd(n, splat(kLn2High), x);
  const v128_t r = Unfused::nmadd(n, splat(kLn2Low), high);
  return wasm_f32x4_add(Unfused::madd(wasm_f32x4_mul(r, r), quotient(r), r), splat(1));
}

/// Up to it, exp(-x) and exp(x) are normal.
constexpr float kNear = 87;

/// exp(x) for |x| <= kNear.
v128_t near_exp(v128_t x) {
  const v128_t shifted = shifted_exponent(x);
  return wasm_i32x4_add(reduced_exp(x, shifted), wasm_i32x4_shl(shifted, 23));
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

/// exp(x) - 1 for -18 <= x <= 20, which is accurate near 0.
v128_t expm1(v128_t x) {
  const v128_t shifted = shifted_exponent(x);
  const v128_t reduced = reduced_expm1(reduce({x, splat(0)}, shifted));
  // 2^n is 1 with n added to its exponent bits; the result is 2^n (reduced + 1) - 1.
  const v128_t n = wasm_i32x4_sub(shifted, splat(kShift));
  const v128_t power = wasm_i32x4_add(wasm_i32x4_shl(n, 23), splat(1));
  return Unfused::madd(power, reduced, wasm_f32x4_sub(power, splat(1)));
}

/// log(x + low) for normal x > 0 and |low| below an ulp of x; `exponent_bias` is subtracted from
/// the binary exponent of x. With x = 2^n (1 + f) and |f| <= sqrt(2) - 1, it is
/// n ln 2 + f - f^2 / 2 + f^3 p(f).
v128_t log_of(v128_t x, v128_t exponent_bias, v128_t low) {
  const v128_t exponent = wasm_i32x4_shr(wasm_i32x4_sub(x, splat(0.707106769f)), 23);
  const v128_t n = wasm_f32x4_sub(wasm_f32x4_convert_i32x4(exponent), exponent_bias);
  const v128_t f = wasm_f32x4_sub(wasm_i32x4_sub(x, wasm_i32x4_shl(exponent, 23)), splat(1));
  const v128_t square = wasm_f32x4_mul(f, f);
  const v128_t p =
      polynomial(f, {0.333333135f, -0.250000089f, 0.200020716f, -0.166679889f, 0.142203584f,
                     -0.124062337f, 0.118835486f, -0.116700985f, 0.0674926937f});
  v128_t rest = Unfused::madd(wasm_f32x4_mul(square, f), p, low);
  rest = Unfused::madd(n, splat(kLn2Low), rest);
  rest = wasm_f32x4_sub(rest, wasm_f32x4_mul(square, splat(0.5f)));
  return Unfused::madd(n, splat(kLn2High), wasm_f32x4_add(f, rest));
}

// The functions: function objects on vectors of four elements. Some share their code with others
// and take a number or a flag that tells them apart.

struct Identity {
  v128_t operator()(v128_t x) const { return x; }
};

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

/// kSigmoid, kSilu and kMish, as a quotient times 1 or x. With e = exp(x):
///
///   sigmoid(x)               e / (e + 1)
///   tanh(log(1 + exp(x)))    e (e + 2) / (e (e + 2) + 2)
struct Gate {
  v128_t multiplies;  // a mask: whether the quotient is multiplied by x
  bool is_mish;

  v128_t operator()(v128_t x) const {
    // Both quotients round to 1 from 17.4 on.
    const v128_t exponent = at_most(at_least(x, -kFar), 20);
    const v128_t shifted = shifted_exponent(exponent);
    const Scaled power = scaled(reduced_exp(exponent, shifted), shifted);
    const v128_t e = wasm_f32x4_mul(power.high, power.low);
    v128_t numerator = power.high, denominator = wasm_f32x4_add(e, splat(1));
    if (is_mish) {
      const v128_t sum = wasm_f32x4_add(e, splat(2));
      numerator = wasm_f32x4_mul(numerator, sum);
      denominator = Unfused::madd(e, sum, splat(2));
    }
    const v128_t y = wasm_f32x4_div(numerator, denominator);
    return wasm_f32x4_mul(wasm_f32x4_mul(y, select(multiplies, x, splat(1))), power.low);
  }
};

/// Gate without kMish, to the same bits, for |x| <= kNear.
struct NearGate {
  v128_t multiplies, one_if_not;

  v128_t operator()(v128_t x) const {
    const v128_t e = near_exp(x);
    return wasm_f32x4_mul(wasm_f32x4_div(e, wasm_f32x4_add(e, splat(1))),
                          wasm_v128_or(wasm_v128_and(x, multiplies), one_if_not));
  }
};

struct HardSwish {
  v128_t operator()(v128_t x) const {
    const v128_t gate = at_most(at_least(wasm_f32x4_add(x, splat(3)), 0), 6);
    return wasm_f32x4_div(wasm_f32x4_mul(x, gate), splat(6));
  }
};

/// Clamps slope (x + shift) + offset. With the shift 1 / (2 slope) and no offset, x + 3 is exact
/// for the slope 1/6 where the result is small.
struct HardSigmoid {
  v128_t slope, shift, offset;
  v128_t operator()(v128_t x) const {
    const v128_t y = Unfused::madd(wasm_f32x4_add(x, shift), slope, offset);
    return at_most(at_least(y, 0), 1);
  }
};

/// tanh |x| = m / (m + 2) with m = exp(2|x|) - 1.
struct Tanh {
  v128_t operator()(v128_t x) const {
    const v128_t a = at_most(wasm_f32x4_abs(x), 10);  // tanh(x) rounds to 1 from 9.02 on
    const v128_t m = expm1(wasm_f32x4_add(a, a));
    const v128_t y = wasm_f32x4_div(m, wasm_f32x4_add(m, splat(2)));
    return select(splat(-0.0f), x, y);
  }
};

/// kElu, kSelu and kCelu: `above` x for x >= 0 and `below` (exp(x / divisor) - 1) for x < 0.
struct Elu {
  v128_t above, below, divisor;
  v128_t operator()(v128_t x) const {
    const v128_t m = expm1(at_least(wasm_f32x4_div(x, divisor), -18));  // -1 from -17.4 on
    return select(negative(x), wasm_f32x4_mul(m, below), wasm_f32x4_mul(x, above));
  }
};

/// kGelu is x Phi(x), where Phi is the cumulative normal distribution and Phi(-a) =
/// exp(-a^2 / 2) P(a) / Q(a). For x >= 0 it is x - x Phi(-x). Nothing cancels, because Phi(-x) is
/// at most 1/2. kErf is 1 - 2 Phi(-sqrt(2) x) for x >= 1, and x + x p(x^2) for |x| < 1.
struct Gelu {
  bool is_erf;

  v128_t operator()(v128_t x) const {
    const v128_t magnitude = wasm_f32x4_abs(x);
    const v128_t a =
        at_most(is_erf ? wasm_f32x4_mul(magnitude, splat(1.41421354f)) : magnitude, kLargest);
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
    const v128_t reduced = reduced_expm1(reduce(exponent, shifted));
    const v128_t product = wasm_f32x4_add(Unfused::madd(reduced, wasm_f32x4_add(p, p0), p), p0);
    const Scaled tail = scaled(wasm_f32x4_div(product, q), shifted);
    const v128_t is_negative = negative(x);
    const v128_t factor = is_erf ? splat(2) : select(is_negative, x, a);
    const v128_t y = wasm_f32x4_mul(wasm_f32x4_mul(factor, tail.high), tail.low);
    if (!is_erf) return select(is_negative, y, wasm_f32x4_sub(x, y));
    const v128_t small = Unfused::madd(
        x,
        polynomial(wasm_f32x4_mul(x, x), {0.128379166f, -0.37612626f, 0.112835787f, -0.0268533472f,
                                          0.0051871622f, -0.00079978531f, 7.80690389e-05f}),
        x);
    const v128_t large = select(splat(-0.0f), x, wasm_f32x4_sub(splat(1), y));
    return select(wasm_f32x4_lt(magnitude, splat(1)), small, large);
  }
  static constexpr float kLargest = 18.77f;  // half its square is just below kFar
};

struct Exp {
  v128_t operator()(v128_t x) const {
    // Beyond these limits the result is 0 or infinity.
    const v128_t exponent = at_most(at_least(x, -104), 89);
    const v128_t shifted = shifted_exponent(exponent);
    const Scaled y = scaled(reduced_exp(exponent, shifted), shifted);
    return wasm_f32x4_mul(y.high, y.low);
  }
};

/// Exp, to the same bits, for |x| <= kNear.
struct NearExp {
  v128_t operator()(v128_t x) const { return near_exp(x); }
};

struct Log {
  v128_t operator()(v128_t x) const {
    const v128_t is_denormal = wasm_f32x4_lt(x, splat(0x1p-126f));
    const v128_t normal = select(is_denormal, wasm_f32x4_mul(x, splat(0x1p23f)), x);
    const v128_t y = log_of(normal, wasm_v128_and(is_denormal, splat(23)), splat(0));
    // x for infinity and NaN, -infinity for 0, NaN below.
    const v128_t is_finite = wasm_f32x4_lt(x, splat(kInfinity));
    const v128_t beyond =
        select(wasm_f32x4_eq(x, splat(0)), splat(-kInfinity), select(is_finite, splat(kNan), x));
    return select(wasm_v128_and(wasm_f32x4_gt(x, splat(0)), is_finite), y, beyond);
  }
};

/// max(x, 0) + log(1 + exp(-|x|)).
struct Softplus {
  v128_t operator()(v128_t x) const {
    const v128_t one = splat(1);
    const v128_t t = Exp{}(wasm_f32x4_neg(wasm_f32x4_abs(x)));
    const v128_t sum = wasm_f32x4_add(t, one);
    const v128_t lost = wasm_f32x4_sub(t, wasm_f32x4_sub(sum, one));
    return wasm_f32x4_add(at_least(x, 0), log_of(sum, splat(0), wasm_f32x4_div(lost, sum)));
  }
};

struct Abs {
  v128_t operator()(v128_t x) const { return wasm_f32x4_abs(x); }
};

struct Neg {
  v128_t operator()(v128_t x) const { return wasm_f32x4_neg(x); }
};

struct Sqrt {
  v128_t operator()(v128_t x) const { return wasm_f32x4_sqrt(x); }
};

struct Floor {
  v128_t operator()(v128_t x) const { return wasm_f32x4_floor(x); }
};

struct Ceil {
  v128_t operator()(v128_t x) const { return wasm_f32x4_ceil(x); }
};

struct Round {
  v128_t operator()(v128_t x) const { return wasm_f32x4_nearest(x); }
};

/// 0 for NaN, as in PyTorch.
struct Sign {
  v128_t operator()(v128_t x) const {
    const v128_t one = splat(1);
    return wasm_f32x4_sub(wasm_v128_and(wasm_f32x4_gt(x, splat(0)), one),
                          wasm_v128_and(negative(x), one));
  }
};

struct Reciprocal {
  v128_t operator()(v128_t x) const { return wasm_f32x4_div(splat(1), x); }
};

struct Softsign {
  v128_t operator()(v128_t x) const {
    return wasm_f32x4_div(x, wasm_f32x4_add(wasm_f32x4_abs(x), splat(1)));
  }
};

/// out[i] = function(in[i]); `count` is a multiple of 4.
template <typename Function>
void map(const float* in, float* out, std::int32_t count, Function function) {
  for (const float* end = in + count; in != end; in += 4, out += 4) {
    wasm_v128_store(out, function(wasm_v128_load(in)));
  }
}

/// The same for functions so fast that the loop itself would take most of the time.
template <typename Function>
void map_unrolled(const float* in, float* out, std::int32_t count, Function function) {
  for (; count >= 16; count -= 16, in += 16, out += 16) {
    const v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + 4);
    const v128_t c = wasm_v128_load(in + 8), d = wasm_v128_load(in + 12);
    wasm_v128_store(out, function(a));
    wasm_v128_store(out + 4, function(b));
    wasm_v128_store(out + 8, function(c));
    wasm_v128_store(out + 12, function(d));
  }
  map(in, out, count, function);
}

/// `near` for blocks in which all elements are, and `function` elsewhere.
template <typename Near, typename Function>
void map_near(const float* in, float* out, std::int32_t count, Near near, Function function) {
  const auto elsewhere = [&](std::int32_t elements) __attribute__((noinline)) {
    map(in, out, elements, function);
  };
  // Of floats without their signs, the bits have the order of the numbers, and NaN comes last.
  const v128_t magnitude = bits(0x7fffffff), last = splat(kNear);
  for (; count >= 16; count -= 16, in += 16, out += 16) {
    v128_t x[4];
    for (int i = 0; i < 4; ++i) x[i] = wasm_v128_load(in + 4 * i);
    const v128_t ab =
        wasm_i32x4_max(wasm_v128_and(x[0], magnitude), wasm_v128_and(x[1], magnitude));
    const v128_t cd =
        wasm_i32x4_max(wasm_v128_and(x[2], magnitude), wasm_v128_and(x[3], magnitude));
    if (wasm_v128_any_true(wasm_i32x4_gt(wasm_i32x4_max(ab, cd), last))) {
      elsewhere(16);
      continue;
    }
    for (int i = 0; i < 4; ++i) wasm_v128_store(out + 4 * i, near(x[i]));
  }
  elsewhere(count);
}

/// apply_unary for a `count` that is a multiple of 4.
void apply_to_vectors(Unary function, const float* in, float* out, std::int32_t count,
                      float alpha) {
  const v128_t one = splat(1), none = splat(0);
  switch (function) {
    case Unary::kNone:
      return map_unrolled(in, out, count, Identity{});
    case Unary::kRelu:
      return map_unrolled(in, out, count, Relu{});
    case Unary::kRelu6:
      return map_unrolled(in, out, count, Relu6{});
    case Unary::kLeakyRelu:
      return map_unrolled(in, out, count, LeakyRelu{splat(alpha)});
    case Unary::kSigmoid:
    case Unary::kSilu: {
      const v128_t multiplies = function == Unary::kSigmoid ? none : bits(-1);
      return map_near(in, out, count, NearGate{multiplies, wasm_v128_andnot(one, multiplies)},
                      Gate{multiplies, false});
    }
    case Unary::kMish:
      return map(in, out, count, Gate{bits(-1), true});
    case Unary::kTanh:
      return map(in, out, count, Tanh{});
    case Unary::kHardSwish:
      return map(in, out, count, HardSwish{});
    case Unary::kGelu:
    case Unary::kErf:
      return map(in, out, count, Gelu{function == Unary::kErf});
    case Unary::kElu:
      return map(in, out, count, Elu{one, splat(alpha), one});
    case Unary::kSelu:
      return map(in, out, count, Elu{splat(kSeluScale), splat(kSeluScale * kSeluAlpha), one});
    case Unary::kCelu:
      return map(in, out, count, Elu{one, splat(alpha), splat(alpha)});
    case Unary::kHardSigmoid: {
      const bool is_tiny = alpha > -0x1p-100f && alpha < 0x1p-100f;  // the shift would be huge
      return map(in, out, count,
                 HardSigmoid{splat(alpha), is_tiny ? none : splat(0.5f / alpha),
                             is_tiny ? splat(0.5f) : none});
    }
    case Unary::kSoftplus:
      return map(in, out, count, Softplus{});
    case Unary::kAbs:
      return map_unrolled(in, out, count, Abs{});
    case Unary::kNeg:
      return map_unrolled(in, out, count, Neg{});
    case Unary::kExp:
      return map_near(in, out, count, NearExp{}, Exp{});
    case Unary::kLog:
      return map(in, out, count, Log{});
    case Unary::kSqrt:
      return map(in, out, count, Sqrt{});
    case Unary::kFloor:
      return map(in, out, count, Floor{});
    case Unary::kCeil:
      return map(in, out, count, Ceil{});
    case Unary::kRound:
      return map(in, out, count, Round{});
    case Unary::kSign:
      return map(in, out, count, Sign{});
    case Unary::kReciprocal:
      return map(in, out, count, Reciprocal{});
    case Unary::kSoftsign:
      return map(in, out, count, Softsign{});
  }
}

// Strided elements and tails. Not inlined, so that there is one copy.

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

/// row[i] = max(row[i] + add[i], low); `count` is a multiple of 4.
void add_to_vectors(float* row, const float* add, std::int32_t count, float low) {
  const auto sum = [low](const float* a, const float* b) {
    return at_least(wasm_f32x4_add(wasm_v128_load(a), wasm_v128_load(b)), low);
  };
  for (; count >= 8; count -= 8, row += 8, add += 8) {
    const v128_t first = sum(row, add), second = sum(row + 4, add + 4);
    wasm_v128_store(row, first);
    wasm_v128_store(row + 4, second);
  }
  if (count > 0) wasm_v128_store(row, sum(row, add));
}

/// out[i] = function(in[i] + add[i]) for elements `stride` floats apart, where `add` may be null.
/// Copies of them go through a buffer.
void apply_strided(Unary function, const float* in, const float* add, float* out,
                   std::int32_t count, std::int32_t stride, float alpha) {
  constexpr std::int32_t kBuffer = 64;
  alignas(16) float buffer[kBuffer];
  for (std::int32_t first = 0; first < count; first += kBuffer) {
    const std::int32_t last = count - first < kBuffer ? count : first + kBuffer;
    std::int32_t used = 0;
    for (std::int32_t i = first; i < last; i += 4, used += 4) {
      const std::ptrdiff_t at = std::ptrdiff_t{i} * stride;
      v128_t x = gather(in + at, stride, last - i);
      if (add != nullptr) x = wasm_f32x4_add(x, gather(add + at, stride, last - i));
      wasm_v128_store(buffer + used, x);
    }
    apply_to_vectors(function, buffer, buffer, used, alpha);
    for (std::int32_t i = first; i < last; i += 4) {
      scatter(out + std::ptrdiff_t{i} * stride, stride, wasm_v128_load(buffer + (i - first)),
              last - i);
    }
  }
}

/// The same for a row whose stride may be 1. If `add` is not null, `in` is `out`.
void apply_to_row(Unary function, const float* in, const float* add, float* out, std::int32_t count,
                  std::int32_t stride, float alpha) {
  const std::int32_t whole = stride == 1 ? count & ~3 : 0;
  if (add == nullptr) {
    apply_to_vectors(function, in, out, whole, alpha);
  } else {
    const bool is_relu = function == Unary::kRelu;
    add_to_vectors(out, add, whole, is_relu ? 0 : -kInfinity);
    if (!is_relu && function != Unary::kNone) apply_to_vectors(function, out, out, whole, alpha);
  }
  if (whole < count) {
    apply_strided(function, in + whole, add == nullptr ? nullptr : add + whole, out + whole,
                  count - whole, stride, alpha);
  }
}

}  // namespace

void apply_unary(Unary function, const float* in, float* out, std::int32_t count, float alpha) {
  apply_to_row(function, in, nullptr, out, count, 1, alpha);
}

void activate(float* data, const float* add, std::int32_t rows, std::int32_t row_stride,
              std::int32_t columns, std::int32_t column_stride, Activation activation,
              float alpha) {
  if (columns == 0) return;
  // Vectors run along the contiguous axis, whichever it is.
  if (row_stride == 1) {
    std::swap(rows, columns);
    std::swap(row_stride, column_stride);
  }
  if (column_stride == 1 && row_stride == columns) {
    columns *= rows;
    rows = 1;
  }
  for (std::int32_t r = 0; r < rows; ++r) {
    const std::ptrdiff_t first = std::ptrdiff_t{r} * row_stride;
    apply_to_row(activation, data + first, add == nullptr ? nullptr : add + first, data + first,
                 columns, column_stride, alpha);
  }
}

}  // namespace corr2d
