#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "algorithms/tiling/task_grid.hpp"
#include "core/correlation.hpp"
#include "core/cost.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// The operands and the memory that one thread uses to run a task.
struct TaskData {
  const void* input;
  void* output;
  float* workspace;              // belongs to this thread alone
  float* shared = nullptr;       // belongs to all threads: each stage reads what earlier ones wrote
  const void* second = nullptr;  // the second and third operand, see Inputs
  const void* third = nullptr;

  const float* input_floats() const { return static_cast<const float*>(input); }
  const float* second_floats() const { return static_cast<const float*>(second); }
  const float* third_floats() const { return static_cast<const float*>(third); }
  float* output_floats() const { return static_cast<float*>(output); }
  /// The element of the second operand, which has the strides of the output, that belongs to this
  /// element of the output; null if there is no second operand.
  const float* second_at(const float* element) const {
    return second == nullptr ? nullptr
                             : static_cast<const float*>(second) + (element - output_floats());
  }
};

/// An algorithm prepared for one problem. It owns copies of the weight and the bias in the form
/// that its kernels read, and knows its tasks and their stages. Running tasks does not change it.
class Executor : public Allocated {
 public:
  virtual ~Executor() = default;
  void run_task(const TaskData& data, std::int32_t task) const { run(data, grid_.decode(task)); }

  std::int32_t tasks() const { return grid_.tasks(); }
  /// The number of the first task after the stage of `task`. By default there is one stage.
  virtual std::int32_t stage_end(std::int32_t) const { return tasks(); }
  std::int64_t workspace_floats() const { return workspace_floats_; }
  std::int64_t shared_floats() const { return shared_floats_; }
  std::size_t weight_bytes() const { return weight_bytes_; }

 protected:
  TaskGrid grid_;
  std::int64_t workspace_floats_ = 0;  // for each thread
  std::int64_t shared_floats_ = 0;     // for all threads together
  std::size_t weight_bytes_ = 0;

 private:
  virtual void run(const TaskData& data, const TaskIndex& task) const = 0;
};

/// One implementation of correlation. Some algorithms of the public interface have several, each
/// for other problems.
struct AlgorithmEntry {
  EntryId id;
  /// The algorithm of the public interface that it belongs to.
  Algorithm algorithm;
  /// Why it cannot do a problem: the clause after "because"; null if it can.
  const char* (*refusal)(const Correlation& correlation);
  /// Prepares a problem that it can do and that has at least one output. Returns kOk, kTooLarge or
  /// kOutOfMemory. It reads `weight` and `bias` (null if there is none) during this call only.
  Status (*prepare)(const Correlation& correlation, const float* weight, const float* bias,
                    std::unique_ptr<Executor>* executor);
  /// The allowed error as a multiple of the bound of a plain sum, which direct keeps:
  /// (K + 1) * eps * (|bias| + sum |x||w|) for K products. Above 1 the error is relative to the
  /// norm of all that is computed together with an output: to the sum with the largest |x| of it
  /// for every |x|.
  float error_factor;
  /// Whether `auto` chooses it if it costs least. The others round differently and may spread NaN
  /// to more outputs: plan.cpp asks more of them.
  bool competes_on_cost;
  /// The operations for a problem that it can do, including those of its preparation if that is for
  /// one run only. Infinite where another entry should be chosen.
  OpCounts (*op_counts)(const Correlation& correlation, Use use);

  bool can_do(const Correlation& correlation) const { return refusal(correlation) == nullptr; }
};

/// AlgorithmEntry::prepare for a class that is constructed from a Correlation and has
/// `Status prepare(weight, bias)`.
template <typename T>
Status prepare(const Correlation& correlation, const float* weight, const float* bias,
               std::unique_ptr<Executor>* executor) {
  std::unique_ptr<T> made(new T(correlation));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(weight, bias);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

extern const AlgorithmEntry kDirectEntry;
extern const AlgorithmEntry kGemmEntry;
extern const AlgorithmEntry kDepthwiseNhwcStreamingEntry;
extern const AlgorithmEntry kDepthwiseNhwcEntry;
extern const AlgorithmEntry kDepthwiseStreamingEntry;
extern const AlgorithmEntry kDepthwiseEntry;
extern const AlgorithmEntry kWinogradEntry;
extern const AlgorithmEntry kSeparableEntry;
extern const AlgorithmEntry kFftEntry;

/// The list that plans choose from, calibration times and tests sweep over. Of entries that cost
/// the same the first one is chosen. The last entry of an algorithm is its most general one: it can
/// do whatever the others can.
constexpr const AlgorithmEntry* kAlgorithms[] = {&kDirectEntry,
                                                 &kGemmEntry,
                                                 &kDepthwiseNhwcStreamingEntry,
                                                 &kDepthwiseNhwcEntry,
                                                 &kDepthwiseStreamingEntry,
                                                 &kDepthwiseEntry,
                                                 &kWinogradEntry,
                                                 &kSeparableEntry,
                                                 &kFftEntry};

/// The most general entry of an algorithm that is not kAuto.
inline const AlgorithmEntry& general_entry(Algorithm algorithm) {
  const AlgorithmEntry* const* entry = std::end(kAlgorithms);
  do {
    --entry;
  } while ((*entry)->algorithm != algorithm);
  return **entry;
}

}  // namespace corr2d
