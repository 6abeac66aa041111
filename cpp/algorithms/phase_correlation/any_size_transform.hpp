#pragma once

#include <cstddef>
#include <cstdint>

#include "corr2d/memory.hpp"

namespace corr2d {

/// Fourier transforms in float64 of strips (kernels/fft.hpp) of any size: steps of radix 4, then 2,
/// then the odd prime factors of the size. A prime factor p takes about p / 2 products of a complex
/// and a real number for each number of the strip.
class AnySizeTransform {
 public:
  explicit AnySizeTransform(std::int32_t size) : size_(size) {}

  /// Returns false if memory runs out.
  bool prepare();

  /// Transforms each lane of `strip`, and overwrites `other`, a strip of the same size. Returns the
  /// one of them that holds the transform, in the order of the frequencies.
  double* run(double* strip, double* other) const;

  std::size_t bytes() const { return roots_.bytes(); }

 private:
  const std::int32_t size_;
  Buffer<double> roots_;  // see RadixStep
};

}  // namespace corr2d
