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

/// Winograd's transforms cost as much as so many channels on either side save, and small images do
/// not fill its tiles. Milliseconds by gemm (* by direct) and by Winograd:
///
///                       Node 20, simd    Node 26, relaxed
///   56 x 56, 64 to 64      7.1   2.8       5.6   2.3
///   28 x 28, 128 to 128    8.7   2.6       5.2   2.0
///   14 x 14, 256 to 256    8.7   2.6       5.9   2.3
///   7 x 7, 512 to 512      8.2   4.7       6.4   3.8
///   56 x 56, 16 to 16     0.82  0.42      0.67  0.39
///   56 x 56, 8 to 16      0.46  0.32      0.34  0.27
///   56 x 56, 4 to 64      0.53  0.55      0.60  0.80
///   56 x 56, 64 to 8      1.05* 0.63      1.18* 0.85
///   56 x 56, 64 to 4      0.57* 0.50      0.42* 0.44
///   14 x 14, 16 to 16    0.066 0.050     0.048 0.038
///   7 x 7, 32 to 32      0.049 0.046     0.041 0.038
///   7 x 7, 16 to 16      0.014 0.016     0.012 0.013
///   4 x 4, 128 to 128     0.17  0.17      0.17  0.17
constexpr std::int32_t kWinogradChannels = 8;
constexpr std::int32_t kWinogradOutputs = 14 * 14;  // of one channel
constexpr std::int32_t kWinogradSmallChannels = 32;
constexpr std::int32_t kWinogradSmallOutputs = 7 * 7;

bool suits_winograd(const Correlation& c) {
  // Dilation takes the image apart.
  const std::int64_t outputs = std::int64_t{divide_up(c.rows.output, c.rows.dilation)} *
                               divide_up(c.columns.output, c.columns.dilation);
  const std::int32_t channels = std::min(c.inputs, c.outputs);
  const bool pays = (channels >= kWinogradChannels && outputs >= kWinogradOutputs) ||
                    (channels >= kWinogradSmallChannels && outputs >= kWinogradSmallOutputs);
  return pays && kWinogradAlgorithm.can_do(c);
}

/// The only place where an algorithm is chosen.
Algorithm best(const Correlation& c) {
  const bool is_product = c.groups == 1 && c.rows.kernel == 1 && c.columns.kernel == 1 &&
                          c.rows.stride == 1 && c.columns.stride == 1;
  if (is_product && (c.outputs > kDirectProductOutputs ||
                     std::int64_t{c.rows.output} * c.columns.output < kSmallImage)) {
    return Algorithm::kGemm;
  }
  if (c.outputs == 1) return Algorithm::kDepthwise;
  if (suits_winograd(c)) return Algorithm::kWinograd;
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
  if (const Status status = made->prepare(weight, bias, workers); status != Status::kOk)
    return status;
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

Status Plan::prepare(const float* weight, const float* bias, std::int32_t workers) {
  if (problem_.kind == Kind::kFilterImage) {
    return prepare_filter(problem_, weight, bias, &executor_);
  }
  if (!is_correlation(problem_.kind)) {
    return problem_.batch == 0 ? Status::kOk : prepare_planes(problem_, geometry_, &executor_);
  }
  Correlation correlation = correlation_of(problem_, geometry_);
  correlation.workers = workers;
  const AlgorithmEntry& entry = choose(problem_.algorithm, correlation);
  if (!entry.can_do(correlation)) return Status::kUnsupported;
  algorithm_ = entry.id;
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
