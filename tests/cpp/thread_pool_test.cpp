#include "corr2d/thread_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "check.hpp"
#include "problem_space.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

/// Longer than any task takes, even with a sanitizer on a busy machine.
constexpr std::int32_t kTimeoutMs = 60000;

std::unique_ptr<ThreadPool> create_pool(std::int32_t threads,
                                        std::int32_t timeout_ms = kTimeoutMs) {
  std::unique_ptr<ThreadPool> pool;
  EXPECT_EQ(ThreadPool::create(threads, timeout_ms, &pool), Status::kOk);
  return pool;
}

void wait_until_all_started(const ThreadPool& pool) {
  while (pool.started() < pool.threads()) std::this_thread::yield();
}

/// A depthwise problem with many small images, each of which is a task.
Problem problem_with_many_tasks() {
  Problem p;
  p.batch = 3;
  p.groups = p.input_channels = p.output_channels = 61;
  p.input_height = 12;
  p.input_width = 19;
  p.kernel_height = p.kernel_width = 3;
  return p;
}

/// A plan with random data, and its output as computed by one thread.
struct PlannedCase {
  testing::Case data;
  std::unique_ptr<Plan> plan;
  std::vector<float> expected;

  PlannedCase(const Problem& problem, std::int32_t threads, std::mt19937& random)
      : data(testing::with_random_data(problem, random)) {
    EXPECT_EQ(Plan::create(problem, data.weight.data(), data.bias.data(), threads, &plan),
              Status::kOk);
    const sweep::Tensor& y = sweep::operands_of(problem).output;
    expected.resize(static_cast<std::size_t>(y.n * y.c * y.h * y.w));
    plan->run(data.input.data(), expected.data());
  }

  /// The output as computed by a pool that runs the tasks in `batches` parts.
  std::vector<float> run(ThreadPool* pool, std::int32_t batches = 1) const {
    std::vector<float> output(expected.size(), -1);
    const PlanTasks tasks(*plan, data.input.data(), output.data());
    for (std::int32_t batch = 0; batch < batches; ++batch) {
      const std::int32_t first = plan->tasks() * batch / batches;
      const std::int32_t end = plan->tasks() * (batch + 1) / batches;
      EXPECT_EQ(pool->run(tasks, first, end - first), Status::kOk);
    }
    return output;
  }
};

TEST(ThreadPool, RunsEveryTaskOnceWithTheBitsOfOneThread) {
  std::mt19937 random(21);
  for (const std::int32_t threads : {1, 2, 3, 8}) {
    const std::unique_ptr<ThreadPool> pool = create_pool(threads);
    const PlannedCase planned(problem_with_many_tasks(), threads, random);
    for (std::int32_t round = 0; round < 200; ++round) {
      ASSERT_EQ(planned.run(pool.get(), round % 4 + 1), planned.expected) << threads << " threads";
    }
    std::int32_t tasks = 0;
    for (std::int32_t i = 0; i < threads; ++i) tasks += pool->tasks_of(i);
    EXPECT_EQ(tasks, 200 * planned.plan->tasks());
  }
}

TEST(ThreadPool, EveryThreadRunsTasks) {
  std::mt19937 random(22);
  const std::unique_ptr<ThreadPool> pool = create_pool(4);
  wait_until_all_started(*pool);
  const PlannedCase planned(problem_with_many_tasks(), 4, random);
  const auto is_any_idle = [&pool] {
    for (std::int32_t i = 0; i < 4; ++i) {
      if (pool->tasks_of(i) == 0) return true;
    }
    return false;
  };
  // The loop ends on any machine, however late the system schedules the workers.
  while (is_any_idle()) planned.run(pool.get());
}

/// Covers workers that spin, workers that sleep, and workers that are about to sleep.
TEST(ThreadPool, WakesWorkersAfterPausesOfAnyLength) {
  std::mt19937 random(23);
  const std::unique_ptr<ThreadPool> pool = create_pool(3);
  const PlannedCase planned(problem_with_many_tasks(), 3, random);
  for (std::int32_t round = 0; round < 300; ++round) {
    ASSERT_EQ(planned.run(pool.get()), planned.expected);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
  }
}

TEST(ThreadPool, RunsDifferentPlansInTurn) {
  std::mt19937 random(24);
  const std::unique_ptr<ThreadPool> pool = create_pool(3);
  Problem product;
  product.input_channels = 70;
  product.output_channels = 40;
  product.input_height = product.input_width = 14;
  Problem max_pool = problem_with_many_tasks();
  max_pool.kind = Kind::kMaxPool;
  max_pool.groups = 1;
  const PlannedCase all[] = {PlannedCase(problem_with_many_tasks(), 3, random),
                             PlannedCase(product, 3, random), PlannedCase(max_pool, 3, random),
                             PlannedCase(Problem(), 3, random)};
  for (std::int32_t round = 0; round < 300; ++round) {
    const PlannedCase& planned = all[random() % 4];
    ASSERT_EQ(planned.run(pool.get()), planned.expected);
  }
}

TEST(ThreadPool, RunAllocatesNothing) {
  std::mt19937 random(25);
  const std::unique_ptr<ThreadPool> pool = create_pool(2);
  const PlannedCase planned(problem_with_many_tasks(), 2, random);
  const std::size_t before = allocated_bytes();
  fail_allocation_after(0);
  planned.run(pool.get());
  EXPECT_EQ(allocate(1), nullptr) << "run used up the failing allocation";
  EXPECT_EQ(allocated_bytes(), before);
}

/// Stages of kWidth tasks. Each task adds up the results of all tasks of the stage before, which
/// are not atomic: ThreadSanitizer reports stages that overlap.
class StagedTasks final : public TaskList {
 public:
  static constexpr std::int32_t kWidth = 6, kStages = 5, kTasks = kWidth * kStages;

  void run_task(std::int32_t task, std::int32_t) const override {
    const std::int32_t stage_begin = task / kWidth * kWidth;
    std::int64_t sum = 1;
    for (std::int32_t i = std::max(0, stage_begin - kWidth); i < stage_begin; ++i) {
      sum += results_[static_cast<std::size_t>(i)];
    }
    results_[static_cast<std::size_t>(task)] = sum;
  }
  std::int32_t stage_end(std::int32_t task) const override {
    return task / kWidth * kWidth + kWidth;
  }
  bool is_small() const override { return false; }

  std::int64_t last() const { return results_[kTasks - 1]; }

 private:
  mutable std::vector<std::int64_t> results_ = std::vector<std::int64_t>(kTasks);
};

TEST(ThreadPool, RunsStagesOneAfterTheOther) {
  std::mt19937 random(28);
  for (const std::int32_t threads : {1, 2, 4}) {
    const std::unique_ptr<ThreadPool> pool = create_pool(threads);
    wait_until_all_started(*pool);
    for (std::int32_t round = 0; round < 500; ++round) {
      const StagedTasks tasks;
      // Calls of any length begin and end in the middle of stages.
      for (std::int32_t task = 0; task < StagedTasks::kTasks;) {
        const auto wanted = static_cast<std::int32_t>(random() % StagedTasks::kTasks) + 1;
        const std::int32_t count = std::min(wanted, StagedTasks::kTasks - task);
        ASSERT_EQ(pool->run(tasks, task, count), Status::kOk);
        task += count;
      }
      // 1 + 6 + 36 + 216 + 1296
      ASSERT_EQ(tasks.last(), 1555);
    }
  }
}

TEST(ThreadPool, CanBeCreatedAndDestroyedRepeatedly) {
  const std::size_t before = allocated_bytes();
  std::mt19937 random(26);
  const PlannedCase planned(problem_with_many_tasks(), 4, random);
  const std::size_t with_plan = allocated_bytes();
  for (std::int32_t round = 0; round < 200; ++round) {
    const std::unique_ptr<ThreadPool> pool = create_pool(4);
    // Every third pool is destroyed while its workers may still be starting.
    if (round % 3 != 0) planned.run(pool.get());
  }
  EXPECT_EQ(allocated_bytes(), with_plan);
  EXPECT_GT(with_plan, before);
}

TEST(ThreadPool, CreateRejectsInvalidThreadCounts) {
  std::unique_ptr<ThreadPool> pool;
  for (const std::int32_t threads : {0, -1, ThreadPool::kMaxThreads + 1}) {
    EXPECT_EQ(ThreadPool::create(threads, kTimeoutMs, &pool), Status::kBadSize);
    EXPECT_EQ(pool, nullptr);
  }
}

TEST(ThreadPool, CreateReturnsOutOfMemoryWhicheverAllocationFails) {
  std::unique_ptr<ThreadPool> pool;
  const std::size_t before = allocated_bytes();
  for (int successes = 0;; ++successes) {
    fail_allocation_after(successes);
    const Status status = ThreadPool::create(2, kTimeoutMs, &pool);
    fail_allocation_after(-1);
    if (status == Status::kOk) {
      EXPECT_EQ(successes, 4);
      break;
    }
    EXPECT_EQ(status, Status::kOutOfMemory);
    EXPECT_EQ(pool, nullptr);
    EXPECT_EQ(allocated_bytes(), before);
  }
}

TEST(ThreadPool, RunReturnsWorkerFailedAfterTheTimeoutAndThenUsesOneThread) {
  std::mt19937 random(27);
  const std::unique_ptr<ThreadPool> pool = create_pool(3, 200);
  wait_until_all_started(*pool);
  const PlannedCase planned(problem_with_many_tasks(), 3, random);
  pool->simulate_worker_loss_after(2);
  std::vector<float> output(planned.expected.size());
  const PlanTasks tasks(*planned.plan, planned.data.input.data(), output.data());
  const auto run = [&] { return pool->run(tasks, 0, planned.plan->tasks()); };
  Status status = Status::kOk;
  while (status == Status::kOk) status = run();
  ASSERT_EQ(status, Status::kWorkerFailed);
  const std::int32_t tasks_of_workers = pool->tasks_of(1) + pool->tasks_of(2);
  EXPECT_EQ(run(), Status::kOk);
  EXPECT_EQ(output, planned.expected);
  EXPECT_EQ(pool->tasks_of(1) + pool->tasks_of(2), tasks_of_workers);
}

}  // namespace
}  // namespace corr2d
