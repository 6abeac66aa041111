#include "algorithms/large_kernel/fft_transform.hpp"

#include <cmath>

#include "kernels/list.hpp"

namespace corr2d {

bool FftTransform::prepare(std::int32_t size) {
  if (!twiddles_.reset(static_cast<std::size_t>(size / 2 * kTwiddleFloats))) return false;
  float* out = twiddles_.data();
  const auto put = [&](double cosine, double sine) {
    *out++ = static_cast<float>(cosine);
    *out++ = static_cast<float>(sine);
  };
  // Cosine and sine of 2 pi / (4 quarter). Each angle is half of the one before.
  double cosine = 0, sine = 1;
  for (std::int32_t quarter = 2; quarter <= size / 4; quarter *= 2) {
    cosine = std::sqrt((1 + cosine) / 2);
    sine /= 2 * cosine;
    double c = 1, s = 0;
    for (std::int32_t j = 0; j < quarter; ++j) {
      const double c2 = c * c - s * s, s2 = 2 * c * s;
      put(c, s);
      put(c2, s2);
      put(c * c2 - s * s2, c * s2 + s * c2);
      const double next = c * cosine - s * sine;
      s = c * sine + s * cosine;
      c = next;
    }
  }
  return true;
}

void FftTransform::forward(float* strip, std::int32_t size) const {
  const Kernel<FftStep>& kernel = fft_forward_kernels().find(4, true);
  std::int32_t quarter = size / 4;
  for (; quarter > 1; quarter /= 4) {
    kernel.run({strip, size / 4, quarter, twiddles_of(quarter)});
  }
  if (quarter == 1) {
    fft_radix4_without_twiddles(strip, size / 4, false);
  } else {
    fft_radix2(strip, size / 2);
  }
}

void FftTransform::inverse(float* strip, std::int32_t size) const {
  const Kernel<FftStep>& kernel = fft_inverse_kernels().find(4, true);
  std::int32_t quarter = 2;
  if (__builtin_ctz(static_cast<unsigned>(size)) % 2 == 0) {
    fft_radix4_without_twiddles(strip, size / 4, true);
    quarter = 4;
  } else {
    fft_radix2(strip, size / 2);
  }
  for (; quarter < size; quarter *= 4) {
    kernel.run({strip, size / 4, quarter, twiddles_of(quarter)});
  }
}

}  // namespace corr2d
