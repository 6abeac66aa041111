// Every kernel in the list, one short of, at and one past every edge of its tile.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "kernels/list.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::kEpsilon;

constexpr float kUntouched = -777;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

/// A tile's output with gaps that have to stay untouched, and a place to say what is expected.
class Output {
 public:
  Output(std::int32_t channels, std::int32_t columns, std::int32_t column_stride)
      : columns_(columns),
        column_stride_(column_stride),
        channel_stride_(columns * column_stride + 2),
        data_(static_cast<std::size_t>(channels * channel_stride_), kUntouched) {}

  TileOutput tile(float low = -kInfinity, float high = kInfinity) {
    return {data_.data(), channel_stride_, column_stride_, low, high};
  }

  /// Takes an element out; what is left has to be untouched.
  float take(std::int32_t channel, std::int32_t column) {
    const auto at = static_cast<std::size_t>(channel * channel_stride_ + column * column_stride_);
    const float value = data_[at];
    data_[at] = kUntouched;
    return value;
  }

  void expect_nothing_left(const std::string& where) const {
    for (const float value : data_) ASSERT_EQ(value, kUntouched) << where;
  }

  std::int32_t columns() const { return columns_; }

 private:
  std::int32_t columns_, column_stride_, channel_stride_;
  std::vector<float> data_;
};

/// Checks one element against the sum in float64 of `products` pairs.
template <typename Pair>
void expect_sum(float found, float bias, std::int32_t products, Pair pair,
                const std::string& where) {
  double sum = bias;
  double magnitude = std::abs(sum);
  for (std::int32_t k = 0; k < products; ++k) {
    const double product = pair(k);
    sum += product;
    magnitude += std::abs(product);
  }
  ASSERT_LE(std::abs(found - sum), (products + 1) * kEpsilon * magnitude) << where;
}

TEST(Kernels, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const auto& kernel : direct_kernels()) EXPECT_TRUE(names.insert(kernel.name).second);
  for (const auto& kernel : gemm_kernels()) EXPECT_TRUE(names.insert(kernel.name).second);
}

TEST(Kernels, ThereIsOneForEachBlockOfChannels) {
  for (std::int32_t left = 1; left <= 20; ++left) {
    const std::int32_t block = channel_block(left);
    ASSERT_LE(block, left);
    for (const bool fusing : {false, true}) {
      EXPECT_EQ(direct_kernels().find(block, fusing).channels, block);
      EXPECT_EQ(direct_kernels().find(block, fusing).fused, fusing);
      EXPECT_EQ(gemm_kernels().find(block, fusing).channels, block);
      EXPECT_EQ(gemm_kernels().find(block, fusing).fused, fusing);
    }
  }
}

TEST(Kernels, DirectRows) {
  std::mt19937 random(1);
  for (const auto& kernel : direct_kernels()) {
    for (std::int32_t columns = 1; columns <= 2 * kernel.columns + 5; ++columns) {
      for (const std::int32_t taps : {1, 2, 7, 18}) {
        for (const std::int32_t column_stride : {1, 3}) {
          const auto channels = static_cast<std::size_t>(kernel.channels);
          // Each tap reads a row of its own, the last one up to the very end of the patch.
          const auto patch = random_values(static_cast<std::size_t>(taps * columns + 3), random);
          std::vector<std::int32_t> offsets;
          for (std::int32_t t = 0; t < taps; ++t) offsets.push_back(t * columns);
          const auto weight = random_values(static_cast<std::size_t>(taps) * channels, random);
          const auto bias = random_values(channels, random);
          Output output(kernel.channels, columns, column_stride);
          kernel.run({patch.data(), offsets.data(), taps, weight.data(), bias.data(), output.tile(),
                      columns});
          const std::string where = std::string(kernel.name) + ", " + std::to_string(columns) +
                                    " columns, " + std::to_string(taps) + " taps";
          for (std::int32_t c = 0; c < kernel.channels; ++c) {
            for (std::int32_t x = 0; x < columns; ++x) {
              expect_sum(
                  output.take(c, x), bias[static_cast<std::size_t>(c)], taps,
                  [&](std::int32_t t) {
                    return static_cast<double>(patch[static_cast<std::size_t>(t * columns + x)]) *
                           weight[static_cast<std::size_t>(t * kernel.channels + c)];
                  },
                  where);
            }
          }
          output.expect_nothing_left(where);
        }
      }
    }
  }
}

TEST(Kernels, GemmTiles) {
  std::mt19937 random(2);
  for (const auto& kernel : gemm_kernels()) {
    for (std::int32_t columns = 1; columns <= kernel.columns; ++columns) {
      for (const std::int32_t depth : {1, 2, 3, 31}) {
        for (const std::int32_t column_stride : {1, 4}) {
          const auto channels = static_cast<std::size_t>(kernel.channels);
          const auto panel =
              random_values(static_cast<std::size_t>(depth * kernel.columns), random);
          const auto weight = random_values(static_cast<std::size_t>(depth) * channels, random);
          const auto bias = random_values(channels, random);
          Output output(kernel.channels, columns, column_stride);
          kernel.run({panel.data(), depth, weight.data(), bias.data(), output.tile(), columns});
          const std::string where = std::string(kernel.name) + ", " + std::to_string(columns) +
                                    " columns, depth " + std::to_string(depth);
          for (std::int32_t c = 0; c < kernel.channels; ++c) {
            for (std::int32_t x = 0; x < columns; ++x) {
              expect_sum(
                  output.take(c, x), bias[static_cast<std::size_t>(c)], depth,
                  [&](std::int32_t k) {
                    return static_cast<double>(
                               panel[static_cast<std::size_t>(k * kernel.columns + x)]) *
                           weight[static_cast<std::size_t>(k * kernel.channels + c)];
                  },
                  where);
            }
          }
          output.expect_nothing_left(where);
        }
      }
    }
  }
}

/// Clamping is in the kernels; NaN passes through it, and infinities are clamped.
TEST(Kernels, ClampButKeepNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> input = {nan, -2, 3, 9, kInfinity, -kInfinity, 0, 6};
  const std::vector<float> expected = {nan, 0, 3, 6, 6, 0, 0, 6};
  const std::vector<float> ones(4, 1), zeros(4, 0);
  const std::int32_t tap = 0;
  const auto check = [&](const char* name, std::int32_t channels, Output* output) {
    for (std::int32_t c = 0; c < channels; ++c) {
      for (std::int32_t x = 0; x < 8; ++x) {
        const float found = output->take(c, x);
        const float wanted = expected[static_cast<std::size_t>(x)];
        EXPECT_TRUE(found == wanted || (std::isnan(found) && std::isnan(wanted)))
            << name << ", column " << x << ": " << found;
      }
    }
  };
  for (const auto& kernel : direct_kernels()) {
    Output output(kernel.channels, 8, 1);
    kernel.run({input.data(), &tap, 1, ones.data(), zeros.data(), output.tile(0, 6), 8});
    check(kernel.name, kernel.channels, &output);
  }
  for (const auto& kernel : gemm_kernels()) {
    ASSERT_EQ(kernel.columns, 8);
    Output output(kernel.channels, 8, 1);
    kernel.run({input.data(), 1, ones.data(), zeros.data(), output.tile(0, 6), 8});
    check(kernel.name, kernel.channels, &output);
  }
}

#if defined(__FMA__)
/// One rounding instead of two: x * x - round(x * x) is what the second one would have lost.
TEST(Kernels, FusedRoundsOnce) {
  const float x = 1 + 0x1p-12f;
  const float rounded = x * x;
  const std::vector<float> input(8, x), weight(4, x), bias(4, -rounded);
  const std::int32_t tap = 0;
  for (const auto& kernel : direct_kernels()) {
    Output output(kernel.channels, 8, 1);
    kernel.run({input.data(), &tap, 1, weight.data(), bias.data(), output.tile(), 8});
    EXPECT_EQ(output.take(0, 0), kernel.fused ? 0x1p-24f : 0.0f) << kernel.name;
  }
}
#endif

}  // namespace
}  // namespace corr2d
