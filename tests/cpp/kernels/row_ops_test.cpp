#include "kernels/rows/row_ops.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace corr2d {
namespace {

/// Covers every length around whole vectors; memory after the row stays unchanged.
TEST(RowOps, AddAndMaxWriteExactlyCountElements) {
  for (std::int32_t count = 0; count <= 13; ++count) {
    std::vector<float> row(20), sums(20), maxima(20);
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<float>(i + 1);
      sums[i] = 100;
      maxima[i] = i % 2 == 0 ? 0.0f : 50.0f;
    }
    const std::vector<float> before = maxima;
    add_row(sums.data(), row.data(), count);
    max_row(maxima.data(), row.data(), count);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_inside = i < static_cast<std::size_t>(count);
      EXPECT_EQ(sums[i], is_inside ? 100 + row[i] : 100) << count << ' ' << i;
      EXPECT_EQ(maxima[i], is_inside ? std::fmax(before[i], row[i]) : before[i])
          << count << ' ' << i;
    }
  }
}

TEST(RowOps, MaxTreatsNanAsGreatest) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float other : {-kInfinity, 0.0f, kInfinity, kNan}) {
    std::vector<float> first(5, kNan), second(5, other);
    const std::vector<float> others(5, other), nans(5, kNan);
    max_row(first.data(), others.data(), 5);
    max_row(second.data(), nans.data(), 5);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_TRUE(std::isnan(first[i])) << other;
      EXPECT_TRUE(std::isnan(second[i])) << other;
    }
  }
}

}  // namespace
}  // namespace corr2d
