#pragma once

#include <cstdint>

#include "core/correlation.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// Kernels of one size, where they stand in a weight.
struct KernelsView {
  const float* first;
  std::int32_t count;
  std::int32_t height, width;
  std::int32_t row_step, column_step;
  std::int32_t of_group, step, group_step;  // kernels of a group, between these, between groups

  const float* of(std::int32_t kernel) const {
    return first + kernel / of_group * group_step + kernel % of_group * step;
  }
};

/// Those of a problem with one input channel.
inline KernelsView kernels_of(const Correlation& c, const float* weight) {
  return {weight,           c.groups * c.outputs, c.rows.kernel,
          c.columns.kernel, c.weight.row,         c.weight.column,
          c.outputs,        c.weight.image,       c.weight.group};
}

/// A kernel as a sum of products of a column and a row, as few of them as float32 can tell from
/// the kernel itself: what is left out is at most 2^-23 of it, both by their Frobenius norms.
///
/// They are found one by one, in float64: of what is left, the column that holds the largest
/// element and, by least squares, what each column has of it (a QR decomposition). A singular value
/// decomposition could do with fewer, but where the rank is low beyond rounding both find the same
/// (tests/cpp/separable_test.cpp), and this is quick, and can be given up early.
class LowRank {
 public:
  /// Makes room for such kernels and up to `most` products. False where memory runs out.
  bool reset(const KernelsView& kernels, std::int32_t most);

  /// Takes a kernel apart and answers how many products it is: the rank, 0 for zeros; one more than
  /// `most` where they do not suffice. One that is not finite has as many as it has rows or
  /// columns, none of them finite.
  std::int32_t factor(const KernelsView& kernels, std::int32_t kernel);

  /// Copies the columns and the rows of the first `count` products, one after the other. The
  /// largest element of a column is 1.
  void copy(std::int32_t count, float* columns, float* rows) const;

 private:
  std::int32_t height_ = 0, width_ = 0, most_ = 0;
  Buffer<double> data_;  // columns, rows, and what is left of the kernel
};

}  // namespace corr2d
