#pragma once

#include <algorithm>

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {

/// The base of the operators without a weight: pooling, padding and folding. They work on planes,
/// one channel of one image each. A task computes some output rows of one plane.
class PlaneExecutor : public Executor {
 public:
  /// `divides_rows` is false for the adjoints: different rows add to the same elements.
  PlaneExecutor(const Problem& problem, const Geometry& geometry, bool divides_rows = true)
      : p_(problem), g_(geometry) {
    const std::int64_t reads =
        std::int64_t{p_.kernel_height} * p_.kernel_width * g_.output_height * g_.output_width;
    if (divides_rows) {
      grid_.rows = static_cast<std::int32_t>(
          std::clamp<std::int64_t>(reads / kTaskReads, 1, std::int64_t{g_.output_height}));
    }
    grid_.images = p_.batch * p_.input_channels;
    workspace_floats_ = g_.output_width;
  }

 protected:
  /// Computes the output rows `first_row` to `end_row` - 1 of a plane.
  virtual void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                        std::int32_t end_row) const = 0;

  /// A plane of the input. `fill` stands around it if the padding is constant.
  PaddedPlane input_plane(const float* input, std::int32_t plane_index, float fill) const {
    return {input + offset(p_.input_strides, plane_index),
            p_.input_height,
            p_.input_width,
            p_.input_strides.h,
            p_.input_strides.w,
            p_.padding_mode,
            fill};
  }

  float* output_plane(float* output, std::int32_t plane_index) const {
    return output + offset(p_.output_strides, plane_index);
  }

  /// Fills a plane of what the problem calls its input with zeros. The adjoints write to it.
  float* cleared_plane(float* input, std::int32_t plane_index) const {
    float* plane = input + offset(p_.input_strides, plane_index);
    for (std::int32_t y = 0; y < p_.input_height; ++y) {
      for (std::int32_t x = 0; x < p_.input_width; ++x) {
        plane[y * p_.input_strides.h + x * p_.input_strides.w] = 0;
      }
    }
    return plane;
  }

  /// Writes an output row whose columns need not be neighbours.
  void store(const float* row, float* out) const {
    for (std::int32_t x = 0; x < g_.output_width; ++x) out[x * p_.output_strides.w] = row[x];
  }

  /// Adds row[x] to the element of a plane's row that a tap reads for output column x; `first` is
  /// the column for x = 0. `columns` says which of them lie inside the plane.
  void scatter(const float* row, const ColumnRange& columns, float* plane_row) const {
    if (columns.begin >= columns.end) return;
    if (columns.step == 1 && p_.input_strides.w == 1) {
      add_row(plane_row + columns.first + columns.begin, row + columns.begin,
              columns.end - columns.begin);
      return;
    }
    for (std::int32_t x = columns.begin; x < columns.end; ++x) {
      plane_row[(columns.first + x * columns.step) * p_.input_strides.w] += row[x];
    }
  }

  /// Whether a row belongs to the input and not to the padding, which may be far larger.
  bool is_inside(std::int32_t row) const { return row >= 0 && row < p_.input_height; }

  /// Calls use(ky, kx, row, column) for each tap of output row `y`: the input row that it reads,
  /// and the input column that it reads for output column 0.
  template <typename Use>
  void for_each_tap(std::int32_t y, Use use) const {
    for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
      for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
        use(ky, kx, y * p_.stride_height + ky * p_.dilation_height - p_.pad_top,
            kx * p_.dilation_width - p_.pad_left);
      }
    }
  }

  /// Elements from the beginning of a tensor to a plane.
  std::int32_t offset(const Strides& strides, std::int32_t plane_index) const {
    return plane_index / p_.input_channels * strides.n +
           plane_index % p_.input_channels * strides.c;
  }

  const Problem p_;
  const Geometry g_;

 private:
  /// A task reads about this many elements, or those of one output row.
  static constexpr std::int64_t kTaskReads = 128 * 1024;

  void run(const TaskData& data, const TaskIndex& task) const final {
    const Range rows = range_of(g_.output_height, grid_.rows, task.rows);
    run_rows(data, task.image, rows.first, rows.first + rows.count);
  }
};

}  // namespace corr2d
