// Template matching. A task computes a block of scores from the block's region of the image:
//
//   1. It subtracts from each channel of the region a number near the mean, and scales by a power
//      of two. For images of integers both are exact.
//   2. It correlates the region with the weights of the numerators (template_model.hpp), by
//      whichever algorithm costs least. With a mask, the squares of the region are further
//      channels, and the sums that step 3 needs are further outputs.
//   3. It sums windows in float64: over columns, then over rows, each sum from the one before.
//   4. It computes the scores in float64 from numerators, means and variances, and recomputes
//      those that may be inaccurate (score_terms.cpp).

#include "algorithms/matching/match_template.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "algorithms/matching/match_region.hpp"
#include "algorithms/matching/score_terms.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/matching/match_scores.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

/// Float32 sums of squares up to this are computed again with larger elements, because some of the
/// squares may be denormal or 0.
constexpr double kTinySquares = 1e-24;
constexpr float kRescaling = 0x1p60f;

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
    const std::int64_t sums = sizeof(MomentSums) / sizeof(float);
    // Rows have space for one window more.
    const std::int64_t doubles = 2 * (std::int64_t{block_columns_} + 1);
    const std::int64_t floats[kParts] = {
        model_.inputs() * plane,
        std::int64_t{model_.outputs()} * block_rows_ * block_columns_,
        2 * std::int64_t{channels_},
        plane,
        region_columns_,
        sums * (channels_ + 1) * region_columns_,
        sums * (std::int64_t{block_columns_} + 1),
        doubles,
        doubles,
        doubles,
        doubles,
        std::int64_t{channels_} * block_columns_,
        (region_columns_ + kBytesSlack) / static_cast<std::int32_t>(sizeof(float)) + 1,
        (block_columns_ + kBytesSlack) / static_cast<std::int32_t>(sizeof(float)) + 1,
        numerators_->workspace_floats(),
    };
    for (std::int32_t part = 0; part < kParts; ++part) {
      at_[part] = workspace_floats_;
      workspace_floats_ += (floats[part] + 3) & ~std::int64_t{3};
    }
  }

  Status prepare() {
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    if (!reference_tap_.reset(static_cast<std::size_t>(channels_))) return Status::kOutOfMemory;
    for (std::int32_t c = 0; c < channels_; ++c) {
      const float* weights = square_weights(c);
      const float* heaviest = std::max_element(weights, weights + taps());
      reference_tap_[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(heaviest - weights);
    }
    weight_bytes_ = model_.bytes() + reference_tap_.bytes() + numerators_->weight_bytes();
    return Status::kOk;
  }

 private:
  /// The parts of a thread's workspace.
  enum Part {
    kPlanes,      // of the region, and their squares if there is a mask
    kOutputs,     // of the correlation
    kCentres,     // float64, of each channel
    kBad,         // a plane of the region
    kZeros,       // a row of the region
    kColumnSums,  // MomentSums of the columns of each channel and of kBad
    kWindowSums,  // MomentSums of a row of windows
    kVariance,    // float64, of a row of windows, as are the next three
    kEnergy,
    kOffset,
    kScales,
    kFlatRows,    // for each channel, of a row of windows
    kBadRow,      // a byte for each column of the region: 1 where an element is not finite
    kBadWindows,  // a byte for each window of a row
    kNumerators,  // the workspace of the correlation
    kParts,
  };

  /// The state that the steps of a task share.
  struct Task {
    float* workspace;
    const float* image;
    Range rows, columns;  // of the block
    MatchRegion region;
    ScoreTerms terms;
    double limit;                    // windows with at most this variance or energy are recomputed
    std::int32_t flat_rows_end = 0;  // rows of the region that were counted as flat or not
  };

  std::int32_t taps() const { return p_.kernel_height * p_.kernel_width; }
  /// The weights of an output of the correlation for one of its inputs.
  const float* weights(std::int32_t output, std::int32_t input) const {
    return model_.weights() + (std::int64_t{output} * model_.inputs() + input) * taps();
  }
  /// M^2 of a channel.
  const float* square_weights(std::int32_t c) const {
    return model_.has_mask() ? weights(2 + c, c) : model_.ones();
  }
  /// M of a channel, if there are linear means.
  const float* linear_weights(std::int32_t c) const { return weights(2 + channels_ + c, c); }
  bool has_means() const { return !removes_mean(p_.match_method); }

  /// Row `y` of an output of the correlation.
  float* output_row(const Task& task, std::int32_t output, std::int32_t y) const {
    return task.workspace + at_[kOutputs] +
           (std::int64_t{output} * block_rows_ + y) * block_columns_;
  }
  template <typename T>
  T* at(const Task& task, Part part) const {
    return reinterpret_cast<T*>(task.workspace + at_[part]);
  }
  /// Fills the parts from `first` to the one before `end` with zeros.
  void clear(const Task& task, Part first, Part end) const {
    fill_row(0, static_cast<std::int32_t>(at_[end] - at_[first]), task.workspace + at_[first]);
  }
  WindowRow window_row(const Task& task) const {
    return {at<double>(task, kVariance), at<double>(task, kEnergy), at<double>(task, kOffset)};
  }
  /// The element of the image at an index in the block's region.
  const float* image_at(const Task& task, std::int32_t c, std::int32_t y, std::int32_t x) const {
    return task.image + (std::int64_t{c} * p_.input_height + task.rows.first + y) * p_.input_width +
           task.columns.first + x;
  }
  MomentSums* column_sums(const Task& task, std::int32_t plane) const {
    return at<MomentSums>(task, kColumnSums) + std::int64_t{plane} * region_columns_;
  }

  void run(const TaskData& data, const TaskIndex& index) const override {
    Task task = {.workspace = data.workspace,
                 .image = data.input_floats(),
                 .rows = range_of(g_.output_height, grid_.rows, index.rows),
                 .columns = range_of(g_.output_width, grid_.columns, index.columns),
                 .region = {.rows = region_rows_,
                            .columns = region_columns_,
                            .planes = data.workspace + at_[kPlanes],
                            .centres = reinterpret_cast<double*>(data.workspace + at_[kCentres]),
                            .bad = data.workspace + at_[kBad]},
                 .terms = {},
                 .limit = 0};
    const Range height = {task.rows.first, task.rows.count + p_.kernel_height - 1};
    const Range width = {task.columns.first, task.columns.count + p_.kernel_width - 1};
    task.region.read(p_, task.image, height, width);
    correlate(&task);
    task.terms = score_terms(p_.match_method, model_, task.region.scale);
    clear(task, kZeros, kWindowSums);
    for (std::int32_t y = 0; y < task.rows.count; ++y) {
      sum_row(task, y);
      const std::uint8_t* bad = task.region.has_bad ? find_bad(task, y) : nullptr;
      recompute_inaccurate(&task, y, bad);
      float* out = data.output_floats() + std::int64_t{task.rows.first + y} * g_.output_width +
                   task.columns.first;
      score_windows(window_row(task), output_row(task, 0, y), task.columns.count, task.terms, out);
      if (is_normed(p_.match_method) && task.terms.norm == 0) {
        std::fill_n(out, task.columns.count, static_cast<float>(task.terms.empty));
      }
      for (std::int32_t x = 0; x < task.columns.count; ++x) {
        if (!model_.is_finite() || (bad != nullptr && bad[x] != 0)) {
          out[x] = std::numeric_limits<float>::quiet_NaN();
        }
      }
    }
  }

  void correlate(Task* task) const {
    const std::int64_t floats = channels_ * task->region.plane_floats();
    double fourth_powers = 0;
    if (model_.has_mask()) {
      float* squares = task->region.planes + floats;
      for (std::int64_t i = 0; i < floats; ++i) {
        squares[i] = task->region.planes[i] * task->region.planes[i];
        fourth_powers += static_cast<double>(squares[i]) * static_cast<double>(squares[i]);
      }
    }
    task->limit = inaccuracy_limit(p_.match_method, model_, task->region,
                                   fourth_powers / static_cast<double>(floats));
    const TaskData data = {task->region.planes, output_row(*task, 0, 0),
                           task->workspace + at_[kNumerators]};
    for (std::int32_t i = 0; i < numerators_->tasks(); ++i) numerators_->run_task(data, i);
  }

  /// Computes the variances and means of the windows of row `y`, after those of row y - 1.
  void sum_row(const Task& task, std::int32_t y) const {
    const std::int32_t count = task.columns.count;
    const WindowRow row = window_row(task);
    clear(task, kVariance, kScales);
    if (model_.has_mask()) {
      // The squares of all channels are one sum.
      const float* squares = output_row(task, 1, y);
      std::copy(squares, squares + count, row.variance);
    }
    auto* sums = at<MomentSums>(task, kWindowSums);
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (model_.channel(c).weight == 0) continue;
      if (model_.has_mask()) {
        for (std::int32_t x = 0; x < count; ++x) {
          const auto output = [&](std::int32_t i) {
            return static_cast<double>(output_row(task, i, y)[x]);
          };
          sums[x] = moments_of(c, output(2 + c), 0,
                               model_.has_linear_means() ? output(2 + channels_ + c) : 0);
        }
      } else {
        slide(task, task.region.plane(c), c, y);
        sum_windows(column_sums(task, c), p_.kernel_width, count, sums);
      }
      add_channel(sums, count, channel_terms(p_.match_method, model_, task.region, c), has_means(),
                  row);
    }
  }

  /// The moments that give the mean and the variance of a window, from sum M^2 J, sum M^2 J^2 and
  /// sum M J.
  MomentSums moments_of(std::int32_t c, double sum, double squares, double linear) const {
    const TemplateModel::Channel& channel = model_.channel(c);
    if (!model_.has_linear_means()) return {sum, squares};
    const double mean = linear / channel.mask, weighted = mean * channel.weight;
    return {weighted, squares - 2 * mean * (sum - weighted)};
  }

  /// Moves the column sums of a plane to the windows of row `y`.
  void slide(const Task& task, const float* plane, std::int32_t columns, std::int32_t y) const {
    const std::int32_t width = task.columns.count + p_.kernel_width - 1;
    const float* zeros = task.workspace + at_[kZeros];
    const std::int32_t end = y + p_.kernel_height;
    for (std::int32_t row = y == 0 ? 0 : end - 1; row < end; ++row) {
      slide_down(plane + std::int64_t{row} * region_columns_,
                 y == 0 ? zeros : plane + std::int64_t{y - 1} * region_columns_, width,
                 column_sums(task, columns));
    }
  }

  void recompute_inaccurate(Task* task, std::int32_t y, const std::uint8_t* bad) const {
    // A numerator's error counts in proportion to the window's energy; that of a difference to all
    // of its other terms.
    const bool is_distance = p_.match_method == MatchMethod::kSqdiff;
    const WindowRow row = window_row(*task);
    auto* scales = at<double>(*task, kScales);
    const std::int32_t count = task->columns.count;
    const double ratio = task->region.scale / model_.template_scale();
    const double limit = task->limit - (is_distance ? model_.variance() * ratio * ratio : 0);
    if (least_sum(row.variance, is_distance ? row.offset : row.energy, count, scales) > limit) {
      return;
    }
    count_flat(task, y);
    for (std::int32_t x = 0; x < count; ++x) {
      if (scales[x] <= limit && (bad == nullptr || bad[x] == 0)) recompute(*task, y, x);
    }
  }

  /// Counts flat rows down to the last row of the windows of row `y`.
  void count_flat(Task* task, std::int32_t y) const {
    const std::int32_t first = std::max(task->flat_rows_end, y);
    const bool continues = first == task->flat_rows_end && first > 0;
    for (std::int32_t row = first; row < y + p_.kernel_height; ++row) {
      for (std::int32_t c = 0; c < channels_; ++c) {
        const float* data = image_at(*task, c, row, 0);
        const float* previous = row > first || continues ? data - p_.input_width : nullptr;
        count_flat_rows(data, previous, p_.kernel_width, task->columns.count,
                        at<std::int32_t>(*task, kFlatRows) + c * block_columns_);
      }
    }
    task->flat_rows_end = y + p_.kernel_height;
  }

  bool is_flat(const Task& task, std::int32_t x) const {
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (at<std::int32_t>(task, kFlatRows)[c * block_columns_ + x] < p_.kernel_height) {
        return false;
      }
    }
    return true;
  }

  /// Computes the sums of a window from the elements of the image, relative to one of them. The
  /// region has lost bits of elements that are small compared with its centre. Elements that are
  /// very small compared with the region's largest are scaled further, lest their squares vanish.
  void recompute(const Task& task, std::int32_t y, std::int32_t x) const {
    double variance[2] = {}, energy[2] = {}, offset[2] = {};
    double numerator = 0;
    const bool flat = is_flat(task, x);
    for (std::int32_t c = 0; c < channels_; ++c) {
      if (model_.channel(c).weight == 0) continue;
      const float* data = image_at(task, c, y, x);
      const std::int32_t tap = reference_tap_[static_cast<std::size_t>(c)];
      const float reference =
          data[std::int64_t{tap / p_.kernel_width} * p_.input_width + tap % p_.kernel_width];
      MomentSums moments[2] = {};
      if (!flat) {
        Window window = {.data = data,
                         .row_step = p_.input_width,
                         .rows = p_.kernel_height,
                         .columns = p_.kernel_width,
                         .scale = static_cast<float>(task.region.scale),
                         .reference = 0,
                         .first = weights(0, c),
                         .second = square_weights(c)};
        WindowSums sums;
        double unit = 1;
        for (;;) {
          window.reference = window.scale * reference;
          sums = sum_window(window);
          if (sums.squares > kTinySquares || window.scale > 1) break;
          window.scale *= kRescaling;
          unit /= kRescaling;
        }
        numerator += unit * sums.first;
        window.first = linear_weights(c);
        moments[0] = moments_of(c, unit * sums.second, unit * unit * sums.squares,
                                model_.has_linear_means() ? unit * sum_window(window).first : 0);
      }
      ChannelTerms terms = channel_terms(p_.match_method, model_, task.region, c);
      terms.centre = task.region.scale * static_cast<double>(reference);
      add_channel(moments, 1, terms, has_means(), {variance, energy, offset});
    }
    at<double>(task, kVariance)[x] = variance[0];
    at<double>(task, kEnergy)[x] = energy[0];
    at<double>(task, kOffset)[x] = offset[0];
    output_row(task, 0, y)[x] = static_cast<float>(numerator);
  }

  /// For each window of row `y`, whether it holds a bad element: 0 or 1.
  const std::uint8_t* find_bad(const Task& task, std::int32_t y) const {
    if (model_.has_mask()) return find_bad_under_mask(task, y);
    auto* found = at<std::uint8_t>(task, kBadWindows);
    auto* sums = at<MomentSums>(task, kWindowSums);
    slide(task, task.region.bad, channels_, y);
    sum_windows(column_sums(task, channels_), p_.kernel_width, task.columns.count, sums);
    for (std::int32_t x = 0; x < task.columns.count; ++x) found[x] = sums[x].sum > 0;
    return found;
  }

  /// For each window of row `y`, whether an element with a weight is bad: 0 or 1. Tests vectors of
  /// windows for one weight after another.
  const std::uint8_t* find_bad_under_mask(const Task& task, std::int32_t y) const {
    auto* found = at<std::uint8_t>(task, kBadWindows);
    auto* bad = at<std::uint8_t>(task, kBadRow);
    const std::int32_t count = task.columns.count, width = count + p_.kernel_width - 1;
    std::fill_n(found, count, std::uint8_t{0});
    for (std::int32_t c = 0; c < channels_; ++c) {
      const float* mask = square_weights(c);
      for (std::int32_t row = 0; row < p_.kernel_height; ++row, mask += p_.kernel_width) {
        const float* data = image_at(task, c, y + row, 0);
        std::uint8_t any = 0;
        for (std::int32_t x = 0; x < width; ++x) {
          bad[x] = !std::isfinite(data[x]);
          any |= bad[x];
        }
        if (any == 0) continue;
        if (std::find(found, found + count, std::uint8_t{0}) == found + count) return found;
        for (std::int32_t i = 0; i < p_.kernel_width; ++i) {
          if (mask[i] != 0) or_bytes(bad + i, count, found);
        }
      }
    }
    return found;
  }

  const Problem p_;
  const Geometry g_;
  const TemplateModel model_;
  const std::unique_ptr<Executor> numerators_;
  const std::int32_t channels_;
  const std::int32_t block_rows_, block_columns_;    // of the largest block
  const std::int32_t region_rows_, region_columns_;  // of its region
  Buffer<std::int32_t> reference_tap_;               // of each channel, one of largest weight
  std::int64_t at_[kParts];  // where the parts of a workspace begin, in floats
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
