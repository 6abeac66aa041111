// Reductions of rows and columns, compared with loops over elements: every place of NaN and of
// infinities around the ends of vectors and blocks.

#include "kernels/rows/reduction.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr std::int32_t kCounts[] = {1,  2,  3,  4,  5,  7,  8,  15, 16,
                                    17, 19, 20, 31, 32, 33, 36, 63, 70};

/// Different integers, whose largest and smallest are at neither end.
std::vector<float> row_of(std::int32_t count) {
  std::vector<float> row;
  for (std::int32_t i = 0; i < count; ++i) row.push_back(static_cast<float>(i * 37 % 71 - 35));
  return row;
}

float extreme(const std::vector<float>& values, bool minimum) {
  float found = minimum ? kInfinity : -kInfinity;
  for (const float value : values) {
    if (std::isnan(value)) return kNaN;
    if (minimum ? value < found : value > found) found = value;
  }
  return found;
}

void expect_same(float actual, float expected) {
  EXPECT_TRUE(actual == expected || (std::isnan(actual) && std::isnan(expected)))
      << actual << " instead of " << expected;
}

/// Expects the extremes of a row, and of columns of which it is one of three rows.
void expect_extremes(const std::vector<float>& row) {
  const auto count = static_cast<std::int32_t>(row.size());
  for (const bool minimum : {false, true}) {
    const float expected = extreme(row, minimum);
    expect_same(extreme_of_row(row.data(), count, minimum), expected);
    EXPECT_EQ(find_in_row(row.data(), count, expected), [&] {
      std::int32_t i = 0;
      const auto is_it = [&](float value) {
        return value == expected || (std::isnan(value) && std::isnan(expected));
      };
      while (!is_it(row[static_cast<std::size_t>(i)])) ++i;
      return i;
    }());
    std::vector<float> block(row.size(), 1);
    block.insert(block.end(), row.begin(), row.end());
    block.insert(block.end(), row.size(), -2);
    std::vector<float> extremes(row.size(), minimum ? kInfinity : -kInfinity);
    extend_columns({block.data(), count, 3, count}, minimum, extremes.data());
    for (std::size_t i = 0; i < row.size(); ++i) {
      expect_same(extremes[i], extreme({1, row[i], -2}, minimum));
    }
  }
}

TEST(ReductionKernel, ExtremesAreThoseOfAllElements) {
  for (const std::int32_t count : kCounts) expect_extremes(row_of(count));
}

TEST(ReductionKernel, NaNIsTheExtremeWhereverItIs) {
  for (const std::int32_t count : kCounts) {
    for (std::int32_t at = 0; at < count; ++at) {
      std::vector<float> row = row_of(count);
      row[static_cast<std::size_t>(at)] = kNaN;
      expect_extremes(row);
    }
  }
}

TEST(ReductionKernel, InfinitiesOfBothSignsAreNotNaN) {
  for (const std::int32_t count : kCounts) {
    for (std::int32_t at = 0; at + 1 < count; ++at) {
      std::vector<float> row = row_of(count);
      row[static_cast<std::size_t>(at)] = kInfinity;
      row[static_cast<std::size_t>((at + count / 2) % count)] = -kInfinity;
      expect_extremes(row);
      row.assign(row.size(), std::numeric_limits<float>::max());
      row[static_cast<std::size_t>(at)] = 3;
      expect_extremes(row);
    }
  }
}

TEST(ReductionKernel, SumsContainEveryElementOnce) {
  for (const std::int32_t count : kCounts) {
    const std::vector<float> row = row_of(count);
    double sum = 0, squares = 0;
    for (const float value : row) {
      sum += double{value};
      squares += double{value} * double{value};
    }
    EXPECT_EQ(sum_of_row(row.data(), count), sum);
    const RowSums sums = sums_of_row(row.data(), count);
    EXPECT_EQ(sums.sum, sum);
    EXPECT_EQ(sums.squares, squares);
    std::vector<double> columns(row.size(), 0.5);
    add_columns({row.data(), 0, 40, count}, columns.data());
    for (std::size_t i = 0; i < row.size(); ++i) {
      EXPECT_EQ(columns[i], 0.5 + 40 * double{row[i]});
    }
  }
}

}  // namespace
}  // namespace corr2d
