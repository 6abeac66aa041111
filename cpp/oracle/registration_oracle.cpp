#include "oracle/registration_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>

namespace corr2d::oracle {
namespace {

using Number = std::complex<double>;
using Matrix = std::vector<std::vector<Number>>;

/// Magnitudes that differ by less may be equal, up to rounding.
constexpr double kTie = 1e-9;

/// exp(2 pi i turns); the fraction is exact for the sizes of tests.
Number rotation(double turns) {
  return std::polar(1.0, 2 * std::acos(-1.0) * (turns - std::floor(turns)));
}

/// The sums of the rows' elements, each times exp(2 pi i sign f s / n) with the frequency f of the
/// element, for each of `shifts`.
Matrix transform_rows(const Matrix& from, const std::vector<double>& shifts, double sign) {
  Matrix to;
  for (const std::vector<Number>& row : from) {
    const auto n = static_cast<double>(row.size());
    to.emplace_back();
    for (const double shift : shifts) {
      Number sum = 0;
      for (std::size_t k = 0; k < row.size(); ++k) {
        const auto index = static_cast<double>(k);
        const double frequency = 2 * index < n ? index : index - n;
        sum += row[k] * rotation(sign * frequency * shift / n);
      }
      to.back().push_back(sum);
    }
  }
  return to;
}

Matrix transposed(const Matrix& from) {
  Matrix to(from[0].size());
  for (std::size_t x = 0; x < to.size(); ++x) {
    for (const std::vector<Number>& row : from) to[x].push_back(row[x]);
  }
  return to;
}

/// The transform at these rows and columns.
Matrix transform(const Matrix& from, const std::vector<double>& ys, const std::vector<double>& xs,
                 double sign) {
  return transposed(transform_rows(transposed(transform_rows(from, xs, sign)), ys, sign));
}

std::vector<double> range(double first, double step, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(first + i * step);
  return values;
}

double window(const Problem& p, int i, int size) {
  if (p.hann_window == 0 || size == 1) return 1;
  return 0.5 - 0.5 * std::cos(2 * std::acos(-1.0) * i / (size - 1));
}

Matrix spectrum_of(const Problem& p, const float* data) {
  double largest = 0;
  for (int i = 0; i < p.input_height * p.input_width; ++i) {
    // Not std::max, which drops NaN.
    const double magnitude = std::abs(static_cast<double>(data[i]));
    if (!(magnitude <= largest)) largest = magnitude;
  }
  Matrix picture;
  for (int y = 0; y < p.input_height; ++y) {
    picture.emplace_back();
    for (int x = 0; x < p.input_width; ++x) {
      const double value = largest == 0 ? 0 : data[y * p.input_width + x] / largest;
      picture.back().push_back(value * window(p, y, p.input_height) * window(p, x, p.input_width));
    }
  }
  return transform(picture, range(0, 1, p.input_height), range(0, 1, p.input_width), -1);
}

bool is_constant(const float* data, int count) {
  return std::all_of(data, data + count, [data](float value) { return value == *data; });
}

/// The places at which the magnitude is largest, up to rounding, in steps of the grid.
struct Places {
  double magnitude;
  std::vector<std::pair<std::size_t, std::size_t>> all;
};
Places largest_of(const Matrix& correlation) {
  Places places = {0, {}};
  for (const auto& row : correlation) {
    for (const Number& number : row) {
      places.magnitude = std::max(places.magnitude, std::abs(number));
    }
  }
  for (std::size_t y = 0; y < correlation.size(); ++y) {
    for (std::size_t x = 0; x < correlation[y].size(); ++x) {
      if (std::abs(correlation[y][x]) >= places.magnitude * (1 - kTie))
        places.all.push_back({y, x});
    }
  }
  return places;
}

/// A place on a cyclic axis as a shift, from -size / 2 to size / 2.
double shift_of(std::size_t place, int size) {
  const auto at = static_cast<int>(place);
  return at > size / 2 ? at - size : at;
}

}  // namespace

std::vector<Registration> register_pictures(const Problem& p, const float* a, const float* b) {
  const int height = p.input_height, width = p.input_width;
  Matrix power = spectrum_of(p, a);
  const Matrix other = spectrum_of(p, b);
  double sum = 0;
  for (std::size_t y = 0; y < power.size(); ++y) {
    for (std::size_t x = 0; x < power[y].size(); ++x) {
      power[y][x] *= std::conj(other[y][x]);
      power[y][x] /= std::max(std::abs(power[y][x]), 100 * 0x1p-52);
      sum += std::abs(power[y][x]);
    }
  }
  if (std::isnan(sum)) return {{0, 0, sum}};
  if (sum == 0 || is_constant(a, height * width) || is_constant(b, height * width)) {
    return {{0, 0, 0}};
  }
  const double steps = p.upsample;
  std::vector<Registration> results;
  const Places coarse = largest_of(transform(power, range(0, 1, height), range(0, 1, width), 1));
  for (const auto& [row, column] : coarse.all) {
    const double y = shift_of(row, height), x = shift_of(column, width);
    if (p.upsample == 1) {
      results.push_back({height == 1 ? 0 : y, width == 1 ? 0 : x, coarse.magnitude / sum});
      continue;
    }
    const int region = (3 * p.upsample + 1) / 2;
    const double top = y - region / 2 / steps, left = x - region / 2 / steps;
    const Places fine = largest_of(
        transform(power, range(top, 1 / steps, region), range(left, 1 / steps, region), 1));
    for (const auto& [fine_row, fine_column] : fine.all) {
      const double fine_y = steps * y - region / 2 + static_cast<double>(fine_row);
      const double fine_x = steps * x - region / 2 + static_cast<double>(fine_column);
      results.push_back({height == 1 ? 0 : fine_y, width == 1 ? 0 : fine_x, fine.magnitude / sum});
    }
  }
  return results;
}

}  // namespace corr2d::oracle
