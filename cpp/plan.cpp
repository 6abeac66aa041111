#include "corr2d/plan.hpp"

#include <utility>

#include "algorithms/algorithm.hpp"

namespace corr2d {
namespace {

/// The only place where an algorithm is chosen. Null where none can do the problem, or where the
/// one asked for by name cannot.
const AlgorithmEntry* choose(const Problem& problem, const Geometry& geometry) {
  for (const AlgorithmEntry* entry : kAlgorithms) {
    const bool wanted = problem.algorithm == Algorithm::kAuto || problem.algorithm == entry->id;
    if (wanted && entry->can_do(problem, geometry)) return entry;
  }
  return nullptr;
}

}  // namespace

Plan::Plan() = default;
Plan::~Plan() = default;

Status Plan::create(const Problem& problem, const float* weight, const float* bias,
                    std::int32_t workers, std::unique_ptr<Plan>* plan) {
  Geometry geometry;
  if (const Status status = measure(problem, &geometry); status != Status::kOk) return status;
  const Problem full = normalised(problem, geometry);
  const AlgorithmEntry* entry = choose(full, geometry);
  if (entry == nullptr) return Status::kUnsupported;

  std::unique_ptr<Plan> made(new Plan);
  if (made == nullptr) return Status::kOutOfMemory;
  made->problem_ = full;
  made->geometry_ = geometry;
  made->algorithm_ = entry->id;
  if (full.batch > 0) {
    const Status status = entry->prepare({full, geometry, weight, bias}, &made->executor_);
    if (status != Status::kOk) return status;
    const std::size_t floats =
        made->executor_->workspace_floats() * static_cast<std::size_t>(workers);
    if (!made->workspace_.reset(floats)) return Status::kOutOfMemory;
    // Tiles read a little beyond what was put there. Those sums are never stored, but stale bits
    // that happen to be denormal numbers would make them slow.
    for (std::size_t i = 0; i < floats; ++i) made->workspace_[i] = 0;
  }
  *plan = std::move(made);
  return Status::kOk;
}

std::int32_t Plan::tasks() const { return executor_ == nullptr ? 0 : executor_->tasks(); }

std::size_t Plan::weight_bytes() const {
  return executor_ == nullptr ? 0 : executor_->weight_bytes();
}

void Plan::run_task(const float* input, float* output, std::int32_t task,
                    std::int32_t worker) const {
  float* workspace =
      workspace_.data() + static_cast<std::size_t>(worker) * executor_->workspace_floats();
  executor_->run_task({input, output, workspace}, task);
}

void Plan::run(const float* input, float* output) const {
  for (std::int32_t task = 0; task < tasks(); ++task) run_task(input, output, task, 0);
}

}  // namespace corr2d
