#include "algorithms/matching/match_region.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/rows/window_sums.hpp"

namespace corr2d {
namespace {

/// The exponents of scales are limited, so that scales and scaled elements are normal numbers.
constexpr int kMaxExponent = 125;
/// The centre is a multiple of this fraction of the range's power of two: so the differences of
/// integers from it are integers, or fractions with few bits.
constexpr double kGrid = 0x1p-6;

/// range_of_row for the finite elements of a row.
RowRange finite_range_of(const float* row, std::int32_t count, std::int32_t* finite) {
  RowRange range = range_of_row(row, count);
  *finite = count;
  if (range.is_finite) return range;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  range = {kInfinity, -kInfinity, 0, false};
  for (std::int32_t x = 0; x < count; ++x) {
    if (!std::isfinite(row[x])) {
      --*finite;
      continue;
    }
    range.low = std::min(range.low, row[x]);
    range.high = std::max(range.high, row[x]);
    range.sum += static_cast<double>(row[x]);
  }
  return range;
}

/// The range of a channel, and its mean in place of the sum.
RowRange range_of_channel(const float* data, std::int32_t row_step, const Range& height,
                          const Range& width) {
  RowRange all = {};
  double count = 0;
  for (std::int32_t y = 0; y < height.count; ++y) {
    std::int32_t finite = 0;
    const RowRange range = finite_range_of(data + y * row_step, width.count, &finite);
    all.is_finite = (y == 0 || all.is_finite) && range.is_finite;
    if (finite == 0) continue;
    all.low = count == 0 ? range.low : std::min(all.low, range.low);
    all.high = count == 0 ? range.high : std::max(all.high, range.high);
    all.sum += range.sum;
    count += finite;
  }
  if (count > 0) all.sum /= count;
  return all;
}

/// A number near the mean of scaled elements.
double centre_of(const RowRange& range, double scale) {
  const double low = range.low * scale, high = range.high * scale;
  if (low == high) return low;
  int exponent = 0;
  std::frexp(high - low, &exponent);
  const double grid = std::ldexp(kGrid, exponent);
  return static_cast<float>(std::rint(range.sum * scale / grid) * grid);
}

}  // namespace

void MatchRegion::read(const Problem& p, const float* image, const Range& height,
                       const Range& width) {
  const std::int32_t row_step = p.input_width, channels = p.input_channels;
  const std::int64_t first = std::int64_t{height.first} * row_step + width.first;
  const auto channel = [&](std::int32_t c) {
    return image + std::int64_t{c} * p.input_height * p.input_width + first;
  };
  float most = 0;
  for (std::int32_t c = 0; c < channels; ++c) {
    const RowRange range = range_of_channel(channel(c), row_step, height, width);
    most = std::max({most, std::abs(range.low), std::abs(range.high)});
    has_bad |= !range.is_finite;
  }
  int exponent = 0;
  std::frexp(most, &exponent);
  scale = std::ldexp(1.0, -std::clamp(exponent, -kMaxExponent, kMaxExponent));

  std::fill(planes, planes + channels * plane_floats(), 0.0f);
  if (has_bad) std::fill(bad, bad + plane_floats(), 0.0f);
  for (std::int32_t c = 0; c < channels; ++c) {
    const float* data = channel(c);
    const RowRange range = range_of_channel(data, row_step, height, width);
    const double centre = centre_of(range, scale);
    centres[c] = static_cast<float>(centre);
    largest_centre = std::max(largest_centre, std::abs(centre));
    largest = std::max(
        {largest, std::abs(range.low * scale - centre), std::abs(range.high * scale - centre)});
    double squares = 0;
    for (std::int32_t y = 0; y < height.count; ++y) {
      const float* row = data + y * row_step;
      float* out = planes + c * plane_floats() + y * columns;
      const double sum = centre_row(row, width.count, static_cast<float>(scale), centres[c], out);
      if (!has_bad) {
        squares += sum;
        continue;
      }
      for (std::int32_t x = 0; x < width.count; ++x) {
        if (!std::isfinite(row[x])) {
          bad[y * columns + x] = 1;
          out[x] = 0;
        }
        squares += static_cast<double>(out[x]) * static_cast<double>(out[x]);
      }
    }
    mean_square += squares / (static_cast<double>(height.count) * width.count);
  }
}

}  // namespace corr2d
