#include "corr2d/plan.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/algorithm.hpp"
#include "algorithms/filter.hpp"
#include "algorithms/planes.hpp"

namespace corr2d {
namespace {

/// With so few output channels in a group, packing the input would not pay. Milliseconds by direct
/// and by gemm (Node 20, simd):
///
///   3x3, 1080 x 1920, 3 to 8 channels     44   60
///   5x5, 28 x 28, 16 to 32 channels      0.83 0.63
constexpr std::int32_t kDirectOutputs = 8;
/// A 1x1 kernel finds its panels side by side in memory, so that packing is cheaper:
///
///   1x1, 256 x 256, 32 to 2 channels     0.53  1.7
///   1x1, 1080 x 1920, 3 to 3 channels     6.6   19
///   1x1, 56 x 56, 64 to 8 channels       0.14 0.15
constexpr std::int32_t kDirectProductOutputs = 4;
/// The product of a small image takes no time to speak of, whichever way.
constexpr std::int32_t kSmallImage = 1024;

/// The only place where an algorithm is chosen.
Algorithm best(const Correlation& c) {
  const bool is_product = c.groups == 1 && c.rows.kernel == 1 && c.columns.kernel == 1 &&
                          c.rows.stride == 1 && c.columns.stride == 1;
  if (is_product && (c.outputs > kDirectProductOutputs ||
                     std::int64_t{c.rows.output} * c.columns.output < kSmallImage)) {
    return Algorithm::kGemm;
  }
  if (c.outputs == 1) return Algorithm::kDepthwise;
  return c.outputs <= kDirectOutputs ? Algorithm::kDirect : Algorithm::kGemm;
}

/// The entry of the algorithm that does the problem, or that was asked for and cannot.
const AlgorithmEntry& choose(Algorithm wanted, const Correlation& correlation) {
  const Algorithm chosen = wanted == Algorithm::kAuto ? best(correlation) : wanted;
  const AlgorithmEntry* const* entry = kAlgorithms;
  while ((*entry)->id != chosen) ++entry;
  return **entry;
}

}  // namespace

const char* refusal_of(const Problem& problem) {
  Geometry geometry;
  if (measure(problem, &geometry) != Status::kOk || !is_correlation(problem.kind)) return nullptr;
  const Correlation correlation = correlation_of(normalised(problem, geometry), geometry);
  return choose(problem.algorithm, correlation).refusal(correlation);
}

Plan::Plan() = default;
Plan::~Plan() = default;

Status Plan::create(const Problem& problem, const float* weight, const float* bias,
                    std::int32_t workers, std::unique_ptr<Plan>* plan) {
  if (workers < 1) return Status::kBadSize;
  Geometry geometry;
  if (const Status status = measure(problem, &geometry); status != Status::kOk) return status;
  const Problem full = normalised(problem, geometry);

  std::unique_ptr<Plan> made(new Plan);
  if (made == nullptr) return Status::kOutOfMemory;
  made->problem_ = full;
  made->geometry_ = geometry;
  if (const Status status = made->prepare(weight, bias); status != Status::kOk) return status;
  if (made->executor_ != nullptr) {
    // Numbers of 64 bits: on a 32-bit machine the product of sizes might wrap around.
    const std::int64_t floats = made->executor_->workspace_floats() * workers;
    if (floats > kMaxElements || !made->workspace_.reset(static_cast<std::size_t>(floats))) {
      return Status::kOutOfMemory;
    }
    // Tiles read a little beyond what was put there. Those sums are never stored, but stale bits
    // that happen to be denormal numbers would make them slow.
    std::fill(made->workspace_.data(), made->workspace_.data() + floats, 0.0f);
  }
  *plan = std::move(made);
  return Status::kOk;
}

Status Plan::prepare(const float* weight, const float* bias) {
  if (problem_.kind == Kind::kFilterImage) {
    return prepare_filter(problem_, weight, bias, &executor_);
  }
  if (!is_correlation(problem_.kind)) {
    return problem_.batch == 0 ? Status::kOk : prepare_planes(problem_, geometry_, &executor_);
  }
  const Correlation correlation = correlation_of(problem_, geometry_);
  const AlgorithmEntry& entry = choose(problem_.algorithm, correlation);
  if (!entry.can_do(correlation)) return Status::kUnsupported;
  algorithm_ = entry.id;
  return correlation.images == 0 ? Status::kOk
                                 : entry.prepare(correlation, weight, bias, &executor_);
}

std::int32_t Plan::tasks() const { return executor_ == nullptr ? 0 : executor_->tasks(); }

std::size_t Plan::weight_bytes() const {
  return executor_ == nullptr ? 0 : executor_->weight_bytes();
}

void Plan::run_task(const void* input, void* output, std::int32_t task, std::int32_t worker) const {
  float* workspace = workspace_.data() + worker * executor_->workspace_floats();
  executor_->run_task({input, output, workspace}, task);
}

void Plan::run(const void* input, void* output) const {
  for (std::int32_t task = 0; task < tasks(); ++task) run_task(input, output, task, 0);
}

}  // namespace corr2d
