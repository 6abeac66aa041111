#include "corr2d/plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "algorithms/algorithm.hpp"
#include "algorithms/image_filter.hpp"
#include "algorithms/large_kernel/low_rank.hpp"
#include "algorithms/planes.hpp"

namespace corr2d {
namespace {

/// What rounds otherwise, or makes more NaN of a NaN, has to take so much less time than the best
/// of those that do as the definition does.
constexpr float kWorthwhile = 0.9f;
/// FFT's errors and non-finite numbers spread, where those of passes do not: these may take longer.
constexpr float kPreference = 1.25f;
/// For less, in nanoseconds, nothing but the definition is looked at: looking takes time too.
constexpr float kMuchWork = 15e3f;
/// So small kernels are never worth passes or transforms.
constexpr std::int32_t kLargeKernel = 25;
/// To look for a product of a column and a row in a kernel: nanoseconds for each of its elements,
/// in three passes; and what it may take of the work.
constexpr float kSearch = 3;
constexpr float kMostSearch = 0.1f;

/// Whether kernels have so low a rank that passes, at `op_counts` for each product, take less than
/// `limit` nanoseconds.
Status find_rank(const KernelsView& kernels, const OpCounts& op_counts, float limit, bool* suits) {
  OpCounts outputs = op_counts;
  outputs.counts[1] = 0;
  const OpCounts product = {{0, op_counts.counts[1], 0, 0}};
  const auto elements =
      static_cast<float>(kernels.height * kernels.width) * static_cast<float>(kernels.count);
  const float faster =
      (limit - cost_of(Algorithm::kSeparable, outputs)) / cost_of(Algorithm::kSeparable, product);
  const float affordable = kMostSearch * limit / (kSearch * elements) - 2;
  const float most = std::min({faster, affordable, 1e6f});
  *suits = most >= 1;
  if (!*suits) return Status::kOk;
  const auto rank = static_cast<std::int32_t>(most);
  LowRank apart;
  if (!apart.reset(kernels, rank)) return Status::kOutOfMemory;
  for (std::int32_t i = 0; *suits && i < kernels.count; ++i)
    *suits = apart.factor(kernels, i) <= rank;
  return Status::kOk;
}

/// The only place where an algorithm is chosen: by what each would cost.
Status best(const Correlation& c, const float* weight, Use use, Algorithm* chosen) {
  *chosen = Algorithm::kGemm;
  float least = std::numeric_limits<float>::infinity();
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry->error_factor > 1 || !entry->can_do(c)) continue;
    const float cost = cost_of(entry->id, entry->op_counts(c, use));
    if (cost < least) {
      least = cost;
      *chosen = entry->id;
    }
  }
  least *= kWorthwhile;
  if (least < kMuchWork) return Status::kOk;
  const bool is_large = c.rows.kernel * c.columns.kernel >= kLargeKernel;
  const AlgorithmEntry& other = is_large ? kFftAlgorithm : kWinogradAlgorithm;
  float limit = least;
  if (other.can_do(c)) {
    const float cost = cost_of(other.id, other.op_counts(c, use));
    if (cost < least) {
      *chosen = other.id;
      limit = std::min(least, kPreference * cost);
    }
  }
  if (!is_large || !kSeparableAlgorithm.can_do(c)) return Status::kOk;
  bool suits = false;
  const Status status =
      find_rank(kernels_of(c, weight), kSeparableAlgorithm.op_counts(c, use), limit, &suits);
  if (suits) *chosen = Algorithm::kSeparable;
  return status;
}

/// Whether a filter of pictures is so too.
Status find_rank_of_filter(const Problem& p, const Geometry& geometry, const KernelsView& kernel,
                           bool* suits) {
  const auto products = static_cast<float>(geometry.macs);
  const auto height = static_cast<float>(kernel.height), width = static_cast<float>(kernel.width);
  const float outputs = products / (height * width);
  const float limit = kWorthwhile * cost_of(Algorithm::kDepthwise, {{products, 0, 2 * outputs, 0}});
  *suits = false;
  return p.deterministic != 0
             ? Status::kOk
             : find_rank(kernel, {{outputs, outputs * (height + width), 0, 0}}, limit, suits);
}

const AlgorithmEntry& entry_of(Algorithm algorithm) {
  const AlgorithmEntry* const* entry = kAlgorithms;
  while ((*entry)->id != algorithm) ++entry;
  return **entry;
}

}  // namespace

const char* refusal_of(const Problem& problem) {
  Geometry geometry;
  if (measure(problem, &geometry) != Status::kOk || !is_correlation(problem.kind)) return nullptr;
  const Correlation correlation = correlation_of(normalised(problem, geometry), geometry);
  // What nothing else can do is left to GEMM.
  const bool any = problem.algorithm == Algorithm::kAuto;
  return entry_of(any ? Algorithm::kGemm : problem.algorithm).refusal(correlation);
}

Plan::Plan() = default;
Plan::~Plan() = default;

Status Plan::create(const Problem& problem, const float* weight, const float* bias,
                    std::int32_t workers, std::unique_ptr<Plan>* plan, Use use) {
  if (workers < 1) return Status::kBadSize;
  Geometry geometry;
  if (const Status status = measure(problem, &geometry); status != Status::kOk) return status;
  const Problem full = normalised(problem, geometry);

  std::unique_ptr<Plan> made(new Plan);
  if (made == nullptr) return Status::kOutOfMemory;
  made->problem_ = full;
  made->geometry_ = geometry;
  if (const Status status = made->prepare(weight, bias, workers, use); status != Status::kOk) {
    return status;
  }
  if (made->executor_ != nullptr) {
    // Numbers of 64 bits: on a 32-bit machine the product of sizes might wrap around.
    const std::int64_t floats = made->workspace_step() * workers;
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

Status Plan::prepare(const float* weight, const float* bias, std::int32_t workers, Use use) {
  if (problem_.kind == Kind::kFilterImage) {
    const KernelsView kernel = kernel_of(problem_, weight);
    bool separable = false;
    const Status status = find_rank_of_filter(problem_, geometry_, kernel, &separable);
    return status == Status::kOk ? prepare_filter(problem_, weight, bias, separable, &executor_)
                                 : status;
  }
  if (!is_correlation(problem_.kind)) {
    return problem_.batch == 0 ? Status::kOk : prepare_planes(problem_, geometry_, &executor_);
  }
  Correlation correlation = correlation_of(problem_, geometry_);
  correlation.workers = workers;
  algorithm_ = problem_.algorithm;
  if (algorithm_ == Algorithm::kAuto) {
    const Status status = best(correlation, weight, use, &algorithm_);
    if (status != Status::kOk) return status;
  }
  const AlgorithmEntry& entry = entry_of(algorithm_);
  if (!entry.can_do(correlation)) return Status::kUnsupported;
  return correlation.images == 0 ? Status::kOk
                                 : entry.prepare(correlation, weight, bias, &executor_);
}

std::int64_t Plan::workspace_step() const {
  constexpr std::int64_t kLine = kAlignment / sizeof(float);
  return (executor_->workspace_floats() + kLine - 1) / kLine * kLine;
}

std::int32_t Plan::tasks() const { return executor_ == nullptr ? 0 : executor_->tasks(); }

bool Plan::is_small() const {
  // Some microseconds' work.
  constexpr double kProducts = 100e3;
  const double outputs = static_cast<double>(problem_.batch) * problem_.input_channels *
                         geometry_.output_height * geometry_.output_width;
  const double reads = outputs * problem_.kernel_height * problem_.kernel_width;
  return (is_correlation(problem_.kind) ? geometry_.macs : reads) < kProducts;
}

std::size_t Plan::weight_bytes() const {
  return executor_ == nullptr ? 0 : executor_->weight_bytes();
}

void Plan::run_task(const void* input, void* output, std::int32_t task, std::int32_t worker) const {
  float* workspace = workspace_.data() + worker * workspace_step();
  executor_->run_task({input, output, workspace}, task);
}

void Plan::run(const void* input, void* output, std::int32_t first, std::int32_t count) const {
  for (std::int32_t task = first; task < first + count; ++task) run_task(input, output, task, 0);
}

}  // namespace corr2d
