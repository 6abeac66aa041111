// Image filters, compared with sums in float64 over the same bytes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "corr2d/plan.hpp"

namespace corr2d {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Filter {
  std::int32_t height, width, kernel_height, kernel_width;
  PaddingMode border;
  float bias;
};

Problem problem_of(const Filter& f) {
  Problem p;
  p.kind = Kind::kFilterImage;
  p.input_channels = p.output_channels = 4;
  p.input_height = f.height;
  p.input_width = f.width;
  p.kernel_height = f.kernel_height;
  p.kernel_width = f.kernel_width;
  p.pad_top = f.kernel_height / 2;
  p.pad_bottom = f.kernel_height - 1 - p.pad_top;
  p.pad_left = f.kernel_width / 2;
  p.pad_right = f.kernel_width - 1 - p.pad_left;
  p.padding_mode = f.border;
  p.has_bias = 1;
  return p;
}

/// The index of the element that stands at position `i`, or -1; for the modes that image filters
/// support.
int border(int i, int size, PaddingMode mode) {
  if (mode == PaddingMode::kConstant) return i < 0 || i >= size ? -1 : i;
  while (i < 0 || i >= size) {
    if (mode == PaddingMode::kReplicate) {
      i = i < 0 ? 0 : size - 1;
    } else {
      i = i < 0 ? -i : 2 * (size - 1) - i;
    }
  }
  return i;
}

void check(const Filter& f, const std::vector<float>& kernel, std::mt19937& random) {
  Bytes input(static_cast<std::size_t>(4 * f.height * f.width));
  for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random());
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(problem_of(f), kernel.data(), &f.bias, 1, &plan), Status::kOk);
  Bytes output(input.size());
  plan->run(input.data(), output.data());

  for (int y = 0; y < f.height; ++y) {
    for (int x = 0; x < f.width; ++x) {
      for (int c = 0; c < 4; ++c) {
        const auto at = static_cast<std::size_t>(4 * (y * f.width + x) + c);
        if (c == 3) {
          ASSERT_EQ(output[at], input[at]) << "alpha has changed";
          continue;
        }
        double sum = f.bias;
        for (int ky = 0; ky < f.kernel_height; ++ky) {
          for (int kx = 0; kx < f.kernel_width; ++kx) {
            const int row = border(y + ky - f.kernel_height / 2, f.height, f.border);
            const int column = border(x + kx - f.kernel_width / 2, f.width, f.border);
            if (row < 0 || column < 0) continue;
            sum += static_cast<double>(kernel[static_cast<std::size_t>(ky * f.kernel_width + kx)]) *
                   input[static_cast<std::size_t>(4 * (row * f.width + column) + c)];
          }
        }
        const double clamped = std::clamp(sum, 0.0, 255.0);
        // Rounding errors in float32 decide half-way cases.
        ASSERT_LE(std::abs(output[at] - clamped), 0.5 + 1e-3)
            << f.height << 'x' << f.width << " by " << f.kernel_height << 'x' << f.kernel_width
            << " at " << y << ' ' << x << ' ' << c;
      }
    }
  }
}

void check(const Filter& f, std::mt19937& random) {
  std::vector<float> kernel(static_cast<std::size_t>(f.kernel_height * f.kernel_width));
  for (float& tap : kernel) tap = std::uniform_real_distribution<float>(-0.6f, 0.8f)(random);
  check(f, kernel, random);
}

/// A kernel that is a sum of `rank` outer products of a column and a row.
std::vector<float> kernel_of_rank(const Filter& f, int rank, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-0.2f, 0.6f);
  std::vector<float> kernel(static_cast<std::size_t>(f.kernel_height * f.kernel_width));
  for (int k = 0; k < rank; ++k) {
    std::vector<float> row(static_cast<std::size_t>(f.kernel_width));
    for (float& tap : row) tap = uniform(random);
    for (std::size_t i = 0; i < kernel.size(); i += row.size()) {
      const float factor = uniform(random);
      for (std::size_t x = 0; x < row.size(); ++x) kernel[i + x] += factor * row[x];
    }
  }
  return kernel;
}

/// Images large enough for separable passes, around the edges of blocks.
TEST(ImageFilter, IsCorrectForKernelsOfLowRank) {
  std::mt19937 random(4);
  for (const PaddingMode mode :
       {PaddingMode::kReplicate, PaddingMode::kReflect, PaddingMode::kConstant}) {
    for (const std::int32_t width : {191, 192, 193, 383, 384, 385}) {
      const Filter f = {40, width, 9, 7, mode, -20};
      check(f, kernel_of_rank(f, 1, random), random);
      check(f, kernel_of_rank(f, 0, random), random);
    }
    const Filter tall = {150, 100, 15, 21, mode, 3};
    check(tall, kernel_of_rank(tall, 2, random), random);
  }
}

TEST(ImageFilter, UsesSeparablePassesOnlyForKernelsOfLowRank) {
  std::mt19937 random(5);
  const Filter f = {100, 200, 15, 15, PaddingMode::kReplicate, 0};
  const auto weight_bytes = [&](int rank, int deterministic = 0) {
    const auto kernel = kernel_of_rank(f, rank, random);
    Problem p = problem_of(f);
    p.deterministic = deterministic;
    std::unique_ptr<Plan> plan;
    EXPECT_EQ(Plan::create(p, kernel.data(), &f.bias, 1, &plan), Status::kOk);
    return plan->weight_bytes();
  };
  // A column and a row, each element with its offset, instead of 225 taps.
  EXPECT_EQ(weight_bytes(1), 4u * (30 + 30));
  EXPECT_EQ(weight_bytes(2), 4u * (60 + 45));
  EXPECT_EQ(weight_bytes(15), 4u * 2 * 225);
  EXPECT_EQ(weight_bytes(1, 1), weight_bytes(15)) << "separable passes are not deterministic";
}

TEST(ImageFilter, IsCorrectForEveryBorderAndSize) {
  std::mt19937 random(3);
  for (const PaddingMode mode :
       {PaddingMode::kReplicate, PaddingMode::kReflect, PaddingMode::kConstant}) {
    for (const std::int32_t width : {2, 3, 4, 5, 8, 9, 17, 255, 256, 257}) {
      for (const std::int32_t height : {2, 3, 7}) {
        check({height, width, 3, 3, mode, 0}, random);
        check({height, width, 1, 4, mode, 20}, random);
        check({height, width, 5, 2, mode, -9.5f}, random);
      }
    }
    check({4, 6, 11, 13, mode, 0}, random);
    check({90, 300, 3, 3, mode, 1}, random);
  }
  check({1, 1, 3, 3, PaddingMode::kReplicate, 0}, random);
  check({1, 9, 1, 3, PaddingMode::kReflect, 0}, random);
}

TEST(ImageFilter, ReturnsTheImageForTheIdentityKernel) {
  Bytes input(4 * 7 * 5);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(37 * i);
  const float kernel[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0};
  const float bias = 0;
  std::unique_ptr<Plan> plan;
  const Problem p = problem_of({7, 5, 3, 3, PaddingMode::kReplicate, 0});
  ASSERT_EQ(Plan::create(p, kernel, &bias, 1, &plan), Status::kOk);
  EXPECT_EQ(plan->geometry().macs, 4.0 * 35 * 9);
  Bytes output(input.size());
  plan->run(input.data(), output.data());
  EXPECT_EQ(output, input);
}

TEST(ImageFilter, SurvivesEveryFailingAllocation) {
  const std::size_t before = allocated_bytes();
  for (const Problem& p : {problem_of({7, 5, 3, 3, PaddingMode::kReplicate, 0}),
                           problem_of({90, 90, 9, 9, PaddingMode::kReplicate, 0})}) {
    const std::vector<float> kernel(81);
    const float bias = 0;
    std::unique_ptr<Plan> plan;
    for (int failures = 0;; ++failures) {
      fail_allocation_after(failures);
      const Status status = Plan::create(p, kernel.data(), &bias, 1, &plan);
      fail_allocation_after(-1);
      if (status == Status::kOk) break;
      ASSERT_EQ(status, Status::kOutOfMemory);
      ASSERT_EQ(allocated_bytes(), before);
      ASSERT_LT(failures, 20);
    }
    plan.reset();
    EXPECT_EQ(allocated_bytes(), before);
  }
}

TEST(ImageFilter, RejectsProblemsThatAreNotOneImageOfFourChannels) {
  Problem p = problem_of({7, 5, 3, 3, PaddingMode::kReplicate, 0});
  Geometry g;
  ASSERT_EQ(measure(p, &g), Status::kOk);
  EXPECT_EQ(g.output_height, 7);
  EXPECT_EQ(g.output_width, 5);
  p.batch = 2;
  EXPECT_EQ(measure(p, &g), Status::kBadSize);
  p.batch = 1;
  p.input_channels = p.output_channels = 3;
  EXPECT_EQ(measure(p, &g), Status::kBadSize);
}

}  // namespace
}  // namespace corr2d
