#pragma once

#include <cstddef>
#include <cstdint>

#include "core/root_of_unity.hpp"
#include "corr2d/memory.hpp"
#include "kernels/fft.hpp"

namespace corr2d {

/// Writes a complex number for each lane of a strip.
inline void set_lanes(const Root& first, const Root& second, double* at) {
  at[0] = first.cosine;
  at[1] = second.cosine;
  at[2] = first.sine;
  at[3] = second.sine;
}

/// Fourier transforms in float64 of strips (kernels/fft.hpp) of any size. Powers of two are
/// transformed directly. Other sizes use Bluestein's algorithm: as j k = (j^2 + k^2 - (k - j)^2) /
/// 2, the transform is a cyclic convolution with a chirp, whose size can be a power of two.
class AnySizeTransform {
 public:
  explicit AnySizeTransform(std::int32_t size);

  /// Returns false if memory runs out.
  bool prepare();

  /// The complex numbers for which strips must have room.
  std::ptrdiff_t padded_size() const { return padded_; }

  /// Writes the transform of the first `size` numbers of each lane of a strip to `output`, in the
  /// order of the frequencies, and overwrites the strip.
  void run(double* strip, double* output) const;

  std::size_t bytes() const { return tables_.bytes() + places_.bytes(); }

 private:
  /// Transforms `padded_` numbers in place. The frequencies are not sorted.
  void transform(double* strip) const;
  /// Copies the frequencies 0, `direction`, 2 `direction` … (modulo `padded_`) of a transformed
  /// strip.
  void sort(const double* strip, std::int32_t direction, std::int32_t count, double* output) const;

  // If the size is no power of two, these strips follow the twiddle factors: the chirp
  // exp(-i pi k^2 / size), and the spectrum of its conjugate, divided by `padded_`.
  double* chirp() const { return tables_.data() + 2 * padded_; }
  double* spectrum() const { return chirp() + kStripDoubles * std::ptrdiff_t{size_}; }

  const std::int32_t size_;
  std::ptrdiff_t padded_;        // a power of two
  Buffer<double> tables_;        // the twiddle factors of each step, see FftStep
  Buffer<std::int32_t> places_;  // of each frequency in a transformed strip
};

}  // namespace corr2d
