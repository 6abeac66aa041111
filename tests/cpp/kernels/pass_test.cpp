#include "kernels/pass.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernel_support.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

using testing::expect_sum;
using testing::OutputBuffer;
using testing::random_values;

constexpr std::int32_t kRows = PassTile::kRows, kColumns = PassTile::kColumns;

/// The tile and its input are exactly as large as needed, so that sanitizers detect other accesses.
TEST(PassKernels, MatchFloat64Sums) {
  std::mt19937 random(5);
  for (const auto& kernel : pass_kernels()) {
    ASSERT_EQ(kernel.parameter, kRows);
    for (const std::int32_t taps : {4, 5, 6, 7, 8, 31}) {
      for (const std::int32_t products : {1, 2, 3}) {
        const std::int32_t row_step = kColumns + 3;
        const std::int32_t plane = (kRows + taps - 2) * row_step + kColumns;
        const auto input = random_values(static_cast<std::size_t>(products * plane), random);
        const auto weight = random_values(static_cast<std::size_t>(products * taps), random);
        OutputBuffer output(kColumns, kRows);
        kernel.run({input.data(), plane, row_step, weight.data(), products, taps, 0.75f,
                    output.tile().data, output.tile().row_step});
        const std::string context = std::string(kernel.name) + ", " + std::to_string(taps) +
                                    " taps, " + std::to_string(products) + " products";
        for (std::int32_t x = 0; x < kColumns; ++x) {
          for (std::int32_t y = 0; y < kRows; ++y) {
            expect_sum(
                output.take(x, y), 0.75f, products * taps,
                [&](std::int32_t i) {
                  const std::int32_t at = i / taps * plane + (y + i % taps) * row_step + x;
                  return static_cast<double>(input[static_cast<std::size_t>(at)]) *
                         weight[static_cast<std::size_t>(i)];
                },
                context);
          }
        }
        output.expect_all_taken(context);
      }
    }
  }
}

TEST(PassKernels, SpreadNanOnlyToSumsWhoseWindowsHoldIt) {
  constexpr std::int32_t kTaps = 6;
  const std::vector<float> weight(kTaps, 1.0f);
  for (const auto& kernel : pass_kernels()) {
    for (std::int32_t bad = 0; bad < kRows + kTaps - 1; ++bad) {
      std::vector<float> input(static_cast<std::size_t>((kRows + kTaps - 1) * kColumns), 1.0f);
      input[static_cast<std::size_t>(bad * kColumns + 5)] = std::numeric_limits<float>::quiet_NaN();
      OutputBuffer output(kColumns, kRows);
      kernel.run({input.data(), 0, kColumns, weight.data(), 1, kTaps, 0, output.tile().data,
                  output.tile().row_step});
      for (std::int32_t x = 0; x < kColumns; ++x) {
        for (std::int32_t y = 0; y < kRows; ++y) {
          const bool is_reached = x == 5 && y <= bad && bad < y + kTaps;
          ASSERT_EQ(std::isnan(output.take(x, y)), is_reached) << kernel.name << bad;
        }
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
