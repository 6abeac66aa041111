#include "kernels/rows/padded_row.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace corr2d {
namespace {

/// Expects the padding of the row 1 2 3 4 in each mode, written by hand.
TEST(CopyRow, MovesRowsThatOverlapTowardsTheBeginning) {
  for (const std::int32_t count : {1, 3, 4, 17, 64, 1023, 1024, 1025, 5000}) {
    for (const std::int32_t distance : {4, 5, 16, 700}) {
      std::vector<float> row(static_cast<std::size_t>(count + distance));
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i);
      copy_row(row.data() + distance, count, row.data());
      for (std::int32_t i = 0; i < count; ++i) {
        ASSERT_EQ(row[static_cast<std::size_t>(i)], static_cast<float>(i + distance)) << count;
      }
    }
  }
}

TEST(PaddedRow, EveryPaddingModeContinuesARow) {
  const std::vector<float> data = {1, 2, 3, 4};
  const auto fetch = [&](PaddingMode mode) {
    std::string text;
    float out[14];
    const PaddedPlane plane = {data.data(), 1, 4, 4, 1, mode, 9};
    fetch_row(plane, 0, {plane, -5, 1, 14}, out);
    for (const float value : out) text += std::to_string(static_cast<int>(value));
    return text;
  };
  EXPECT_EQ(fetch(PaddingMode::kConstant), "99999123499999");
  EXPECT_EQ(fetch(PaddingMode::kReplicate), "11111123444444");
  EXPECT_EQ(fetch(PaddingMode::kCircular), "41234123412341");
  EXPECT_EQ(fetch(PaddingMode::kReflect), "23432123432123");
  EXPECT_EQ(fetch(PaddingMode::kSymmetric), "44321123443211");
}

TEST(PaddedRow, EveryPaddingModeContinuesAColumn) {
  const std::vector<float> data = {10, 20, 30};  // a column of three rows
  const auto fetch = [&](PaddingMode mode, int row) {
    float out = -1;
    const PaddedPlane plane = {data.data(), 3, 1, 1, 1, mode, 7};
    fetch_row(plane, row, {plane, 0, 1, 1}, &out);
    return out;
  };
  EXPECT_EQ(fetch(PaddingMode::kConstant, -1), 7);
  EXPECT_EQ(fetch(PaddingMode::kConstant, 3), 7);
  EXPECT_EQ(fetch(PaddingMode::kReplicate, 5), 30);
  EXPECT_EQ(fetch(PaddingMode::kCircular, -1), 30);
  EXPECT_EQ(fetch(PaddingMode::kReflect, -1), 20);
  EXPECT_EQ(fetch(PaddingMode::kReflect, 4), 10);
  EXPECT_EQ(fetch(PaddingMode::kSymmetric, 3), 30);
}

TEST(PaddedRow, FetchRowReadsEverySteppedColumn) {
  std::vector<float> data(2 * 30 * 3);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i);
  for (const int column_stride : {1, 3}) {
    for (const int width : {1, 2, 5, 12, 30}) {
      const PaddedPlane plane = {data.data(), 2, width, 90, column_stride, PaddingMode::kConstant,
                                 -1};
      for (int step = 1; step <= 7; ++step) {
        for (int first = -9; first <= 6; ++first) {
          for (int count = 0; count <= 11; ++count) {
            std::vector<float> out(static_cast<std::size_t>(count));
            fetch_row(plane, 1, {plane, first, step, count}, out.data());
            for (int i = 0; i < count; ++i) {
              const int column = first + i * step;
              const float expected = column < 0 || column >= width
                                         ? -1
                                         : static_cast<float>(90 + column * column_stride);
              ASSERT_EQ(out[static_cast<std::size_t>(i)], expected)
                  << first << " + " << i << " * " << step << " of " << width;
            }
          }
        }
      }
    }
  }
}

TEST(PaddedRow, FetchRowsEqualsFetchRowForEachRow) {
  std::vector<float> data(5 * 30);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i);
  for (const PaddingMode mode : {PaddingMode::kConstant, PaddingMode::kCircular}) {
    for (const int column_step : {1, 2}) {
      for (const int first : {-7, -1, 0, 4}) {
        for (const int count : {0, 1, 5, 12, 20}) {
          const PaddedPlane plane = {data.data(), 5, 14, 30, column_step, mode, -1};
          const ColumnRange columns(plane, first, 1, count);
          std::vector<float> actual(9 * 25, -7), expected(9 * 25, -7);
          fetch_rows(plane, -2, 2, 5, columns, actual.data(), 25);
          for (int row = 0; row < 5; ++row) {
            fetch_row(plane, -2 + 2 * row, columns, expected.data() + 25 * row);
          }
          ASSERT_EQ(actual, expected) << first << " + " << count;
        }
      }
    }
  }
}

TEST(PaddedRow, FetchRowDeinterleavedEqualsTwoRowsOfStepTwo) {
  std::vector<float> data(2 * 30 * 3);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i);
  for (const PaddingMode mode : {PaddingMode::kConstant, PaddingMode::kReflect}) {
    for (const int width : {2, 5, 9, 30}) {
      const PaddedPlane plane = {data.data(), 2, width, 90, 1, mode, -1};
      for (int row = -1; row <= 1; ++row) {
        for (int first = -5; first <= 6; ++first) {
          for (int count = 0; count <= 24; ++count) {
            std::vector<float> even(static_cast<std::size_t>((count + 1) / 2));
            std::vector<float> odd(static_cast<std::size_t>(count / 2));
            std::vector<float> expected_even = even, expected_odd = odd;
            fetch_row_deinterleaved(plane, row, {plane, first, 1, count}, even.data(), odd.data());
            fetch_row(plane, row, {plane, first, 2, (count + 1) / 2}, expected_even.data());
            fetch_row(plane, row, {plane, first + 1, 2, count / 2}, expected_odd.data());
            ASSERT_EQ(even, expected_even) << first << ", " << count << " of " << width;
            ASSERT_EQ(odd, expected_odd) << first << ", " << count << " of " << width;
          }
        }
      }
    }
  }
}

TEST(PaddedRow, FetchRowNhwc4EqualsFetchRowForEachChannel) {
  std::vector<float> data(2 * 30 * 5 + 4);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i);
  for (const PaddingMode mode : {PaddingMode::kConstant, PaddingMode::kSymmetric}) {
    for (const int width : {1, 5, 9, 30}) {
      for (int row = -1; row <= 1; ++row) {
        for (const int step : {1, 2, 3}) {
          for (int first = -5; first <= 3; ++first) {
            for (int count = 0; count <= 14; ++count) {
              const auto size = static_cast<std::size_t>(count);
              std::vector<float> actual(4 * 20, -7), expected(4 * 20, -7);
              ASSERT_LE(size, 20u);
              for (int c = 0; c < 4; ++c) {
                const PaddedPlane plane = {data.data() + c, 2, width, 150, 5, mode, -1};
                fetch_row(plane, row, {plane, first, step, count}, expected.data() + 20 * c);
              }
              const PaddedPlane plane = {data.data(), 2, width, 150, 5, mode, -1};
              fetch_row_nhwc4(plane, row, {plane, first, step, count}, actual.data(), 20);
              ASSERT_EQ(actual, expected) << first << " + " << count << " of " << width;
            }
          }
        }
      }
    }
  }
}

/// Addresses are computed only for columns inside the plane, so large steps do not overflow.
TEST(PaddedRow, LargeStepsDoNotOverflow) {
  const float data[2] = {3, 4};
  float out[2] = {};
  const PaddedPlane one = {data, 1, 1, 1, 16, PaddingMode::kConstant, 7};
  fetch_row(one, 0, {one, -(1 << 28), 1 << 28, 2}, out);
  EXPECT_EQ(out[0], 7);
  EXPECT_EQ(out[1], 3);
  fetch_row(one, 0, {one, 1 << 28, 1 << 28, 2}, out);
  EXPECT_EQ(out[0], 7);
  EXPECT_EQ(out[1], 7);
  const PaddedPlane two = {data, 1, 2, 2, 1, PaddingMode::kConstant, 7};
  fetch_row(two, 0, {two, 1, (1 << 29) - 2, 1}, out);
  EXPECT_EQ(out[0], 4);
  fetch_row(two, 0, {two, -2, INT32_MAX, 1}, out);
  EXPECT_EQ(out[0], 7);
  const ColumnRange before(two, -(1 << 28), INT32_MAX, 1);
  EXPECT_EQ(before.begin, before.end);
}

}  // namespace
}  // namespace corr2d
