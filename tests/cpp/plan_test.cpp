#include "corr2d/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <random>
#include <utility>

#include "algorithms/algorithm.hpp"
#include "problem_space.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::describe;
using testing::with_random_data;
using testing::within_bound;

/// One entry for each algorithm.
std::vector<const AlgorithmEntry*> general_entries() {
  std::vector<const AlgorithmEntry*> entries;
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry == &general_entry(entry->algorithm)) entries.push_back(entry);
  }
  return entries;
}

/// A problem that asks for the algorithm by name and that it can do: 6 channels of 10 x 13, padded
/// by 2, and 6 output channels.
Problem problem_for(const AlgorithmEntry& entry) {
  Problem p;
  p.input_channels = p.output_channels = 6;
  p.input_height = 10;
  p.input_width = 13;
  p.kernel_height = p.kernel_width = 3;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 2;
  p.algorithm = entry.algorithm;
  for (const std::int32_t groups : {1, 6}) {
    p.groups = groups;
    Geometry geometry;
    EXPECT_EQ(measure(p, &geometry), Status::kOk);
    if (entry.can_do(correlation_of(normalised(p, geometry), geometry))) break;
  }
  return p;
}

/// The sweep (tests/sweep) runs one task after another; this test runs them on two threads.
TEST(Plan, TasksCanRunAtTheSameTime) {
  std::mt19937 random(7);
  for (const sweep::Implementation& implementation : sweep::all_implementations()) {
    int done = 0;
    for (int tried = 0; done < 500; ++tried) {
      ASSERT_LT(tried, 1000000) << implementation.name << " can do too few of the random problems";
      const auto& strata = sweep::strata();
      const sweep::Stratum& stratum = strata[random() % strata.size()];
      const std::uint64_t number = random() % stratum.size();
      Problem problem;
      Geometry geometry;
      if (stratum.interval > 1 || !sweep::problem_at(stratum, number, &problem, &geometry) ||
          !implementation.can_do(problem, geometry)) {
        continue;
      }
      problem.algorithm = implementation.algorithm();
      sweep::TestCase test_case = sweep::make_test_case(problem, number);
      std::unique_ptr<Plan> plan;
      ASSERT_EQ(Plan::create(problem, test_case.weight.origin(), test_case.bias.origin(), 2, &plan),
                Status::kOk);
      sweep::Array output(sweep::operands_of(problem).output);
      const Inputs inputs = {test_case.input.origin(), test_case.second.origin_or_null(),
                             test_case.third.origin_or_null()};
      testing::run_side_by_side(*plan, inputs, output.origin(), random);
      const sweep::RunResult result = {Status::kOk,      test_case.input,  test_case.weight,
                                       test_case.bias,   test_case.second, test_case.third,
                                       std::move(output)};
      const sweep::Verdict verdict = sweep::check_result(test_case, problem.algorithm, result);
      ASSERT_EQ(verdict.failure, "") << describe(problem);
      ++done;
    }
  }
}

/// A random layer like those of networks, with enough work for several threads.
Problem layer(std::mt19937& random) {
  const auto whole = [&random](std::int32_t low, std::int32_t high) {
    return low + static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(high - low + 1));
  };
  const auto pick = [&random](std::initializer_list<std::int32_t> values) {
    return values.begin()[random() % values.size()];
  };
  Problem p;
  p.kind = static_cast<Kind>(pick({0, 0, 0, 0, 1, 2, 3}));
  p.batch = pick({1, 1, 1, 3, 8});
  p.groups = pick({1, 1, 1, 2, 5});
  p.input_channels = p.groups * whole(1, 40);
  p.output_channels = p.groups * whole(1, 70);
  p.input_height = pick({1, 7, 14, whole(2, 40)});
  p.input_width = pick({7, 14, whole(2, 40), 600});
  p.kernel_height = p.input_height == 1 ? 1 : pick({1, 3, 3, 5});
  p.kernel_width = pick({p.kernel_height, 3});
  if (pick({0, 0, 1}) != 0) {
    p.kind = Kind::kForward;
    p.batch = 1;
    p.groups = p.input_channels = p.output_channels = whole(1, 6);
    p.input_height = whole(20, 150);
    p.input_width = whole(20, 150);
  }
  p.stride_height = p.stride_width = pick({1, 1, 1, 2});
  p.dilation_height = p.dilation_width = pick({1, 1, 1, 2});
  p.pad_top = p.pad_bottom = p.dilation_height * (p.kernel_height - 1) / 2;
  p.pad_left = p.pad_right = p.dilation_width * (p.kernel_width - 1) / 2;
  p.has_bias = p.kind == Kind::kForward || p.kind == Kind::kTransposed;
  p.activation = p.has_bias != 0 ? static_cast<Activation>(pick({0, 1, 6})) : Activation::kNone;
  p.deterministic = pick({0, 0, 1});
  if (pick({0, 1}) != 0) {
    p.input_strides = {p.input_height * p.input_width * p.input_channels, 1,
                       p.input_width * p.input_channels, p.input_channels};
  }
  return p;
}

/// The number of threads changes the number of tasks, but not the output.
TEST(Plan, GivesTheSameBitsForAnyNumberOfThreads) {
  std::mt19937 random(31);
  for (const AlgorithmEntry* entry : general_entries()) {
    int divided = 0;
    for (int done = 0; done < 100;) {
      Problem problem = layer(random);
      Geometry geometry;
      if (measure(problem, &geometry) != Status::kOk || geometry.macs > 15e6 ||
          !entry->can_do(correlation_of(normalised(problem, geometry), geometry))) {
        continue;
      }
      ++done;
      problem.algorithm = entry->algorithm;
      const Case data = with_random_data(problem, random);
      std::vector<std::vector<float>> outputs;
      std::int32_t least = 0;
      for (const std::int32_t workers : {1, 2, 3, 4, 8}) {
        std::unique_ptr<Plan> plan;
        ASSERT_EQ(Plan::create(problem, data.weight.data(), data.bias.data(), workers, &plan),
                  Status::kOk);
        sweep::Array output(sweep::operands_of(problem).output);
        plan->run(data.input.data(), output.origin());
        EXPECT_TRUE(output.is_intact()) << describe(problem);
        outputs.push_back(output.elements());
        if (workers == 1) least = plan->tasks();
        if (workers == 8 && (plan->tasks() > least || least >= 8)) ++divided;
      }
      for (const std::vector<float>& output : outputs) {
        ASSERT_EQ(std::memcmp(output.data(), outputs[0].data(), output.size() * sizeof(float)), 0)
            << describe(problem);
      }
      if (done % 8 == 0) {
        EXPECT_TRUE(within_bound(data, outputs.back()));
      }
    }
    EXPECT_GE(divided, 10) << kEntryNames[static_cast<int>(entry->id)];
  }
}

/// GEMM sums in several slices.
TEST(Plan, AppliesTheActivationToCompleteSumsOnly) {
  std::mt19937 random(34);
  for (const Activation activation : {Activation::kRelu, Activation::kRelu6, Activation::kTanh}) {
    Problem p;
    p.algorithm = Algorithm::kGemm;
    p.input_channels = 150;
    p.output_channels = 13;
    p.input_height = 6;
    p.input_width = 7;
    p.kernel_height = p.kernel_width = 3;
    p.has_bias = 1;
    p.activation = activation;
    const Case data = with_random_data(p, random);
    EXPECT_TRUE(within_bound(data, testing::run(data, random)));
  }
}

/// Layers with few rows and images.
TEST(Plan, DividesTheWorkEvenlyAmongThreads) {
  struct Layer {
    std::int32_t size, inputs, outputs, kernel;
  };
  for (const Layer& l : {Layer{56, 64, 64, 3}, Layer{28, 128, 128, 3}, Layer{14, 256, 256, 3},
                         Layer{7, 512, 512, 3}, Layer{56, 64, 256, 1}, Layer{14, 512, 512, 1},
                         Layer{7, 960, 320, 1}, Layer{28, 16, 32, 5}}) {
    Problem p;
    p.input_channels = l.inputs;
    p.output_channels = l.outputs;
    p.input_height = p.input_width = l.size;
    p.kernel_height = p.kernel_width = l.kernel;
    p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = l.kernel / 2;
    const std::vector<float> weight(
        static_cast<std::size_t>(l.inputs * l.outputs * l.kernel * l.kernel));
    for (const std::int32_t workers : {2, 4}) {
      std::unique_ptr<Plan> plan;
      ASSERT_EQ(Plan::create(p, weight.data(), nullptr, workers, &plan), Status::kOk);
      // All threads have the same number of tasks, or each has many.
      EXPECT_TRUE(plan->tasks() % workers == 0 || plan->tasks() >= 8 * workers)
          << plan->tasks() << " tasks for " << workers << ": " << describe(p);
    }
    // A very small problem is one task.
    p.input_channels = p.output_channels = 4;
    std::unique_ptr<Plan> small;
    ASSERT_EQ(Plan::create(p, weight.data(), nullptr, 4, &small), Status::kOk);
    if (l.size <= 14) {
      EXPECT_EQ(small->tasks(), 1);
    }
  }
}

/// Problems larger than one block along every axis.
TEST(Plan, ComputesProblemsOfManyBlocks) {
  std::mt19937 random(8);
  Problem wide;
  wide.input_height = 5;
  wide.input_width = 1100;
  wide.kernel_height = wide.kernel_width = 3;
  Problem deep;
  deep.input_channels = 600;
  deep.output_channels = 5;
  deep.input_height = 9;
  deep.input_width = 130;
  deep.kernel_height = 3;
  deep.kernel_width = 2;
  deep.pad_left = 1;
  Problem tall = wide;
  tall.input_height = 300;
  tall.input_width = 300;
  tall.stride_height = 2;
  Problem product;
  product.batch = 2;
  product.input_channels = 700;
  product.output_channels = 11;
  product.input_height = 7;
  product.input_width = 29;
  for (const Problem& problem : {wide, deep, tall, product}) {
    const Case data = with_random_data(problem, random);
    EXPECT_TRUE(within_bound(data, testing::run(data, random)));
  }
}

/// Numbers of channels around the edges of tiles and blocks.
TEST(Plan, ComputesDepthwiseInNhwc) {
  std::mt19937 random(19);
  for (const std::int32_t channels : {2, 7, 8, 9, 31, 32, 33, 40, 65}) {
    for (const std::int32_t width : {1, 2, 3, 4, 13}) {
      Problem p;
      p.batch = 2;
      p.groups = p.input_channels = p.output_channels = channels;
      p.input_height = 11;
      p.input_width = width;
      p.kernel_height = 3;
      p.kernel_width = 2;
      p.pad_top = 2;
      p.pad_left = 1;
      p.pad_right = 3;
      p.dilation_height = 2;
      p.stride_width = width % 3 + 1;
      p.has_bias = 1;
      p.padding_mode = width == 1 ? PaddingMode::kConstant : PaddingMode::kReflect;
      if (width == 13) p.padding_mode = PaddingMode::kCircular;
      p.activation = channels == 9 ? Activation::kSilu : Activation::kRelu;
      p.deterministic = channels % 2;
      Geometry g;
      if (measure(p, &g) != Status::kOk) continue;
      p.input_strides = {11 * width * channels, 1, width * channels, channels};
      p.output_strides = {g.output_height * g.output_width * (channels + 3), 1,
                          g.output_width * (channels + 3), channels + 3};
      const Case data = with_random_data(p, random);
      EXPECT_TRUE(within_bound(data, testing::run(data, random)));
    }
  }
}

/// tests/js/once/choices.test.mjs checks problems near the border between two algorithms.
TEST(Plan, ChoosesTheCheapestAlgorithm) {
  const auto chosen = [](std::int32_t size, std::int32_t kernel, std::int32_t groups,
                         std::int32_t inputs, std::int32_t outputs) {
    Problem p;
    p.input_height = p.input_width = size;
    p.kernel_height = p.kernel_width = kernel;
    p.groups = groups;
    p.input_channels = groups * inputs;
    p.output_channels = groups * outputs;
    const std::vector<float> weight(
        static_cast<std::size_t>(groups * inputs * outputs * kernel * kernel));
    std::unique_ptr<Plan> plan;
    EXPECT_EQ(Plan::create(p, weight.data(), nullptr, 1, &plan), Status::kOk);
    return plan->algorithm();
  };
  EXPECT_EQ(chosen(4, 3, 1, 1, 1), Algorithm::kDepthwise);
  EXPECT_EQ(chosen(56, 3, 8, 1, 1), Algorithm::kDepthwise);
  EXPECT_EQ(chosen(56, 1, 8, 1, 1), Algorithm::kDepthwise);
  EXPECT_EQ(chosen(4, 3, 1, 3, 3), Algorithm::kDirect);
  EXPECT_EQ(chosen(56, 3, 8, 1, 2), Algorithm::kDirect);
  // With few output channels, packing the input would be most of the work.
  EXPECT_EQ(chosen(256, 1, 1, 32, 2), Algorithm::kDirect);
  EXPECT_EQ(chosen(56, 1, 1, 64, 256), Algorithm::kGemm);
  EXPECT_EQ(chosen(28, 1, 4, 128, 128), Algorithm::kGemm);
}

/// A patch does not hold the elements between distant taps.
TEST(Plan, WorkspaceDoesNotGrowWithDilation) {
  Problem p;
  p.input_height = p.input_width = 40;
  p.kernel_height = p.kernel_width = 2;
  p.dilation_height = p.dilation_width = 1 << 20;
  p.pad_bottom = p.pad_right = 1 << 20;
  const float weight[4] = {};
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, weight, nullptr, 1, &plan), Status::kOk);
  EXPECT_LT(plan->workspace_bytes(), 200000u);
}

TEST(Plan, WorkspaceOfPaddingDoesNotGrowWithTheCroppedPart) {
  Problem p;
  p.kind = Kind::kPad;
  p.input_width = 1 << 28;
  p.pad_left = 4 - (1 << 28);
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, nullptr, nullptr, 1, &plan), Status::kOk);
  EXPECT_LT(plan->workspace_bytes(), 200u);
}

/// depthwise_nhwc keeps whole rows for each thread; for long rows another entry is chosen.
TEST(Plan, WorkspaceOfLongRowsIsLimited) {
  Problem p;
  p.input_channels = p.output_channels = p.groups = 4;
  p.input_width = 1 << 22;
  p.kernel_width = 3;
  p.stride_width = 2;
  const float weight[12] = {};
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, weight, nullptr, 8, &plan), Status::kOk);
  EXPECT_LT(plan->workspace_bytes(), std::size_t{8} << 24);
}

TEST(Plan, RejectsZeroThreadsAndTooLargeWorkspaces) {
  Problem p;
  const float weight[1] = {};
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, weight, nullptr, 0, &plan), Status::kBadSize);
  p.input_channels = 1 << 24;
  p.pad_left = 4;
  p.weight_strides = {1, 0, 0, 0};
  EXPECT_EQ(Plan::create(p, weight, nullptr, 8, &plan), Status::kOutOfMemory);
}

TEST(Plan, ReportsItsMemoryAndTasks) {
  Problem p;
  p.input_channels = 3;
  p.output_channels = 5;
  p.input_height = p.input_width = 8;
  p.kernel_height = p.kernel_width = 3;
  const std::vector<float> weight(135);
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, weight.data(), nullptr, 1, &plan), Status::kOk);
  EXPECT_EQ(plan->geometry().macs, 135.0 * 36);
  // The weight, the bias of each channel, and the offset of each of the 27 taps.
  EXPECT_EQ(plan->weight_bytes(), (135u + 5u + 27u) * 4);
  EXPECT_GT(plan->workspace_bytes(), 0u);
  EXPECT_GT(plan->tasks(), 0);
  const std::size_t one = plan->workspace_bytes();
  ASSERT_EQ(Plan::create(p, weight.data(), nullptr, 3, &plan), Status::kOk);
  EXPECT_EQ(plan->workspace_bytes(), 3 * one);
}

TEST(Plan, SaysWhyAnAlgorithmCannotDoAProblem) {
  const std::size_t before = allocated_bytes();
  const float weight[9] = {};
  std::unique_ptr<Plan> plan;
  Problem p;
  p.input_height = p.kernel_height = 3;
  EXPECT_EQ(refusal_of(p), nullptr);
  p.output_channels = 2;
  p.algorithm = Algorithm::kDepthwise;
  EXPECT_EQ(Plan::create(p, weight, nullptr, 1, &plan), Status::kUnsupported);
  EXPECT_STREQ(refusal_of(p), "it needs groups of one output channel");
  p.stride_width = 0;
  EXPECT_EQ(refusal_of(p), nullptr);
  EXPECT_EQ(Plan::create(p, weight, nullptr, 1, &plan), Status::kBadStride);
  Problem scattered;
  scattered.kind = Kind::kTransposed;
  scattered.input_height = scattered.input_width = 2;
  scattered.stride_height = scattered.stride_width = 257;
  EXPECT_EQ(Plan::create(scattered, weight, nullptr, 1, &plan), Status::kUnsupported);
  EXPECT_STREQ(refusal_of(scattered), "its strides divide the output into more than 65536 phases");
  EXPECT_EQ(plan, nullptr);
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Plan, HasNoTasksForAnEmptyBatch) {
  Problem p;
  p.batch = 0;
  p.input_height = p.kernel_height = 3;
  const float weight[3] = {1, 2, 3};
  std::unique_ptr<Plan> plan;
  ASSERT_EQ(Plan::create(p, weight, nullptr, 1, &plan), Status::kOk);
  EXPECT_EQ(plan->tasks(), 0);
  EXPECT_EQ(plan->weight_bytes(), 0u);
  plan->run(nullptr, nullptr);
}

/// If an allocation fails, Plan::create returns kOutOfMemory, leaks nothing, and can be called
/// again.
TEST(Plan, SurvivesEveryFailingAllocation) {
  const std::size_t before = allocated_bytes();
  std::mt19937 random(9);
  for (const AlgorithmEntry* entry : general_entries()) {
    Problem p = problem_for(*entry);
    p.has_bias = 1;
    const Case data = with_random_data(p, random);
    std::unique_ptr<Plan> plan;
    int failures = 0;
    for (;; ++failures) {
      fail_allocation_after(failures);
      const Status status = Plan::create(p, data.weight.data(), data.bias.data(), 2, &plan);
      fail_allocation_after(-1);
      if (status == Status::kOk) break;
      ASSERT_EQ(status, Status::kOutOfMemory);
      ASSERT_EQ(plan, nullptr);
      ASSERT_EQ(allocated_bytes(), before);
    }
    EXPECT_GE(failures, 5) << kEntryNames[static_cast<int>(entry->id)];
    plan.reset();
    EXPECT_TRUE(within_bound(data, testing::run(data, random)));
    EXPECT_EQ(allocated_bytes(), before);
  }
}

TEST(Plan, RunsWithoutAllocationsAndRepeatsItsOutput) {
  std::mt19937 random(10);
  for (const AlgorithmEntry* entry : general_entries()) {
    const Problem p = problem_for(*entry);
    const Case data = with_random_data(p, random);
    std::unique_ptr<Plan> plan;
    ASSERT_EQ(Plan::create(p, data.weight.data(), nullptr, 1, &plan), Status::kOk);
    std::vector<float> first(6 * 12 * 15), second(first.size());
    const std::size_t before = allocated_bytes();
    fail_allocation_after(0);
    plan->run(data.input.data(), first.data());
    plan->run(data.input.data(), second.data());
    EXPECT_EQ(allocate(1), nullptr) << "running allocated memory";
    EXPECT_EQ(allocated_bytes(), before);
    EXPECT_EQ(std::memcmp(first.data(), second.data(), first.size() * sizeof(float)), 0);
  }
}

TEST(Plan, SpreadsANonFiniteInputOnlyToOutputsWhoseWindowsHoldIt) {
  std::mt19937 random(11);
  Problem p;
  p.input_height = 9;
  p.input_width = 12;
  p.kernel_height = 3;
  p.kernel_width = 2;
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case data = with_random_data(p, random);
    data.input[4 * 12 + 5] = bad;
    const std::vector<float> output = testing::run(data, random);
    ASSERT_EQ(output.size(), 7u * 11u);
    for (int y = 0; y < 7; ++y) {
      for (int x = 0; x < 11; ++x) {
        const bool reached = y >= 2 && y <= 4 && x >= 4 && x <= 5;
        EXPECT_EQ(std::isfinite(output[static_cast<std::size_t>(y * 11 + x)]), !reached)
            << y << ' ' << x;
      }
    }
  }
}

/// IEEE 754 defines the bits of unfused operations in a known order.
TEST(Plan, SumsWithoutFusingAndInOrderIfDeterministic) {
  std::mt19937 random(12);
  Problem p;
  p.input_channels = 3;
  p.output_channels = 5;
  p.input_height = 6;
  p.input_width = 21;
  p.kernel_height = 2;
  p.kernel_width = 3;
  p.has_bias = 1;
  p.deterministic = 1;
  const Case data = with_random_data(p, random);
  const std::vector<float> output = testing::run(data, random);
  ASSERT_EQ(output.size(), 5u * 5u * 19u);
  std::size_t at = 0;
  for (std::size_t o = 0; o < 5; ++o) {
    for (std::size_t y = 0; y < 5; ++y) {
      for (std::size_t x = 0; x < 19; ++x) {
        volatile float sum = data.bias[o];
        for (std::size_t c = 0; c < 3; ++c) {
          for (std::size_t ky = 0; ky < 2; ++ky) {
            for (std::size_t kx = 0; kx < 3; ++kx) {
              const volatile float product = data.input[(c * 6 + y + ky) * 21 + x + kx] *
                                             data.weight[((o * 3 + c) * 2 + ky) * 3 + kx];
              sum = sum + product;
            }
          }
        }
        ASSERT_EQ(output[at++], sum);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
