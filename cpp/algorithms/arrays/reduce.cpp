// Reductions over any axes. A task computes some outputs: rows that are reduced as a whole if the
// innermost loop is reduced, and otherwise some columns of the innermost loop, over all rows.
//
// kSum and kMean add up to eight elements in float32, and everything else in float64:
// |error| <= 4 eps sum |x| with eps = 2^-24, divided by the count for kMean. The others are exact.

#include <algorithm>
#include <limits>

#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/arrays/loops.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/reduction.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kMaxColumns = 256;

class Reduce : public Executor {
 public:
  explicit Reduce(const Problem& p) : reduction_(p.reduction) {
    Loops loops = loops_of(p);
    loops.simplify();
    for (std::int32_t i = 0; i < loops.rank; ++i) {
      const Loop& loop = loops.at[i];
      const bool is_reduced = loop.steps[kOutputArray] == 0;
      Loops& kind = is_reduced ? reduced_ : kept_;
      kind.at[kind.rank++] = loop;
    }
    reduces_rows_ = kept_.rank == 0 || kept_.last().steps[0] != 1;
    columns_ = reduces_rows_ ? Loop{1, {1}} : kept_.remove(kept_.rank - 1);
    elements_ = reduced_.count(0, reduced_.rank);
    rows_ = reduced_.rank == 0 ? Loop{1, {1}} : reduced_.remove(reduced_.rank - 1);
    outer_ = reduced_.count(0, reduced_.rank);
    parts_ = divide_up(columns_.size, std::min(columns_.size, kMaxColumns));
    blocks_ = kept_.count(0, kept_.rank) * parts_;
    const std::int64_t reads = std::int64_t{elements_} * divide_up(columns_.size, parts_);
    grid_.rows = task_count(blocks_, reads);
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range blocks = range_of(blocks_, grid_.rows, task.rows);
    for (std::int32_t i = blocks.first; i < blocks.first + blocks.count; ++i) {
      const Range columns = range_of(columns_.size, parts_, i % parts_);
      std::int32_t offsets[kArrays];
      kept_.locate(i / parts_, kept_.rank, offsets);
      const float* in = data.input_floats() + offsets[0] + columns.first;
      float* out = data.output_floats() + offsets[kOutputArray] + columns.first;
      if (reduction_ == Reduction::kSum || reduction_ == Reduction::kMean) {
        sum(in, columns.count, out);
      } else {
        find_extremes(in, columns.count, out);
      }
    }
  }

  /// The rows of iteration `i` of the outer reduced loops.
  RowBlock rows_of(const float* in, std::int32_t i, std::int32_t columns) const {
    std::int32_t offsets[kArrays];
    reduced_.locate(i, reduced_.rank, offsets);
    return {in + offsets[0], rows_.steps[0], rows_.size, columns};
  }

  void sum(const float* in, std::int32_t columns, float* out) const {
    double sums[kMaxColumns];
    std::fill(sums, sums + columns, 0.0);
    for (std::int32_t i = 0; i < outer_; ++i) {
      const RowBlock rows = rows_of(in, i, columns);
      if (reduces_rows_) {
        sums[0] += sum_of_row(rows.data, rows.count);
      } else {
        add_columns(rows, sums);
      }
    }
    const double divisor = reduction_ == Reduction::kMean ? elements_ : 1;
    for (std::int32_t x = 0; x < columns; ++x) out[x] = static_cast<float>(sums[x] / divisor);
  }

  void find_extremes(const float* in, std::int32_t columns, float* out) const {
    const bool minimum = reduction_ == Reduction::kMin || reduction_ == Reduction::kArgMin;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    float extremes[kMaxColumns];
    fill_row(minimum ? kInfinity : -kInfinity, columns, extremes);
    for (std::int32_t i = 0; i < outer_; ++i) {
      RowBlock rows = rows_of(in, i, columns);
      float of_row;
      if (reduces_rows_) {
        of_row = extreme_of_row(rows.data, rows.count, minimum);
        rows = {&of_row, 1, 1, 1};
      }
      extend_columns(rows, minimum, extremes);
    }
    if (reduction_ == Reduction::kMax || reduction_ == Reduction::kMin) {
      copy_row(extremes, columns, out);
    } else if (reduces_rows_) {
      *out = static_cast<float>(find_in_row(in, elements_, extremes[0]));
    } else {
      // From the last row on, so that the first one wins.
      for (std::int32_t row = rows_.size - 1; row >= 0; --row) {
        mark_equal(in + row * rows_.steps[0], extremes, static_cast<float>(row), out, columns);
      }
    }
  }

  const Reduction reduction_;
  Loops kept_, reduced_;   // without columns_ and rows_
  Loop columns_;           // the innermost loop, if it is kept
  Loop rows_;              // the innermost reduced loop
  bool reduces_rows_;      // it is the innermost of all
  std::int32_t elements_;  // of an output
  std::int32_t outer_;     // iterations of the other reduced loops
  std::int32_t parts_;     // parts that the columns are divided into
  std::int32_t blocks_;    // parts of all kept loops
};

}  // namespace

Executor* new_reduction(const Problem& problem) { return new Reduce(problem); }

}  // namespace corr2d
