#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

#include "reference/reference.hpp"
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

void run_side_by_side(const Plan& plan, const float* input, float* output, std::mt19937& random) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(plan.tasks()));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  std::atomic<std::size_t> next{0};
  const auto work = [&](std::int32_t worker) {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      plan.run_task(input, output, order[i], worker);
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
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

bool within_bound(const Case& data, const std::vector<float>& output) {
  const reference::Answer answer =
      reference::solve(data.problem, data.input.data(), data.weight.data(), data.bias.data());
  std::unique_ptr<Plan> plan;
  Plan::create(data.problem, data.weight.data(), data.bias.data(), 1, &plan);
  const Algorithm algorithm = plan == nullptr ? data.problem.algorithm : plan->algorithm();
  const sweep::Verdict verdict = sweep::compare(data.problem, algorithm, answer, output);
  EXPECT_EQ(verdict.complaint, "") << describe(data.problem);
  return verdict.complaint.empty();
}

}  // namespace corr2d::testing
