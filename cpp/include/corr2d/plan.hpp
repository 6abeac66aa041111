#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "corr2d/memory.hpp"
#include "corr2d/problem.hpp"
#include "corr2d/task_list.hpp"

namespace corr2d {

class Executor;

/// Returns why Plan::create returns kUnsupported for a problem: the clause after "because", or null
/// if it does not.
const char* refusal_of(const Problem& problem);

/// The operands that a plan reads as it runs. Each points to the element at index 0 of every axis:
/// bytes for kFilterImage, otherwise float32. `second` and `third` are null for kinds that have
/// fewer operands. The weight and the bias are not among them: they are read as the plan is made.
struct Inputs {
  // A problem with one operand needs no braces.
  Inputs(const void* first_operand, const void* second_operand = nullptr,
         const void* third_operand = nullptr)
      : first(first_operand), second(second_operand), third(third_operand) {}
  const void *first, *second, *third;
};

/// A plan for one problem: the chosen algorithm, the packed weight, the workspace of every thread,
/// and a list of tasks. Consecutive tasks form stages. The tasks of a stage are independent; they
/// read what earlier stages left in the plan's shared memory, so a plan with several stages can
/// compute only one output at a time. A plan owns copies of the weight and the bias.
class Plan : public Allocated {
 public:
  /// Checks `problem`, chooses an algorithm and prepares it for `threads` (1 or more) threads that
  /// run tasks at the same time. `weight` and `bias` (or mask; null if the problem has none) are
  /// read only during this call; for kBackwardWeight and kMaxPoolBackward, `weight` is the gradient
  /// with respect to y. Returns kOk, the error of `measure`, kBadSize for a number of threads below
  /// 1, kUnsupported, or kOutOfMemory. `*plan` is written only with kOk.
  static Status create(const Problem& problem, const float* weight, const float* bias,
                       std::int32_t threads, std::unique_ptr<Plan>* plan, Use use = Use::kOften);
  ~Plan();

  /// The number of tasks, which are numbered from 0. Together they write every element of the
  /// output.
  std::int32_t tasks() const;

  /// The number of the first task after the stage of `task`.
  std::int32_t stage_end(std::int32_t task) const;

  /// Runs one task. The tasks of a stage may run in any order and on any thread after those of
  /// earlier stages, but no two at the same time with the same `thread`, a number below the number
  /// of threads of the plan. Allocates nothing and cannot fail. `output` points to the element at
  /// index 0 of every axis. It must not overlap the operands. Neither it nor the operands that the
  /// problem has must be null, even if they are empty.
  void run_task(const Inputs& inputs, void* output, std::int32_t task, std::int32_t thread) const;

  /// Runs the tasks `first` to `first` + `count` - 1, one after the other.
  void run(const Inputs& inputs, void* output, std::int32_t first, std::int32_t count) const;
  /// Runs every task, one after the other.
  void run(const Inputs& inputs, void* output) const { run(inputs, output, 0, tasks()); }

  const Problem& problem() const { return problem_; }
  const Geometry& geometry() const { return geometry_; }
  /// The algorithm; for kMatchTemplate that of its correlation. kAuto for kPhaseCorrelate and the
  /// kinds without a weight, which have only one implementation.
  Algorithm algorithm() const { return algorithm_; }
  /// True if running the plan takes less time than waking workers.
  bool is_small() const;
  /// The bytes of the packed weight, the bias and the tables that belong to them.
  std::size_t weight_bytes() const;
  /// The bytes of the workspaces of all threads and of the memory that they share.
  std::size_t workspace_bytes() const { return workspace_.bytes(); }

 private:
  Plan();
  Status prepare(const float* weight, const float* bias, std::int32_t threads, Use use);
  Status prepare_correlation(const float* weight, const float* bias, std::int32_t threads, Use use);
  Status prepare_matching(const float* weight, const float* mask);
  /// The distance in floats between the workspaces of two threads, which share no cache line.
  std::int64_t workspace_step() const;

  Problem problem_;
  Geometry geometry_;
  Algorithm algorithm_ = Algorithm::kAuto;
  std::unique_ptr<Executor> executor_;
  std::int32_t threads_ = 1;
  Buffer<float> workspace_;  // workspace_step() floats for each thread, then those that all share
};

/// The tasks of a plan with its operands and output, for ThreadPool::run.
class PlanTasks final : public TaskList {
 public:
  PlanTasks() = default;
  PlanTasks(const Plan& plan, const Inputs& inputs, void* output)
      : plan_(&plan), inputs_(inputs), output_(output) {}

  void run_task(std::int32_t task, std::int32_t thread) const override {
    plan_->run_task(inputs_, output_, task, thread);
  }
  std::int32_t stage_end(std::int32_t task) const override { return plan_->stage_end(task); }
  bool is_small() const override { return plan_->is_small(); }

 private:
  const Plan* plan_ = nullptr;
  Inputs inputs_ = nullptr;
  void* output_ = nullptr;
};

}  // namespace corr2d
