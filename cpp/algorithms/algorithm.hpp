#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/correlation.hpp"
#include "core/cost.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// What one worker needs to run a task.
struct TaskData {
  const void* input;
  void* output;
  float* workspace;  // this worker's own

  const float* input_floats() const { return static_cast<const float*>(input); }
  float* output_floats() const { return static_cast<float*>(output); }
};

/// An algorithm made ready for one problem: it has its own copy of what it reads of weight and
/// bias, and knows how many tasks there are. Nothing changes while tasks run.
class Executor : public Allocated {
 public:
  virtual ~Executor() = default;
  virtual void run_task(const TaskData& data, std::int32_t task) const = 0;

  std::int32_t tasks() const { return tasks_; }
  std::int64_t workspace_floats() const { return workspace_floats_; }
  std::size_t weight_bytes() const { return weight_bytes_; }

 protected:
  std::int32_t tasks_ = 0;
  std::int64_t workspace_floats_ = 0;
  std::size_t weight_bytes_ = 0;
};

/// One way to compute a correlation.
struct AlgorithmEntry {
  Algorithm id;
  const char* name;
  /// Why it cannot do this, as the end of a sentence; null where it can.
  const char* (*refusal)(const Correlation& correlation);
  /// To be called on what it can do, with at least one output element: kOk, or kOutOfMemory.
  /// `weight` and `bias` (null where there is none) are not read after it.
  Status (*prepare)(const Correlation& correlation, const float* weight, const float* bias,
                    std::unique_ptr<Executor>* executor);
  /// How many times the error may be what a plain sum's may be, which is what direct's is held to:
  /// (K + 1) * eps * (|bias| + sum |x||w|). Above 1 the error is not relative to that sum but to
  /// the norm of what is computed together with an output: with the largest |x| of it for each |x|.
  double error_factor;

  /// What it has to do for what it can do, with its preparation where that is for one run. Infinite
  /// where it should not be chosen.
  OpCounts (*op_counts)(const Correlation& correlation, Use use);

  bool can_do(const Correlation& correlation) const { return refusal(correlation) == nullptr; }
};

/// AlgorithmEntry::prepare for an Executor that is made from a Correlation and has a `prepare` of
/// its own.
template <typename Made>
Status prepare(const Correlation& correlation, const float* weight, const float* bias,
               std::unique_ptr<Executor>* executor) {
  std::unique_ptr<Made> made(new Made(correlation));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(weight, bias);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

constexpr std::int32_t divide_up(std::int32_t value, std::int32_t by) {
  return value / by + (value % by != 0 ? 1 : 0);
}

extern const AlgorithmEntry kDepthwiseAlgorithm;
extern const AlgorithmEntry kDirectAlgorithm;
extern const AlgorithmEntry kFftAlgorithm;
extern const AlgorithmEntry kGemmAlgorithm;
extern const AlgorithmEntry kSeparableAlgorithm;
extern const AlgorithmEntry kWinogradAlgorithm;

/// All of them; the one list that the plan chooses from and that tests sweep over.
constexpr const AlgorithmEntry* kAlgorithms[] = {&kDirectAlgorithm,    &kGemmAlgorithm,
                                                 &kDepthwiseAlgorithm, &kWinogradAlgorithm,
                                                 &kSeparableAlgorithm, &kFftAlgorithm};

}  // namespace corr2d
