#include "algorithms/arrays/sample_weights.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/tiling/partition.hpp"

namespace corr2d {
namespace {

double round(double x, Rounding rounding) {
  if (rounding == Rounding::kUp) return std::ceil(x);
  if (rounding == Rounding::kHalfDown) return std::ceil(x - 0.5);
  return std::floor(rounding == Rounding::kDown ? x : x + 0.5);
}

/// The weight of an input at a distance from the coordinate. Source of the cubic: R. Keys, Cubic
/// Convolution Interpolation for Digital Image Processing, 1981.
double weight_at(const Problem& p, double distance) {
  const double x = std::abs(distance), a = double{p.cubic_coefficient};
  if (p.interpolation == Interpolation::kNearest) return 1;
  if (p.interpolation == Interpolation::kLinear) return std::max(1 - x, 0.0);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

}  // namespace

bool SampleWeights::prepare(const Problem& p, float float_scale, std::int32_t inputs,
                            std::int32_t outputs, std::int32_t lanes) {
  const bool is_nearest = p.interpolation == Interpolation::kNearest;
  const bool antialiases = p.antialias != 0 && !is_nearest;
  const auto scale = double{float_scale}, offset = double{p.sample_offset};
  const double count = inputs, last = count - 1;
  const auto radius = static_cast<std::int32_t>(p.interpolation);
  const double widening = antialiases ? std::max(scale, 1.0) : 1;
  const double support = radius * widening;
  taps_ = is_nearest ? 1 : 2 * radius;
  if (antialiases) {
    taps_ = static_cast<std::int32_t>(std::min(std::ceil(2 * support), count));
  }
  const std::int32_t blocks = divide_up(outputs, lanes);
  const std::int64_t elements = std::int64_t{blocks} * lanes * taps_;
  if (elements > kMaxElements) return false;
  if (!indices_.reset(static_cast<std::size_t>(elements)) ||
      !weights_.reset(static_cast<std::size_t>(elements))) {
    return false;
  }
  step_ = lanes * taps_;

  for (std::int32_t i = 0; i < blocks * lanes; ++i) {
    const std::int32_t output = std::min(i, outputs - 1);
    std::int32_t* index = indices(i / lanes) + i % lanes;
    float* weight = weights_.data() + (index - indices_.data());
    // Only the coordinates of kNearest and the centres of windows are rounded to float32, as in
    // PyTorch.
    const double x = (output + offset) * scale - offset;
    double first, end, centre;
    if (is_nearest) {
      first = centre = round(double{static_cast<float>(x)}, p.nearest_rounding);
      end = first + 1;
    } else if (antialiases) {
      centre = double{static_cast<float>((output + 0.5) * scale)} - 0.5;
      first = std::clamp(std::floor(centre - support + 1), 0.0, last);
      end = std::clamp(std::floor(centre + support + 1), first + 1, count);
    } else {
      const double inside = radius == 1 ? std::max(x, 0.0) : x;
      const double whole = std::min(std::floor(inside), last);
      centre = std::min(inside, whole + 1);
      first = whole + 1 - radius;
      end = first + taps_;
    }
    double sum = 0;
    for (std::int32_t tap = 0; tap < taps_; ++tap) {
      if (first + tap < end) sum += weight_at(p, (first + tap - centre) / widening);
    }
    if (sum == 0) {  // a window beyond the input
      first = centre = last;
      end = count;
    }
    if (!antialiases || sum == 0) sum = 1;
    for (std::int32_t tap = 0; tap < taps_; ++tap, index += lanes, weight += lanes) {
      const double at = std::min(first + tap, end - 1);
      *index = static_cast<std::int32_t>(std::clamp(at, 0.0, last));
      *weight =
          first + tap < end ? static_cast<float>(weight_at(p, (at - centre) / widening) / sum) : 0;
    }
  }
  return true;
}

}  // namespace corr2d
