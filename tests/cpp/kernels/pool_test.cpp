// The inner loops of pools, compared with loops over elements.

#include "kernels/rows/pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace corr2d {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> integers(std::size_t count, std::mt19937& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 33) - 16);
  return values;
}

float combined(PoolOperation operation, const std::vector<float>& taps) {
  float sum = 0, greatest = -std::numeric_limits<float>::infinity();
  for (const float tap : taps) {
    sum += tap;
    greatest = std::isnan(greatest) || tap <= greatest ? greatest : tap;
  }
  return operation == PoolOperation::kSum ? sum : greatest;
}

void expect_same(float actual, float expected) {
  EXPECT_TRUE(actual == expected || (std::isnan(actual) && std::isnan(expected)))
      << actual << " instead of " << expected;
}

TEST(PoolKernel, RowsCombineEveryTapOnce) {
  std::mt19937 random(1);
  for (const PoolOperation operation : {PoolOperation::kMaximum, PoolOperation::kSum}) {
    for (const std::int32_t count : {1, 3, 4, 5, 8, 17}) {
      for (const std::int32_t taps : {1, 2, 3}) {
        const std::vector<float> in = integers(2 * 100 + 2 * 30 + 2 * 7 + 17, random);
        std::vector<float> out(static_cast<std::size_t>(count));
        const float divisor = operation == PoolOperation::kSum ? 4 : 1;
        pool_rows(operation, {in.data(), {taps, 3, taps}, {100, 30, 7}}, count, divisor,
                  out.data());
        for (std::int32_t i = 0; i < count; ++i) {
          std::vector<float> read;
          for (std::int32_t z = 0; z < taps; ++z) {
            for (std::int32_t y = 0; y < 3; ++y) {
              for (std::int32_t x = 0; x < taps; ++x) {
                read.push_back(in[static_cast<std::size_t>(100 * z + 30 * y + 7 * x + i)]);
              }
            }
          }
          expect_same(out[static_cast<std::size_t>(i)], combined(operation, read) / divisor);
        }
      }
    }
  }
}

/// Reads nothing behind the last window: AddressSanitizer would notice.
TEST(PoolKernel, ColumnsCombineTheTapsOfEachWindow) {
  std::mt19937 random(2);
  for (const PoolOperation operation : {PoolOperation::kMaximum, PoolOperation::kSum}) {
    for (const std::int32_t count : {1, 3, 4, 5, 8, 13}) {
      for (const std::int32_t stride : {1, 2, 3}) {
        for (const std::int32_t dilation : {1, 2}) {
          const std::int32_t taps = 3;
          const std::vector<float> in = integers(
              static_cast<std::size_t>((count - 1) * stride + (taps - 1) * dilation + 1), random);
          std::vector<float> out(static_cast<std::size_t>(count));
          pool_columns(operation, {in.data(), stride, dilation, taps}, count, out.data());
          for (std::int32_t x = 0; x < count; ++x) {
            std::vector<float> read;
            for (std::int32_t k = 0; k < taps; ++k) {
              read.push_back(in[static_cast<std::size_t>(x * stride + k * dilation)]);
            }
            expect_same(out[static_cast<std::size_t>(x)], combined(operation, read));
          }
        }
      }
    }
  }
}

/// Reads nothing behind the last window, either.
TEST(PoolKernel, PairsEqualRowsAndColumns) {
  std::mt19937 random(3);
  for (const PoolOperation operation : {PoolOperation::kMaximum, PoolOperation::kSum}) {
    for (const std::int32_t count : {1, 3, 4, 5, 8, 13}) {
      for (const std::int32_t taps : {2, 3}) {
        const std::int32_t width = 2 * (count - 1) + taps;
        const std::vector<float> in = integers(static_cast<std::size_t>(4 * width), random);
        std::vector<float> out(static_cast<std::size_t>(count));
        const PoolTaps window = {in.data(), {2, 2, taps}, {2 * width, width, 1}};
        pool_pairs(operation, window, count, out.data());
        std::vector<float> rows(static_cast<std::size_t>(width)), expected(out.size());
        PoolTaps vertical = window;
        vertical.counts[2] = 1;
        pool_rows(operation, vertical, width, 1, rows.data());
        pool_columns(operation, {rows.data(), 2, 1, taps}, count, expected.data());
        EXPECT_EQ(out, expected) << count << ' ' << taps;
      }
    }
  }
}

TEST(PoolKernel, NaNIsGreaterThanAnyNumberInEveryPlace) {
  for (std::size_t place = 0; place < 8; ++place) {
    std::vector<float> in(8, 1.0f);
    in[place] = kNaN;
    float out = 0;
    pool_rows(PoolOperation::kMaximum, {in.data(), {2, 2, 2}, {4, 2, 1}}, 1, 1, &out);
    EXPECT_TRUE(std::isnan(out)) << place;
    pool_columns(PoolOperation::kMaximum, {in.data(), 1, 1, 8}, 1, &out);
    EXPECT_TRUE(std::isnan(out)) << place;
    std::vector<float> windows(4);
    pool_columns(PoolOperation::kMaximum, {in.data(), 2, 1, 2}, 4, windows.data());
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(std::isnan(windows[i]), i == place / 2) << place;
  }
}

TEST(PoolKernel, DividesRows) {
  std::vector<float> row = {6, 12, 18, 24, 30};
  const std::vector<float> divisors = {1, 2, 3, 4, 5};
  divide_row(row.data(), 2, divisors.data(), 5);
  EXPECT_EQ(row, (std::vector<float>{3, 3, 3, 3, 3}));
}

}  // namespace
}  // namespace corr2d
