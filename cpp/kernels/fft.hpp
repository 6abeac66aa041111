#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

// Fourier transforms of n = 4, 8, 16 … complex numbers in float32. A strip holds one signal of n
// numbers in each lane of a vector: [n][real parts of the lanes, imaginary parts of the lanes]. The
// lanes, four of float32 or two of float64, are transformed at once. kernels/phase_correlation.hpp
// has the steps of transforms of any size, in float64.
//
// A transform is a sequence of in-place steps. The forward transform decimates in frequency:
// radix-4 steps with quarters of n / 4, n / 16 … numbers, down to 2 or more, then one radix-4 step
// without twiddles, or a radix-2 step if n is not a power of 4. The frequencies come out in
// permuted order. Multiplying two spectra does not depend on the order, and the inverse transform
// undoes the steps in reverse. Forward and inverse together multiply the signal by n.

/// Elements of one complex number of a strip, in all lanes.
template <typename Number>
constexpr std::int32_t kStripNumbers = 2 * 16 / sizeof(Number);
constexpr std::int32_t kStripFloats = kStripNumbers<float>;
constexpr std::int32_t kStripDoubles = kStripNumbers<double>;

/// Floats of the three twiddle factors of a butterfly.
constexpr std::int32_t kTwiddleFloats = 6;

/// One radix-4 step with twiddles.
struct FftStep {
  float* strip;
  std::int32_t count;    // butterflies: n / 4
  std::int32_t quarter;  // distance between the four numbers of a butterfly: a power of two
  /// [quarter][cos, sin of j, 2 j and 3 j times 2 pi / (4 quarter)], j the index in the quarter.
  const float* twiddles;
};

/// A complex number in each lane.
template <typename Lanes>
struct Complex {
  v128_t re, im;
};

template <typename Lanes>
CORR2D_INLINE Complex<Lanes> load_complex(const typename Lanes::Number* at) {
  return {wasm_v128_load(at), wasm_v128_load(at + kStripNumbers<typename Lanes::Number> / 2)};
}
template <typename Lanes>
CORR2D_INLINE void store_complex(typename Lanes::Number* at, const Complex<Lanes>& value) {
  wasm_v128_store(at, value.re);
  wasm_v128_store(at + kStripNumbers<typename Lanes::Number> / 2, value.im);
}
template <typename Lanes>
CORR2D_INLINE Complex<Lanes> operator+(const Complex<Lanes>& a, const Complex<Lanes>& b) {
  return {Lanes::add(a.re, b.re), Lanes::add(a.im, b.im)};
}
template <typename Lanes>
CORR2D_INLINE Complex<Lanes> operator-(const Complex<Lanes>& a, const Complex<Lanes>& b) {
  return {Lanes::sub(a.re, b.re), Lanes::sub(a.im, b.im)};
}
/// a + i b
template <typename Lanes>
CORR2D_INLINE Complex<Lanes> add_i_times(const Complex<Lanes>& a, const Complex<Lanes>& b) {
  return {Lanes::sub(a.re, b.im), Lanes::add(a.im, b.re)};
}
/// a - i b
template <typename Lanes>
CORR2D_INLINE Complex<Lanes> subtract_i_times(const Complex<Lanes>& a, const Complex<Lanes>& b) {
  return {Lanes::add(a.re, b.im), Lanes::sub(a.im, b.re)};
}

/// a times the conjugate of the twiddle factor (`kForward`) or times the factor itself.
template <bool kForward, typename Madd>
CORR2D_INLINE Complex<Madd> multiply_by_twiddle(const Complex<Madd>& a,
                                                const typename Madd::Number* twiddle) {
  const v128_t cosine = Madd::splat(twiddle);
  const v128_t sine = Madd::splat(twiddle + 1);
  const v128_t re = Madd::mul(a.re, cosine), im = Madd::mul(a.im, cosine);
  if constexpr (kForward) return {Madd::madd(a.im, sine, re), Madd::nmadd(a.re, sine, im)};
  return {Madd::nmadd(a.im, sine, re), Madd::madd(a.re, sine, im)};
}

template <typename Madd, int kRadix>
void f32_fft_forward(const FftStep& work) {
  static_assert(kRadix == 4, "the only radix");
  const std::int32_t quarter = work.quarter, step = quarter * kStripFloats;
  float* at = work.strip;
  const float* twiddle = work.twiddles;
  std::int32_t left_in_quarter = quarter;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    float* const second = at + step;
    float* const third = second + step;
    float* const fourth = third + step;
    const Complex<Madd> a = load_complex<Madd>(at), c = load_complex<Madd>(third);
    const Complex<Madd> b = load_complex<Madd>(second), d = load_complex<Madd>(fourth);
    const Complex<Madd> ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
    store_complex(at, ac + bd);
    store_complex(third, multiply_by_twiddle<true>(ac - bd, twiddle + 2));
    store_complex(second, multiply_by_twiddle<true>(subtract_i_times(a_c, b_d), twiddle));
    store_complex(fourth, multiply_by_twiddle<true>(add_i_times(a_c, b_d), twiddle + 4));
    at += kStripFloats;
    twiddle += kTwiddleFloats;
    if (--left_in_quarter == 0) {
      left_in_quarter = quarter;
      at += 3 * step;
      twiddle = work.twiddles;
    }
  }
}

template <typename Madd, int kRadix>
void f32_fft_inverse(const FftStep& work) {
  static_assert(kRadix == 4, "the only radix");
  const std::int32_t quarter = work.quarter, step = quarter * kStripFloats;
  float* at = work.strip;
  const float* twiddle = work.twiddles;
  std::int32_t left_in_quarter = quarter;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    float* const second = at + step;
    float* const third = second + step;
    float* const fourth = third + step;
    const Complex<Madd> a = load_complex<Madd>(at);
    const Complex<Madd> c = multiply_by_twiddle<false>(load_complex<Madd>(third), twiddle + 2);
    const Complex<Madd> ac = a + c, a_c = a - c;
    const Complex<Madd> b = multiply_by_twiddle<false>(load_complex<Madd>(second), twiddle);
    const Complex<Madd> d = multiply_by_twiddle<false>(load_complex<Madd>(fourth), twiddle + 4);
    const Complex<Madd> bd = b + d, b_d = b - d;
    store_complex(at, ac + bd);
    store_complex(third, ac - bd);
    store_complex(second, add_i_times(a_c, b_d));
    store_complex(fourth, subtract_i_times(a_c, b_d));
    at += kStripFloats;
    twiddle += kTwiddleFloats;
    if (--left_in_quarter == 0) {
      left_in_quarter = quarter;
      at += 3 * step;
      twiddle = work.twiddles;
    }
  }
}

/// The products of two spectra, summed over the input channels.
struct FftProducts {
  const float* input;   // [channel][count][real, imaginary]
  const float* weight;  // [channel][count][real, imaginary]
  float* output;        // [count][real, imaginary]
  std::int32_t count;   // complex numbers of a spectrum
  std::int32_t channels;
};

template <typename Madd, int kNumbers>
void f32_fft_multiply(const FftProducts& work) {
  static_assert(kNumbers == 4, "one complex number in each lane");
  const float* input = work.input;
  const float* weight = work.weight;
  float* output = work.output;
  const std::int32_t channels = work.channels, step = work.count * kStripFloats;
  CORR2D_NO_UNROLL
  for (std::int32_t i = work.count; i > 0; --i) {
    Complex<Madd> sum = {wasm_f32x4_const(0, 0, 0, 0), wasm_f32x4_const(0, 0, 0, 0)};
    CORR2D_NO_UNROLL
    for (std::int32_t c = 0; c < channels; ++c) {
      const Complex<Madd> x = load_complex<Madd>(input + c * step);
      const Complex<Madd> w = load_complex<Madd>(weight + c * step);
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

/// A radix-4 step without twiddles on `count` groups of four neighbouring numbers: the last step of
/// the forward transform and the first of the inverse if n is a power of 4.
void fft_radix4_without_twiddles(float* strip, std::int32_t count, bool inverse);

/// A radix-2 step on `count` pairs of neighbouring numbers, in either direction. It replaces
/// fft_radix4_without_twiddles if n is not a power of 4.
void fft_radix2(float* strip, std::int32_t count);

/// A sequence of blocks of 4 x 4 complex numbers.
struct ComplexBlocks {
  float* data;                    // real parts of the first row
  std::int32_t row_step;          // floats between rows of a block
  std::int32_t imaginary_offset;  // floats from the real parts to the imaginary parts
  std::int32_t block_step;        // floats between blocks
};

/// Writes the transposes of `count` blocks of `from` to `to`.
void transpose_complex_blocks(const ComplexBlocks& from, const ComplexBlocks& to,
                              std::int32_t count);

}  // namespace corr2d
