#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "corr2d/memory.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {

class Executor;

/// Why making a plan answers kUnsupported, as the end of a sentence; null where it does not.
const char* refusal_of(const Problem& problem);

/// How often a plan will run: what takes long to prepare pays if that is often.
enum class Use { kOften, kOnce };

/// How a problem will be computed: the algorithm chosen, its weights packed, its workspace
/// allocated, and the work laid out as a list of independent tasks. A plan owns copies of the
/// weight and the bias.
class Plan : public Allocated {
 public:
  /// Checks `problem`, chooses an algorithm and prepares it for `workers` (1 or more) that will run
  /// tasks side by side. `weight` and `bias` (null where the problem has none) are read now and
  /// never again; for kBackwardWeight the gradient for y takes the part of the weight. `*plan` is
  /// written only with `kOk`.
  static Status create(const Problem& problem, const float* weight, const float* bias,
                       std::int32_t workers, std::unique_ptr<Plan>* plan, Use use = Use::kOften);
  ~Plan();

  /// Tasks are numbered from 0. All of them together write every element of the output.
  std::int32_t tasks() const;

  /// Runs one task: in any order, by any thread, as long as no two run at once with one worker's
  /// number. Allocates nothing and cannot fail. `input` and `output` point to the elements at
  /// index 0 of every axis, float32 but for kFilterImage; they must not overlap, nor be null, even
  /// if they are empty.
  void run_task(const void* input, void* output, std::int32_t task, std::int32_t worker) const;

  /// Runs `count` tasks from `first` on, one after the other.
  void run(const void* input, void* output, std::int32_t first, std::int32_t count) const;
  /// Runs every task, one after the other.
  void run(const void* input, void* output) const { run(input, output, 0, tasks()); }

  const Problem& problem() const { return problem_; }
  const Geometry& geometry() const { return geometry_; }
  /// kAuto for the kinds without a weight, which have one way to be computed.
  Algorithm algorithm() const { return algorithm_; }
  /// Whether it is done sooner than workers could be woken for it.
  bool is_small() const;
  std::size_t weight_bytes() const;
  std::size_t workspace_bytes() const { return workspace_.bytes(); }

 private:
  Plan();
  Status prepare(const float* weight, const float* bias, std::int32_t workers, Use use);
  /// Floats between the workspaces of two workers, which share no cache line.
  std::int64_t workspace_step() const;

  Problem problem_;
  Geometry geometry_;
  Algorithm algorithm_ = Algorithm::kAuto;
  std::unique_ptr<Executor> executor_;
  Buffer<float> workspace_;  // workspace_step() for each worker
};

}  // namespace corr2d
