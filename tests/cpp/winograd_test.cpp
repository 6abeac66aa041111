// Winograd: its errors relative to those of direct, which outputs they reach, and its workspace.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "algorithms/algorithm.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::data_for;
using testing::run_by;
using testing::Values;

Problem layer(std::int32_t side, std::int32_t inputs, std::int32_t outputs,
              std::int32_t batch = 1) {
  Problem p;
  p.batch = batch;
  p.input_channels = inputs;
  p.output_channels = outputs;
  p.input_height = p.input_width = side;
  p.kernel_height = p.kernel_width = 3;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 1;
  return p;
}

TEST(Winograd, HasErrorsComparableToThoseOfDirect) {
  std::mt19937 random(2);
  for (const Problem& p : {layer(8, 8, 8), layer(12, 16, 16), layer(7, 64, 16), layer(14, 64, 16),
                           layer(16, 256, 8), layer(28, 32, 8, 2), layer(7, 512, 8)}) {
    for (const Values values : {Values::kZeroMean, Values::kImage, Values::kActivations}) {
      EXPECT_LE(testing::error_ratio(Algorithm::kWinograd, data_for(p, values, random)), 4)
          << testing::describe(p) << ", values " << static_cast<int>(values);
    }
  }
}

/// Large values in one tile do not affect distant tiles.
TEST(Winograd, KeepsErrorsWithinTheirTiles) {
  std::mt19937 random(3);
  Problem p = layer(32, 8, 4);
  Case data = data_for(p, Values::kZeroMean, random);
  Case large = data;
  // The last rows, which no tile of the first 24 rows reads.
  for (std::size_t i = 0; i < large.input.size(); ++i) {
    if (i % (32 * 32) >= 28 * 32) large.input[i] *= 1e20f;
  }
  const auto plain = run_by(Algorithm::kWinograd, data);
  const auto beside = run_by(Algorithm::kWinograd, large);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i % (32 * 32) >= 24 * 32) continue;
    ASSERT_EQ(plain[i], beside[i]) << i;
  }
}

TEST(Winograd, SpreadsANonFiniteInputAtMostToItsTiles) {
  std::mt19937 random(4);
  for (const std::int32_t side : {9, 16, 24}) {
    const Problem p = layer(side, 4, 4);
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      for (int i = 0; i < 20; ++i) {
        Case data = data_for(p, Values::kZeroMean, random);
        const auto at = static_cast<int>(random() % static_cast<unsigned>(side * side));
        data.input[static_cast<std::size_t>(at)] = bad;
        const auto output = run_by(Algorithm::kWinograd, data);
        for (int j = 0; j < 4 * side * side; ++j) {
          const int y = j / side % side - at / side, x = j % side - at % side;
          const int distance = std::max(std::abs(y), std::abs(x));
          const bool finite = std::isfinite(output[static_cast<std::size_t>(j)]);
          if (distance > 1 && distance <= 4) continue;
          EXPECT_EQ(finite, distance > 4) << side << ' ' << at << ' ' << j;
        }
      }
    }
  }
}

/// The padding of a transposed problem crops windows.
TEST(Winograd, IgnoresInputsThatNoWindowHolds) {
  std::mt19937 random(5);
  Problem p = layer(12, 4, 4);
  p.kind = Kind::kTransposed;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 4;
  Case data = data_for(p, Values::kZeroMean, random);
  for (std::size_t i = 0; i < data.input.size(); ++i) {
    const std::size_t y = i / 12 % 12, x = i % 12;
    if (std::min({y, x, 11 - y, 11 - x}) < 2) {
      data.input[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  for (const float value : run_by(Algorithm::kWinograd, data)) EXPECT_TRUE(std::isfinite(value));
}

/// The limit is 1 MiB, or four times the larger of input and output.
TEST(Winograd, KeepsItsWorkspaceWithinTheLimit) {
  for (const Problem& shape :
       {layer(56, 64, 64), layer(28, 128, 128), layer(14, 256, 256), layer(7, 512, 512),
        layer(7, 960, 8), layer(7, 512, 512, 16), layer(6, 2048, 8), layer(224, 3, 64),
        layer(400, 1, 8), layer(56, 2000, 2)}) {
    for (const bool nhwc : {false, true}) {
      Problem p = shape;
      p.algorithm = Algorithm::kWinograd;
      const auto strides = [&p](std::int32_t channels) {
        return Strides{channels * p.input_height * p.input_width, 1, channels * p.input_width,
                       channels};
      };
      if (nhwc) {
        p.input_strides = strides(p.input_channels);
        p.output_strides = strides(p.output_channels);
      }
      const std::vector<float> weight(
          static_cast<std::size_t>(9 * p.input_channels * p.output_channels));
      std::unique_ptr<Plan> plan;
      ASSERT_EQ(Plan::create(p, weight.data(), nullptr, 1, &plan), Status::kOk)
          << testing::describe(p);
      const auto floats = static_cast<std::size_t>(p.batch * p.input_height * p.input_width *
                                                   std::max(p.input_channels, p.output_channels));
      EXPECT_LE(plan->workspace_bytes(), std::max<std::size_t>(1 << 20, 16 * floats))
          << testing::describe(p);
    }
  }
}

TEST(Winograd, IsChosenForManyChannels) {
  const auto chosen = [](const Problem& p) {
    const std::vector<float> weight(
        static_cast<std::size_t>(9 * p.input_channels * p.output_channels));
    std::unique_ptr<Plan> plan;
    EXPECT_EQ(Plan::create(p, weight.data(), nullptr, 1, &plan), Status::kOk);
    return plan->algorithm();
  };
  for (const Problem& p : {layer(56, 64, 64), layer(14, 256, 256), layer(7, 512, 512),
                           layer(56, 64, 8), layer(14, 32, 32)}) {
    EXPECT_EQ(chosen(p), Algorithm::kWinograd) << testing::describe(p);
    Problem deterministic = p;
    deterministic.deterministic = 1;
    EXPECT_NE(chosen(deterministic), Algorithm::kWinograd);
    Problem strided = p;
    strided.stride_height = strided.stride_width = 2;
    EXPECT_NE(chosen(strided), Algorithm::kWinograd);
  }
  EXPECT_NE(chosen(layer(56, 3, 64)), Algorithm::kWinograd);
  EXPECT_NE(chosen(layer(56, 64, 2)), Algorithm::kWinograd);
  EXPECT_NE(chosen(layer(7, 16, 16)), Algorithm::kWinograd);
}

TEST(Winograd, SaysWhyItCannotDoAProblem) {
  Problem p = layer(8, 4, 4);
  p.algorithm = Algorithm::kWinograd;
  EXPECT_EQ(refusal_of(p), nullptr);
  p.dilation_height = 2;
  p.kind = Kind::kTransposed;
  EXPECT_EQ(refusal_of(p), nullptr);
  Problem deterministic = p;
  deterministic.deterministic = 1;
  EXPECT_STREQ(refusal_of(deterministic), "its rounding is not deterministic");
  Problem strided = p;
  strided.stride_width = 2;
  EXPECT_STREQ(refusal_of(strided), "it needs stride 1");
  Problem wide = p;
  wide.kernel_width = 5;
  EXPECT_STREQ(refusal_of(wide), "it needs a 3×3 kernel");
  const Problem deep = [&] {
    Problem tiny = layer(3, 8192, 1);
    tiny.algorithm = Algorithm::kWinograd;
    return tiny;
  }();
  EXPECT_STREQ(refusal_of(deep), "it has too many channels for so small an image");
}

}  // namespace
}  // namespace corr2d
