// Separable: the ranks of kernels, and the passes along columns and rows for kernels of low rank,
// as the sweep has kernels of full rank only.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "algorithms/algorithm.hpp"
#include "algorithms/large_kernel/low_rank.hpp"
#include "oracle/oracle.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::data_for;
using testing::describe;
using testing::run_by;
using testing::Values;

struct Kernel2d {
  std::int32_t rows, columns;
  std::vector<float> taps;

  double norm() const {
    double sum = 0;
    for (const float tap : taps) sum += static_cast<double>(tap) * static_cast<double>(tap);
    return std::sqrt(sum);
  }
};

template <typename At>
Kernel2d kernel_of(std::int32_t rows, std::int32_t columns, At at) {
  Kernel2d kernel = {rows, columns, {}};
  for (std::int32_t y = 0; y < rows; ++y) {
    for (std::int32_t x = 0; x < columns; ++x) {
      // Coordinates relative to the centre.
      kernel.taps.push_back(static_cast<float>(at(y - 0.5 * (rows - 1), x - 0.5 * (columns - 1))));
    }
  }
  return kernel;
}

Kernel2d gaussian(std::int32_t rows, std::int32_t columns, double sigma) {
  return kernel_of(rows, columns, [sigma](double y, double x) {
    return std::exp(-(x * x + y * y) / (2 * sigma * sigma)) / (6.28 * sigma * sigma);
  });
}

/// A kernel of values between -1 and 1 that has this rank before rounding.
Kernel2d random_kernel(std::int32_t rows, std::int32_t columns, std::int32_t rank,
                       std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> sums(static_cast<std::size_t>(rows * columns));
  for (std::int32_t k = 0; k < rank; ++k) {
    std::vector<double> row(static_cast<std::size_t>(columns));
    for (double& value : row) value = uniform(random) / rank;
    for (std::int32_t y = 0; y < rows; ++y) {
      const double factor = uniform(random);
      for (std::int32_t x = 0; x < columns; ++x) {
        sums[static_cast<std::size_t>(y * columns + x)] +=
            factor * row[static_cast<std::size_t>(x)];
      }
    }
  }
  return {rows, columns, {sums.begin(), sums.end()}};
}

std::int32_t rank_of(const Kernel2d& kernel, std::int32_t most = 1000) {
  const KernelsView view = {
      kernel.taps.data(), 1, kernel.rows, kernel.columns, kernel.columns, 1, 1, 0, 0};
  LowRank factors;
  EXPECT_TRUE(factors.reset(view, most));
  return factors.factor(view, 0);
}

/// The least rank of a matrix within `tolerance` of the kernel, by a singular value decomposition
/// (one-sided Jacobi).
std::int32_t least_rank(const Kernel2d& kernel, double tolerance) {
  const auto columns = static_cast<std::size_t>(kernel.columns);
  const std::size_t rows = kernel.taps.size() / columns;
  std::vector<std::vector<double>> column_values(columns, std::vector<double>(rows));
  for (std::size_t i = 0; i < kernel.taps.size(); ++i) {
    column_values[i % columns][i / columns] = static_cast<double>(kernel.taps[i]);
  }
  const auto dot = [](const auto& a, const auto& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (std::size_t p = 0; p < columns; ++p) {
      for (std::size_t q = p + 1; q < columns; ++q) {
        auto &a = column_values[p], &b = column_values[q];
        const double both = dot(a, b);
        if (both == 0) continue;
        const double zeta = (dot(b, b) - dot(a, a)) / (2 * both);
        const double t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::hypot(1, zeta));
        const double c = 1 / std::hypot(1, t), s = c * t;
        for (std::size_t i = 0; i < rows; ++i) {
          const double old = a[i];
          a[i] = c * old - s * b[i];
          b[i] = s * old + c * b[i];
        }
      }
    }
  }
  std::vector<double> squares;
  for (const auto& column : column_values) squares.push_back(dot(column, column));
  std::sort(squares.begin(), squares.end());
  double left = 0;
  std::size_t dropped = 0;
  while (dropped < columns && std::sqrt(left + squares[dropped]) <= tolerance)
    left += squares[dropped++];
  return static_cast<std::int32_t>(columns - dropped);
}

/// Kernels of well-known filters.
std::vector<Kernel2d> well_known(std::int32_t size) {
  const double s = 0.3 * (0.5 * (size - 1) - 1) + 0.8, r = 0.5 * size;
  return {
      gaussian(size, size, s),
      gaussian(size, 2 * size - 1, s),
      // The Laplacian of a Gaussian, a difference of Gaussians, a Gabor filter, a disk, a box.
      kernel_of(size, size,
                [s](double y, double x) {
                  return (x * x + y * y - 2 * s * s) * std::exp(-(x * x + y * y) / (2 * s * s));
                }),
      kernel_of(size, size,
                [s](double y, double x) {
                  const double q = (x * x + y * y) / (2 * s * s);
                  return std::exp(-q) - std::exp(-4 * q) / 4;
                }),
      kernel_of(size, size,
                [s](double y, double x) {
                  return std::exp(-(x * x + y * y) / (2 * s * s)) * std::cos(0.7 * x + 0.4 * y);
                }),
      kernel_of(size, size, [r](double y, double x) { return x * x + y * y <= r * r ? 1.0 : 0.0; }),
      kernel_of(size, size, [](double, double) { return 1.0; }),
  };
}

TEST(LowRank, FindsTheRankOfASingularValueDecomposition) {
  for (const std::int32_t size : {3, 5, 7, 11, 15, 21, 31}) {
    for (const Kernel2d& kernel : well_known(size)) {
      EXPECT_EQ(rank_of(kernel), least_rank(kernel, 0x1p-23 * kernel.norm())) << size;
    }
  }
  EXPECT_EQ(rank_of(gaussian(31, 31, 5)), 1);
  EXPECT_EQ(rank_of(well_known(15)[2]), 2);
}

TEST(LowRank, FindsTheRankOfSumsOfProducts) {
  std::mt19937 random(1);
  for (const std::int32_t rows : {1, 2, 3, 5, 8, 13, 31}) {
    for (const std::int32_t columns : {1, 2, 4, 7, 12, 31}) {
      for (std::int32_t rank = 0; rank <= std::min({rows, columns, 6}); ++rank) {
        const Kernel2d kernel = random_kernel(rows, columns, rank, random);
        EXPECT_EQ(rank_of(kernel), rank) << rows << ' ' << columns;
        if (rank < 2) continue;
        EXPECT_EQ(rank_of(kernel, rank), rank);
        EXPECT_EQ(rank_of(kernel, rank - 1), rank) << "expected max_rank + 1";
      }
    }
  }
}

/// The rest is within the documented bound, for any steps between rows and columns.
TEST(LowRank, HasProductsThatAddUpToTheKernel) {
  std::mt19937 random(2);
  for (const std::int32_t rank : {1, 2, 3, 7}) {
    const Kernel2d kernel = random_kernel(9, 7, rank, random);
    // The kernel is transposed, and its rows are in reverse order.
    const KernelsView view = {kernel.taps.data() + 6, 1, 7, 9, -1, 7, 1, 0, 0};
    LowRank factors;
    ASSERT_TRUE(factors.reset(view, 7));
    ASSERT_EQ(factors.factor(view, 0), rank);
    std::vector<float> columns(static_cast<std::size_t>(7 * rank)),
        rows(static_cast<std::size_t>(9 * rank));
    factors.copy(rank, columns.data(), rows.data());
    double left = 0;
    for (std::size_t y = 0; y < 7; ++y) {
      for (std::size_t x = 0; x < 9; ++x) {
        double sum = -static_cast<double>(kernel.taps[7 * x + 6 - y]);
        for (std::size_t k = 0; k < static_cast<std::size_t>(rank); ++k) {
          sum += static_cast<double>(columns[7 * k + y]) * static_cast<double>(rows[9 * k + x]);
        }
        left += sum * sum;
      }
    }
    // Columns and rows are rounded, too.
    EXPECT_LE(std::sqrt(left), 2 * 0x1p-23 * kernel.norm()) << rank;
  }
}

TEST(LowRank, NeglectsOnlyWhatFloat32CannotRepresent) {
  const auto diagonal = [](float small) { return Kernel2d{2, 2, {1, 0, 0, small}}; };
  EXPECT_EQ(rank_of(diagonal(0x1p-22f)), 2);
  EXPECT_EQ(rank_of(diagonal(0x1p-24f)), 1);
}

TEST(LowRank, GivesNonFiniteKernelsFullRank) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Kernel2d kernel = gaussian(5, 7, 2);
    kernel.taps[9] = bad;
    EXPECT_EQ(rank_of(kernel), 5);
    EXPECT_GT(rank_of(kernel, 2), 2);
  }
  // Very large and very small numbers are finite.
  for (const float scale : {1e38f, 1e-37f}) {
    Kernel2d kernel = gaussian(5, 5, 1);
    for (float& tap : kernel.taps) tap *= scale;
    EXPECT_EQ(rank_of(kernel), 1) << scale;
  }
}

/// A single-channel problem whose output is as large as its input.
Problem filter(std::int32_t height, std::int32_t width, std::int32_t kernel_height,
               std::int32_t kernel_width) {
  Problem p;
  p.input_height = height;
  p.input_width = width;
  p.kernel_height = kernel_height;
  p.kernel_width = kernel_width;
  p.pad_top = kernel_height / 2;
  p.pad_bottom = kernel_height - 1 - p.pad_top;
  p.pad_left = kernel_width / 2;
  p.pad_right = kernel_width - 1 - p.pad_left;
  p.algorithm = Algorithm::kSeparable;
  return p;
}

/// A case whose contiguous kernels have these ranks in turn.
Case with_ranks(const Problem& problem, const std::vector<std::int32_t>& ranks, Values values,
                std::mt19937& random) {
  Case data = data_for(problem, values, random);
  const auto taps = static_cast<std::size_t>(problem.kernel_height * problem.kernel_width);
  for (std::size_t i = 0; i * taps < data.weight.size(); ++i) {
    const Kernel2d kernel =
        random_kernel(problem.kernel_height, problem.kernel_width, ranks[i % ranks.size()], random);
    std::copy(kernel.taps.begin(), kernel.taps.end(),
              data.weight.begin() + static_cast<std::ptrdiff_t>(i * taps));
  }
  return data;
}

bool is_correct(const Problem& problem, const std::vector<std::int32_t>& ranks,
                std::mt19937& random) {
  Case data = with_ranks(problem, ranks, Values::kZeroMean, random);
  // The bound holds for values between -1 and 1.
  for (float& x : data.input) x = std::tanh(x);
  return testing::within_bound(data, testing::run(data, random));
}

TEST(Separable, IsCorrectAroundTheEdgesOfTilesAndBlocks) {
  std::mt19937 random(3);
  for (const std::int32_t width :
       {1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 56, 57, 64, 65, 512, 513}) {
    for (const std::int32_t height : {1, 2, 3, 4, 7}) {
      for (const std::int32_t kernel : {1, 2, 3, 5, 9}) {
        const std::int32_t rank = std::min(kernel, static_cast<std::int32_t>(random() % 3 + 1));
        ASSERT_TRUE(is_correct(filter(height, width, kernel, kernel), {rank}, random));
        ASSERT_TRUE(is_correct(filter(height, width, kernel, 12 - kernel), {rank}, random));
      }
    }
  }
  ASSERT_TRUE(is_correct(filter(90, 560, 15, 31), {2}, random));
}

/// Sizes around tiles and groups of rows, where both passes read consecutive rows and columns.
TEST(Separable, IsCorrectForDenseBlocksOfEverySize) {
  std::mt19937 random(11);
  for (const std::int32_t height : {7, 8, 9, 11, 15, 16, 17, 23, 24, 25, 31, 32, 33}) {
    for (const std::int32_t width : {7, 8, 9, 12, 17, 40}) {
      for (const std::int32_t kernel : {3, 4, 5, 8, 11}) {
        Problem p = filter(height, width, kernel, 15 - kernel);
        p.has_bias = height % 2;
        p.activation = width % 2 == 0 ? Activation::kRelu : Activation::kNone;
        p.groups = p.input_channels = 2;
        p.output_channels = 4;
        ASSERT_TRUE(is_correct(p, {2, 1}, random));
      }
    }
  }
}

TEST(Separable, IsCorrectForEveryOptionOfThePatch) {
  std::mt19937 random(4);
  for (int i = 0; i < 400; ++i) {
    const auto draw = [&random](std::int32_t low, std::int32_t high) {
      return std::uniform_int_distribution<std::int32_t>(low, high)(random);
    };
    Problem p = filter(draw(1, 40), draw(1, 90), draw(1, 7), draw(1, 9));
    p.batch = draw(1, 2);
    p.groups = p.input_channels = draw(1, 3);
    p.output_channels = p.groups * draw(1, 3);
    p.stride_height = draw(1, 3);
    p.stride_width = draw(1, 3);
    p.dilation_height = draw(1, 3);
    p.dilation_width = draw(1, 3);
    p.pad_top = draw(0, 20);
    p.pad_right = draw(0, 30);
    p.padding_mode = static_cast<PaddingMode>(draw(0, 4));
    p.fill_value = 0.5f;
    p.has_bias = 1;
    p.activation = static_cast<Activation>(draw(0, 3));
    p.activation_alpha = 0.1f;
    Geometry g;
    if (measure(p, &g) != Status::kOk) continue;
    if (draw(0, 1) == 1) {
      const std::int32_t channels = p.output_channels;
      p.output_strides = {g.output_height * g.output_width * channels, 1, g.output_width * channels,
                          channels};
    }
    const std::int32_t rank = std::min({p.kernel_height, p.kernel_width, 3});
    ASSERT_TRUE(is_correct(p, {rank, 1, 0}, random));
  }
}

TEST(Separable, HasErrorsComparableToThoseOfDirect) {
  std::mt19937 random(5);
  for (const Values values : {Values::kZeroMean, Values::kImage, Values::kActivations}) {
    for (const std::int32_t size : {5, 9, 25}) {
      for (const Kernel2d& kernel : well_known(size)) {
        Case data = data_for(filter(30, 40, kernel.rows, kernel.columns), values, random);
        data.weight = kernel.taps;
        EXPECT_LE(testing::error_ratio(Algorithm::kSeparable, data), 4) << describe(data.problem);
      }
      for (const std::int32_t rank : {1, 2, 4}) {
        const Case data = with_ranks(filter(30, 40, size, size), {rank}, values, random);
        EXPECT_LE(testing::error_ratio(Algorithm::kSeparable, data), 4)
            << rank << describe(data.problem);
      }
    }
  }
}

/// The factors of boxes and similar kernels are integers.
TEST(Separable, IsExactForIntegers) {
  std::mt19937 random(6);
  Problem p = filter(20, 30, 9, 7);
  Case data = data_for(p, Values::kZeroMean, random);
  for (float& x : data.input) x = static_cast<float>(static_cast<int>(random() % 255));
  data.weight =
      kernel_of(9, 7, [](double y, double x) { return std::round(y) * (4 - std::abs(x)); }).taps;
  EXPECT_EQ(testing::run(data, random), run_by(Algorithm::kDirect, data));
}

TEST(Separable, ReturnsTheBiasForAWeightOfZeros) {
  std::mt19937 random(7);
  Problem p = filter(9, 30, 5, 5);
  p.has_bias = 1;
  Case data = data_for(p, Values::kZeroMean, random);
  std::fill(data.weight.begin(), data.weight.end(), 0.0f);
  for (const float value : testing::run(data, random)) ASSERT_EQ(value, data.bias[0]);
}

TEST(Separable, SpreadsANonFiniteInputOnlyToOutputsWhoseWindowsHoldIt) {
  std::mt19937 random(8);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::int32_t rank : {0, 1, 2, 5}) {
      Case data = with_ranks(filter(40, 50, 5, 7), {rank}, Values::kZeroMean, random);
      data.input[20 * 50 + 31] = bad;
      const auto output = testing::run(data, random);
      for (int i = 0; i < 40 * 50; ++i) {
        const bool reached = std::abs(i / 50 - 20) <= 2 && std::abs(i % 50 - 31) <= 3;
        ASSERT_EQ(std::isfinite(output[static_cast<std::size_t>(i)]), !reached) << i;
      }
    }
  }
}

TEST(Separable, SpreadsANonFiniteWeightOnlyToItsOutputChannel) {
  std::mt19937 random(9);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Problem p = filter(12, 20, 3, 5);
    p.groups = p.input_channels = p.output_channels = 2;
    Case data = with_ranks(p, {1}, Values::kZeroMean, random);
    data.weight[4] = bad;
    const auto output = testing::run(data, random);
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_EQ(std::isfinite(output[i]), i >= 12 * 20) << i;
    }
  }
}

TEST(Separable, SaysWhyItCannotDoAProblem) {
  Problem p = filter(9, 9, 3, 3);
  EXPECT_EQ(refusal_of(p), nullptr);
  Problem deterministic = p;
  deterministic.deterministic = 1;
  EXPECT_STREQ(refusal_of(deterministic), "its rounding is not deterministic");
  Problem mixing = p;
  mixing.input_channels = 2;
  EXPECT_STREQ(refusal_of(mixing), "it needs groups of one input channel");
  p.kind = Kind::kTransposed;
  EXPECT_EQ(refusal_of(p), nullptr);
  p.stride_width = 2;
  EXPECT_STREQ(refusal_of(p), "its strides divide the output into phases");
}

Algorithm chosen(const Case& data) {
  Problem p = data.problem;
  p.algorithm = Algorithm::kAuto;
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, data.weight.data(), data.bias.data(), 1, &plan), Status::kOk);
  return plan->algorithm();
}

TEST(Separable, IsChosenForLargeKernelsOfLowRank) {
  std::mt19937 random(10);
  const auto with = [&](const Problem& p, std::int32_t rank) {
    return chosen(with_ranks(p, {rank}, Values::kZeroMean, random));
  };
  for (const std::int32_t size : {7, 9, 15, 31}) {
    const Problem p = filter(300, 400, size, size);
    EXPECT_EQ(with(p, 1), Algorithm::kSeparable) << size;
    Problem deterministic = p;
    deterministic.deterministic = 1;
    EXPECT_EQ(with(deterministic, 1), Algorithm::kDepthwise) << size;
    Problem colours = p;
    colours.groups = colours.input_channels = colours.output_channels = 3;
    EXPECT_EQ(with(colours, 1), Algorithm::kSeparable) << size;
    EXPECT_NE(chosen(with_ranks(colours, {1, 1, size}, Values::kZeroMean, random)),
              Algorithm::kSeparable)
        << size;
  }
  EXPECT_EQ(with(filter(300, 400, 15, 15), 2), Algorithm::kSeparable);
  EXPECT_EQ(with(filter(300, 400, 7, 7), 7), Algorithm::kDepthwise);
  EXPECT_EQ(with(filter(300, 400, 3, 3), 1), Algorithm::kDepthwise);
  // For so little work, finding the rank would take too long.
  EXPECT_EQ(with(filter(8, 8, 9, 9), 1), Algorithm::kDepthwise);
  EXPECT_EQ(with(filter(20, 20, 9, 9), 9), Algorithm::kDepthwise);
  // So it would for many kernels with little work each.
  Problem many = filter(24, 24, 15, 15);
  many.groups = many.input_channels = many.output_channels = 300;
  EXPECT_NE(with(many, 1), Algorithm::kSeparable);
  many.groups = many.input_channels = many.output_channels = 1;
  many.batch = 300;
  EXPECT_EQ(with(many, 1), Algorithm::kSeparable);
  // Neighbours in a row are no neighbours in memory.
  Problem strided = filter(300, 400, 15, 15);
  strided.input_strides = {0, 1, 3 * 400, 3};
  EXPECT_NE(with(strided, 1), Algorithm::kSeparable);
  std::swap(strided.input_strides, strided.output_strides);
  EXPECT_NE(with(strided, 1), Algorithm::kSeparable);
  // A kernel that is not finite has full rank.
  Case bad = with_ranks(filter(300, 400, 9, 9), {1}, Values::kZeroMean, random);
  bad.weight[0] = std::numeric_limits<float>::infinity();
  EXPECT_NE(chosen(bad), Algorithm::kSeparable);
}

}  // namespace
}  // namespace corr2d
