// Phase correlation, compared with the oracle, and its transforms.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "algorithms/phase_correlation/any_size_transform.hpp"
#include "check.hpp"
#include "core/root_of_unity.hpp"
#include "corr2d/plan.hpp"
#include "corr2d/thread_pool.hpp"
#include "kernels/fft.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using Picture = std::vector<float>;

Problem problem_of(std::int32_t height, std::int32_t width, std::int32_t upsample = 1,
                   bool has_window = false) {
  Problem p;
  p.kind = Kind::kPhaseCorrelate;
  p.output_channels = 3;
  p.input_height = p.kernel_height = height;
  p.input_width = p.kernel_width = width;
  p.upsample = upsample;
  p.hann_window = has_window ? 1 : 0;
  return p;
}

Picture random_picture(const Problem& p, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(0, 1);
  Picture picture(static_cast<std::size_t>(p.input_height * p.input_width));
  for (float& value : picture) value = uniform(random);
  return picture;
}

/// Moves a picture down by dy rows and to the right by dx columns, cyclically.
Picture moved(const Problem& p, const Picture& from, std::int32_t dy, std::int32_t dx) {
  Picture to(from.size());
  const std::int32_t height = p.input_height, width = p.input_width;
  for (std::int32_t y = 0; y < height; ++y) {
    for (std::int32_t x = 0; x < width; ++x) {
      const std::int32_t row = ((y + dy) % height + height) % height;
      const std::int32_t column = ((x + dx) % width + width) % width;
      to[static_cast<std::size_t>(row * width + column)] =
          from[static_cast<std::size_t>(y * width + x)];
    }
  }
  return to;
}

struct Result {
  float y, x, response;
};

Result register_to(const Problem& p, const Picture& a, const Picture& b) {
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, b.data(), nullptr, 1, &plan), Status::kOk);
  Result result = {-1, -1, -1};
  if (plan != nullptr) plan->run(a.data(), &result);
  return result;
}

bool has_bits_of(const Result& a, const Result& b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }

TEST(RootOfUnity, IsAccurateInEveryOctant) {
  const long double turn = 2 * std::acos(-1.0L);
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 12, 16, 97, 1000, 4096, 65521}) {
    for (std::int64_t k = 0; k < n; ++k) {
      const Root root = root_of_unity(k, n);
      const long double angle = turn * static_cast<long double>(k) / static_cast<long double>(n);
      ASSERT_LE(std::abs(root.cosine - std::cos(angle)), 0x1p-52L) << k << '/' << n;
      ASSERT_LE(std::abs(root.sine - std::sin(angle)), 0x1p-52L) << k << '/' << n;
    }
  }
  EXPECT_EQ(root_of_unity(1, 4).cosine, 0);
  EXPECT_EQ(root_of_unity(1, 4).sine, 1);
  EXPECT_EQ(root_of_unity(1, 2).cosine, -1);
}

/// Error of the transform of random numbers with parts between -1 and 1, relative to the norm.
TEST(AnySizeTransform, HasTheAccuracyOfFloat64) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<std::int32_t> sizes = {97, 127, 128, 243, 256, 257, 480, 512, 509, 640, 1009, 1080};
  for (std::int32_t size = 1; size <= 64; ++size) sizes.push_back(size);
  for (const std::int32_t size : sizes) {
    AnySizeTransform transform(size);
    ASSERT_TRUE(transform.prepare());
    const auto doubles = static_cast<std::size_t>(kStripDoubles * size);
    std::vector<double> strip(doubles), other(doubles);
    for (double& value : strip) value = uniform(random);
    const std::vector<double> input = strip;
    const double* const output = transform.run(strip.data(), other.data());
    for (std::size_t lane = 0; lane < 2; ++lane) {
      for (std::int32_t k = 0; k < size; ++k) {
        std::complex<long double> sum = 0;
        for (std::int32_t i = 0; i < size; ++i) {
          const long double angle = -2 * std::acos(-1.0L) * ((std::int64_t{k} * i) % size) / size;
          const std::size_t at = static_cast<std::size_t>(kStripDoubles * i) + lane;
          sum += std::complex<long double>(input[at], input[at + 2]) *
                 std::complex<long double>(std::cos(angle), std::sin(angle));
        }
        const std::size_t at = static_cast<std::size_t>(kStripDoubles * k) + lane;
        const std::complex<long double> actual(output[at], output[at + 2]);
        ASSERT_LE(std::abs(actual - sum), 40 * 0x1p-53L * std::sqrt(1.0L * size))
            << size << ", frequency " << k;
      }
    }
  }
}

TEST(PhaseCorrelation, FindsCyclicShiftsOfPicturesOfAnySize) {
  std::mt19937 random(2);
  for (const auto& [height, width] : std::initializer_list<std::pair<int, int>>{
           {2, 3}, {3, 2}, {8, 8}, {1, 16}, {17, 1}, {31, 37}, {64, 48}, {97, 128}, {131, 127}}) {
    const Problem p = problem_of(height, width);
    const Picture a = random_picture(p, random);
    for (const auto& [dy, dx] : std::initializer_list<std::pair<int, int>>{
             {0, 0}, {1, 0}, {0, 1}, {height / 2, width / 2}, {-height / 3, width / 3}}) {
      const Result result = register_to(p, a, moved(p, a, dy, dx));
      const auto wrapped = [](int shift, int size) {
        const int positive = (shift % size + size) % size;
        return positive > size / 2 ? positive - size : positive;
      };
      EXPECT_EQ(result.y, wrapped(-dy, height)) << height << 'x' << width;
      EXPECT_EQ(result.x, wrapped(-dx, width)) << height << 'x' << width;
      EXPECT_NEAR(result.response, 1, 1e-6) << height << 'x' << width;
    }
  }
}

/// The sweep visits all sizes up to 40 x 40, with less upsampling.
TEST(PhaseCorrelation, HasTheResultOfTheOracle) {
  std::mt19937 random(3);
  for (const auto& [height, width, upsample] :
       std::initializer_list<std::array<std::int32_t, 3>>{{5, 7, 1},
                                                          {5, 7, 100},
                                                          {16, 9, 10},
                                                          {8, 8, 100},
                                                          {23, 32, 20},
                                                          {1, 30, 100},
                                                          {30, 1, 3},
                                                          {37, 41, 50},
                                                          {64, 20, 3},
                                                          {2, 2, 10},
                                                          {3, 3, 1000}}) {
    for (const bool has_window : {false, true}) {
      const Problem p = problem_of(height, width, upsample, has_window);
      const sweep::TestCase test_case = sweep::make_test_case(p, random());
      const sweep::RunResult result = sweep::run_algorithm(test_case, Algorithm::kAuto, random());
      const sweep::Verdict verdict = sweep::check_result(test_case, Algorithm::kAuto, result);
      EXPECT_EQ(verdict.failure, "") << testing::describe(p);
    }
  }
}

TEST(PhaseCorrelation, DoesNotDependOnTheScaleOfThePictures) {
  std::mt19937 random(4);
  const Problem p = problem_of(24, 36, 10);
  const Picture a = random_picture(p, random);
  Picture b = moved(p, a, 3, -7);
  for (float& value : b) value += std::uniform_real_distribution<float>(0, 0.2f)(random);
  const Result expected = register_to(p, a, b);
  EXPECT_EQ(expected.y, -30);
  EXPECT_EQ(expected.x, 70);
  for (const float scale : {0x1p-100f, 0x1p-10f, 0x1p100f}) {
    Picture scaled = a, other = b;
    for (float& value : scaled) value *= scale;
    EXPECT_TRUE(has_bits_of(register_to(p, scaled, b), expected));
    for (float& value : other) value /= scale;
    EXPECT_TRUE(has_bits_of(register_to(p, scaled, other), expected));
  }
}

/// The spectrum of a square is 0 at many frequencies, whose phases are rounding errors.
TEST(PhaseCorrelation, IgnoresFrequenciesThatThePicturesLack) {
  for (const auto& [height, width] :
       std::initializer_list<std::pair<int, int>>{{64, 64}, {48, 40}}) {
    const Problem p = problem_of(height, width);
    Picture a(static_cast<std::size_t>(height * width));
    for (int y = 10; y < 18; ++y) std::fill_n(a.begin() + y * width + 5, 8, 255.0f);
    const Result result = register_to(p, a, moved(p, a, 4, 9));
    EXPECT_EQ(result.y, -4);
    EXPECT_EQ(result.x, -9);
    EXPECT_NEAR(result.response, 1, 1e-6);
  }
}

TEST(PhaseCorrelation, OfAConstantPictureIsZero) {
  std::mt19937 random(5);
  for (const std::int32_t upsample : {1, 10}) {
    for (const auto& [height, width] :
         std::initializer_list<std::pair<int, int>>{{1, 1}, {1, 5}, {2, 2}, {16, 16}, {23, 31}}) {
      for (const bool has_window : {false, true}) {
        const Problem p = problem_of(height, width, upsample, has_window);
        const Picture picture = random_picture(p, random);
        for (const float value : {0.0f, 0.3f, -65535.0f}) {
          const Picture constant(picture.size(), value);
          const Result zero = {0, 0, 0};
          EXPECT_TRUE(has_bits_of(register_to(p, constant, constant), zero));
          EXPECT_TRUE(has_bits_of(register_to(p, constant, picture), zero));
          EXPECT_TRUE(has_bits_of(register_to(p, picture, constant), zero));
        }
      }
    }
  }
}

/// A picture of two rows is 0 under the window, whatever it holds.
TEST(PhaseCorrelation, OfPicturesThatTheWindowRemovesIsZero) {
  std::mt19937 random(6);
  const Problem p = problem_of(2, 9, 10, true);
  const Picture a = random_picture(p, random);
  EXPECT_TRUE(has_bits_of(register_to(p, a, a), {0, 0, 0}));
}

TEST(PhaseCorrelation, HasTheResponseNaNIfAnElementIsNotFinite) {
  std::mt19937 random(7);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const auto& [height, width] :
       std::initializer_list<std::pair<int, int>>{{1, 1}, {1, 6}, {8, 8}, {13, 10}}) {
    const Problem p = problem_of(height, width, 3);
    const Picture good = random_picture(p, random);
    const Picture zeros(good.size());
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
      for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
        Picture bad = good;
        bad[at] = value;
        for (const Picture& other : {good, zeros, bad}) {
          EXPECT_TRUE(std::isnan(register_to(p, bad, other).response));
          EXPECT_TRUE(std::isnan(register_to(p, other, bad).response));
        }
      }
    }
  }
}

TEST(PhaseCorrelation, HasTheSameBitsForAnyNumberOfThreads) {
  std::mt19937 random(8);
  for (const std::int32_t upsample : {1, 20}) {
    const Problem p = problem_of(90, 64, upsample);
    const Picture a = random_picture(p, random);
    const Picture b = random_picture(p, random);
    const Result expected = register_to(p, a, b);
    for (const std::int32_t threads : {2, 3, 8}) {
      std::unique_ptr<ThreadPool> pool;
      ASSERT_EQ(ThreadPool::create(threads, 60000, &pool), Status::kOk);
      std::unique_ptr<Plan> plan;
      ASSERT_EQ(Plan::create(p, b.data(), nullptr, threads, &plan), Status::kOk);
      for (std::int32_t round = 0; round < 20; ++round) {
        Result result = {-1, -1, -1};
        const PlanTasks tasks(*plan, a.data(), &result);
        ASSERT_EQ(pool->run(tasks, 0, plan->tasks()), Status::kOk);
        EXPECT_TRUE(has_bits_of(result, expected));
      }
    }
  }
}

TEST(PhaseCorrelation, SurvivesEveryFailingAllocationAndRunsWithoutAny) {
  std::mt19937 random(9);
  const Problem p = problem_of(12, 16, 10);
  const Picture a = random_picture(p, random);
  const std::size_t before = allocated_bytes();
  std::unique_ptr<Plan> plan;
  int failures = 0;
  for (;; ++failures) {
    fail_allocation_after(failures);
    const Status status = Plan::create(p, a.data(), nullptr, 2, &plan);
    fail_allocation_after(-1);
    if (status == Status::kOk) break;
    ASSERT_EQ(status, Status::kOutOfMemory);
    ASSERT_EQ(plan, nullptr);
    ASSERT_EQ(allocated_bytes(), before);
  }
  EXPECT_GE(failures, 7);
  Result first, second;
  const std::size_t with_plan = allocated_bytes();
  fail_allocation_after(0);
  plan->run(a.data(), &first);
  plan->run(a.data(), &second);
  EXPECT_EQ(allocate(1), nullptr) << "running allocated memory";
  EXPECT_EQ(allocated_bytes(), with_plan);
  EXPECT_TRUE(has_bits_of(first, second));
  plan.reset();
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(PhaseCorrelation, RejectsOtherProblems) {
  const Problem valid = problem_of(6, 5, 10);
  const auto status_of = [](const Problem& p) {
    Geometry geometry;
    return measure(p, &geometry);
  };
  EXPECT_EQ(status_of(valid), Status::kOk);
  const auto with = [&](auto change) {
    Problem p = valid;
    change(&p);
    return status_of(p);
  };
  EXPECT_EQ(with([](Problem* p) { p->upsample = 0; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->upsample = kMaxUpsample + 1; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->kernel_height = 5; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->kernel_width = 6; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->batch = 2; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->input_channels = 3; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->output_channels = 1; }), Status::kBadSize);
  EXPECT_EQ(with([](Problem* p) { p->stride_width = 2; }), Status::kBadStride);
  EXPECT_EQ(with([](Problem* p) { p->pad_top = 1; }), Status::kBadPadding);
  EXPECT_EQ(with([](Problem* p) { p->weight_strides = {1, 1, 1, 1}; }), Status::kBadLayout);
  EXPECT_EQ(with([](Problem* p) { p->input_strides = {1, 1, 1, 1}; }), Status::kBadLayout);
  EXPECT_EQ(with([](Problem* p) { p->has_bias = 1; }), Status::kUnsupported);
  EXPECT_EQ(with([](Problem* p) { p->activation = Activation::kRelu; }), Status::kUnsupported);
  const Problem large = problem_of(1 << 15, (1 << 14) - 1);
  std::unique_ptr<Plan> plan;
  const float unread = 0;
  EXPECT_EQ(Plan::create(large, &unread, nullptr, 1, &plan), Status::kTooLarge);
}

}  // namespace
}  // namespace corr2d
