// Copies between arrays with any steps. A task copies tiles of two loops: the innermost loop of the
// output, and either the loop outside it (rows), or the loop along which the input is contiguous
// (a transpose).

#include <algorithm>
#include <cstdlib>

#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/arrays/loops.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

class Copy : public Executor {
 public:
  explicit Copy(const Problem& p) : loops_(loops_of(p)) {
    // The output is written in the order of its memory.
    for (std::int32_t i = 1; i < loops_.rank; ++i) {
      for (std::int32_t j = i; j > 0 && step_of(j - 1) < step_of(j); --j) {
        std::swap(loops_.at[j - 1], loops_.at[j]);
      }
    }
    loops_.simplify();
    inner_ = loops_.remove(loops_.rank - 1);
    std::int32_t rows = loops_.rank - 1;
    if (inner_.steps[0] != 1 && inner_.steps[kOutputArray] == 1) {
      for (std::int32_t i = rows; i >= 0 && !transposes_; --i) {
        transposes_ = loops_.at[i].steps[0] == 1;
        if (transposes_) rows = i;
      }
    }
    rows_ = rows < 0 ? Loop{1, {}} : loops_.remove(rows);
    // A transposed tile reads and writes whole cache lines where it can, and fits into the
    // first-level cache. Other tiles are rows of any length.
    constexpr std::int32_t kLine = 16, kTransposed = 1024;
    const std::int32_t most = transposes_ ? kTransposed : kTaskElements / 4;
    const std::int32_t least_rows = transposes_ ? std::min(kLine, rows_.size) : 1;
    column_parts_ = divide_up(inner_.size, std::min(most / least_rows, inner_.size));
    const std::int32_t columns = divide_up(inner_.size, column_parts_);
    const std::int32_t most_rows = transposes_ && columns >= kLine ? kLine : most / columns;
    row_parts_ = divide_up(rows_.size, std::min(most_rows, rows_.size));
    tiles_ = loops_.count(0, loops_.rank) * row_parts_ * column_parts_;
    const std::int32_t tile =
        divide_up(inner_.size, column_parts_) * divide_up(rows_.size, row_parts_);
    grid_.rows = task_count(tiles_, tile);
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range tiles = range_of(tiles_, grid_.rows, task.rows);
    for (std::int32_t i = tiles.first; i < tiles.first + tiles.count; ++i) {
      const std::int32_t place = i / column_parts_;
      const Range columns = range_of(inner_.size, column_parts_, i % column_parts_);
      const Range rows = range_of(rows_.size, row_parts_, place % row_parts_);
      std::int32_t offsets[kArrays];
      loops_.locate(place / row_parts_, loops_.rank, offsets);
      const float* in = data.input_floats() + offsets[0] + rows.first * rows_.steps[0] +
                        columns.first * inner_.steps[0];
      float* out = data.output_floats() + offsets[kOutputArray] +
                   rows.first * rows_.steps[kOutputArray] +
                   columns.first * inner_.steps[kOutputArray];
      copy_tile(in, rows.count, columns.count, out);
    }
  }

  void copy_tile(const float* in, std::int32_t rows, std::int32_t columns, float* out) const {
    const std::int32_t in_step = inner_.steps[0], out_step = inner_.steps[kOutputArray];
    const std::int32_t in_row = rows_.steps[0], out_row = rows_.steps[kOutputArray];
    if (transposes_) {
      transpose(in, in_step, columns, rows, out, out_row);
    } else if (in_step == 1 && out_step == 1) {
      copy_rows(in, in_row, rows, columns, out, out_row);
    } else {
      for (std::int32_t row = 0; row < rows; ++row, in += in_row, out += out_row) {
        for (std::int32_t i = 0; i < columns; ++i) out[i * out_step] = in[i * in_step];
      }
    }
  }

  std::int32_t step_of(std::int32_t loop) const {
    return std::abs(loops_.at[loop].steps[kOutputArray]);
  }

  Loops loops_;        // outside the tiles
  Loop rows_, inner_;  // of the tiles
  bool transposes_ = false;
  std::int32_t row_parts_, column_parts_, tiles_;
};

}  // namespace

Executor* new_copy(const Problem& problem) { return new Copy(problem); }

}  // namespace corr2d
