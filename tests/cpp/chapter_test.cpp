// The examples of chapter 7.4 of Dive into Deep Learning, with the numbers that it prints.

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "corr2d/plan.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using Values = std::vector<float>;

/// Correlates X (ci x side x side) with K (co x ci x kernel_side x kernel_side).
Values correlate(const Values& x, const Values& k, std::int32_t ci, std::int32_t co,
                 std::int32_t side, std::int32_t kernel_side, Algorithm algorithm) {
  Problem p;
  p.input_channels = ci;
  p.output_channels = co;
  p.input_height = p.input_width = side;
  p.kernel_height = p.kernel_width = kernel_side;
  p.algorithm = algorithm;
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, k.data(), nullptr, 1, &plan), Status::kOk);
  const auto out_side = static_cast<std::size_t>(side - kernel_side + 1);
  Values y(static_cast<std::size_t>(co) * out_side * out_side);
  plan->run(x.data(), y.data());
  return y;
}

const Values kX = {0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9};
const Values kK = {0, 1, 2, 3, 1, 2, 3, 4};

TEST(Chapter, OneInputAndOneOutputChannel) {
  const Values x(kX.begin(), kX.begin() + 9);
  const Values k(kK.begin(), kK.begin() + 4);
  EXPECT_EQ(correlate(x, k, 1, 1, 3, 2, Algorithm::kAuto), (Values{19, 25, 37, 43}));
}

TEST(Chapter, MultipleInputChannels) {
  EXPECT_EQ(correlate(kX, kK, 2, 1, 3, 2, Algorithm::kAuto), (Values{56, 72, 104, 120}));
}

TEST(Chapter, MultipleOutputChannels) {
  Values stacked;
  for (const float add : {0.0f, 1.0f, 2.0f}) {
    for (const float value : kK) stacked.push_back(value + add);
  }
  EXPECT_EQ(correlate(kX, stacked, 2, 3, 3, 2, Algorithm::kAuto),
            (Values{56, 72, 104, 120, 76, 100, 148, 172, 96, 128, 192, 224}));
}

/// A 1x1 layer computed as a matrix product and as a sliding window gives the same bits. Each is
/// also compared with the oracle, because both could have the same error.
TEST(Chapter, OneByOneLayerEqualsAMatrixProduct) {
  std::mt19937 shapes(1);
  const auto draw = [&](int high) { return std::uniform_int_distribution<int>(1, high)(shapes); };
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    Problem p;
    p.input_channels = seed == 0 ? 3 : draw(40);
    p.output_channels = seed == 0 ? 2 : draw(13);
    p.input_height = seed == 0 ? 3 : draw(9);
    p.input_width = seed == 0 ? 3 : draw(40);
    p.deterministic = static_cast<std::int32_t>(seed % 2);
    p.algorithm = Algorithm::kGemm;
    testing::Case data = testing::with_random_data(p, random);
    const Values product = testing::run(data, random);
    ASSERT_TRUE(testing::within_bound(data, product));
    data.problem.algorithm = Algorithm::kDirect;
    const Values windows = testing::run(data, random);
    ASSERT_TRUE(testing::within_bound(data, windows));
    ASSERT_EQ(product.size(), windows.size());
    ASSERT_EQ(std::memcmp(product.data(), windows.data(), product.size() * sizeof(float)), 0)
        << testing::describe(p);
  }
}

}  // namespace
}  // namespace corr2d
