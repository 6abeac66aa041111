#pragma once

#include <cstdint>

#include "core/correlation.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// Kernels of one size within a weight.
struct KernelsView {
  const float* first;
  std::int32_t count;
  std::int32_t height, width;
  std::int32_t row_step, column_step;
  std::int32_t kernels_per_group, kernel_step, group_step;

  const float* of(std::int32_t kernel) const {
    return first + kernel / kernels_per_group * group_step +
           kernel % kernels_per_group * kernel_step;
  }
};

/// The kernels of a correlation whose groups have one input channel.
inline KernelsView kernels_of(const Correlation& c, const float* weight) {
  return {.first = weight,
          .count = c.groups * c.outputs,
          .height = c.rows.kernel,
          .width = c.columns.kernel,
          .row_step = c.weight.row,
          .column_step = c.weight.column,
          .kernels_per_group = c.outputs,
          .kernel_step = c.weight.image,
          .group_step = c.weight.group};
}

/// A kernel as a sum of outer products of a column and a row: as few as float32 needs to represent
/// the kernel. The rest is at most 2^-23 of the kernel, by their Frobenius norms.
///
/// The products are found one by one, in float64, by a QR decomposition with pivoting: the column
/// of the rest that holds its largest element, and the row of its least-squares coefficients. A
/// singular value decomposition may need fewer products, but for kernels whose rank is low up to
/// rounding both find the same number (tests/cpp/separable_test.cpp), and this one is fast and can
/// stop early.
class LowRank {
 public:
  /// Allocates memory for such kernels and up to `max_rank` products. Returns false if memory runs
  /// out.
  bool reset(const KernelsView& kernels, std::int32_t max_rank);

  /// Factorises a kernel and returns the number of products: the rank, 0 for zeros. It returns
  /// max_rank + 1 if `max_rank` products do not suffice. A kernel that is not finite has as many
  /// products as it has rows or columns, whichever are fewer, none of them finite.
  std::int32_t factor(const KernelsView& kernels, std::int32_t kernel);

  /// Whether the kernel of the last call of `factor` consists of integers.
  bool is_integral() const { return is_integral_; }

  /// Copies the columns and the rows of the first `count` products. The largest element of a column
  /// is 1.
  void copy(std::int32_t count, float* columns, float* rows) const;

 private:
  std::int32_t height_ = 0, width_ = 0, max_rank_ = 0;
  bool is_integral_ = false;
  Buffer<double> data_;  // columns, rows, and the rest of the kernel
};

}  // namespace corr2d
