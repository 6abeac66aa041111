#include "oracle/interpolation_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace corr2d::oracle {
namespace {

struct Tap {
  int index;
  double weight;
};

double cubic(double x, double a) {
  x = std::abs(x);
  if (x >= 2) return 0;
  const double x2 = x * x, x3 = x2 * x;
  return x < 1 ? (a + 2) * x3 - (a + 3) * x2 + 1 : a * (x3 - 5 * x2 + 8 * x - 4);
}

int round(double x, Rounding rounding) {
  const double below = std::floor(x), rest = x - below;
  const bool up = rounding == Rounding::kUp         ? rest > 0
                  : rounding == Rounding::kHalfDown ? rest > 0.5
                  : rounding == Rounding::kHalfUp   ? rest >= 0.5
                                                    : false;
  return static_cast<int>(below) + (up ? 1 : 0);
}

/// The inputs that an output reads along one axis.
std::vector<Tap> taps_of(const Problem& p, double scale, int inputs, int output) {
  const double offset = p.sample_offset;
  const double at = scale * (output + offset) - offset;
  const auto clamped = [inputs](int i) { return std::min(std::max(i, 0), inputs - 1); };
  const bool is_linear = p.interpolation == Interpolation::kLinear;
  const auto weight = [&](double distance) {
    return is_linear ? std::max(0.0, 1 - std::abs(distance)) : cubic(distance, p.cubic_coefficient);
  };
  std::vector<Tap> taps;
  if (p.interpolation == Interpolation::kNearest) {
    taps.push_back(
        {clamped(round(static_cast<float>(std::min<double>(at, inputs)), p.nearest_rounding)), 1});
  } else if (p.antialias == 0) {
    const int below = static_cast<int>(std::floor(std::min(at, inputs - 1.0)));
    const double rest = std::min(at - below, 1.0);
    for (int i = is_linear ? 0 : -1; i < (is_linear ? 2 : 3); ++i) {
      taps.push_back({clamped(below + i), weight(rest - i)});
    }
  } else {
    const double centre = static_cast<float>(scale * (output + 0.5));
    const double stretch = scale > 1 ? scale : 1, radius = (is_linear ? 1 : 2) * stretch;
    double sum = 0;
    for (int i = 0; i < inputs; ++i) {
      if (i + 1 <= centre - radius + 0.5 || i > centre + radius - 0.5) continue;
      taps.push_back({i, weight((i + 0.5 - centre) / stretch)});
      sum += taps.back().weight;
    }
    if (sum == 0) return {{inputs - 1, 1}};
    for (Tap& tap : taps) tap.weight /= sum;
  }
  return taps;
}

}  // namespace

ArrayResult interpolate(const Problem& p, const float* input) {
  std::vector<std::vector<Tap>> all_columns;
  for (int x = 0; x < p.sizes.at[2]; ++x) {
    all_columns.push_back(taps_of(p, p.column_scale, p.input_width, x));
  }
  ArrayResult result;
  for (int plane = 0; plane < p.sizes.at[0]; ++plane) {
    for (int y = 0; y < p.sizes.at[1]; ++y) {
      const std::vector<Tap> rows = taps_of(p, p.row_scale, p.input_height, y);
      for (const std::vector<Tap>& columns : all_columns) {
        const auto roundings = static_cast<double>(rows.size() + columns.size() + 4);
        for (int c = 0; c < p.sizes.at[3]; ++c) {
          double value = 0, magnitude = 0;
          for (const Tap& row : rows) {
            double sum = 0;
            for (const Tap& column : columns) {
              const int pixel = (plane * p.input_height + row.index) * p.input_width + column.index;
              const double product = column.weight * input[pixel * p.sizes.at[3] + c];
              sum += product;
              magnitude += roundings * std::abs(row.weight * product);
            }
            value += row.weight * sum;
          }
          result.value.push_back(value);
          // kNearest is exact.
          const bool is_exact = p.interpolation == Interpolation::kNearest;
          result.magnitude.push_back(is_exact ? 0 : magnitude);
        }
      }
    }
  }
  return result;
}

}  // namespace corr2d::oracle
