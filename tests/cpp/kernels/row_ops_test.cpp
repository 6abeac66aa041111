#include "kernels/rows/row_ops.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace corr2d {
namespace {

/// Covers every length around whole vectors; memory after the row stays unchanged.
TEST(RowOps, AddWritesExactlyCountElements) {
  for (std::int32_t count = 0; count <= 13; ++count) {
    std::vector<float> row(20), sums(20, 100);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i + 1);
    add_row(sums.data(), row.data(), count);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_inside = i < static_cast<std::size_t>(count);
      EXPECT_EQ(sums[i], is_inside ? 100 + row[i] : 100) << count << ' ' << i;
    }
  }
}

TEST(RowOps, InspectionFindsMaximaAndFractions) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr std::int32_t kStep = 20, kColumns = 16;
  for (std::size_t i = 0; i < 4 * kStep; ++i) {
    const std::size_t column = i % kStep;
    std::vector<float> cells;
    const auto inspect = [&](float value) {
      std::vector<float> rows(4 * kStep, 1);
      rows[i] = value;
      cells = {0.5f, 7};
      return inspect_rows(rows.data(), kStep, kColumns, cells.data());
    };
    const auto expect_cells = [&](float found) {
      EXPECT_EQ(cells[0], column < 8 ? found : 1) << i;
      EXPECT_EQ(cells[1], column / 8 == 1 ? found : 7) << i;
    };
    for (const float whole : {-30.0f, 1e30f, kInfinity, -kInfinity}) {
      EXPECT_FALSE(inspect(whole)) << whole;
      expect_cells(std::abs(whole));
    }
    inspect(kNan);
    expect_cells(kInfinity);
    inspect(-kNan);
    expect_cells(kInfinity);
    EXPECT_FALSE(inspect(-0.0f));
    EXPECT_EQ(inspect(0.5f), column < kColumns) << i;
    EXPECT_EQ(inspect(1e-40f), column < kColumns) << i;
  }
}

/// PyTorch's choice: the first of equal maxima, the last of several NaN, and -infinity if it is
/// first.
TEST(RowOps, UpdateMaximumKeepsThePlaceOfTheMaximum) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<std::vector<float>> rows = {{1, 2, 2, kNan, kNan, -kInfinity, 3},
                                                {2, 1, 2, 5, kNan, -kInfinity, kInfinity},
                                                {0, 3, 2, kInfinity, 0, -kInfinity, kNan}};
  const std::vector<std::int32_t> expected = {20, 30, 10, 10, 20, 10, 30};
  for (std::int32_t begin = 0; begin <= 7; ++begin) {
    for (std::int32_t end = begin; end <= 7; ++end) {
      std::vector<float> values(7, 100.0f), places(7, -0.0f);
      std::int32_t place = 0;
      for (const std::vector<float>& row : rows) {
        update_maximum({values.data(), places.data()}, row.data(), begin, end, place += 10);
      }
      for (std::int32_t i = 0; i < 7; ++i) {
        const auto at = static_cast<std::size_t>(i);
        std::int32_t found;
        std::memcpy(&found, &places[at], sizeof(found));
        const bool is_inside = i >= begin && i < end;
        EXPECT_EQ(found, is_inside ? expected[at] : kNoPlace) << begin << ' ' << end << ' ' << i;
        if (!is_inside) {
          EXPECT_EQ(values[at], 100);
        }
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
