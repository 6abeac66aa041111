// FFT: its errors relative to those of direct, which outputs they reach, and the edges of its
// tiles.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "algorithms/large_kernel/fft_tiling.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::data_for;
using testing::describe;
using testing::run_by;
using testing::Values;
using testing::with_random_data;

/// A problem whose output is as large as its input, with a square kernel.
Problem layer(std::int32_t height, std::int32_t width, std::int32_t kernel, std::int32_t inputs = 1,
              std::int32_t outputs = 1) {
  Problem p;
  p.input_channels = inputs;
  p.output_channels = outputs;
  p.input_height = height;
  p.input_width = width;
  p.kernel_height = p.kernel_width = kernel;
  p.pad_top = p.pad_left = kernel / 2;
  p.pad_bottom = p.pad_right = kernel - 1 - kernel / 2;
  p.algorithm = Algorithm::kFft;
  return p;
}

FftTiling tiling_of(const Problem& p) {
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kOk);
  return best_fft_tiling(correlation_of(normalised(p, geometry), geometry));
}

bool is_correct(const Problem& problem, std::mt19937& random) {
  const Case data = with_random_data(problem, random);
  return testing::within_bound(data, testing::run(data, random));
}

/// One output less than one or two tiles, exactly as many, and one more, along both axes.
TEST(Fft, IsCorrectAroundTheEdgesOfTiles) {
  std::mt19937 random(1);
  for (const std::int32_t kernel : {1, 2, 5, 8}) {
    for (const std::int32_t size : {4, 8, 16, 32, 64}) {
      const std::int32_t tile = size - kernel + 1;
      for (const std::int32_t height : {tile - 1, tile, tile + 1, 2 * tile, 2 * tile + 1}) {
        for (const std::int32_t width : {1, 3, 13, tile, 2 * tile + 1}) {
          if (std::min(height, width) < 1) continue;
          ASSERT_TRUE(is_correct(layer(height, width, kernel), random));
          ASSERT_TRUE(is_correct(layer(width, height, kernel), random));
        }
      }
    }
  }
}

/// Some kernels are larger than the image.
TEST(Fft, IsCorrectForTransformsOfEveryLength) {
  std::mt19937 random(2);
  for (std::int32_t size = 4; size <= 1024; size *= 2) {
    Problem p;
    p.algorithm = Algorithm::kFft;
    p.kernel_width = size / 2 + 1;
    p.kernel_height = 2;
    p.input_width = 7;
    p.pad_left = p.pad_right = size / 2;
    p.pad_top = 3;
    EXPECT_EQ(tiling_of(p).columns, std::max(size, 8)) << size;
    EXPECT_TRUE(is_correct(p, random));
    std::swap(p.kernel_width, p.kernel_height);
    std::swap(p.input_width, p.input_height);
    std::swap(p.pad_left, p.pad_top);
    std::swap(p.pad_right, p.pad_bottom);
    EXPECT_EQ(tiling_of(p).rows, std::max(size, 8)) << size;
    EXPECT_TRUE(is_correct(p, random));
  }
}

TEST(Fft, IsCorrectForEveryOption) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const auto draw = [&random](std::int32_t low, std::int32_t high) {
      return std::uniform_int_distribution<std::int32_t>(low, high)(random);
    };
    Problem p = layer(draw(1, 40), draw(1, 60), draw(1, 9));
    p.kernel_width = draw(1, 12);
    p.kind = static_cast<Kind>(draw(0, 3));
    p.batch = draw(1, 3);
    p.groups = draw(1, 3);
    p.input_channels = p.groups * draw(1, 3);
    p.output_channels = p.groups * draw(1, 4);
    p.dilation_height = draw(1, 3);
    p.dilation_width = draw(1, 3);
    p.pad_top = draw(0, 20);
    p.pad_right = draw(0, 30);
    if (p.kind == Kind::kForward) {
      p.padding_mode = static_cast<PaddingMode>(draw(0, 4));
      p.fill_value = 0.5f;
      p.has_bias = 1;
      p.activation = static_cast<Activation>(draw(0, 8));
      p.activation_alpha = 0.1f;
    }
    // The dilation is the stride of the gradient of a weight.
    if (p.kind == Kind::kBackwardWeight) p.dilation_height = p.dilation_width = 1;
    Geometry g;
    if (measure(p, &g) != Status::kOk) continue;
    ASSERT_TRUE(is_correct(p, random));
  }
}

TEST(Fft, IsCorrectInNhwc) {
  std::mt19937 random(4);
  Problem p = layer(30, 41, 7, 3, 5);
  p.batch = 2;
  p.input_strides = {30 * 41 * 3, 1, 41 * 3, 3};
  p.output_strides = {30 * 41 * 6, 1, 41 * 6, 6};
  EXPECT_TRUE(is_correct(p, random));
}

TEST(Fft, HasErrorsComparableToThoseOfDirect) {
  std::mt19937 random(5);
  for (const Values values : {Values::kZeroMean, Values::kImage, Values::kActivations}) {
    for (const Problem& p : {layer(60, 90, 5), layer(60, 90, 11), layer(60, 70, 25),
                             layer(20, 20, 9, 4, 4), layer(12, 12, 5, 32, 4)}) {
      Case data = data_for(p, values, random);
      EXPECT_LE(testing::error_ratio(Algorithm::kFft, data), 4) << describe(p);
      // Weights of one sign, like those of blurring filters.
      for (float& w : data.weight) w = std::abs(w);
      EXPECT_LE(testing::error_ratio(Algorithm::kFft, data), 4) << describe(p);
    }
  }
}

/// The outputs that are transformed together with the one in this row and column: two tiles that
/// are neighbours in a row of tiles, or the last of one row and the first of the next.
class Pair {
 public:
  Pair(const Problem& p, std::int32_t row, std::int32_t column)
      : rows_(tiling_of(p).rows - p.kernel_height + 1),
        columns_(tiling_of(p).columns - p.kernel_width + 1),
        in_row_((p.input_width - 1) / columns_ + 1),
        number_(of(row, column)) {}

  bool holds(std::int32_t row, std::int32_t column) const { return of(row, column) == number_; }

 private:
  std::int32_t of(std::int32_t row, std::int32_t column) const {
    return (row / rows_ * in_row_ + column / columns_) / 2;
  }

  std::int32_t rows_, columns_, in_row_, number_;
};

TEST(Fft, SpreadsANonFiniteInputAtMostToItsPairsOfTiles) {
  std::mt19937 random(6);
  const Problem p = layer(150, 170, 7);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (int i = 0; i < 10; ++i) {
      Case data = data_for(p, Values::kZeroMean, random);
      const auto at = static_cast<std::int32_t>(random() % data.input.size());
      const std::int32_t row = at / 170, column = at % 170;
      data.input[static_cast<std::size_t>(at)] = bad;
      const auto output = run_by(Algorithm::kFft, data);
      std::vector<Pair> reached;
      for (const std::int32_t y : {std::max(row - 3, 0), std::min(row + 3, 149)}) {
        for (const std::int32_t x : {std::max(column - 3, 0), std::min(column + 3, 169)}) {
          reached.emplace_back(p, y, x);
        }
      }
      int finite = 0;
      for (std::int32_t j = 0; j < 150 * 170; ++j) {
        const std::int32_t y = j / 170, x = j % 170;
        const bool is_finite = std::isfinite(output[static_cast<std::size_t>(j)]);
        finite += is_finite ? 1 : 0;
        if (std::abs(y - row) <= 3 && std::abs(x - column) <= 3) {
          ASSERT_FALSE(is_finite) << y << ' ' << x;
        } else if (std::none_of(reached.begin(), reached.end(),
                                [&](const Pair& pair) { return pair.holds(y, x); })) {
          ASSERT_TRUE(is_finite) << y << ' ' << x;
        }
      }
      EXPECT_GT(finite, 0);
    }
  }
}

/// Large values in one tile do not affect distant tiles.
TEST(Fft, KeepsErrorsWithinTheirTiles) {
  std::mt19937 random(7);
  const Problem p = layer(200, 200, 9);
  const Case data = data_for(p, Values::kZeroMean, random);
  Case large = data;
  for (std::size_t i = 170 * 200; i < large.input.size(); ++i) large.input[i] *= 1e15f;
  const auto plain = run_by(Algorithm::kFft, data);
  const auto beside = run_by(Algorithm::kFft, large);
  const std::int32_t tile = tiling_of(p).rows - 8;
  ASSERT_LT(tile, 100);
  std::size_t same = 0;
  while (same < plain.size() && plain[same] == beside[same]) ++same;
  // All rows of tiles except those that read one of the last 30 rows or are paired with such a row.
  EXPECT_GE(static_cast<std::int32_t>(same), ((166 / tile) * tile - tile) * 200);
}

/// The padding of a transposed problem crops windows.
TEST(Fft, IgnoresInputsThatNoWindowHolds) {
  std::mt19937 random(8);
  Problem p = layer(20, 30, 5);
  p.kind = Kind::kTransposed;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 7;
  Case data = data_for(p, Values::kZeroMean, random);
  for (std::size_t i = 0; i < data.input.size(); ++i) {
    const std::size_t y = i / 30, x = i % 30;
    if (y < 3 || x < 3 || y > 16 || x > 26) data.input[i] = std::numeric_limits<float>::quiet_NaN();
  }
  for (const float value : run_by(Algorithm::kFft, data)) EXPECT_TRUE(std::isfinite(value));
}

TEST(Fft, ReturnsTheBiasForAWeightOfZeros) {
  std::mt19937 random(9);
  Problem p = layer(21, 30, 6, 2, 3);
  p.has_bias = 1;
  Case data = data_for(p, Values::kZeroMean, random);
  std::fill(data.weight.begin(), data.weight.end(), 0.0f);
  const auto output = testing::run(data, random);
  for (std::size_t i = 0; i < output.size(); ++i) ASSERT_EQ(output[i], data.bias[i / (21 * 30)]);
}

TEST(Fft, SaysWhyItCannotDoAProblem) {
  Problem p = layer(8, 9, 5);
  EXPECT_EQ(refusal_of(p), nullptr);
  Problem deterministic = p;
  deterministic.deterministic = 1;
  EXPECT_STREQ(refusal_of(deterministic), "its rounding is not deterministic");
  Problem strided = p;
  strided.stride_width = 2;
  EXPECT_STREQ(refusal_of(strided), "it needs stride 1");
  Problem wide = p;
  wide.kernel_width = wide.pad_left = 1024;
  EXPECT_EQ(refusal_of(wide), nullptr);
  wide.kernel_width = 1025;
  EXPECT_STREQ(refusal_of(wide), "its kernel reaches over more than 1024 rows or columns");
  wide.kernel_width = 5;
  wide.dilation_width = 1 << 20;
  wide.pad_left = 1 << 23;
  EXPECT_NE(refusal_of(wide), nullptr);
}

Algorithm chosen(const Problem& problem, Use use = Use::kOften) {
  std::mt19937 random(10);
  Problem p = problem;
  p.algorithm = Algorithm::kAuto;
  const Case data = data_for(p, Values::kZeroMean, random);
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, data.weight.data(), nullptr, 1, &plan, use), Status::kOk);
  return plan->algorithm();
}

TEST(Fft, IsChosenForLargeKernels) {
  for (const Problem& p : {layer(300, 400, 15), layer(300, 400, 11), layer(300, 400, 31),
                           layer(256, 256, 9, 3, 32), layer(128, 128, 9, 16, 16)}) {
    EXPECT_EQ(chosen(p), Algorithm::kFft) << describe(p);
    EXPECT_EQ(chosen(p, Use::kOnce), Algorithm::kFft) << describe(p);
    Problem deterministic = p;
    deterministic.deterministic = 1;
    EXPECT_NE(chosen(deterministic), Algorithm::kFft) << describe(p);
    Problem strided = p;
    strided.stride_width = 2;
    EXPECT_NE(chosen(strided), Algorithm::kFft) << describe(p);
  }
  EXPECT_EQ(chosen(layer(300, 400, 7)), Algorithm::kDepthwise);
  EXPECT_EQ(chosen(layer(56, 56, 3, 64, 64)), Algorithm::kWinograd);
  // The spectra would be as large as many images.
  EXPECT_EQ(chosen(layer(14, 14, 7, 512, 512)), Algorithm::kGemm);
}

/// Preparing the spectra takes longer than one run on a small image.
TEST(Fft, IsNotChosenForOneRunIfPreparingItTakesLonger) {
  for (const Problem& p : {layer(28, 28, 5, 16, 32), layer(20, 20, 7, 16, 16)}) {
    EXPECT_EQ(chosen(p), Algorithm::kFft);
    EXPECT_NE(chosen(p, Use::kOnce), Algorithm::kFft);
  }
}

}  // namespace
}  // namespace corr2d
