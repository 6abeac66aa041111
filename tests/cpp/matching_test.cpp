// Template matching, compared with the oracle, and peaks with equal scores. The sweep covers other
// peaks.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "corr2d/plan.hpp"
#include "oracle/matching_oracle.hpp"

namespace corr2d {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

enum class Data { kUniform, kBytes, kLowContrast, kSaturatedHalf, kFlatAreas, kFlat, kHuge, kTiny };
enum class Mask { kNone, kOnes, kBinary, kBinaryPerChannel, kFractional, kFractionalPerChannel };

struct Match {
  std::int32_t channels, height, width, kernel_height, kernel_width;
  MatchMethod method;
  Mask mask = Mask::kNone;
  Data data = Data::kUniform;
};

struct Operands {
  std::vector<float> image, model, mask;
};

Problem problem_of(const Match& m) {
  Problem p;
  p.kind = Kind::kMatchTemplate;
  p.input_channels = m.channels;
  p.input_height = m.height;
  p.input_width = m.width;
  p.kernel_height = m.kernel_height;
  p.kernel_width = m.kernel_width;
  p.match_method = m.method;
  if (m.mask == Mask::kBinaryPerChannel || m.mask == Mask::kFractionalPerChannel) {
    p.mask_channels = m.channels;
  } else {
    p.mask_channels = m.mask == Mask::kNone ? 0 : 1;
  }
  return p;
}

float pixel(Data data, std::int32_t y, std::int32_t x, std::int32_t width, std::mt19937* random) {
  const auto number = static_cast<float>((*random)() % 65536) / 65536;
  switch (data) {
    case Data::kUniform:
      return number - 0.25f;
    case Data::kBytes:
      return std::floor(256 * number);
    case Data::kLowContrast:
      return 30000 + std::floor(16 * number);
    case Data::kSaturatedHalf:
      return x < width / 2 ? 65535 : 30000 + std::floor(16 * number);
    case Data::kFlatAreas:
      return (y / 16 + x / 16) % 3 != 0 ? 0.1f : std::floor(8 * number) / 255;
    case Data::kFlat:
      return 0.3f;
    case Data::kHuge:
      return 1e30f * number;
    case Data::kTiny:
      return 1e-38f * number;
  }
  return 0;
}

Operands operands_of(const Match& m, std::mt19937* random) {
  Operands operands;
  for (std::int32_t c = 0; c < m.channels; ++c) {
    for (std::int32_t y = 0; y < m.height; ++y) {
      for (std::int32_t x = 0; x < m.width; ++x) {
        operands.image.push_back(pixel(m.data, y, x, m.width, random));
      }
    }
  }
  // The template is a part of the image, but for one element.
  const std::int32_t top = (m.height - m.kernel_height) / 3;
  const std::int32_t left = (m.width - m.kernel_width) * 2 / 3;
  for (std::int32_t c = 0; c < m.channels; ++c) {
    for (std::int32_t y = 0; y < m.kernel_height; ++y) {
      for (std::int32_t x = 0; x < m.kernel_width; ++x) {
        const std::int32_t at = (c * m.height + top + y) * m.width + left + x;
        operands.model.push_back(operands.image[static_cast<std::size_t>(at)]);
      }
    }
  }
  const std::int32_t count = problem_of(m).mask_channels * m.kernel_height * m.kernel_width;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::uint32_t number = (*random)();
    const bool is_binary = m.mask == Mask::kBinary || m.mask == Mask::kBinaryPerChannel;
    operands.mask.push_back(m.mask == Mask::kOnes ? 1
                            : is_binary           ? static_cast<float>(number % 3 != 0)
                                                  : static_cast<float>(number % 5) / 4);
  }
  if (count > 0 && m.mask != Mask::kOnes) {
    for (std::int32_t c = 0; c < problem_of(m).mask_channels; ++c) {
      operands.mask[static_cast<std::size_t>(c * m.kernel_height * m.kernel_width)] = 1;
    }
  }
  return operands;
}

std::vector<float> scores_of(const Problem& p, const Operands& operands) {
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, operands.model.data(), operands.mask.data(), 1, &plan), Status::kOk);
  if (plan == nullptr) return {};
  std::vector<float> scores(static_cast<std::size_t>(plan->geometry().output_height) *
                            static_cast<std::size_t>(plan->geometry().output_width));
  plan->run(operands.image.data(), scores.data());
  return scores;
}

constexpr double kEpsilon = 0x1p-24;

void check(const Match& m, const Operands& operands) {
  const Problem p = problem_of(m);
  const std::vector<float> scores = scores_of(p, operands);
  const std::vector<oracle::Score> expected =
      oracle::match_template(p, operands.image.data(), operands.model.data(), operands.mask.data());
  EXPECT_EQ(scores.size(), expected.size());
  for (std::size_t i = 0; i < scores.size() && i < expected.size(); ++i) {
    const auto [value, magnitude] = expected[i];
    const auto describe = [&] {
      return ::testing::Message() << m.channels << 'x' << m.height << 'x' << m.width << " by "
                                  << m.kernel_height << 'x' << m.kernel_width << ", method "
                                  << kMatchMethodNames[static_cast<int>(m.method)] << ", mask "
                                  << static_cast<int>(m.mask) << ", data "
                                  << static_cast<int>(m.data) << ", score " << i << " is "
                                  << scores[i] << ", expected " << value;
    };
    if (magnitude == 0) {
      const bool is_same = std::isnan(value) ? std::isnan(scores[i]) : scores[i] == value;
      EXPECT_TRUE(is_same) << describe();
      if (!is_same) return;
      continue;
    }
    // The error may exceed the largest float32 number, too.
    constexpr double kLargest = std::numeric_limits<float>::max();
    const double bound = kEpsilon * magnitude + 0x1p-149;
    if (std::isinf(scores[i]) && std::abs(value) + bound > kLargest) continue;
    const double error = std::abs(static_cast<double>(scores[i]) - value) / bound;
    EXPECT_LE(error, 1) << describe();
    if (!(error <= 1)) return;
  }
}

constexpr Data kData[] = {Data::kUniform,   Data::kBytes, Data::kLowContrast, Data::kSaturatedHalf,
                          Data::kFlatAreas, Data::kFlat,  Data::kHuge,        Data::kTiny};
constexpr Mask kMasks[] = {Mask::kNone,       Mask::kOnes,
                           Mask::kBinary,     Mask::kBinaryPerChannel,
                           Mask::kFractional, Mask::kFractionalPerChannel};

/// Channels, and the sizes of image and template.
constexpr std::array<std::int32_t, 5> kSizes[] = {
    {1, 1, 1, 1, 1},   {1, 9, 7, 1, 1},   {1, 9, 7, 9, 7},     {3, 12, 17, 5, 4},
    {1, 30, 41, 3, 3}, {2, 20, 61, 1, 9}, {1, 40, 52, 17, 16}, {3, 29, 40, 12, 21}};

TEST(MatchTemplate, HasTheScoresOfTheOracle) {
  std::mt19937 random(1);
  std::size_t combination = 0;
  for (const Data data : kData) {
    for (const Mask mask : kMasks) {
      for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
        // Each combination has three of the sizes.
        for (std::size_t i = 0; i < 3; ++i) {
          const auto [channels, height, width, kernel_height, kernel_width] =
              kSizes[(combination + i * 3) % std::size(kSizes)];
          const Match m = {channels,      height,       width,
                           kernel_height, kernel_width, static_cast<MatchMethod>(method),
                           mask,          data};
          check(m, operands_of(m, &random));
          if (HasFailure()) return;
        }
        ++combination;
      }
    }
  }
}

TEST(MatchTemplate, IsTheSameWithAMaskOfOnes) {
  std::mt19937 random(2);
  for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
    Match m = {3, 30, 40, 7, 9, static_cast<MatchMethod>(method)};
    Operands operands = operands_of(m, &random);
    const std::vector<float> expected = scores_of(problem_of(m), operands);
    m.mask = Mask::kOnes;
    operands.mask.assign(7 * 9, 1);
    EXPECT_EQ(scores_of(problem_of(m), operands), expected);
  }
}

/// Elements that are not finite reach exactly the windows that hold them.
TEST(MatchTemplate, ConfinesElementsThatAreNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::mt19937 random(3);
  for (const Mask mask : {Mask::kNone, Mask::kBinary, Mask::kFractionalPerChannel}) {
    for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
      const Match m = {2, 40, 50, 6, 5, static_cast<MatchMethod>(method), mask};
      Operands operands = operands_of(m, &random);
      operands.image[40 * 50 + 17 * 50 + 20] = kNaN;
      operands.image[5 * 50 + 49] = kInfinity;
      operands.image[0] = -kInfinity;
      check(m, operands);
    }
  }
}

/// Elements that are small compared with the mean of the image keep their bits.
TEST(MatchTemplate, IsAccurateForSmallElements) {
  std::mt19937 random(6);
  for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
    const Match m = {1, 12, 20, 1, 1, static_cast<MatchMethod>(method)};
    Operands operands = operands_of(m, &random);
    for (std::size_t i = 0; i < operands.image.size(); i += 7) operands.image[i] *= 1e-6f;
    check(m, operands);
  }
}

TEST(MatchTemplate, IsAccurateForSmallWeightsOfAMask) {
  std::mt19937 random(7);
  for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
    const Match m = {1, 12, 20, 3, 1, static_cast<MatchMethod>(method), Mask::kFractional};
    Operands operands = operands_of(m, &random);
    operands.mask = {1e-5f, 1, 0};
    check(m, operands);
  }
}

TEST(MatchTemplate, IsNaNForATemplateThatIsNotFinite) {
  std::mt19937 random(4);
  for (const Data data : {Data::kUniform, Data::kFlat}) {
    for (std::size_t method = 0; method < std::size(kMatchMethodNames); ++method) {
      const Match m = {1, 9, 9, 3, 3, static_cast<MatchMethod>(method), Mask::kBinary, data};
      Operands operands = operands_of(m, &random);
      operands.mask.assign(9, 1);
      operands.mask[4] = 0;
      operands.model[4] = kNaN;
      check(m, operands);
      operands.model[0] = kNaN;
      for (const float score : scores_of(problem_of(m), operands)) EXPECT_TRUE(std::isnan(score));
    }
  }
}

/// The mean is exact although its sums are rounded.
TEST(MatchTemplate, IsZeroForAFlatTemplateUnderAMask) {
  std::mt19937 random(8);
  for (const MatchMethod method : {MatchMethod::kCcoeff, MatchMethod::kCcoeffNormed}) {
    for (std::int32_t trial = 0; trial < 20; ++trial) {
      const Match m = {1, 12, 11, 3, 3, method, Mask::kFractional};
      Operands operands = operands_of(m, &random);
      operands.model.assign(9, 0.3f);
      for (float& weight : operands.mask) {
        weight = std::exp2(-static_cast<float>(random() % 65536) / 8192);
      }
      for (const float score : scores_of(problem_of(m), operands)) EXPECT_EQ(score, 0);
    }
  }
}

/// The same scores in blocks that are chosen for images of this size.
TEST(MatchTemplate, FindsAPatchInEachBlock) {
  std::mt19937 random(5);
  for (const Mask mask : {Mask::kNone, Mask::kBinary}) {
    const Match m = {1, 700, 1300, 20, 30, MatchMethod::kCcoeffNormed, mask, Data::kBytes};
    const Operands operands = operands_of(m, &random);
    const std::vector<float> scores = scores_of(problem_of(m), operands);
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    EXPECT_EQ(best, (700 - 20) / 3 * (1300 - 29) + (1300 - 30) * 2 / 3);
    EXPECT_NEAR(*std::max_element(scores.begin(), scores.end()), 1, 2e-6);
  }
}

/// An element that is far larger than the others changes only the windows that hold it.
TEST(MatchTemplate, IsAccurateBesideAHugeElement) {
  std::mt19937 random(7);
  for (const float huge : {1e6f, 1e18f, 1e30f}) {
    for (const Mask mask : {Mask::kNone, Mask::kBinary, Mask::kFractionalPerChannel}) {
      for (const auto method :
           {MatchMethod::kCcoeffNormed, MatchMethod::kCcorrNormed, MatchMethod::kSqdiffNormed}) {
        const Match m = {2, 40, 50, 9, 6, method, mask};
        Operands operands = operands_of(m, &random);
        operands.image[40 * 50 + 30 * 50 + 40] = huge;
        check(m, operands);
        if (HasFailure()) return;
      }
    }
  }
}

TEST(MatchTemplate, RefusesMasksThatCannotCount) {
  Match m = {2, 9, 9, 2, 2, MatchMethod::kCcoeff, Mask::kFractionalPerChannel};
  std::unique_ptr<Plan> plan;
  const std::vector<float> model(8, 1.0f);
  const auto status = [&](const std::vector<float>& mask) {
    return Plan::create(problem_of(m), model.data(), mask.data(), 1, &plan);
  };
  EXPECT_EQ(status({0, 0, 0, 0, 0, 0, 0, 0}), Status::kEmptyMask);
  EXPECT_EQ(status({1, -1, 0, 0, 1, 1, 1, 1}), Status::kEmptyMask);
  EXPECT_EQ(status({1, kNaN, 0, 0, 1, 1, 1, 1}), Status::kNotFinite);
  EXPECT_EQ(status({0, 0, 0, 0, 1, 1, 1, 1}), Status::kOk);
  m.method = MatchMethod::kSqdiff;
  EXPECT_EQ(status({1, -1, 0, 0, 1, 1, 1, 1}), Status::kOk);
}

/// Scores at the threshold count. Of equal ones, the first in row-major order is better.
TEST(FindPeaks, OrdersEqualScores) {
  constexpr std::int32_t kHeight = 3, kWidth = 4, kCount = kHeight * kWidth;
  Problem p;
  p.kind = Kind::kFindPeaks;
  p.input_height = kHeight;
  p.input_width = kWidth;
  p.max_peaks = kCount;
  p.peak_threshold = 0.5f;
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, nullptr, nullptr, 1, &plan), Status::kOk);
  const std::vector<float> scores(kCount, 0.5f);
  std::vector<float> peaks(kCount * kPeakNumbers);
  plan->run(scores.data(), peaks.data());
  for (std::int32_t i = 0; i < kCount; ++i) {
    const float* peak = peaks.data() + i * kPeakNumbers;
    EXPECT_EQ(peak[0], static_cast<float>(i % kWidth));
    EXPECT_EQ(peak[1], static_cast<float>(i / kWidth));
    EXPECT_EQ(peak[2], 0.5f);
  }
}

}  // namespace
}  // namespace corr2d
