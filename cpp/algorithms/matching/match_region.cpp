#include "algorithms/matching/match_region.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/matching/window_sums.hpp"

namespace corr2d {
namespace {

/// The exponents of scales are limited, so that scales and scaled elements are normal numbers.
constexpr int kMaxExponent = 125;
/// Centres are multiples of this, so that scaled integers of up to 12 bits remain such, and larger
/// ones fractions with few bits.
constexpr double kGrid = 0x1p-12;

}  // namespace

void MatchRegion::read(const Problem& p, const float* image, const Range& height,
                       const Range& width) {
  const std::int64_t first = std::int64_t{height.first} * p.input_width + width.first;
  const auto row_of = [&](std::int32_t c, std::int32_t y) {
    return image + (std::int64_t{c} * p.input_height + y) * p.input_width + first;
  };
  const double count = static_cast<double>(height.count) * width.count;
  float largest = 0;
  for (std::int32_t c = 0; c < p.input_channels; ++c) {
    double sum = 0, finite = count;
    for (std::int32_t y = 0; y < height.count; ++y) {
      const float* row = row_of(c, y);
      const RowRange range = range_of_row(row, width.count);
      if (std::isfinite(range.sum) && std::isfinite(range.largest)) {
        largest = std::max(largest, range.largest);
        sum += range.sum;
        continue;
      }
      if (!has_bad) std::fill(bad, bad + plane_floats(), 0.0f);
      has_bad = true;
      for (std::int32_t x = 0; x < width.count; ++x) {
        if (std::isfinite(row[x])) {
          largest = std::max(largest, std::abs(row[x]));
          sum += static_cast<double>(row[x]);
        } else {
          bad[y * columns + x] = 1;
          --finite;
        }
      }
    }
    centres[c] = finite == 0 ? 0 : sum / finite;
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  scale = std::ldexp(1.0, -std::clamp(exponent, -kMaxExponent, kMaxExponent));

  for (std::int32_t c = 0; c < p.input_channels; ++c) {
    centres[c] = std::rint(centres[c] * scale / kGrid) * kGrid;
    largest_centre = std::max(largest_centre, std::abs(centres[c]));
    double squares = 0;
    for (std::int32_t y = 0; y < rows; ++y) {
      const float* row = row_of(c, y);
      float* out = planes + c * plane_floats() + y * columns;
      // Most regions are as large as their planes.
      const std::int32_t filled = y < height.count ? width.count : 0;
      for (std::int32_t x = filled; x < columns; ++x) out[x] = 0;
      if (filled == 0) continue;
      const double sum = centre_row(row, width.count, static_cast<float>(scale),
                                    static_cast<float>(centres[c]), out);
      if (std::isfinite(sum)) {
        squares += sum;
        continue;
      }
      for (std::int32_t x = 0; x < width.count; ++x) {
        if (!std::isfinite(row[x])) out[x] = 0;
        squares += static_cast<double>(out[x]) * static_cast<double>(out[x]);
      }
    }
    mean_square += squares / count;
  }
}

}  // namespace corr2d
