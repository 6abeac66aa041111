#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernel_support.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

using testing::kEpsilon;
using testing::kUntouched;
using testing::OutputBuffer;
using testing::random_values;

/// Runs the four Winograd kernels in sequence on four tiles of a row, in permuted order, with one
/// input channel and `channels` output channels, and compares with the definition.
void expect_correlation(std::int32_t n, bool fusing, std::int32_t channels, std::mt19937& random) {
  const std::int32_t side = winograd_positions(n), positions = side * side;
  const std::int32_t width = 4 * n + 2, vectors = (width + 3) / 4, pitch = 4 * vectors;
  const auto input = random_values(static_cast<std::size_t>(side * pitch), random);
  std::vector<float> columns(static_cast<std::size_t>(vectors * side * 4));
  winograd_columns_kernels().find(n, fusing).run({input.data(), pitch, columns.data(), vectors});

  const std::int32_t tiles[4] = {2, 0, 3, 1};
  WinogradInput input_tiles = {};
  for (std::size_t t = 0; t < 4; ++t) {
    const auto at = [&](std::int32_t column) {
      return columns.data() + column / 4 * side * 4 + column % 4;
    };
    input_tiles.leading[t] = at(tiles[t] * n);
    input_tiles.trailing[t] = at(tiles[t] * n + n);
  }
  std::vector<float> transformed(static_cast<std::size_t>(positions * 4));
  input_tiles.output = transformed.data();
  input_tiles.position_step = 4;
  winograd_input_kernels().find(n, fusing).run(input_tiles);

  // The taps are stored in reverse order, with a gap between the channels.
  const auto weight = random_values(static_cast<std::size_t>(channels * 10), random);
  const std::int32_t weight_step = 5;
  std::vector<float> weights(static_cast<std::size_t>(positions * weight_step), kUntouched);
  winograd_weight_kernels().find(n, fusing).run(
      {weight.data() + 8, 10, -3, -1, channels, weights.data(), weight_step});

  for (std::int32_t c = 0; c < 4; ++c) {
    std::vector<float> sums(static_cast<std::size_t>(positions * 4));
    for (std::int32_t i = 0; i < positions * 4; ++i) {
      sums[static_cast<std::size_t>(i)] =
          transformed[static_cast<std::size_t>(i)] *
          weights[static_cast<std::size_t>(i / 4 * weight_step + c)];
    }
    if (c >= channels) {
      for (const float sum : sums) ASSERT_EQ(sum, 0) << "a lane without a channel";
      continue;
    }
    OutputBuffer output(n, 4 * n);
    const TileOutput rows = output.tile();
    WinogradOutput work = {sums.data(), 4, 0.5f, -0.25f, 0.75f, {}, {}};
    for (std::size_t t = 0; t < 4; ++t) {
      work.output[t] = rows.data + tiles[t] * n;
      work.row_step[t] = rows.row_step;
    }
    winograd_output_kernels().find(n, fusing).run(work);
    const std::string context = "F(" + std::to_string(n) + ", 3), channel " + std::to_string(c);
    for (std::int32_t y = 0; y < n; ++y) {
      for (std::int32_t x = 0; x < 4 * n; ++x) {
        double sum = 0.5, magnitude = 0.5;
        for (std::int32_t k = 0; k < 9; ++k) {
          const double w = weight[static_cast<std::size_t>(10 * c + 8 - k)];
          sum += w * input[static_cast<std::size_t>((y + k / 3) * pitch + x + k % 3)];
          magnitude += std::abs(w);
        }
        const double bound = 40 * kEpsilon * magnitude;
        ASSERT_NEAR(output.take(y, x), std::clamp(sum, -0.25, 0.75), bound) << context;
      }
    }
    output.expect_all_taken(context);
  }
  for (std::int32_t p = 0; p < positions; ++p) {
    ASSERT_EQ(weights[static_cast<std::size_t>(p * weight_step + 4)], kUntouched);
  }
}

TEST(WinogradKernels, MatchTheDefinition) {
  std::mt19937 random(5);
  for (const std::int32_t n : {2, 4}) {
    for (const bool fusing : {false, true}) {
      EXPECT_EQ(winograd_columns_kernels().find(n, fusing).fused, fusing);
      for (std::int32_t channels = 1; channels <= 4; ++channels) {
        for (int i = 0; i < 50; ++i) expect_correlation(n, fusing, channels, random);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
