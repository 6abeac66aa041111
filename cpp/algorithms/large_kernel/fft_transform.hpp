#pragma once

#include <cstdint>

#include "corr2d/memory.hpp"
#include "kernels/fft.hpp"

namespace corr2d {

/// Transforms of whole strips (kernels/fft.hpp), with the twiddle factors that they need.
class FftTransform {
 public:
  /// Prepares transforms of up to `size` numbers. Returns false if memory runs out.
  bool prepare(std::int32_t size);

  /// Transforms the `size` numbers of each lane of a strip. The frequencies are not sorted.
  void forward(float* strip, std::int32_t size) const;
  /// The inverse, which makes all numbers `size` times as large.
  void inverse(float* strip, std::int32_t size) const;

  std::size_t bytes() const { return twiddles_.bytes(); }

 private:
  const float* twiddles_of(std::int32_t quarter) const {
    return twiddles_.data() + (quarter - 2) * kTwiddleFloats;
  }

  Buffer<float> twiddles_;  // [quarter = 2, 4, 8 …][j < quarter], see FftStep
};

}  // namespace corr2d
