#include <gtest/gtest.h>

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

TEST(GemmKernels, MatchFloat64Sums) {
  std::mt19937 random(2);
  for (const auto& kernel : gemm_kernels()) {
    ASSERT_EQ(kernel.columns, kPanelColumns);
    for (const std::int32_t depth : {0, 1, 2, 3, 31}) {
      const auto channels = static_cast<std::size_t>(kernel.rows);
      const auto panel = random_values(static_cast<std::size_t>(depth * kernel.columns), random);
      const auto weight = random_values(static_cast<std::size_t>(depth) * channels, random);
      const auto initial = random_values(channels * 11, random);
      OutputBuffer output(kernel.rows, kernel.columns);
      kernel.run({panel.data(), depth, weight.data(), initial.data(), 11, output.tile()});
      const std::string context = std::string(kernel.name) + ", depth " + std::to_string(depth);
      for (std::int32_t c = 0; c < kernel.rows; ++c) {
        for (std::int32_t x = 0; x < kernel.columns; ++x) {
          expect_sum(
              output.take(c, x), initial[static_cast<std::size_t>(c * 11 + x)], depth,
              [&](std::int32_t k) {
                return static_cast<double>(
                           panel[static_cast<std::size_t>(k * kernel.columns + x)]) *
                       weight[static_cast<std::size_t>(k * kernel.rows + c)];
              },
              context);
        }
      }
      output.expect_all_taken(context);
    }
  }
}

}  // namespace
}  // namespace corr2d
