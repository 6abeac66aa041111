#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>

#include "oracle/oracle.hpp"
#include "tensors.hpp"

namespace corr2d::testing {
namespace {

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

}  // namespace

Case with_random_data(const Problem& problem, std::mt19937& random) {
  const sweep::Operands operands = sweep::operands_of(problem);
  Case data = {problem, {}, {}, {}};
  data.input = random_values(sweep::extent(operands.input).count, random);
  data.weight = random_values(sweep::extent(operands.weight).count, random);
  data.bias = random_values(sweep::extent(operands.bias).count, random);
  return data;
}

Case data_for(const Problem& problem, Values values, std::mt19937& random) {
  Case data = with_random_data(problem, random);
  std::normal_distribution<float> normal(0, 1);
  for (float& w : data.weight) w = normal(random);
  for (std::size_t i = 0; i < data.input.size(); ++i) {
    float& x = data.input[i];
    x = normal(random);
    if (values == Values::kActivations) x = std::max(x, 0.0f);
    if (values == Values::kImage) {
      const auto at = static_cast<float>(i % static_cast<std::size_t>(problem.input_width));
      x = std::clamp(0.5f + 0.3f * std::sin(0.2f * at) + 0.05f * x, 0.0f, 1.0f);
    }
  }
  return data;
}

void run_side_by_side(const Plan& plan, const Inputs& inputs, float* output, std::mt19937& random) {
  for (std::int32_t first = 0; first < plan.tasks();) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(plan.stage_end(first) - first));
    std::iota(order.begin(), order.end(), first);
    first += static_cast<std::int32_t>(order.size());
    std::shuffle(order.begin(), order.end(), random);
    std::atomic<std::size_t> next{0};
    const auto work = [&](std::int32_t thread) {
      for (std::size_t i = next++; i < order.size(); i = next++) {
        plan.run_task(inputs, output, order[i], thread);
      }
    };
    std::thread other(work, 1);
    work(0);
    other.join();
  }
}

std::vector<float> run(const Case& data, std::mt19937& random) {
  std::unique_ptr<Plan> plan;
  const Status status = Plan::create(data.problem, data.weight.data(), data.bias.data(), 2, &plan);
  EXPECT_EQ(status, Status::kOk) << describe(data.problem);
  if (status != Status::kOk) return {};
  sweep::Array output(sweep::operands_of(data.problem).output);
  run_side_by_side(*plan, data.input.data(), output.origin(), random);
  EXPECT_TRUE(output.is_intact()) << describe(data.problem);
  return output.elements();
}

std::vector<float> run_by(Algorithm algorithm, Case data) {
  std::mt19937 random(1);
  data.problem.algorithm = algorithm;
  return run(data, random);
}

double error_ratio(Algorithm algorithm, const Case& data) {
  const auto exact =
      oracle::solve(data.problem, data.input.data(), data.weight.data(), data.bias.data());
  const auto rms_error = [&](Algorithm by) {
    const std::vector<float> output = run_by(by, data);
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      sum += std::pow(static_cast<double>(output[i]) - exact.output[i], 2);
    }
    return std::sqrt(sum / static_cast<double>(output.size()));
  };
  return rms_error(algorithm) / rms_error(Algorithm::kDirect);
}

bool within_bound(const Case& data, const std::vector<float>& output) {
  const oracle::Result expected =
      oracle::solve(data.problem, data.input.data(), data.weight.data(), data.bias.data());
  std::unique_ptr<Plan> plan;
  Plan::create(data.problem, data.weight.data(), data.bias.data(), 1, &plan);
  const Algorithm algorithm = plan == nullptr ? data.problem.algorithm : plan->algorithm();
  const sweep::Verdict verdict = sweep::compare(data.problem, algorithm, expected, output);
  EXPECT_EQ(verdict.failure, "") << describe(data.problem);
  return verdict.failure.empty();
}

}  // namespace corr2d::testing
