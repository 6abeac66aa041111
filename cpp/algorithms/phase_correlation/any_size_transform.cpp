#include "algorithms/phase_correlation/any_size_transform.hpp"

#include <utility>

#include "core/root_of_unity.hpp"
#include "kernels/phase_correlation.hpp"

namespace corr2d {

bool AnySizeTransform::prepare() {
  if (!roots_.reset(2 * static_cast<std::size_t>(size_))) return false;
  double* at = roots_.data();
  for (std::int32_t k = 0; k < size_; ++k) {
    const auto [cosine, sine] = root_of_unity(k, size_);
    *at++ = cosine;
    *at++ = sine;
  }
  return true;
}

double* AnySizeTransform::run(double* strip, double* other) const {
  std::int32_t radix = 4;
  for (std::int32_t stride = 1; stride < size_; stride *= radix) {
    while (size_ / stride % radix != 0) radix += radix == 4 ? -2 : radix == 2 ? 1 : 2;
    (radix == 4 ? fft_radix4 : fft_any_radix)({strip, other, roots_.data(), size_, radix, stride});
    std::swap(strip, other);
  }
  return strip;
}

}  // namespace corr2d
