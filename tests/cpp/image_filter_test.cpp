// Image filters, compared with the oracle.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "corr2d/plan.hpp"
#include "oracle/image_oracle.hpp"

namespace corr2d {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr PaddingMode kBorders[] = {PaddingMode::kConstant, PaddingMode::kReflect,
                                    PaddingMode::kReplicate, PaddingMode::kCircular,
                                    PaddingMode::kSymmetric};

struct Filter {
  std::int32_t height, width, kernel_height, kernel_width;
  PaddingMode border;
  float bias;
  std::int32_t preserve_alpha = 1;
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
  p.preserve_alpha = f.preserve_alpha;
  return p;
}

/// Random pixels. On average, a quarter is opaque and a quarter transparent.
Bytes random_pixels(const Filter& f, std::mt19937& random) {
  Bytes pixels(static_cast<std::size_t>(4 * f.height * f.width));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(random());
    if (i % 4 == 3 && random() % 2 != 0) pixels[i] = random() % 2 != 0 ? 255 : 0;
  }
  return pixels;
}

Bytes filtered(const Problem& p, const Bytes& input, const std::vector<float>& kernel, float bias) {
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, kernel.data(), &bias, 1, &plan), Status::kOk);
  Bytes output(input.size());
  if (plan != nullptr) plan->run(input.data(), output.data());
  return output;
}

void check(const Filter& f, const std::vector<float>& kernel, std::mt19937& random) {
  const Problem p = problem_of(f);
  const Bytes input = random_pixels(f, random);
  const Bytes output = filtered(p, input, kernel, f.bias);
  // The bound grows with the kernel, but errors of this many roundings are already rare.
  constexpr double kRoundings = 8;
  const std::vector<oracle::ByteRange> expected =
      oracle::filter_image(p, input.data(), kernel.data(), &f.bias, kRoundings);
  for (std::size_t i = 0; i < output.size(); ++i) {
    ASSERT_TRUE(expected[i].contains(output[i]))
        << f.height << 'x' << f.width << " by " << f.kernel_height << 'x' << f.kernel_width
        << ", border " << static_cast<int>(f.border) << ", preserve alpha " << f.preserve_alpha
        << ", byte " << i << " is " << int{output[i]} << ", expected " << expected[i].low << " to "
        << expected[i].high;
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
  for (const PaddingMode mode : kBorders) {
    for (const std::int32_t width : {7, 191, 192, 193, 959, 960, 961}) {
      const Filter f = {40, width, 9, 7, mode, -20, width % 2};
      check(f, kernel_of_rank(f, 1, random), random);
      check(f, kernel_of_rank(f, 0, random), random);
    }
    for (const std::int32_t preserve_alpha : {0, 1}) {
      const Filter tall = {150, 100, 15, 21, mode, 3, preserve_alpha};
      check(tall, kernel_of_rank(tall, 2, random), random);
    }
  }
}

/// Tasks that compute several blocks, one below the other, of which the last is smaller.
TEST(ImageFilter, IsCorrectForTallImages) {
  std::mt19937 random(9);
  for (const std::int32_t preserve_alpha : {0, 1}) {
    const Filter f = {200, 300, 9, 7, PaddingMode::kReflect, -20, preserve_alpha};
    check(f, kernel_of_rank(f, 1, random), random);
    check({200, 190, 5, 5, PaddingMode::kCircular, 0, preserve_alpha}, random);
    // The kernel is taller than a block.
    const Filter tall = {90, 300, 89, 5, PaddingMode::kReplicate, 0, preserve_alpha};
    check(tall, kernel_of_rank(tall, 1, random), random);
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
  for (const PaddingMode mode : kBorders) {
    for (const std::int32_t preserve_alpha : {0, 1}) {
      for (const std::int32_t width : {1, 2, 3, 4, 5, 8, 9, 17, 255, 256, 257}) {
        for (const std::int32_t height : {1, 2, 3, 7}) {
          check({height, width, 3, 3, mode, 0, preserve_alpha}, random);
          check({height, width, 1, 4, mode, 20, preserve_alpha}, random);
          check({height, width, 5, 2, mode, -9.5f, preserve_alpha}, random);
        }
      }
      check({4, 6, 11, 13, mode, 0, preserve_alpha}, random);
      check({1, 1, 7, 5, mode, 0, preserve_alpha}, random);
      check({90, 300, 3, 3, mode, 1, preserve_alpha}, random);
    }
  }
}

TEST(ImageFilter, PremultipliesSoThatColoursOfTransparentPixelsDoNotBleed) {
  // White, but transparent, next to green.
  const Bytes input = {255, 255, 255, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0, 255, 0, 255};
  const std::vector<float> box(9, 1.0f / 9);
  Filter f = {1, 4, 3, 3, PaddingMode::kReplicate, 0, 0};
  EXPECT_EQ(filtered(problem_of(f), input, box, 0),
            (Bytes{0, 0, 0, 0, 0, 255, 0, 85, 0, 255, 0, 170, 0, 255, 0, 255}));
  f.preserve_alpha = 1;
  EXPECT_EQ(filtered(problem_of(f), input, box, 0),
            (Bytes{255, 255, 255, 0, 170, 255, 170, 0, 85, 255, 85, 255, 0, 255, 0, 255}));
}

TEST(ImageFilter, GivesOpaqueImagesTheSameColoursWhetherAlphaIsPreservedOrNot) {
  std::mt19937 random(8);
  for (const std::int32_t size : {3, 4}) {
    Filter f = {20, 70, size, size, PaddingMode::kReplicate, 0, 0};
    Bytes input = random_pixels(f, random);
    for (std::size_t i = 3; i < input.size(); i += 4) input[i] = 255;
    // The sum is 1, with negative elements.
    std::vector<float> kernel(static_cast<std::size_t>(size * size), -0.25f);
    kernel[kernel.size() / 2] += 1 + 0.25f * static_cast<float>(kernel.size());
    for (const float bias : {0.0f, 30.0f}) {
      f.preserve_alpha = 0;
      const Bytes premultiplied = filtered(problem_of(f), input, kernel, bias);
      f.preserve_alpha = 1;
      EXPECT_EQ(premultiplied, filtered(problem_of(f), input, kernel, bias)) << size;
    }
  }
}

TEST(ImageFilter, ClearsPixelsWhoseAlphaBecomesZeroOrNegative) {
  const Bytes input = {10, 200, 30, 255, 50, 60, 70, 1};
  const auto scaled = [&](float factor, float bias) {
    return filtered(problem_of({1, 2, 1, 1, PaddingMode::kReplicate, 0, 0}), input, {factor}, bias);
  };
  EXPECT_EQ(scaled(0, 0), Bytes(8));
  EXPECT_EQ(scaled(-1, 0), Bytes(8));
  EXPECT_EQ(scaled(1, -300), Bytes(8));
  // An alpha of 0.5 rounds to 0, ties to even; of 0.75 to 1.
  EXPECT_EQ(scaled(0.5f, 0), (Bytes{10, 200, 30, 128, 0, 0, 0, 0}));
  EXPECT_EQ(scaled(0.75f, 0), (Bytes{10, 200, 30, 191, 50, 60, 70, 1}));
  // An alpha above 255 is 255; SVG clamps the premultiplied colours to it.
  EXPECT_EQ(scaled(2, 0), (Bytes{20, 255, 60, 255, 50, 60, 70, 2}));
  // The bias is added to alpha, and to the colours that alpha multiplies.
  EXPECT_EQ(scaled(1, -55), (Bytes{0, 200, 0, 200, 0, 0, 0, 0}));
}

TEST(ImageFilter, RejectsKernelsAndBiasesThatAreNotFinite) {
  const Problem p = problem_of({7, 5, 3, 3, PaddingMode::kReplicate, 0});
  std::unique_ptr<Plan> plan;
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    for (std::size_t at = 0; at < 9; ++at) {
      std::vector<float> kernel(9);
      kernel[at] = bad;
      const float bias = 0;
      EXPECT_EQ(Plan::create(p, kernel.data(), &bias, 1, &plan), Status::kNotFinite);
    }
    const std::vector<float> kernel(9);
    EXPECT_EQ(Plan::create(p, kernel.data(), &bad, 1, &plan), Status::kNotFinite);
  }
  EXPECT_EQ(plan, nullptr);
}

TEST(ImageFilter, ReturnsTheImageForTheIdentityKernel) {
  // All pairs of a colour and an alpha.
  Bytes input(4 * 256 * 256);
  for (std::size_t i = 0; i < 256 * 256; ++i) {
    const std::size_t colour = i % 256, alpha = i / 256;
    for (std::size_t c = 0; c < 3; ++c) {
      input[4 * i + c] = static_cast<std::uint8_t>(alpha == 0 ? 0 : colour + 37 * c);
    }
    input[4 * i + 3] = static_cast<std::uint8_t>(alpha);
  }
  const std::vector<float> kernel = {0, 0, 0, 0, 1, 0, 0, 0, 0};
  for (const std::int32_t preserve_alpha : {0, 1}) {
    const Problem p = problem_of({256, 256, 3, 3, PaddingMode::kReplicate, 0, preserve_alpha});
    EXPECT_EQ(filtered(p, input, kernel, 0), input);
  }
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
