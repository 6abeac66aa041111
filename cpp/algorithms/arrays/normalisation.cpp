// Softmax, its logarithm, normalisation and the folding of batch normalisation, composed of
// functions on rows.
//
//   kSoftmax, kLogSoftmax  with m = max x: exp(x - m) / s and x - m - log(s), s = sum exp(x - m)
//   kNormalise             (x - mean) r, then scale and shift, with r = 1 / sqrt(variance +
//   epsilon).
//                          Sums of x and x^2 are in float64, where the squares of float32 are
//                          exact.

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/elementwise.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/reduction.hpp"

namespace corr2d {
namespace {

RowOperand row_of(const float* data) { return {data, false}; }
RowOperand repeated(const float* element) { return {element, true}; }

/// Softmax over the rows of blocks of columns. If there is one column, the row is contiguous, and
/// its columns are reduced instead.
class Softmax : public Executor {
 public:
  explicit Softmax(const Problem& p)
      : is_log_(p.kind == Kind::kLogSoftmax), depth_(p.sizes.at[1]), columns_(p.sizes.at[2]) {
    // The block stays in the cache between the passes.
    constexpr std::int32_t kBlock = 16 * 1024, kMinColumns = 32;
    const std::int32_t wanted = std::max(kBlock / depth_, kMinColumns);
    parts_ = divide_up(columns_, std::min(wanted, columns_));
    blocks_ = p.sizes.at[0] * parts_;
    const std::int64_t block = std::int64_t{depth_} * divide_up(columns_, parts_);
    grid_.rows = task_count(blocks_, block);
    workspace_floats_ =
        columns_ == 1 ? std::int64_t{depth_} : 4 * std::int64_t{divide_up(columns_, parts_)};
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range blocks = range_of(blocks_, grid_.rows, task.rows);
    for (std::int32_t i = blocks.first; i < blocks.first + blocks.count; ++i) {
      const Range columns = range_of(columns_, parts_, i % parts_);
      const std::int32_t offset = i / parts_ * depth_ * columns_ + columns.first;
      const float* in = data.input_floats() + offset;
      float* out = data.output_floats() + offset;
      if (columns_ == 1) {
        compute_row(in, data.workspace, out);
      } else {
        compute_columns(in, columns.count, data.workspace, out);
      }
    }
  }

  void compute_row(const float* in, float* powers, float* out) const {
    const float maximum = extreme_of_row(in, depth_, false);
    combine_row(Operation::kSub, row_of(in), repeated(&maximum), out, depth_);
    float* exponentials = is_log_ ? powers : out;
    apply_unary(Unary::kExp, out, exponentials, depth_, 0);
    const double sum = sum_of_row(exponentials, depth_);
    auto change = static_cast<float>(is_log_ ? sum : 1 / sum);
    if (is_log_) apply_unary(Unary::kLog, &change, &change, 1, 0);
    combine_row(is_log_ ? Operation::kSub : Operation::kMul, row_of(out), repeated(&change), out,
                depth_);
  }

  void compute_columns(const float* in, std::int32_t columns, float* workspace, float* out) const {
    auto* sums = reinterpret_cast<double*>(workspace);
    float* maxima = workspace + 2 * columns;
    float* powers = maxima + columns;
    fill_row(-std::numeric_limits<float>::infinity(), columns, maxima);
    std::fill(sums, sums + columns, 0.0);
    extend_columns({in, columns_, depth_, columns}, false, maxima);
    for (std::int32_t i = 0; i < depth_; ++i) {
      float* row = out + i * columns_;
      combine_row(Operation::kSub, row_of(in + i * columns_), row_of(maxima), row, columns);
      float* exponentials = is_log_ ? powers : row;
      apply_unary(Unary::kExp, row, exponentials, columns, 0);
      add_columns({exponentials, columns, 1, columns}, sums);
    }
    float* divisors = maxima;
    for (std::int32_t i = 0; i < columns; ++i) divisors[i] = static_cast<float>(sums[i]);
    if (is_log_) apply_unary(Unary::kLog, divisors, divisors, columns, 0);
    for (std::int32_t i = 0; i < depth_; ++i) {
      float* row = out + i * columns_;
      combine_row(is_log_ ? Operation::kSub : Operation::kDiv, row_of(row), row_of(divisors), row,
                  columns);
    }
  }

  const bool is_log_;
  const std::int32_t depth_, columns_;
  std::int32_t parts_, blocks_;
};

class Normalise : public Executor {
 public:
  explicit Normalise(const Problem& p) : p_(p), channels_(p.sizes.at[1]), elements_(p.sizes.at[2]) {
    const std::int32_t row = channels_ * elements_;
    grid_.rows = task_count(p.sizes.at[0], row);
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range rows = range_of(p_.sizes.at[0], grid_.rows, task.rows);
    for (std::int32_t i = rows.first; i < rows.first + rows.count; ++i) normalise_row(data, i);
  }

  void normalise_row(const TaskData& data, std::int32_t index) const {
    const std::int32_t count = channels_ * elements_;
    const float* in = data.input_floats() + index * count;
    float* out = data.output_floats() + index * count;
    const RowSums sums = sums_of_row(in, count);
    const double mean = sums.sum / count;
    // NaN stays: max(NaN, 0) is NaN.
    const double variance = std::max(sums.squares / count - mean * mean, 0.0);
    const double factor = 1 / std::sqrt(variance + double{p_.epsilon});
    // Where the mean is large compared with the deviation, x factor - mean factor would cancel.
    constexpr double kMaxCentre = 8;
    const bool subtracts = !(std::abs(mean) * factor <= kMaxCentre);
    const float centre = subtracts ? static_cast<float>(mean) : 0;
    const std::int32_t first = index % p_.groups * channels_;
    const float* scales = p_.has_scale != 0 ? data.second_floats() + first : nullptr;
    const float* shifts = p_.has_bias != 0 ? data.third_floats() + first : nullptr;
    if (elements_ == 1) {
      // The channels form a row. They have scales and shifts of their own.
      apply(in, centre, factor, (centre - mean) * factor, count, out);
      const float one = 1, zero = 0;
      const RowOperand scale = scales == nullptr ? repeated(&one) : row_of(scales);
      const RowOperand shift = shifts == nullptr ? repeated(&zero) : row_of(shifts);
      if (scales == nullptr && shifts == nullptr) return;
      combine_row(Operation::kMultiplyAdd, {row_of(out), scale, shift}, out, count);
      return;
    }
    for (std::int32_t i = 0; i < channels_; ++i) {
      const double scale = scales == nullptr ? factor : factor * scales[i];
      const std::int32_t begin = i * elements_;
      const double shift = shifts == nullptr ? 0 : shifts[i];
      apply(in + begin, centre, scale, shift + (centre - mean) * scale, elements_, out + begin);
    }
  }

  /// out[i] = (in[i] - centre) scale + shift
  static void apply(const float* in, float centre, double scale, double shift, std::int32_t count,
                    float* out) {
    const auto factor = static_cast<float>(scale), summand = static_cast<float>(shift);
    for (std::int32_t i = 0; i < count; i += kChunk) {
      const std::int32_t part = std::min(kChunk, count - i);
      RowOperand x = row_of(in + i);
      if (centre != 0) {
        combine_row(Operation::kSub, x, repeated(&centre), out + i, part);
        x = row_of(out + i);
      }
      combine_row(Operation::kMultiplyAdd, {x, repeated(&factor), repeated(&summand)}, out + i,
                  part);
    }
  }

  /// Elements that stay in the first-level cache between the passes.
  static constexpr std::int32_t kChunk = 2048;

  const Problem p_;
  const std::int32_t channels_, elements_;
};

/// One task: there are few channels.
class BatchNormScale : public Executor {
 public:
  explicit BatchNormScale(const Problem& p) : channels_(p.sizes.at[0]), epsilon_(p.epsilon) {}

 private:
  void run(const TaskData& data, const TaskIndex&) const override {
    const float* weight = data.third_floats();
    const float* bias = weight + channels_;
    float* scale = data.output_floats();
    for (std::int32_t i = 0; i < channels_; ++i) {
      const double factor =
          double{weight[i]} / std::sqrt(double{data.second_floats()[i]} + double{epsilon_});
      scale[i] = static_cast<float>(factor);
      scale[channels_ + i] = static_cast<float>(bias[i] - data.input_floats()[i] * factor);
    }
  }

  const std::int32_t channels_;
  const float epsilon_;
};

}  // namespace

Executor* new_softmax(const Problem& problem) { return new Softmax(problem); }
Executor* new_normalisation(const Problem& problem) { return new Normalise(problem); }
Executor* new_batch_norm_scale(const Problem& problem) { return new BatchNormScale(problem); }

}  // namespace corr2d
