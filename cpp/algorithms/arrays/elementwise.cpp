// Elementwise operations with broadcasting. The output is divided into rows of contiguous elements.
// An operand's part of a row is used where it is if it is contiguous or a single element, and
// otherwise gathered. Rows that repeat it, such as those of a bias for the last axis, gather it
// once per task.

#include "kernels/rows/elementwise.hpp"

#include <algorithm>

#include "algorithms/arrays/array_operators.hpp"
#include "algorithms/arrays/loops.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

/// Rows have at least so many elements, if the output does. Calls for shorter ones would take
/// longer than gathering.
constexpr std::int32_t kMinRow = 32;
/// Rows are made so long by repeating an operand, which is gathered once for many rows.
constexpr std::int32_t kRepeatedRow = 512;
/// The rows of all operands fit into the first-level cache, where something passes over them twice.
constexpr std::int32_t kMaxRow = 2048;

class Elementwise : public Executor {
 public:
  explicit Elementwise(const Problem& p)
      : operation_(p.operation),
        activation_(p.activation),
        alpha_(p.activation_alpha),
        operands_(operands_of(p.operation)),
        loops_(loops_of(p)) {
    loops_.simplify();
    row_loop_ = loops_.rank - 1;
    while (row_loop_ > 0) {
      const std::int32_t row = loops_.count(row_loop_, loops_.rank);
      if (row >= (only_repeats(row_loop_ - 1) ? kRepeatedRow : kMinRow)) break;
      --row_loop_;
    }
    entry_ = loops_.count(row_loop_ + 1, loops_.rank);
    const std::int32_t entries = loops_.at[row_loop_].size;
    bool is_one_pass = operation_ == Operation::kFirst || activation_ == Unary::kNone;
    for (std::int32_t i = 0; i < operands_; ++i) {
      repeats_[i] = repeats(i);
      gathers_[i] = !is_contiguous(i) && !repeats_[i];
      is_one_pass = is_one_pass && !gathers_[i];
    }
    const std::int32_t most = is_one_pass ? kTaskElements : kMaxRow;
    parts_ = divide_up(entries, std::clamp(most / entry_, 1, entries));
    rows_ = loops_.count(0, row_loop_) * parts_;
    const std::int32_t row = entry_ * divide_up(entries, parts_);
    grid_.rows = task_count(rows_, row);
    for (std::int32_t i = 0; i < operands_; ++i) {
      if (gathers_[i]) workspace_floats_ = (i + 1) * std::int64_t{row};
    }
    row_floats_ = row;
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const float* const inputs[] = {data.input_floats(), data.second_floats(), data.third_floats()};
    struct {
      std::int32_t offset, entries;
    } gathered[] = {{-1, 0}, {-1, 0}, {-1, 0}};
    const Range rows = range_of(rows_, grid_.rows, task.rows);
    for (std::int32_t i = rows.first; i < rows.first + rows.count; ++i) {
      const Range entries = range_of(loops_.at[row_loop_].size, parts_, i % parts_);
      std::int32_t offsets[kArrays];
      loops_.locate(i / parts_, row_loop_, offsets);
      RowOperand operands[3] = {};
      for (std::int32_t k = 0; k < operands_; ++k) {
        const std::int32_t offset = offsets[k] + entries.first * loops_.at[row_loop_].steps[k];
        const float* source = inputs[k] + offset;
        if (gathers_[k]) {
          float* row = data.workspace + k * row_floats_;
          if (gathered[k].offset != offset || gathered[k].entries < entries.count) {
            gather(k, row_loop_, source, entries.count, row);
            gathered[k] = {offset, entries.count};
          }
          source = row;
        }
        operands[k] = {source, repeats_[k]};
      }
      float* out = data.output_floats() + offsets[kOutputArray] + entries.first * entry_;
      compute(operands, out, entries.count * entry_);
    }
  }

  void compute(const RowOperand (&operands)[3], float* out, std::int32_t count) const {
    if (operation_ != Operation::kFirst) {
      combine_row(operation_, operands, out, count);
    } else if (operands[0].repeats) {
      fill_row(*operands[0].data, count, out);
    }
    const bool is_direct = operation_ == Operation::kFirst && !operands[0].repeats;
    if (activation_ != Unary::kNone) {
      apply_unary(activation_, is_direct ? operands[0].data : out, out, count, alpha_);
    } else if (is_direct) {
      copy_row(operands[0].data, count, out);
    }
  }

  bool is_contiguous(std::int32_t operand) const {
    for (std::int32_t i = row_loop_; i < loops_.rank; ++i) {
      const Loop& loop = loops_.at[i];
      if (loop.steps[operand] != loop.steps[kOutputArray]) return false;
    }
    return true;
  }

  /// Whether a loop around the row repeats each operand's row, or continues it.
  bool only_repeats(std::int32_t loop) const {
    bool all = true;
    for (std::int32_t i = 0; i < operands_; ++i) {
      const std::int32_t step = loops_.at[loop].steps[i];
      all = all && (step == 0 || step == loops_.at[loop].steps[kOutputArray]);
    }
    return all;
  }

  bool repeats(std::int32_t operand) const {
    for (std::int32_t i = row_loop_; i < loops_.rank; ++i) {
      if (loops_.at[i].steps[operand] != 0) return false;
    }
    return true;
  }

  /// Copies an operand's elements for `entries` iterations of a loop, and returns the end of the
  /// copy.
  float* gather(std::int32_t operand, std::int32_t loop_index, const float* in,
                std::int32_t entries, float* out) const {
    const std::int32_t step = loops_.at[loop_index].steps[operand];
    if (step == 1 && loop_index + 1 == loops_.rank) {
      copy_row(in, entries, out);
      return out + entries;
    }
    for (std::int32_t i = 0; i < entries; ++i, in += step) {
      if (loop_index + 1 < loops_.rank) {
        out = gather(operand, loop_index + 1, in, loops_.at[loop_index + 1].size, out);
      } else {
        *out++ = *in;
      }
    }
    return out;
  }

  const Operation operation_;
  const Unary activation_;
  const float alpha_;
  const std::int32_t operands_;
  Loops loops_;
  std::int32_t row_loop_;                   // a row is a part of this loop with all loops in it
  std::int32_t entry_;                      // elements of an iteration of that loop
  std::int32_t parts_;                      // parts that it is divided into
  std::int32_t rows_;                       // rows of the output
  std::int32_t row_floats_;                 // elements of the longest row
  bool repeats_[3] = {}, gathers_[3] = {};  // of each operand in a row
};

}  // namespace

Executor* new_elementwise(const Problem& problem) { return new Elementwise(problem); }

}  // namespace corr2d
