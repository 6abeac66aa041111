#include "corr2d/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace corr2d {
namespace {

std::vector<float> draw(std::int32_t count, double mean, double deviation, std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  fill_normal(values.data(), count, mean, deviation, seed);
  return values;
}

/// tests/js/tensor/create.test.mjs expects the same numbers.
TEST(Random, FillNormalGivesTheSameBitsOnEveryMachine) {
  EXPECT_EQ(draw(5, 0, 1, 42), (std::vector<float>{0.492950648f, -0.694005668f, -1.28107738f,
                                                   -0.901557207f, -0.601877987f}));
}

TEST(Random, FewerSamplesAreAPrefixOfMoreSamples) {
  const std::vector<float> longer = draw(101, 1, 2, 5);
  for (const std::int32_t count : {0, 1, 2, 100}) {
    const std::vector<float> shorter = draw(count, 1, 2, 5);
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin())) << count;
  }
  EXPECT_NE(draw(4, 0, 1, 1), draw(4, 0, 1, 2));
}

/// Checks the moments, and the fractions within one, two and three standard deviations.
TEST(Random, FillNormalFollowsTheNormalDistribution) {
  constexpr std::int32_t kCount = 400000;
  double sum = 0, square = 0, cube = 0, fourth = 0;
  double within[3] = {};
  for (const float value : draw(kCount, 3, 0.5, 123)) {
    const double z = (value - 3) / 0.5;
    sum += z;
    square += z * z;
    cube += z * z * z;
    fourth += z * z * z * z;
    for (int i = 0; i < 3; ++i) within[i] += std::abs(z) <= i + 1;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(square / kCount, 1, 0.01);
  EXPECT_NEAR(cube / kCount, 0, 0.03);
  EXPECT_NEAR(fourth / kCount, 3, 0.05);
  EXPECT_NEAR(within[0] / kCount, 0.6827, 0.004);
  EXPECT_NEAR(within[1] / kCount, 0.9545, 0.002);
  EXPECT_NEAR(within[2] / kCount, 0.9973, 0.001);
}

/// Recomputes the samples from the same points of the disc with std::log.
TEST(Random, FillNormalIsAccurate) {
  std::uint64_t state = 77;
  const auto uniform = [&] {
    std::uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
  };
  const std::vector<float> samples = draw(20000, 0, 1, 77);
  for (std::size_t i = 0; i < samples.size();) {
    const double x = uniform();
    const double y = uniform();
    const double s = x * x + y * y;
    if (s >= 1) continue;
    const double factor = std::sqrt(-2 * std::log(s) / s);
    ASSERT_NEAR(samples[i], factor * x, 1e-7 * std::abs(factor * x));
    ASSERT_NEAR(samples[i + 1], factor * y, 1e-7 * std::abs(factor * y));
    i += 2;
  }
}

}  // namespace
}  // namespace corr2d
