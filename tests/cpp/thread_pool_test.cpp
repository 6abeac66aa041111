#include "corr2d/thread_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "check.hpp"
#include "space.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

/// Milliseconds: longer than any task takes, even with a sanitizer on a busy machine.
constexpr std::int32_t kTimeoutMs = 60000;

std::unique_ptr<ThreadPool> pool_of(std::int32_t threads, std::int32_t timeout_ms = kTimeoutMs) {
  std::unique_ptr<ThreadPool> pool;
  EXPECT_EQ(ThreadPool::create(threads, timeout_ms, &pool), Status::kOk);
  return pool;
}

void await_all(const ThreadPool& pool) {
  while (pool.started() < pool.threads()) std::this_thread::yield();
}

/// Many small planes, each of which is a task.
Problem many_tasks() {
  Problem p;
  p.batch = 3;
  p.groups = p.input_channels = p.output_channels = 61;
  p.input_height = 12;
  p.input_width = 19;
  p.kernel_height = p.kernel_width = 3;
  return p;
}

struct Ready {
  testing::Case data;
  std::unique_ptr<Plan> plan;
  std::vector<float> expected;

  Ready(const Problem& problem, std::int32_t threads, std::mt19937& random)
      : data(testing::with_random_data(problem, random)) {
    EXPECT_EQ(Plan::create(problem, data.weight.data(), data.bias.data(), threads, &plan),
              Status::kOk);
    const sweep::Tensor& y = sweep::operands_of(problem).output;
    expected.resize(static_cast<std::size_t>(y.n * y.c * y.h * y.w));
    plan->run(data.input.data(), expected.data());
  }

  /// What a pool makes of it, in several batches of tasks.
  std::vector<float> run(ThreadPool* pool, std::int32_t batches = 1) const {
    std::vector<float> output(expected.size(), -1);
    for (std::int32_t batch = 0; batch < batches; ++batch) {
      const std::int32_t first = plan->tasks() * batch / batches;
      const std::int32_t end = plan->tasks() * (batch + 1) / batches;
      EXPECT_EQ(pool->run(*plan, data.input.data(), output.data(), first, end - first),
                Status::kOk);
    }
    return output;
  }
};

TEST(ThreadPool, RunsEveryTaskOnceAndToTheSameBits) {
  std::mt19937 random(21);
  for (const std::int32_t threads : {1, 2, 3, 8}) {
    const std::unique_ptr<ThreadPool> pool = pool_of(threads);
    const Ready ready(many_tasks(), threads, random);
    for (std::int32_t round = 0; round < 200; ++round) {
      ASSERT_EQ(ready.run(pool.get(), round % 4 + 1), ready.expected) << threads << " threads";
    }
    std::int32_t tasks = 0;
    for (std::int32_t i = 0; i < threads; ++i) tasks += pool->tasks_of(i);
    EXPECT_EQ(tasks, 200 * ready.plan->tasks());
  }
}

TEST(ThreadPool, EveryWorkerExecutesTasks) {
  std::mt19937 random(22);
  const std::unique_ptr<ThreadPool> pool = pool_of(4);
  await_all(*pool);
  const Ready ready(many_tasks(), 4, random);
  const auto is_idle = [&pool] {
    for (std::int32_t i = 0; i < 4; ++i) {
      if (pool->tasks_of(i) == 0) return true;
    }
    return false;
  };
  for (std::int32_t round = 0; is_idle(); ++round) {
    ASSERT_LT(round, 100000);
    ready.run(pool.get());
  }
}

/// Workers that spin and workers that sleep, and those that are about to.
TEST(ThreadPool, WakesWorkersAfterPausesOfAnyLength) {
  std::mt19937 random(23);
  const std::unique_ptr<ThreadPool> pool = pool_of(3);
  const Ready ready(many_tasks(), 3, random);
  for (std::int32_t round = 0; round < 300; ++round) {
    ASSERT_EQ(ready.run(pool.get()), ready.expected);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
  }
}

TEST(ThreadPool, TakesOnePlanAfterTheOther) {
  std::mt19937 random(24);
  const std::unique_ptr<ThreadPool> pool = pool_of(3);
  Problem product;
  product.input_channels = 70;
  product.output_channels = 40;
  product.input_height = product.input_width = 14;
  Problem pool_kind = many_tasks();
  pool_kind.kind = Kind::kMaxPool;
  pool_kind.groups = 1;
  const Ready all[] = {Ready(many_tasks(), 3, random), Ready(product, 3, random),
                       Ready(pool_kind, 3, random), Ready(Problem(), 3, random)};
  for (std::int32_t round = 0; round < 300; ++round) {
    const Ready& ready = all[random() % 4];
    ASSERT_EQ(ready.run(pool.get()), ready.expected);
  }
}

TEST(ThreadPool, AllocatesNothingToRun) {
  std::mt19937 random(25);
  const std::unique_ptr<ThreadPool> pool = pool_of(2);
  const Ready ready(many_tasks(), 2, random);
  const std::size_t before = allocated_bytes();
  fail_allocation_after(0);
  ready.run(pool.get());
  EXPECT_EQ(allocate(1), nullptr) << "the failing allocation was not used up before";
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(ThreadPool, StartsAndEndsOverAndOver) {
  const std::size_t before = allocated_bytes();
  std::mt19937 random(26);
  const Ready ready(many_tasks(), 4, random);
  const std::size_t with_plan = allocated_bytes();
  for (std::int32_t round = 0; round < 200; ++round) {
    const std::unique_ptr<ThreadPool> pool = pool_of(4);
    // Also before all of them have started.
    if (round % 3 != 0) ready.run(pool.get());
  }
  EXPECT_EQ(allocated_bytes(), with_plan);
  EXPECT_GT(with_plan, before);
}

TEST(ThreadPool, RefusesWhatIsNoNumberOfThreadsAndSurvivesFailingAllocations) {
  std::unique_ptr<ThreadPool> pool;
  EXPECT_EQ(ThreadPool::create(0, kTimeoutMs, &pool), Status::kBadSize);
  EXPECT_EQ(ThreadPool::create(-1, kTimeoutMs, &pool), Status::kBadSize);
  EXPECT_EQ(ThreadPool::create(ThreadPool::kMaxThreads + 1, kTimeoutMs, &pool), Status::kBadSize);
  const std::size_t before = allocated_bytes();
  for (int failures = 0;; ++failures) {
    fail_allocation_after(failures);
    const Status status = ThreadPool::create(2, kTimeoutMs, &pool);
    fail_allocation_after(-1);
    if (status == Status::kOk) {
      EXPECT_EQ(failures, 4);
      break;
    }
    EXPECT_EQ(status, Status::kOutOfMemory);
    EXPECT_EQ(pool, nullptr);
    EXPECT_EQ(allocated_bytes(), before);
  }
}

TEST(ThreadPool, DoesNotWaitForEverForAWorkerThatIsLost) {
  std::mt19937 random(27);
  const std::unique_ptr<ThreadPool> pool = pool_of(3, 200);
  await_all(*pool);
  const Ready ready(many_tasks(), 3, random);
  pool->lose_worker_after(2);
  std::vector<float> output(ready.expected.size());
  const auto run = [&] {
    return pool->run(*ready.plan, ready.data.input.data(), output.data(), 0, ready.plan->tasks());
  };
  Status status = Status::kOk;
  const auto begin = std::chrono::steady_clock::now();
  for (std::int32_t round = 0; round < 100000 && status == Status::kOk; ++round) status = run();
  ASSERT_EQ(status, Status::kWorkerFailed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  // From then on the caller does everything.
  const std::int32_t others = pool->tasks_of(1) + pool->tasks_of(2);
  EXPECT_EQ(run(), Status::kOk);
  EXPECT_EQ(output, ready.expected);
  EXPECT_EQ(pool->tasks_of(1) + pool->tasks_of(2), others);
}

}  // namespace
}  // namespace corr2d
