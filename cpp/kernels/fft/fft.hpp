#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

// Fourier transforms of n = 4, 8, 16 … complex numbers, four at once, one in each lane. A strip
// holds them: [number][real parts of four lanes, imaginary parts of four lanes].
//
// A transform is some steps in place. Forward, by decimation in frequency: radix 4 with quarters of
// n / 4, n / 16 … numbers down to 2 at least, then radix 4 without twiddles, or pairs where n is no
// power of 4. The frequencies that come out are not in order, which does not matter for who
// multiplies two spectra and undoes one step after the other; that makes all n times as large.

/// Floats of one number in a strip.
constexpr std::int32_t kStripFloats = 8;

/// Floats of the twiddles of one step, by its quarter.
constexpr std::int32_t kTwiddleFloats = 6;

/// One step of a transform.
struct FftStep {
  float* strip;
  std::int32_t
      count;  // butterflies: a quarter of the numbers, or half of them where they are pairs
  std::int32_t quarter;   // between the four numbers of a butterfly: a power of two
  const float* twiddles;  // [j < quarter][cos, sin of j, 2 j and 3 j turns by 1 / (4 quarter)]
};

/// A complex number in each lane.
struct Complex {
  v128_t re, im;
};

CORR2D_INLINE Complex load_complex(const float* at) {
  return {wasm_v128_load(at), wasm_v128_load(at + 4)};
}
CORR2D_INLINE void store_complex(float* at, const Complex& value) {
  wasm_v128_store(at, value.re);
  wasm_v128_store(at + 4, value.im);
}
CORR2D_INLINE Complex operator+(const Complex& a, const Complex& b) {
  return {wasm_f32x4_add(a.re, b.re), wasm_f32x4_add(a.im, b.im)};
}
CORR2D_INLINE Complex operator-(const Complex& a, const Complex& b) {
  return {wasm_f32x4_sub(a.re, b.re), wasm_f32x4_sub(a.im, b.im)};
}
/// a + i b
CORR2D_INLINE Complex plus_turned(const Complex& a, const Complex& b) {
  return {wasm_f32x4_sub(a.re, b.im), wasm_f32x4_add(a.im, b.re)};
}
/// a - i b
CORR2D_INLINE Complex minus_turned(const Complex& a, const Complex& b) {
  return {wasm_f32x4_add(a.re, b.im), wasm_f32x4_sub(a.im, b.re)};
}

/// Turned by a twiddle, clockwise (`kForward`) or back.
template <typename Madd, bool kForward>
CORR2D_INLINE Complex twiddled(const Complex& a, const float* twiddle) {
  const v128_t cosine = wasm_v128_load32_splat(twiddle);
  const v128_t sine = wasm_v128_load32_splat(twiddle + 1);
  const v128_t re = wasm_f32x4_mul(a.re, cosine), im = wasm_f32x4_mul(a.im, cosine);
  if constexpr (kForward) return {Madd::madd(a.im, sine, re), Madd::nmadd(a.re, sine, im)};
  return {Madd::nmadd(a.im, sine, re), Madd::madd(a.re, sine, im)};
}

template <typename Madd, int kRadix, int kVectors>
void f32_fft_forward(const FftStep& work) {
  const std::int32_t quarter = work.quarter, step = quarter * kStripFloats;
  float* at = work.strip;
  const float* twiddle = work.twiddles;
  std::int32_t left = quarter;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    float* const second = at + step;
    float* const third = second + step;
    float* const fourth = third + step;
    const Complex a = load_complex(at), c = load_complex(third);
    const Complex b = load_complex(second), d = load_complex(fourth);
    const Complex ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
    store_complex(at, ac + bd);
    store_complex(third, twiddled<Madd, true>(ac - bd, twiddle + 2));
    store_complex(second, twiddled<Madd, true>(minus_turned(a_c, b_d), twiddle));
    store_complex(fourth, twiddled<Madd, true>(plus_turned(a_c, b_d), twiddle + 4));
    at += kStripFloats;
    twiddle += kTwiddleFloats;
    if (--left == 0) {
      left = quarter;
      at += 3 * step;
      twiddle = work.twiddles;
    }
  }
}

template <typename Madd, int kRadix, int kVectors>
void f32_fft_inverse(const FftStep& work) {
  const std::int32_t quarter = work.quarter, step = quarter * kStripFloats;
  float* at = work.strip;
  const float* twiddle = work.twiddles;
  std::int32_t left = quarter;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    float* const second = at + step;
    float* const third = second + step;
    float* const fourth = third + step;
    const Complex a = load_complex(at);
    const Complex c = twiddled<Madd, false>(load_complex(third), twiddle + 2);
    const Complex ac = a + c, a_c = a - c;
    const Complex b = twiddled<Madd, false>(load_complex(second), twiddle);
    const Complex d = twiddled<Madd, false>(load_complex(fourth), twiddle + 4);
    const Complex bd = b + d, b_d = b - d;
    store_complex(at, ac + bd);
    store_complex(third, ac - bd);
    store_complex(second, plus_turned(a_c, b_d));
    store_complex(fourth, minus_turned(a_c, b_d));
    at += kStripFloats;
    twiddle += kTwiddleFloats;
    if (--left == 0) {
      left = quarter;
      at += 3 * step;
      twiddle = work.twiddles;
    }
  }
}

/// Sums of the products of spectra over the input channels.
struct FftProducts {
  const float* input;   // [channel][number][real, imaginary]
  const float* weight;  // likewise
  float* output;        // [number][real, imaginary]
  std::int32_t count;   // numbers
  std::int32_t channels;
};

template <typename Madd, int kRadix, int kVectors>
void f32_fft_multiply(const FftProducts& work) {
  const float* input = work.input;
  const float* weight = work.weight;
  float* output = work.output;
  const std::int32_t channels = work.channels, step = work.count * kStripFloats;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    Complex sum = {wasm_f32x4_const(0, 0, 0, 0), wasm_f32x4_const(0, 0, 0, 0)};
    CORR2D_NO_UNROLL
    for (std::int32_t c = 0; c < channels; ++c) {
      const Complex x = load_complex(input + c * step), w = load_complex(weight + c * step);
      sum.re = Madd::madd(x.re, w.re, sum.re);
      sum.im = Madd::madd(x.re, w.im, sum.im);
      sum.re = Madd::nmadd(x.im, w.im, sum.re);
      sum.im = Madd::madd(x.im, w.re, sum.im);
    }
    store_complex(output, sum);
    input += kStripFloats;
    weight += kStripFloats;
    output += kStripFloats;
  }
}

/// The last step of a transform where n is a power of 4, or the first one `back`: radix 4 without
/// twiddles, on `count` groups of four neighbours.
void fft_fours(float* strip, std::int32_t count, bool back);

/// The same step where n is not: on `count` pairs of neighbours, forward and back alike.
void fft_pairs(float* strip, std::int32_t count);

/// Squares of 4 x 4 complex numbers, one behind the other.
struct Squares {
  float* data;             // real parts of the first row
  std::int32_t row_step;   // floats between rows of a square
  std::int32_t imaginary;  // floats from the real parts to the imaginary parts
  std::int32_t next;       // floats between squares
};

/// Transposes `count` squares from one place to another.
void transpose_squares(const Squares& from, const Squares& to, std::int32_t count);

}  // namespace corr2d
