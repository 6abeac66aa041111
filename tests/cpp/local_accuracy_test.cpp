// Problem::local_accuracy: the bound of errors, integers, and what NaN and infinities reach.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "algorithms/large_kernel/fft_tiling.hpp"
#include "oracle/oracle.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::describe;
using testing::with_random_data;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Problem filter(std::int32_t height, std::int32_t width, std::int32_t kernel_height,
               std::int32_t kernel_width) {
  Problem p;
  p.input_height = height;
  p.input_width = width;
  p.kernel_height = kernel_height;
  p.kernel_width = kernel_width;
  p.pad_top = p.pad_bottom = kernel_height / 2;
  p.pad_left = p.pad_right = kernel_width / 2;
  p.local_accuracy = 1;
  // kAuto does not choose it for small problems.
  p.algorithm = Algorithm::kFft;
  return p;
}

std::vector<float> run(const Case& data) {
  std::mt19937 random(1);
  return testing::run(data, random);
}

/// For each output of a problem with one channel, the largest |x| of its window extended by half
/// its size on each side.
class Neighbourhoods {
 public:
  explicit Neighbourhoods(const Case& data) : p_(data.problem) {
    Geometry g;
    EXPECT_EQ(measure(p_, &g), Status::kOk);
    height_ = g.output_height;
    width_ = g.output_width;
    // A correlation with a single tap copies the padded input.
    Problem padded = p_;
    padded.kernel_height = padded.kernel_width = 1;
    padded.local_accuracy = 0;
    const float one = 1;
    magnitude_ = oracle::solve(padded, data.input.data(), &one, nullptr).output;
    rows_ = p_.input_height + p_.pad_top + p_.pad_bottom;
    columns_ = p_.input_width + p_.pad_left + p_.pad_right;
    // Maxima along rows, then along columns.
    for (double& x : magnitude_) x = std::isnan(x) ? 0 : std::abs(x);
    magnitude_ = maxima(magnitude_, columns_, 1, (p_.kernel_width - 1) * p_.dilation_width + 1);
    magnitude_ =
        maxima(magnitude_, rows_, columns_, (p_.kernel_height - 1) * p_.dilation_height + 1);
  }

  double operator()(std::int32_t row, std::int32_t column) const {
    return magnitude_[static_cast<std::size_t>(row * columns_ + column)];
  }
  std::int32_t height() const { return height_; }
  std::int32_t width() const { return width_; }

 private:
  /// For each position along an axis of `size` elements, the maximum over the neighbourhood of the
  /// window that begins there.
  std::vector<double> maxima(const std::vector<double>& values, std::int32_t size,
                             std::int32_t step, std::int32_t kernel) const {
    std::vector<double> result(values.size());
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(values.size()); ++i) {
      const std::int32_t at = i / step % size;
      const std::int32_t first = std::max(at - kernel / 2, 0);
      const std::int32_t last = std::min(at + kernel - 1 + kernel / 2, size - 1);
      double& largest = result[static_cast<std::size_t>(i)];
      for (std::int32_t j = first; j <= last; ++j) {
        largest = std::max(largest, values[static_cast<std::size_t>(i + (j - at) * step)]);
      }
    }
    return result;
  }

  const Problem& p_;
  std::int32_t height_, width_, rows_, columns_;
  std::vector<double> magnitude_;
};

/// Expects every output to be within (K + 1) eps max |x| sum |w| of the oracle's, or not finite if
/// the oracle's is not.
void expect_local_errors(const Case& data) {
  const std::vector<float> output = run(data);
  const oracle::Result expected =
      oracle::solve(data.problem, data.input.data(), data.weight.data(), nullptr);
  ASSERT_EQ(output.size(), expected.output.size());
  const Neighbourhoods nearby(data);
  double norm = 0;
  for (const float w : data.weight) norm += std::abs(static_cast<double>(w));
  const double products = static_cast<double>(data.weight.size());
  for (std::int32_t y = 0; y < nearby.height(); ++y) {
    for (std::int32_t x = 0; x < nearby.width(); ++x) {
      const auto i = static_cast<std::size_t>(y * nearby.width() + x);
      const double actual = static_cast<double>(output[i]);
      if (!std::isfinite(expected.output[i])) {
        ASSERT_FALSE(std::isfinite(actual)) << describe(data.problem) << ' ' << y << ' ' << x;
        continue;
      }
      const double allowed = (products + 1) * (testing::kEpsilon * norm * nearby(y, x) + 0x1p-149);
      ASSERT_LE(std::abs(actual - expected.output[i]), allowed)
          << describe(data.problem) << ' ' << y << ' ' << x << ": " << actual << ", expected "
          << expected.output[i];
    }
  }
}

/// Multiplies a rectangle of the input.
void scale_block(Case* data, float factor, std::mt19937& random) {
  const Problem& p = data->problem;
  const auto below = [&](std::int32_t n) {
    return static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(n));
  };
  const std::int32_t top = below(p.input_height), left = below(p.input_width);
  const std::int32_t bottom = std::min(top + 1 + below(40), p.input_height);
  const std::int32_t right = std::min(left + 1 + below(40), p.input_width);
  for (std::int32_t y = top; y < bottom; ++y) {
    for (std::int32_t x = left; x < right; ++x) {
      data->input[static_cast<std::size_t>(y * p.input_width + x)] *= factor;
    }
  }
}

TEST(LocalAccuracy, HasLocalErrorsWithBlocksOfAnyMagnitude) {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    const auto draw = [&](std::int32_t low, std::int32_t high) {
      return std::uniform_int_distribution<std::int32_t>(low, high)(random);
    };
    Problem p = filter(draw(50, 90), draw(60, 120), draw(8, 20), draw(8, 20));
    p.dilation_height = p.kernel_height < 15 ? 2 : 1;
    p.dilation_width = p.kernel_width < 15 ? 2 : 1;
    p.padding_mode = static_cast<PaddingMode>(draw(0, 4));
    p.fill_value = draw(0, 3) == 0 ? std::ldexp(1.0f, draw(-40, 60)) : 0;
    Case data = with_random_data(p, random);
    for (int block = draw(0, 4); block > 0; --block) {
      scale_block(&data, std::ldexp(1.0f, draw(-80, 80)), random);
    }
    if (draw(0, 2) == 0) scale_block(&data, 0, random);
    if (draw(0, 3) == 0) {
      for (float& w : data.weight) w = std::ldexp(w, -100);
    }
    expect_local_errors(data);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

/// The distant outputs of a picture of zeros with one pixel are exactly zero.
TEST(LocalAccuracy, KeepsZerosBesideASinglePixel) {
  std::mt19937 random(2);
  for (const float pixel : {1.0f, 1e30f, 1e-40f, kNaN, kInfinity}) {
    Case data = with_random_data(filter(120, 150, 15, 17), random);
    std::fill(data.input.begin(), data.input.end(), 0.0f);
    data.input[60 * 150 + 70] = pixel;
    const std::vector<float> output = run(data);
    for (std::int32_t y = 0; y < 120; ++y) {
      for (std::int32_t x = 0; x < 150; ++x) {
        if (std::abs(y - 60) <= 14 && std::abs(x - 70) <= 16) continue;
        ASSERT_EQ(output[static_cast<std::size_t>(y * 150 + x)], 0) << y << ' ' << x;
      }
    }
    expect_local_errors(data);
  }
}

TEST(LocalAccuracy, ReturnsIntegersForIntegers) {
  std::mt19937 random(3);
  for (const std::int32_t kernel : {15, 17, 31}) {
    for (const std::int32_t most : {1, 255, 100000}) {
      for (const std::int32_t most_weight : {1, 9, 1000}) {
        Case data = with_random_data(filter(100, 130, kernel, kernel), random);
        const auto draw = [&](std::int32_t limit) {
          return std::uniform_int_distribution<std::int32_t>(-limit, limit)(random);
        };
        for (float& x : data.input) x = static_cast<float>(draw(most));
        for (float& w : data.weight) w = static_cast<float>(draw(most_weight));
        const oracle::Result expected =
            oracle::solve(data.problem, data.input.data(), data.weight.data(), nullptr);
        const std::vector<float> output = run(data);
        for (std::size_t i = 0; i < output.size(); ++i) {
          if (expected.magnitude[i] >= 0x1p+24) continue;
          if (expected.output[i] != std::floor(expected.output[i])) continue;
          ASSERT_EQ(static_cast<double>(output[i]), expected.output[i])
              << describe(data.problem) << ' ' << most << ' ' << most_weight << ' ' << i;
        }
      }
    }
  }
}

TEST(LocalAccuracy, ReachesWindowsThatContainNonFiniteNumbersOnly) {
  std::mt19937 random(4);
  Problem p = filter(90, 100, 15, 16);
  p.pad_right = 7;
  for (const float bad : {kNaN, kInfinity, -kInfinity}) {
    Case data = with_random_data(p, random);
    data.input[50 * 100 + 40] = bad;
    expect_local_errors(data);
    const std::vector<float> output = run(data);
    EXPECT_EQ(
        std::count_if(output.begin(), output.end(), [](float y) { return !std::isfinite(y); }),
        15 * 16);
  }
  p.fill_value = kNaN;
  expect_local_errors(with_random_data(p, random));
  Case data = with_random_data(filter(90, 100, 15, 16), random);
  data.weight[3] = kInfinity;
  const std::vector<float> output = run(data);
  EXPECT_FALSE(std::isfinite(output[5000]));
}

/// A bright block, a missing pixel or the end of a black area at each edge of a tile.
TEST(LocalAccuracy, HoldsAtTheEdgesOfTiles) {
  std::mt19937 random(8);
  const Problem p = filter(140, 260, 15, 17);
  Geometry g;
  ASSERT_EQ(measure(p, &g), Status::kOk);
  const Correlation c = correlation_of(normalised(p, g), g);
  const FftTiling tiling = best_fft_tiling(c);
  // In the coordinates of the input.
  const std::int32_t top = FftAxis(c.rows, tiling.rows).tile - 7;
  const std::int32_t left = FftAxis(c.columns, tiling.columns).tile - 8;
  ASSERT_LT(top + 15, 140);
  ASSERT_LT(left + 17, 260);
  const Case plain = with_random_data(p, random);
  for (const std::int32_t row : {0, top - 1, top, top + 13, top + 14, 139}) {
    for (const std::int32_t column : {0, left - 1, left, left + 16, 259}) {
      Case data = plain;
      float* pixel = &data.input[static_cast<std::size_t>(row * p.input_width + column)];
      *pixel = 1e7f;
      expect_local_errors(data);
      *pixel = kNaN;
      expect_local_errors(data);
      std::fill(data.input.data(), pixel + 1, 0.0f);
      expect_local_errors(data);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(LocalAccuracy, IsPossibleForEveryForwardProblem) {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    const auto draw = [&](std::int32_t low, std::int32_t high) {
      return std::uniform_int_distribution<std::int32_t>(low, high)(random);
    };
    Problem p = filter(draw(8, 50), draw(8, 60), draw(1, 7), draw(1, 9));
    p.algorithm = Algorithm::kAuto;
    p.batch = draw(1, 3);
    p.groups = draw(1, 3);
    p.input_channels = p.groups * draw(1, 3);
    p.output_channels = p.groups * draw(1, 4);
    p.stride_height = draw(1, 2);
    p.dilation_height = draw(1, 2);
    p.dilation_width = draw(1, 2);
    p.padding_mode = static_cast<PaddingMode>(draw(0, 4));
    p.has_bias = draw(0, 1);
    p.activation = static_cast<Activation>(draw(0, 8));
    p.activation_alpha = 0.1f;
    Geometry g;
    if (measure(p, &g) != Status::kOk) continue;
    const Case data = with_random_data(p, random);
    ASSERT_TRUE(testing::within_bound(data, run(data)));
  }
}

TEST(LocalAccuracy, SaysWhichProblemsFftCannotDo) {
  Problem p = filter(20, 20, 15, 15);
  EXPECT_EQ(refusal_of(p), nullptr);
  Problem small = p;
  small.kernel_width = 14;
  constexpr const char* kReason = "its errors would not be local";
  EXPECT_STREQ(refusal_of(small), kReason);
  p.has_bias = 1;
  EXPECT_STREQ(refusal_of(p), kReason);
  p.has_bias = 0;
  p.activation = Activation::kRelu;
  EXPECT_STREQ(refusal_of(p), kReason);
  p.activation = Activation::kNone;
  p.batch = 2;
  EXPECT_STREQ(refusal_of(p), kReason);
}

TEST(LocalAccuracy, KeepsNothingFromFormerInputs) {
  std::mt19937 random(6);
  const Case plain = with_random_data(filter(100, 100, 15, 15), random);
  const Case bright = [&] {
    Case data = plain;
    scale_block(&data, 1e20f, random);
    return data;
  }();
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(plain.problem, plain.weight.data(), nullptr, 1, &plan), Status::kOk);
  std::vector<float> output(10000);
  for (const Case* data : {&plain, &bright, &plain}) {
    plan->run(data->input.data(), output.data());
    EXPECT_EQ(output, run(*data));
  }
}

Algorithm chosen(Problem problem, const std::vector<float>& weight) {
  problem.algorithm = Algorithm::kAuto;
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(problem, weight.data(), nullptr, 1, &plan), Status::kOk);
  return plan->algorithm();
}

TEST(LocalAccuracy, ChoosesSeparableOnlyIfItIsAccurate) {
  const Problem p = filter(400, 500, 15, 15);
  std::vector<float> gaussian, laplacian, box(225, 1.0f), random_weight;
  std::mt19937 random(7);
  for (int y = 0; y < 15; ++y) {
    for (int x = 0; x < 15; ++x) {
      const auto square = static_cast<float>((y - 7) * (y - 7) + (x - 7) * (x - 7));
      gaussian.push_back(std::exp(-0.1f * square));
      laplacian.push_back((square - 10) * std::exp(-0.1f * square));
      random_weight.push_back(static_cast<float>(random() % 100));
    }
  }
  EXPECT_EQ(chosen(p, gaussian), Algorithm::kSeparable);
  EXPECT_EQ(chosen(p, laplacian), Algorithm::kFft);  // of rank 2
  EXPECT_EQ(chosen(p, random_weight), Algorithm::kFft);
  // The factors of a kernel of integers need not be integers.
  EXPECT_EQ(chosen(p, box), Algorithm::kFft);
  std::vector<float> integers;
  for (int y = 0; y < 15; ++y) {
    for (int x = 0; x < 15; ++x) integers.push_back(static_cast<float>((2 + y % 2) * (2 + x % 3)));
  }
  EXPECT_EQ(chosen(p, integers), Algorithm::kFft);
  Problem global = p;
  global.local_accuracy = 0;
  EXPECT_EQ(chosen(global, integers), Algorithm::kSeparable);
}

TEST(LocalAccuracy, NeverChoosesWinograd) {
  Problem p = filter(56, 56, 3, 3);
  p.input_channels = p.output_channels = 64;
  const std::vector<float> weight(64 * 64 * 9, 1.0f);
  EXPECT_EQ(chosen(p, weight), Algorithm::kGemm);
  p.local_accuracy = 0;
  EXPECT_EQ(chosen(p, weight), Algorithm::kWinograd);
}

TEST(LocalAccuracy, IsForForwardProblemsOnly) {
  Problem p = filter(10, 10, 3, 3);
  p.kind = Kind::kTransposed;
  Geometry g;
  EXPECT_EQ(measure(p, &g), Status::kUnsupported);
}

}  // namespace
}  // namespace corr2d
