#pragma once

#include <cstddef>

#include "kernels/fft.hpp"

namespace corr2d {

// The loops of phase correlation, in float64, with the same bits on every machine. Planes hold
// complex numbers as [real, imaginary]; strips (kernels/fft.hpp) have two lanes.

/// One step of a Fourier transform of any size by Stockham's algorithm, which leaves the
/// frequencies in their order: transforms of `radix` numbers each, times twiddle factors.
struct RadixStep {
  double* from;         // overwritten, unless the radix is 4
  double* to;           // another strip
  const double* roots;  // [size][cos, sin of 2 pi k / size]
  std::int32_t size;
  std::int32_t radix;   // divides size / stride
  std::int32_t stride;  // the product of the radices of the steps before
};

/// A step of radix 4.
void fft_radix4(const RadixStep& step);

/// A step of radix 2 or of an odd radix. The time for each number is proportional to the radix.
void fft_any_radix(const RadixStep& step);

/// Two sequences of pairs of doubles: two rows or columns of a plane, or the real parts and the
/// imaginary parts of a strip.
struct DoublePairs {
  double* first;
  double* second;
  std::ptrdiff_t step;  // doubles between pairs of a sequence

  static DoublePairs of_strip(double* strip) { return {strip, strip + 2, kStripDoubles}; }
};

/// Copies the first elements of each two pairs to the first sequence of `to` and the second
/// elements to the second, which turns complex numbers of a plane into those of a strip, and back.
void transpose_pairs(const DoublePairs& from, const DoublePairs& to, std::int32_t count);

/// Multiplies the `count` numbers of two strips, writes the products, which may replace one of the
/// factors, and their sum, a number of a strip.
void multiply_and_sum(const double* a, const double* b, std::int32_t count, double* products,
                      double* sum);

/// The normalised cross-power spectrum of two real pictures a and b. The lanes of `columns` are
/// columns kx and -kx of the transform of a + i b, at the frequencies 0 to `count` - 1 along y.
/// Writes conj(A) B / max(|A B|, smallest) to `spectrum`, and returns the sum of the magnitudes in
/// the first lane.
double normalise_spectrum(const double* columns, std::int32_t count, double* spectrum);

}  // namespace corr2d
