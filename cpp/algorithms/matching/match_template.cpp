// Template matching. A task computes a block of scores from the block's region of the image:
//
//   1. It subtracts from each channel of the region a number near the mean, and scales by a power
//      of two. For images of integers both are exact.
//   2. It correlates the region with the weights of the numerators (template_model.hpp), by
//      whichever algorithm costs least. With a mask, the squares of the region are further
//      channels, and the sums that step 3 needs are further outputs.
//   3. It sums windows in float64: over columns, then over rows, each sum from the one before.
//   4. It computes the scores in float64 from numerators, means and variances.
//
// With J the region, s the scale, c what was subtracted, T the template, M the mask and w the
// weights of the numerators, all methods follow from
//
//   n = sum w J,   mean = sum M^2 J / sum M^2,   variance = sum M^2 (J - mean)^2
//   s^2 sum M^2 I^2      = variance + sum over channels of (mean + c)^2 sum M^2
//   s sum M^2 T I        = n + sum over channels of mean(T) (mean + c) sum M^2
//   s^2 sum M^2 (T-I)^2  = variance(s T) + variance - 2 s n
//                          + sum over channels of (mean(s T) - mean - c)^2 sum M^2
//
// so that no large numbers cancel, however bright the image.
//
// Errors: that of n is about eps |w| rms(J), by norms and whichever the algorithm. It counts where
// a window varies little compared with its block. Such windows are found by their variance (or
// energy) and recomputed from their own first element. So the errors of normed scores stay near
// 1e-5, and most are near 1e-7. Flat windows have exactly no variance.

#include "algorithms/matching/match_template.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "algorithms/matching/match_region.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/match_scores.hpp"

namespace corr2d {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Three standard deviations of FFT's errors, relative to |w| rms(J).
constexpr double kNumeratorError = 8 * 0x1p-24;
/// The error of a normed score from which on a window is recomputed.
constexpr double kTolerance = 5e-6;
/// The rounding errors of window sums, relative to the largest square, over kTolerance.
constexpr double kSumError = 4e-8;

class MatchTemplate : public Executor {
 public:
  MatchTemplate(const Problem& problem, const Geometry& geometry, TemplateModel model,
                const MatchBlocks& blocks, std::unique_ptr<Executor> numerators)
      : p_(problem),
        g_(geometry),
        model_(std::move(model)),
        numerators_(std::move(numerators)),
        channels_(problem.input_channels),
        block_rows_(blocks.rows),
        block_columns_(blocks.columns),
        region_rows_(blocks.rows + problem.kernel_height - 1),
        region_columns_(blocks.columns + problem.kernel_width - 1) {
    grid_.rows = blocks.grid_rows;
    grid_.columns = blocks.grid_columns;
    const std::int64_t plane = std::int64_t{region_rows_} * region_columns_;
    const std::int64_t sums = sizeof(MomentSums) / sizeof(float), doubles = 2;
    at_.planes = reserve(model_.inputs() * plane);
    at_.outputs = reserve(std::int64_t{model_.outputs()} * block_rows_ * block_columns_);
    at_.centres = reserve(channels_);
    at_.bad = reserve(plane);
    at_.zeros = reserve(region_columns_);
    at_.columns = reserve(sums * (channels_ + 1) * region_columns_);
    at_.sums = reserve(sums * block_columns_);
    for (std::int64_t* row : {&at_.variance, &at_.energy, &at_.offset, &at_.scales}) {
      *row = reserve(doubles * block_columns_);
    }
    at_.flat_rows = reserve(std::int64_t{channels_} * block_columns_);
    at_.numerators = reserve(numerators_->workspace_floats());
  }

  Status prepare() {
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    if (!first_tap_.reset(static_cast<std::size_t>(channels_))) return Status::kOutOfMemory;
    for (std::int32_t c = 0; c < channels_; ++c) {
      const float* weights = square_weights(c);
      std::int32_t first = 0;
      while (weights != nullptr && first < taps() - 1 && weights[first] == 0) ++first;
      first_tap_[static_cast<std::size_t>(c)] = first;
    }
    weight_bytes_ = model_.bytes() + first_tap_.bytes() + numerators_->weight_bytes();
    return Status::kOk;
  }

 private:
  /// What the steps of a task share.
  struct Task {
    float* workspace;
    const float* image;
    Range rows, columns;  // of the block
    MatchRegion region;
    ScoreTerms terms;
    double limit;                    // windows of at most this scale are recomputed
    std::int32_t flat_rows_end = 0;  // rows of the region that were counted as flat or not
  };

  std::int64_t reserve(std::int64_t floats) {
    const std::int64_t at = workspace_floats_;
    workspace_floats_ += (floats + 3) / 4 * 4;
    return at;
  }

  std::int32_t taps() const { return p_.kernel_height * p_.kernel_width; }
  /// The weights of an output of the correlation for one of its inputs.
  const float* weights(std::int32_t output, std::int32_t input) const {
    return model_.weights() + (std::int64_t{output} * model_.inputs() + input) * taps();
  }
  /// M^2 of a channel; null without a mask.
  const float* square_weights(std::int32_t c) const {
    return model_.has_mask() ? weights(2 + c, c) : nullptr;
  }
  const float* linear_weights(std::int32_t c) const {
    return model_.has_linear_means() ? weights(2 + channels_ + c, c) : nullptr;
  }
  bool has_means() const { return !removes_mean(p_.match_method); }

  /// Row `y` of an output of the correlation.
  float* output_row(const Task& task, std::int32_t output, std::int32_t y) const {
    return task.workspace + at_.outputs + (std::int64_t{output} * block_rows_ + y) * block_columns_;
  }
  template <typename T>
  T* at(const Task& task, std::int64_t offset) const {
    return reinterpret_cast<T*>(task.workspace + offset);
  }
  WindowRow window_row(const Task& task, std::int32_t x = 0) const {
    return {at<double>(task, at_.variance) + x, at<double>(task, at_.energy) + x,
            at<double>(task, at_.offset) + x};
  }
  MomentSums* column_sums(const Task& task, std::int32_t plane) const {
    return at<MomentSums>(task, at_.columns) + std::int64_t{plane} * region_columns_;
  }

  void run(const TaskData& data, const TaskIndex& index) const override {
    Task task = {.workspace = data.workspace,
                 .image = data.input_floats(),
                 .rows = range_of(g_.output_height, grid_.rows, index.rows),
                 .columns = range_of(g_.output_width, grid_.columns, index.columns),
                 .region = {.rows = region_rows_,
                            .columns = region_columns_,
                            .planes = data.workspace + at_.planes,
                            .centres = data.workspace + at_.centres,
                            .bad = data.workspace + at_.bad},
                 .terms = {},
                 .limit = 0};
    const Range height = {task.rows.first, task.rows.count + p_.kernel_height - 1};
    const Range width = {task.columns.first, task.columns.count + p_.kernel_width - 1};
    task.region.read(p_, task.image, height, width);
    correlate(task);
    task.terms = score_terms(task.region.scale);
    task.limit = limit_of(task.region);
    std::fill_n(task.workspace + at_.zeros, region_columns_, 0.0f);
    std::fill_n(column_sums(task, 0), (channels_ + 1) * region_columns_, MomentSums{});
    for (std::int32_t y = 0; y < task.rows.count; ++y) {
      sum_row(task, y);
      recompute_inaccurate(&task, y);
      float* out = data.output_floats() + std::int64_t{task.rows.first + y} * g_.output_width +
                   task.columns.first;
      score_windows(window_row(task), output_row(task, 0, y), task.columns.count, task.terms, out);
      if (is_normed(p_.match_method) && task.terms.norm == 0) {
        std::fill_n(out, task.columns.count, static_cast<float>(task.terms.empty));
      }
      if (task.region.has_bad || !model_.is_finite()) mark_bad(task, y, out);
    }
  }

  void correlate(const Task& task) const {
    const std::int64_t floats = channels_ * task.region.plane_floats();
    if (model_.has_mask()) {
      float* squares = task.region.planes + floats;
      for (std::int64_t i = 0; i < floats; ++i) {
        squares[i] = task.region.planes[i] * task.region.planes[i];
      }
    }
    const TaskData data = {task.region.planes, output_row(task, 0, 0),
                           task.workspace + at_.numerators};
    for (std::int32_t i = 0; i < numerators_->tasks(); ++i) numerators_->run_task(data, i);
  }

  ScoreTerms score_terms(double scale) const {
    const double ratio = scale / model_.image_scale();
    const double masks = model_.mask_scale() * model_.mask_scale();
    ScoreTerms terms = {.constant = 0,
                        .numerator = 1,
                        .variance = 0,
                        .offset = has_means() ? 1.0 : 0.0,
                        .norm = std::sqrt(has_means() ? model_.energy() : model_.variance()),
                        .low = -1,
                        .high = 1,
                        .empty = 0,
                        .has_means = has_means()};
    double unit = scale * model_.image_scale() * masks;
    if (is_difference(p_.match_method)) {
      terms.constant = model_.variance() * ratio * ratio;
      terms.numerator = -2 * ratio;
      terms.variance = 1;
      terms.norm *= ratio;
      terms.low = 0;
      terms.high = model_.has_mask() ? kInfinity : 1;
      terms.empty = 1;
      unit = scale * scale * masks;
    }
    if (is_normed(p_.match_method)) return terms;
    terms.norm = 0;
    terms.low = is_difference(p_.match_method) ? 0 : -kInfinity;
    terms.high = kInfinity;
    for (double* factor : {&terms.constant, &terms.numerator, &terms.variance, &terms.offset}) {
      *factor /= unit;
    }
    return terms;
  }

  /// The scale of a window up to which its score may be inaccurate.
  double limit_of(const MatchRegion& region) const {
    const double error = kNumeratorError / kTolerance;
    double limit = error * error * region.mean_square + kSumError * region.largest * region.largest;
    if (model_.has_mask()) {
      const double largest = region.largest + (has_means() ? 2 * region.largest_centre : 0);
      limit += kNumeratorError / (4 * kTolerance) * model_.mask_norm() * largest *
               std::sqrt(region.mean_square);
    }
    return limit;
  }

  ChannelTerms channel_terms(const Task& task, std::int32_t c) const {
    const TemplateModel::Channel& channel = model_.channel(c);
    const bool is_distance = is_difference(p_.match_method);
    const double ratio = is_distance ? task.region.scale / model_.image_scale() : 1;
    return {.weight = channel.weight,
            .mask = channel.mask,
            .centre = static_cast<double>(task.region.centres[c]),
            .template_mean = channel.mean * ratio,
            .is_difference = is_distance,
            .has_means = has_means()};
  }

  /// Computes the variances and means of the windows of row `y`, after those of row y - 1.
  void sum_row(const Task& task, std::int32_t y) const {
    const std::int32_t count = task.columns.count;
    const WindowRow row = window_row(task);
    for (double* numbers : {row.variance, row.energy, row.offset}) {
      std::fill_n(numbers, count, 0.0);
    }
    auto* sums = at<MomentSums>(task, at_.sums);
    // With a mask, the squares of all channels are one sum, added to the first one with a weight.
    bool needs_squares = true;
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (model_.channel(c).weight == 0) continue;
      const float* linear = nullptr;
      if (model_.has_mask()) {
        const float* firsts = output_row(task, 2 + c, y);
        const float* squares = output_row(task, 1, y);
        for (std::int32_t x = 0; x < count; ++x) {
          sums[x] = {static_cast<double>(firsts[x]),
                     needs_squares ? static_cast<double>(squares[x]) : 0.0};
        }
        needs_squares = false;
        if (model_.has_linear_means()) linear = output_row(task, 2 + channels_ + c, y);
      } else {
        slide(task, task.region.plane(c), c, y);
        sum_windows(column_sums(task, c), p_.kernel_width, count, sums);
      }
      add_channel(sums, linear, count, channel_terms(task, c), row);
    }
  }

  /// Moves the column sums of a plane to the windows of row `y`.
  void slide(const Task& task, const float* plane, std::int32_t columns, std::int32_t y) const {
    const std::int32_t width = task.columns.count + p_.kernel_width - 1;
    const float* zeros = task.workspace + at_.zeros;
    const std::int32_t end = y + p_.kernel_height;
    for (std::int32_t row = y == 0 ? 0 : end - 1; row < end; ++row) {
      slide_down(plane + std::int64_t{row} * region_columns_,
                 y == 0 ? zeros : plane + std::int64_t{y - 1} * region_columns_, width,
                 column_sums(task, columns));
    }
  }

  void recompute_inaccurate(Task* task, std::int32_t y) const {
    const bool is_distance = p_.match_method == MatchMethod::kSqdiff;
    const double ratio = task->region.scale / model_.image_scale();
    const double limit = task->limit - (is_distance ? model_.variance() * ratio * ratio : 0);
    auto* scales = at<double>(*task, at_.scales);
    const std::int32_t count = task->columns.count;
    if (least_scale(window_row(*task), count, task->terms, is_distance, scales) > limit) return;
    count_flat(task, y);
    for (std::int32_t x = 0; x < count; ++x) {
      if (scales[x] <= limit) recompute(*task, y, x);
    }
  }

  /// Counts flat rows down to the last row of the windows of row `y`.
  void count_flat(Task* task, std::int32_t y) const {
    const std::int32_t first = std::max(task->flat_rows_end, y);
    const bool continues = first == task->flat_rows_end && first > 0;
    for (std::int32_t row = first; row < y + p_.kernel_height; ++row) {
      for (std::int32_t c = 0; c < channels_; ++c) {
        const float* data = task->region.plane(c) + std::int64_t{row} * region_columns_;
        const float* previous = row > first || continues ? data - region_columns_ : nullptr;
        count_flat_rows(data, previous, p_.kernel_width, task->columns.count,
                        at<std::int32_t>(*task, at_.flat_rows) + c * block_columns_);
      }
    }
    task->flat_rows_end = y + p_.kernel_height;
  }

  bool is_flat(const Task& task, std::int32_t x) const {
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (at<std::int32_t>(task, at_.flat_rows)[c * block_columns_ + x] < p_.kernel_height) {
        return false;
      }
    }
    return true;
  }

  /// Computes the sums of a window from its elements.
  void recompute(const Task& task, std::int32_t y, std::int32_t x) const {
    const WindowRow row = window_row(task, x);
    *row.variance = *row.energy = *row.offset = 0;
    double numerator = 0;
    const bool flat = is_flat(task, x);
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (model_.channel(c).weight == 0) continue;
      const float* data = task.region.plane(c) + std::int64_t{y} * region_columns_ + x;
      const std::int32_t first = first_tap_[static_cast<std::size_t>(c)];
      const float reference =
          data[std::int64_t{first / p_.kernel_width} * region_columns_ + first % p_.kernel_width];
      WindowSums sums = {};
      if (!flat) {
        sums = sum_window({.data = data,
                           .row_step = region_columns_,
                           .rows = p_.kernel_height,
                           .columns = p_.kernel_width,
                           .reference = reference,
                           .numerator_weights = weights(0, c),
                           .weights = square_weights(c),
                           .linear_weights = linear_weights(c)});
      }
      numerator += sums.numerator;
      ChannelTerms terms = channel_terms(task, c);
      terms.centre += static_cast<double>(reference);
      const MomentSums moments = {sums.sum, sums.squares};
      const auto linear = static_cast<float>(sums.linear);
      add_channel(&moments, model_.has_linear_means() ? &linear : nullptr, 1, terms, row);
    }
    output_row(task, 0, y)[x] = static_cast<float>(numerator);
  }

  /// Sets the scores of windows to NaN that hold a bad element, or all of them if the template is
  /// bad.
  void mark_bad(const Task& task, std::int32_t y, float* scores) const {
    const std::int32_t count = task.columns.count;
    auto* sums = at<MomentSums>(task, at_.sums);
    if (task.region.has_bad) {
      slide(task, task.region.bad, channels_, y);
      sum_windows(column_sums(task, channels_), p_.kernel_width, count, sums);
    }
    for (std::int32_t x = 0; x < count; ++x) {
      const bool is_bad = task.region.has_bad && sums[x].sum > 0 &&
                          (!model_.has_mask() || has_bad_under_mask(task, y, x));
      if (is_bad || !model_.is_finite()) scores[x] = std::numeric_limits<float>::quiet_NaN();
    }
  }

  bool has_bad_under_mask(const Task& task, std::int32_t y, std::int32_t x) const {
    const std::int64_t first =
        std::int64_t{task.rows.first + y} * p_.input_width + task.columns.first + x;
    for (std::int32_t c = 0; c < channels_; ++c) {
      const float* data = task.image + std::int64_t{c} * p_.input_height * p_.input_width + first;
      for (std::int32_t i = 0; i < taps(); ++i) {
        const float value =
            data[std::int64_t{i / p_.kernel_width} * p_.input_width + i % p_.kernel_width];
        if (square_weights(c)[i] != 0 && !std::isfinite(value)) return true;
      }
    }
    return false;
  }

  const Problem p_;
  const Geometry g_;
  const TemplateModel model_;
  const std::unique_ptr<Executor> numerators_;
  const std::int32_t channels_;
  const std::int32_t block_rows_, block_columns_;    // of the largest block
  const std::int32_t region_rows_, region_columns_;  // of its region
  Buffer<std::int32_t> first_tap_;                   // of each channel, the first with a weight
  /// Where the parts of a workspace begin, in floats.
  struct {
    std::int64_t planes, outputs, centres, bad, zeros, columns, sums, variance, energy, offset,
        scales, flat_rows, numerators;
  } at_;
};

}  // namespace

Problem numerators_of(const Problem& problem, const TemplateModel& model,
                      const MatchBlocks& blocks) {
  Problem p;
  p.input_channels = model.inputs();
  p.output_channels = model.outputs();
  p.kernel_height = problem.kernel_height;
  p.kernel_width = problem.kernel_width;
  p.input_height = blocks.rows + problem.kernel_height - 1;
  p.input_width = blocks.columns + problem.kernel_width - 1;
  return p;
}

float match_cost(const Problem& problem, const TemplateModel& model, const MatchBlocks& blocks) {
  // Nanoseconds to read an element of the region and to sum it, and to compute a score.
  constexpr float kRead = 1, kSum = 2, kScore = 6;
  const Problem block = numerators_of(problem, model, blocks);
  const float region = static_cast<float>(block.input_height) *
                       static_cast<float>(block.input_width) *
                       static_cast<float>(problem.input_channels);
  const float scores = static_cast<float>(blocks.rows) * static_cast<float>(blocks.columns);
  return region * (kRead + kSum) + scores * kScore;
}

Status prepare_match(const Problem& problem, const Geometry& geometry, TemplateModel model,
                     const MatchBlocks& blocks, std::unique_ptr<Executor> numerators,
                     std::unique_ptr<Executor>* executor) {
  std::unique_ptr<MatchTemplate> made(
      new MatchTemplate(problem, geometry, std::move(model), blocks, std::move(numerators)));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare();
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

}  // namespace corr2d
