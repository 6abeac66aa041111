#include "kernels/list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "kernel_support.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

using testing::kInfinity;
using testing::OutputBuffer;
using testing::random_values;

TEST(KernelList, NamesAreUnique) {
  std::set<std::string> names;
  each_kernel_list([&](const auto& kernels) {
    for (const auto& kernel : kernels) {
      EXPECT_TRUE(names.insert(kernel.name).second) << kernel.name;
    }
  });
}

TEST(KernelList, EveryChannelBlockHasKernels) {
  for (std::int32_t left = 1; left <= 40; ++left) {
    const std::int32_t block = channel_block(left);
    ASSERT_LE(block, left);
    ASSERT_LE(block, kMaxBlock);
    const auto expect_both_kernels = [&](const auto& kernels) {
      for (const bool fusing : {false, true}) {
        EXPECT_EQ(kernels.find(block, fusing).rows, block);
        EXPECT_EQ(kernels.find(block, fusing).fused, fusing);
      }
    };
    expect_both_kernels(direct_kernels());
    expect_both_kernels(direct_narrow_kernels());
    expect_both_kernels(gemm_kernels());
  }
}

/// Blocks of 3 and fewer channels are slower.
TEST(KernelList, ChannelBlocksAreFoursAndFivesWherePossible) {
  for (const std::int32_t channels : {4, 5, 8, 9, 10, 12, 13, 32, 64, 127, 320}) {
    for (std::int32_t left = channels; left > 0; left -= channel_block(left)) {
      EXPECT_GE(channel_block(left), 4) << channels;
    }
  }
}

/// Partial tiles have the elements of whole tiles, with contiguous and with strided columns.
TEST(KernelList, RunTileWritesPartialTiles) {
  std::mt19937 random(6);
  for (const auto& kernel : direct_kernels()) {
    ASSERT_LE(kernel.rows * kernel.columns, kMaxTileFloats);
    const auto patch = random_values(static_cast<std::size_t>(kernel.columns + 1), random);
    const auto weight = random_values(2 * static_cast<std::size_t>(kernel.rows), random);
    const std::vector<float> bias(static_cast<std::size_t>(kernel.rows), 1);
    const std::int32_t tap_offsets[] = {1, 0};
    OutputBuffer whole(kernel.rows, kernel.columns);
    DirectTile tile = {patch.data(), tap_offsets, 2, weight.data(), bias.data(), whole.tile()};
    kernel.run(tile);
    for (std::int32_t columns = 1; columns <= kernel.columns; ++columns) {
      for (const std::int32_t column_step : {1, 3}) {
        OutputBuffer part(kernel.rows, columns * column_step);
        OutputBuffer expected = whole;
        tile.output = part.tile();
        run_tile(kernel, tile, kernel.rows, columns, column_step);
        for (std::int32_t c = 0; c < kernel.rows; ++c) {
          for (std::int32_t x = 0; x < columns; ++x) {
            ASSERT_EQ(part.take(c, x * column_step), expected.take(c, x)) << kernel.name;
          }
        }
        part.expect_all_taken(kernel.name);
      }
    }
  }
}

TEST(KernelList, TileKernelsClampInfinitiesAndKeepNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> input = {nan, -2, 3, 9, kInfinity, -kInfinity, 0, 6};
  const std::vector<float> expected = {nan, 0, 3, 6, 6, 0, 0, 6};
  const std::vector<float> ones(8, 1), zeros(5 * 8, 0);
  const std::int32_t tap_offset = 0;
  const auto expect_clamped = [&](const char* name, std::int32_t rows, std::int32_t columns,
                                  OutputBuffer* output) {
    for (std::int32_t r = 0; r < rows; ++r) {
      for (std::int32_t x = 0; x < std::min(columns, 8); ++x) {
        const float actual = output->take(r, x);
        const float clamped = expected[static_cast<std::size_t>(x)];
        EXPECT_TRUE(actual == clamped || (std::isnan(actual) && std::isnan(clamped)))
            << name << ", column " << x << ": " << actual;
      }
    }
  };
  std::vector<float> patch(32, 0);
  std::copy(input.begin(), input.end(), patch.begin());
  for (const auto& kernels : {direct_kernels(), direct_narrow_kernels()}) {
    for (const auto& kernel : kernels) {
      OutputBuffer output(kernel.rows, kernel.columns);
      kernel.run({patch.data(), &tap_offset, 1, ones.data(), zeros.data(), output.tile(0, 6)});
      expect_clamped(kernel.name, kernel.rows, kernel.columns, &output);
    }
  }
  for (const auto& kernel : gemm_kernels()) {
    OutputBuffer output(kernel.rows, 8);
    kernel.run({input.data(), 1, ones.data(), zeros.data(), 8, output.tile(0, 6)});
    expect_clamped(kernel.name, kernel.rows, 8, &output);
  }
  for (const auto& kernel : depthwise_kernels()) {
    OutputBuffer output(kernel.rows, kernel.columns);
    kernel.run({patch.data(), 0, &tap_offset, 1, 1, ones.data(), 0, output.tile(0, 6)});
    expect_clamped(kernel.name, kernel.rows, kernel.columns, &output);
  }
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    OutputBuffer output(kernel.rows, kernel.columns);
    kernel.run({patch.data(), 0, &tap_offset, 1, ones.data(), 8, zeros.data(), output.tile(0, 6)});
    expect_clamped(kernel.name, kernel.rows, kernel.columns, &output);
  }
  OutputBuffer output(1, 8);
  const TileOutput tile = output.tile(0, 6);
  std::copy(input.begin(), input.end(), tile.data);
  add_bias_and_clamp(tile, 0, 1, 8);
  expect_clamped("add_bias_and_clamp", 1, 8, &output);
}

#if defined(__FMA__)
/// Fused, x * x - round(x * x) is the rounding error of the product; unfused, it is 0.
TEST(KernelList, FusedKernelsRoundOnce) {
  const float x = 1 + 0x1p-12f;
  const float rounded = x * x;
  const std::vector<float> input(32, x), weight(8, x), initial(5 * 8, -rounded);
  const std::int32_t tap_offset = 0;
  const auto expected = [](bool fused) { return fused ? 0x1p-24f : 0.0f; };
  for (const auto& kernels : {direct_kernels(), direct_narrow_kernels()}) {
    for (const auto& kernel : kernels) {
      OutputBuffer output(kernel.rows, kernel.columns);
      kernel.run({input.data(), &tap_offset, 1, weight.data(), initial.data(), output.tile()});
      EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
    }
  }
  for (const auto& kernel : gemm_kernels()) {
    OutputBuffer output(kernel.rows, 8);
    kernel.run({input.data(), 1, weight.data(), initial.data(), 8, output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
  for (const auto& kernel : depthwise_kernels()) {
    OutputBuffer output(kernel.rows, kernel.columns);
    kernel.run({input.data(), 0, &tap_offset, 1, 1, weight.data(), -rounded, output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    OutputBuffer output(kernel.rows, kernel.columns);
    kernel.run({input.data(), 0, &tap_offset, 1, weight.data(), 8, initial.data(), output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
}
#endif

}  // namespace
}  // namespace corr2d
