#include "oracle/image_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "oracle/border.hpp"

namespace corr2d::oracle {
namespace {

constexpr int kChannels = 4;
constexpr int kAlpha = 3;
constexpr double kEpsilon = 0x1p-24;

struct Range {
  double low, high;
};

Range around(double value, double error) { return {value - error, value + error}; }

ByteRange clamped(Range range) {
  return {std::clamp(range.low, 0.0, 255.0), std::clamp(range.high, 0.0, 255.0)};
}

/// Sums of one output pixel.
struct Sums {
  double value[kChannels] = {};
  double magnitude[kChannels] = {};  // of the absolute values
};

/// A premultiplied colour divided by alpha, plus the bias.
ByteRange unpremultiplied(Range product, ByteRange alpha, double bias) {
  constexpr double kHalf = 0.5;  // rounds to 0: ties go to even
  if (alpha.high < kHalf) return {0, 0};
  const double smallest = std::max(alpha.low, kHalf);
  const double quotients[] = {product.low / smallest, product.low / alpha.high,
                              product.high / smallest, product.high / alpha.high};
  const auto [low, high] = std::minmax_element(std::begin(quotients), std::end(quotients));
  // The division and the addition round, too.
  const double error = 3 * kEpsilon * (std::max(std::abs(*low), std::abs(*high)) + std::abs(bias));
  const ByteRange range = clamped({*low + bias - error, *high + bias + error});
  return {alpha.low <= kHalf ? 0 : range.low, range.high};
}

}  // namespace

std::vector<ByteRange> filter_image(const Problem& p, const std::uint8_t* input,
                                    const float* weight, const float* bias, double roundings) {
  const bool preserves = p.preserve_alpha != 0;
  const double b = p.has_bias != 0 ? *bias : 0;
  // The value of a channel that is filtered.
  const auto channel_at = [&](int row, int column, int c) -> double {
    const auto value = [&](int channel) -> double {
      if (row < 0 || column < 0) return p.fill_value;
      return input[(std::ptrdiff_t{row} * p.input_width + column) * kChannels + channel];
    };
    return preserves || c == kAlpha ? value(c) : value(c) * value(kAlpha);
  };

  std::vector<ByteRange> result;
  for (int y = 0; y < p.input_height; ++y) {
    for (int x = 0; x < p.input_width; ++x) {
      Sums sums;
      for (int ky = 0; ky < p.kernel_height; ++ky) {
        for (int kx = 0; kx < p.kernel_width; ++kx) {
          const int row = resolve(y + ky - p.pad_top, p.input_height, p.padding_mode);
          const int column = resolve(x + kx - p.pad_left, p.input_width, p.padding_mode);
          const double tap = weight[ky * p.kernel_width + kx];
          for (int c = 0; c < kChannels; ++c) {
            const double product = tap * channel_at(row, column, c);
            sums.value[c] += product;
            sums.magnitude[c] += std::abs(product);
          }
        }
      }
      const auto sum = [&](int c, double constant) {
        return around(sums.value[c] + constant,
                      roundings * kEpsilon * (sums.magnitude[c] + std::abs(constant)));
      };
      const double kept = channel_at(y, x, kAlpha);
      const ByteRange alpha = preserves ? ByteRange{kept, kept} : clamped(sum(kAlpha, b));
      for (int c = 0; c < kAlpha; ++c) {
        result.push_back(preserves ? clamped(sum(c, b)) : unpremultiplied(sum(c, 0), alpha, b));
      }
      result.push_back(alpha);
    }
  }
  return result;
}

}  // namespace corr2d::oracle
