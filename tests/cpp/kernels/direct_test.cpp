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

void expect_float64_sums(const TileKernelList<DirectTile>& kernels) {
  std::mt19937 random(1);
  for (const auto& kernel : kernels) {
    for (const std::int32_t taps : {0, 1, 2, 7, 18}) {
      const auto channels = static_cast<std::size_t>(kernel.rows);
      // Each tap reads its own row; the last tap reads up to the end of the patch.
      const auto patch = random_values(static_cast<std::size_t>(taps * kernel.columns), random);
      std::vector<std::int32_t> offsets;
      for (std::int32_t t = 0; t < taps; ++t) offsets.push_back(t * kernel.columns);
      const auto weight = random_values(static_cast<std::size_t>(taps) * channels, random);
      const auto bias = random_values(channels, random);
      OutputBuffer output(kernel.rows, kernel.columns);
      kernel.run({patch.data(), offsets.data(), taps, weight.data(), bias.data(), output.tile()});
      const std::string context = std::string(kernel.name) + ", " + std::to_string(taps) + " taps";
      for (std::int32_t c = 0; c < kernel.rows; ++c) {
        for (std::int32_t x = 0; x < kernel.columns; ++x) {
          expect_sum(
              output.take(c, x), bias[static_cast<std::size_t>(c)], taps,
              [&](std::int32_t t) {
                return static_cast<double>(
                           patch[static_cast<std::size_t>(t * kernel.columns + x)]) *
                       weight[static_cast<std::size_t>(t * kernel.rows + c)];
              },
              context);
        }
      }
      output.expect_all_taken(context);
    }
  }
}

TEST(DirectKernels, MatchFloat64Sums) {
  expect_float64_sums(direct_kernels());
  expect_float64_sums(direct_narrow_kernels());
}

}  // namespace
}  // namespace corr2d
