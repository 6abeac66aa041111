#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "kernels/tile.hpp"

namespace corr2d::testing {

using sweep::kEpsilon;

/// Fills memory that a kernel must not write.
constexpr float kUntouched = -777;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

inline std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

/// The output of a tile. Two floats after each row must stay untouched.
class OutputBuffer {
 public:
  OutputBuffer(std::int32_t rows, std::int32_t columns)
      : row_step_(columns + 2), data_(static_cast<std::size_t>(rows * row_step_), kUntouched) {}

  TileOutput tile(float low = -kInfinity, float high = kInfinity) {
    return {data_.data(), row_step_, low, high};
  }

  /// Returns an element and marks it as untouched.
  float take(std::int32_t row, std::int32_t column) {
    return std::exchange(data_[static_cast<std::size_t>(row * row_step_ + column)], kUntouched);
  }

  /// Expects that every element the kernel wrote has been taken.
  void expect_all_taken(const std::string& context) const {
    for (const float value : data_) ASSERT_EQ(value, kUntouched) << context;
  }

 private:
  std::int32_t row_step_;
  std::vector<float> data_;
};

/// Compares `actual` with the float64 sum of `bias` and product(0) … product(count - 1), within
/// (count + 1) epsilon times the sum of their magnitudes.
template <typename Product>
void expect_sum(float actual, float bias, std::int32_t count, Product product,
                const std::string& context) {
  double sum = bias;
  double magnitude = std::abs(sum);
  for (std::int32_t k = 0; k < count; ++k) {
    const double value = product(k);
    sum += value;
    magnitude += std::abs(value);
  }
  ASSERT_LE(std::abs(actual - sum), (count + 1) * kEpsilon * magnitude) << context;
}

}  // namespace corr2d::testing
