// The plan is the only place that chooses an implementation. For `auto` it takes the cheapest of
// the entries that round like the definition, unless Winograd, FFT or separable is so much faster
// that other rounding is worthwhile. If errors must be local, it does not consider Winograd, and
// separable only for kernels that keep its error below that of a plain sum. For a named algorithm
// it takes the cheapest of its entries.

#include "corr2d/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "algorithms/algorithm.hpp"
#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/image_filter.hpp"
#include "algorithms/large_kernel/low_rank.hpp"
#include "algorithms/matching/match_template.hpp"
#include "algorithms/phase_correlation/phase_correlation.hpp"
#include "algorithms/plane_operators.hpp"
#include "algorithms/tiling/partition.hpp"

namespace corr2d {
namespace {

/// Algorithms with different rounding or NaN propagation must take at most this fraction of the
/// time of the fastest other one to be chosen.
constexpr float kWorthwhile = 0.9f;
/// Separable may take this many times as long as FFT: FFT spreads errors and non-finite numbers to
/// more outputs.
constexpr float kPreference = 1.25f;
/// Below this estimated cost, in nanoseconds, Winograd, FFT and separable are not considered:
/// comparing takes time, too.
constexpr float kMuchWork = 15e3f;
/// Kernels with fewer elements are not considered for FFT and separable.
constexpr std::int32_t kLargeKernel = 25;
/// The nanoseconds that the search for a product of a column and a row takes for each element of a
/// kernel, in three passes; and the fraction of the run time that the search may take.
constexpr float kSearch = 3;
constexpr float kMaxSearch = 0.1f;

/// The cheapest entry of an algorithm that can do a problem, the first of equally cheap ones, and
/// its cost in nanoseconds; null if there is none. For kAuto all entries count that compete on
/// cost.
const AlgorithmEntry* cheapest(Algorithm algorithm, const Correlation& c, Use use, float* cost) {
  const AlgorithmEntry* chosen = nullptr;
  for (const AlgorithmEntry* entry : kAlgorithms) {
    const bool is_wanted =
        algorithm == Algorithm::kAuto ? entry->competes_on_cost : entry->algorithm == algorithm;
    if (!is_wanted || !entry->can_do(c)) continue;
    const float entry_cost = cost_of(entry->id, entry->op_counts(c, use));
    if (chosen != nullptr && !(entry_cost < *cost)) continue;
    chosen = entry;
    *cost = entry_cost;
  }
  return chosen;
}

/// Finds out whether the rank of all kernels is so low that separable passes take less than `limit`
/// nanoseconds. `op_counts` are those of rank 1. If errors must be local, the rank must be 1, so
/// that the error is at most (kh + kw + 4 + 2 sqrt(kh kw)) eps max |x| sum |w|: less than that of a
/// plain sum for kernels of at least 5 x 5. Kernels of integers are excluded then, because their
/// factors need not be integers. Returns kOk or kOutOfMemory.
Status check_rank(const KernelsView& kernels, const OpCounts& op_counts, float limit, bool is_local,
                  bool* is_low) {
  OpCounts outputs = op_counts;
  outputs.counts[1] = 0;
  const OpCounts product = {{0, op_counts.counts[1], 0, 0}};
  const auto elements =
      static_cast<float>(kernels.height * kernels.width) * static_cast<float>(kernels.count);
  const float faster =
      (limit - cost_of(EntryId::kSeparable, outputs)) / cost_of(EntryId::kSeparable, product);
  const float affordable = kMaxSearch * limit / (kSearch * elements) - 2;
  const float most = std::min({faster, affordable, 1e6f});
  *is_low = most >= 1;
  if (!*is_low) return Status::kOk;
  const auto max_rank = static_cast<std::int32_t>(most);
  const bool is_wide = std::min(kernels.height, kernels.width) >= 5;
  LowRank factors;
  if (!factors.reset(kernels, max_rank)) return Status::kOutOfMemory;
  for (std::int32_t i = 0; *is_low && i < kernels.count; ++i) {
    const std::int32_t rank = factors.factor(kernels, i);
    *is_low = rank <= max_rank && (!is_local || (rank == 1 && !factors.is_integral() && is_wide));
  }
  return Status::kOk;
}

/// Chooses an entry for a correlation. Returns kOk, kUnsupported or kOutOfMemory.
Status choose(Algorithm algorithm, const Correlation& c, const float* weight, Use use,
              const AlgorithmEntry** chosen) {
  float least = 0;
  *chosen = cheapest(algorithm, c, use, &least);
  if (*chosen == nullptr) return Status::kUnsupported;
  if (algorithm != Algorithm::kAuto) return Status::kOk;
  least *= kWorthwhile;
  if (least < kMuchWork) return Status::kOk;
  const bool is_large = c.rows.kernel * c.columns.kernel >= kLargeKernel;
  if (c.local_accuracy && !is_large) return Status::kOk;
  const AlgorithmEntry& other = is_large ? kFftEntry : kWinogradEntry;
  float limit = least;
  if (other.can_do(c)) {
    const float cost = cost_of(other.id, other.op_counts(c, use));
    if (cost < least) {
      *chosen = &other;
      limit = std::min(least, kPreference * cost);
    }
  }
  if (!is_large || !kSeparableEntry.can_do(c)) return Status::kOk;
  bool is_low = false;
  const Status status = check_rank(kernels_of(c, weight), kSeparableEntry.op_counts(c, use), limit,
                                   c.local_accuracy, &is_low);
  if (is_low) *chosen = &kSeparableEntry;
  return status;
}

/// Whether all elements of the kernel of a kFilterImage are finite.
bool is_finite(const KernelsView& kernel) {
  for (std::int32_t y = 0; y < kernel.height; ++y) {
    for (std::int32_t x = 0; x < kernel.width; ++x) {
      if (!std::isfinite(kernel.first[y * kernel.row_step + x * kernel.column_step])) return false;
    }
  }
  return true;
}

/// Chooses for a kFilterImage: kOk or kOutOfMemory.
Status choose_filter(const Problem& p, const Geometry& geometry, const KernelsView& kernel,
                     FilterMethod* method) {
  *method = can_stream_filter(p) ? FilterMethod::kStreaming : FilterMethod::kTiles;
  if (*method == FilterMethod::kStreaming || p.deterministic != 0) return Status::kOk;
  const auto products = static_cast<float>(geometry.macs);
  const auto height = static_cast<float>(kernel.height), width = static_cast<float>(kernel.width);
  const float outputs = products / (height * width);
  const float limit = kWorthwhile * cost_of(EntryId::kDepthwise, {{products, 2 * outputs, 0, 0}});
  bool is_low = false;
  const Status status =
      check_rank(kernel, {{outputs, outputs * (height + width), 0, 0}}, limit, false, &is_low);
  if (is_low) *method = FilterMethod::kSeparable;
  return status;
}

/// The least time of a correlation whose kernels have a high rank, in nanoseconds.
float least_cost(const Correlation& c) {
  float least = std::numeric_limits<float>::infinity();
  cheapest(Algorithm::kAuto, c, Use::kOften, &least);
  if (c.rows.kernel * c.columns.kernel < kLargeKernel || !kFftEntry.can_do(c)) return least;
  return std::min(least, cost_of(kFftEntry.id, kFftEntry.op_counts(c, Use::kOften)));
}

Correlation correlation_of(const Problem& problem) {
  Geometry geometry;
  measure(problem, &geometry);
  return correlation_of(normalised(problem, geometry), geometry);
}

/// Chooses the blocks of a kMatchTemplate by their estimated cost. The candidates are the sizes
/// whose input fills a transform of FFT, or along columns those of a pair of tiles, but not very
/// small ones.
MatchBlocks choose_blocks(const Problem& p, const Geometry& geometry, const TemplateModel& model) {
  constexpr std::int32_t kSizes = 7, kLeastTransform = 16;
  /// Counts a fraction of a task more, so that tasks are small: a task cannot be divided among
  /// threads or interrupted.
  constexpr float kTaskPenalty = 0.25f;
  const auto parts_of = [](std::int32_t outputs, std::int32_t transform, std::int32_t kernel,
                           std::int32_t tiles, std::int32_t* largest) {
    constexpr std::int32_t kLeastBlock = 64;
    const std::int32_t most = std::max(tiles * (transform - kernel + 1), kLeastBlock);
    const std::int32_t parts = divide_up(outputs, std::min(most, outputs));
    *largest = divide_up(outputs, parts);
    return parts;
  };
  MatchBlocks best = {}, blocks = {};
  float least = 0;
  for (std::int32_t i = 0; i < kSizes; ++i) {
    const std::int32_t grid_rows =
        parts_of(geometry.output_height, kLeastTransform << i, p.kernel_height, 1, &blocks.rows);
    if (grid_rows == blocks.grid_rows) continue;
    blocks.grid_rows = grid_rows;
    blocks.grid_columns = 0;
    for (std::int32_t j = 0; j < kSizes; ++j) {
      const std::int32_t grid_columns =
          parts_of(geometry.output_width, kLeastTransform << j, p.kernel_width, 2, &blocks.columns);
      if (grid_columns == blocks.grid_columns) continue;
      blocks.grid_columns = grid_columns;
      const auto tasks = static_cast<float>(grid_rows) * static_cast<float>(grid_columns);
      const float cost =
          (tasks + kTaskPenalty) * (least_cost(correlation_of(numerators_of(p, model, blocks))) +
                                    match_cost(p, model, blocks));
      if (best.rows != 0 && !(cost < least)) continue;
      best = blocks;
      least = cost;
    }
  }
  return best;
}

Executor* new_plane_operator(const Problem& problem, const Geometry& geometry,
                             const float* weight) {
  switch (problem.kind) {
    case Kind::kMaxPool:
    case Kind::kAveragePool:
      return new_pooling(problem, geometry);
    case Kind::kMaxPoolBackward:
    case Kind::kAveragePoolBackward:
      return new_pool_gradient(problem, geometry, weight);
    case Kind::kPad:
    case Kind::kPadBackward:
      return new_padding(problem, geometry);
    case Kind::kFindPeaks:
      return new_peaks(problem);
    default:
      return new_fold(problem, geometry);
  }
}

Executor* new_array_operator(const Problem& problem) {
  switch (problem.kind) {
    case Kind::kElementwise:
      return new_elementwise(problem);
    case Kind::kCopy:
      return new_copy(problem);
    case Kind::kReduce:
      return new_reduction(problem);
    case Kind::kNormalise:
      return new_normalisation(problem);
    case Kind::kInterpolate:
      return new_interpolation(problem);
    case Kind::kBatchNormScale:
      return new_batch_norm_scale(problem);
    default:
      return new_softmax(problem);
  }
}

}  // namespace

const char* refusal_of(const Problem& problem) {
  Geometry geometry;
  if (measure(problem, &geometry) != Status::kOk || !is_correlation(problem.kind)) return nullptr;
  const Correlation correlation = correlation_of(normalised(problem, geometry), geometry);
  // If GEMM cannot do it, no algorithm can.
  const bool any = problem.algorithm == Algorithm::kAuto;
  return general_entry(any ? Algorithm::kGemm : problem.algorithm).refusal(correlation);
}

Plan::Plan() = default;
Plan::~Plan() = default;

Status Plan::create(const Problem& problem, const float* weight, const float* bias,
                    std::int32_t threads, std::unique_ptr<Plan>* plan, Use use) {
  if (threads < 1) return Status::kBadSize;
  Geometry geometry;
  if (const Status status = measure(problem, &geometry); status != Status::kOk) return status;
  const Problem full = normalised(problem, geometry);

  std::unique_ptr<Plan> made(new Plan);
  if (made == nullptr) return Status::kOutOfMemory;
  made->problem_ = full;
  made->geometry_ = geometry;
  made->threads_ = threads;
  if (const Status status = made->prepare(weight, bias, threads, use); status != Status::kOk) {
    return status;
  }
  if (made->executor_ != nullptr) {
    // 64 bits: the product may overflow the size_t of a 32-bit machine.
    const std::int64_t floats = made->workspace_step() * threads + made->executor_->shared_floats();
    if (floats > kMaxElements || !made->workspace_.reset(static_cast<std::size_t>(floats))) {
      return Status::kOutOfMemory;
    }
    // Tiles read a little beyond what tasks write. They never store those sums, but leftover bits
    // that happen to be denormal numbers would make them slow.
    std::fill(made->workspace_.data(), made->workspace_.data() + floats, 0.0f);
  }
  *plan = std::move(made);
  return Status::kOk;
}

Status Plan::prepare(const float* weight, const float* bias, std::int32_t threads, Use use) {
  if (is_correlation(problem_.kind)) return prepare_correlation(weight, bias, threads, use);
  if (problem_.kind == Kind::kFilterImage) {
    const KernelsView kernel = kernel_of(problem_, weight);
    if (!is_finite(kernel) || (problem_.has_bias != 0 && !std::isfinite(*bias))) {
      return Status::kNotFinite;
    }
    FilterMethod method;
    const Status status = choose_filter(problem_, geometry_, kernel, &method);
    return status == Status::kOk ? prepare_filter(problem_, weight, bias, method, &executor_)
                                 : status;
  }
  if (problem_.kind == Kind::kMatchTemplate) return prepare_matching(weight, bias);
  if (problem_.kind == Kind::kPhaseCorrelate) {
    return prepare_phase_correlation(problem_, weight, &executor_);
  }
  // The array kinds ignore the batch.
  const bool is_empty = !is_array(problem_.kind) && problem_.batch == 0;
  if (is_empty || geometry_.output_width == 0) return Status::kOk;
  executor_.reset(is_array(problem_.kind) ? new_array_operator(problem_)
                                          : new_plane_operator(problem_, geometry_, weight));
  return executor_ == nullptr ? Status::kOutOfMemory : Status::kOk;
}

Status Plan::prepare_correlation(const float* weight, const float* bias, std::int32_t threads,
                                 Use use) {
  Correlation correlation = correlation_of(problem_, geometry_);
  correlation.threads = threads;
  const AlgorithmEntry* entry = nullptr;
  const Status status = choose(problem_.algorithm, correlation, weight, use, &entry);
  if (status != Status::kOk) return status;
  algorithm_ = entry->algorithm;
  return correlation.images == 0 ? Status::kOk
                                 : entry->prepare(correlation, weight, bias, &executor_);
}

Status Plan::prepare_matching(const float* weight, const float* mask) {
  TemplateModel model;
  if (const Status status = model.prepare(problem_, weight, mask); status != Status::kOk) {
    return status;
  }
  const MatchBlocks blocks = choose_blocks(problem_, geometry_, model);
  const Correlation numerators = correlation_of(numerators_of(problem_, model, blocks));
  const AlgorithmEntry* entry = nullptr;
  std::unique_ptr<Executor> executor;
  Status status = choose(Algorithm::kAuto, numerators, model.weights(), Use::kOften, &entry);
  if (status == Status::kOk) {
    algorithm_ = entry->algorithm;
    status = entry->prepare(numerators, model.weights(), nullptr, &executor);
  }
  return status == Status::kOk ? prepare_match(problem_, geometry_, std::move(model), blocks,
                                               std::move(executor), &executor_)
                               : status;
}

std::int64_t Plan::workspace_step() const {
  constexpr std::int64_t kLine = kAlignment / sizeof(float);
  return (executor_->workspace_floats() + kLine - 1) / kLine * kLine;
}

std::int32_t Plan::tasks() const { return executor_ == nullptr ? 0 : executor_->tasks(); }

std::int32_t Plan::stage_end(std::int32_t task) const { return executor_->stage_end(task); }

bool Plan::is_small() const {
  if (is_array(problem_.kind)) return tasks() <= 1;
  // A few microseconds of work.
  constexpr double kProducts = 100e3;
  // Transforms visit every element several times.
  const double visits = problem_.kind == Kind::kPhaseCorrelate ? 50 : 1;
  const double outputs = static_cast<double>(problem_.batch) * problem_.input_channels *
                         geometry_.output_depth * geometry_.output_height * geometry_.output_width;
  const double reads =
      visits * outputs * problem_.kernel_depth * problem_.kernel_height * problem_.kernel_width;
  return (is_correlation(problem_.kind) ? geometry_.macs : reads) < kProducts;
}

std::size_t Plan::weight_bytes() const {
  return executor_ == nullptr ? 0 : executor_->weight_bytes();
}

void Plan::run_task(const Inputs& inputs, void* output, std::int32_t task,
                    std::int32_t thread) const {
  float* workspace = workspace_.data() + thread * workspace_step();
  float* shared = workspace_.data() + threads_ * workspace_step();
  executor_->run_task({inputs.first, output, workspace, shared, inputs.second, inputs.third}, task);
}

void Plan::run(const Inputs& inputs, void* output, std::int32_t first, std::int32_t count) const {
  for (std::int32_t task = first; task < first + count; ++task) run_task(inputs, output, task, 0);
}

}  // namespace corr2d
