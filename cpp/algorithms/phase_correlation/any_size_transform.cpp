#include "algorithms/phase_correlation/any_size_transform.hpp"

#include <algorithm>

namespace corr2d {
namespace {

/// The frequency at a place of a transform of `size` numbers, a power of two (kernels/fft.hpp).
std::int32_t frequency_at(std::int32_t place, std::int32_t size) {
  std::int32_t frequency = 0, weight = 1;
  for (; size > 2; size /= 4, weight *= 4) {
    frequency += place / (size / 4) * weight;
    place %= size / 4;
  }
  return frequency + place * weight;
}

}  // namespace

AnySizeTransform::AnySizeTransform(std::int32_t size) : size_(size), padded_(1) {
  while (padded_ < size) padded_ *= 2;
  // The chirp has size - 1 numbers before number 0, too.
  if (padded_ > size) padded_ *= 2;
}

bool AnySizeTransform::prepare() {
  const auto padded = static_cast<std::int32_t>(padded_);
  // The last strip is for the chirp before its transform.
  const std::int64_t strips = padded_ == size_ ? 0 : size_ + std::int64_t{2} * padded_;
  if (!tables_.reset(static_cast<std::size_t>(2 * padded_ + kStripDoubles * strips)) ||
      !places_.reset(static_cast<std::size_t>(padded_))) {
    return false;
  }
  double* twiddle = tables_.data();
  for (std::int32_t quarter = padded / 4; quarter > 0; quarter /= 4) {
    for (std::int32_t j = 0; j < quarter; ++j) {
      for (std::int32_t k = 1; k < 4; ++k, twiddle += 2) {
        const Root root = root_of_unity(j * k, 4 * quarter);
        twiddle[0] = root.cosine;
        twiddle[1] = root.sine;
      }
    }
  }
  for (std::int32_t place = 0; place < padded; ++place) {
    places_.data()[frequency_at(place, padded)] = place;
  }
  if (strips == 0) return true;

  double* filter = spectrum() + kStripDoubles * padded_;
  std::fill(filter, filter + kStripDoubles * padded_, 0.0);
  const double scale = 1 / static_cast<double>(padded_);
  for (std::int32_t k = 0; k < size_; ++k) {
    const auto [cosine, sine] =
        root_of_unity(std::int64_t{k} * k % (std::int64_t{2} * size_), std::int64_t{2} * size_);
    const Root chirp_root = {cosine, -sine}, scaled = {scale * cosine, scale * sine};
    set_lanes(chirp_root, chirp_root, chirp() + kStripDoubles * std::ptrdiff_t{k});
    set_lanes(scaled, scaled, filter + kStripDoubles * std::ptrdiff_t{k});
    set_lanes(scaled, scaled, filter + kStripDoubles * ((padded_ - k) & (padded_ - 1)));
  }
  transform(filter);
  sort(filter, 1, padded, spectrum());
  return true;
}

void AnySizeTransform::transform(double* strip) const {
  const auto padded = static_cast<std::int32_t>(padded_);
  const double* twiddles = tables_.data();
  std::int32_t left = padded;
  for (; left > 2; left /= 4) {
    f64_fft_forward({strip, padded / 4, left / 4, twiddles});
    twiddles += kTwiddleNumbers * (left / 4);
  }
  if (left == 2) fft_radix2(strip, padded / 2);
}

void AnySizeTransform::sort(const double* strip, std::int32_t direction, std::int32_t count,
                            double* output) const {
  const auto last = static_cast<std::int32_t>(padded_ - 1);
  for (std::int32_t k = 0; k < count; ++k, output += kStripDoubles) {
    store_complex(output, load_complex<F64x2>(
                              strip + kStripDoubles *
                                          std::ptrdiff_t{places_.data()[(k * direction) & last]}));
  }
}

void AnySizeTransform::run(double* strip, double* output) const {
  if (padded_ == size_) {
    transform(strip);
    sort(strip, 1, size_, output);
    return;
  }
  const auto padded = static_cast<std::int32_t>(padded_);
  f64_fft_multiply({strip, chirp(), strip, size_, 1});
  std::fill(strip + kStripDoubles * std::ptrdiff_t{size_}, strip + kStripDoubles * padded_, 0.0);
  transform(strip);
  sort(strip, 1, padded, output);
  f64_fft_multiply({output, spectrum(), output, padded, 1});
  // The inverse transform is the forward transform read in reverse.
  transform(output);
  sort(output, -1, size_, strip);
  f64_fft_multiply({strip, chirp(), output, size_, 1});
}

}  // namespace corr2d
