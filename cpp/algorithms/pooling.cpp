// Pooling: max_pool2d and avg_pool2d. Rows are fetched tap by tap, with their padding, and combined
// as whole rows.
//
//   kMaxPool      output[y, x] = the greatest input of the window; NaN is greater than everything
//   kAveragePool  output[y, x] = sum / count, where count includes padding if the problem says so
//
// Error bound: kMaxPool is exact. kAveragePool: |error| <= (K + 1) * eps * sum |x| / count for a
// window of K elements and eps = 2^-24.

#include <algorithm>
#include <limits>

#include "algorithms/plane_executor.hpp"
#include "algorithms/plane_operators.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

class MaxPool : public PlaneExecutor {
 public:
  MaxPool(const Problem& problem, const Geometry& geometry) : PlaneExecutor(problem, geometry) {
    workspace_floats_ = 2 * std::int64_t{g_.output_width};
  }

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    constexpr float kLowest = -std::numeric_limits<float>::infinity();
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, kLowest);
    float* maximum = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = first_row; y < end_row; ++y) {
      std::fill(maximum, maximum + g_.output_width, kLowest);
      for_each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width}, row);
        max_row(maximum, row, g_.output_width);
      });
      store(maximum, output_plane(data.output_floats(), plane_index) + y * p_.output_strides.h);
    }
  }
};

class AveragePool : public PlaneExecutor {
 public:
  AveragePool(const Problem& problem, const Geometry& geometry) : PlaneExecutor(problem, geometry) {
    workspace_floats_ = 2 * std::int64_t{g_.output_width};
  }

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, 0);
    float* sum = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = first_row; y < end_row; ++y) {
      std::fill(sum, sum + g_.output_width, 0.0f);
      for_each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width}, row);
        add_row(sum, row, g_.output_width);
      });
      const std::int32_t counted_rows =
          counted(y * p_.stride_height - p_.pad_top, p_.kernel_height, p_.dilation_height,
                  p_.input_height, p_.pad_top, p_.pad_bottom);
      for (std::int32_t x = 0; x < g_.output_width; ++x) {
        const std::int32_t counted_columns =
            counted(x * p_.stride_width - p_.pad_left, p_.kernel_width, p_.dilation_width,
                    p_.input_width, p_.pad_left, p_.pad_right);
        sum[x] /= static_cast<float>(counted_rows) * static_cast<float>(counted_columns);
      }
      store(sum, output_plane(data.output_floats(), plane_index) + y * p_.output_strides.h);
    }
  }

 private:
  /// The elements that count along one axis of a window that begins at `begin`. It does not begin
  /// behind the last of them.
  std::int32_t counted(std::int32_t begin, std::int32_t kernel, std::int32_t dilation,
                       std::int32_t size, std::int32_t pad_before, std::int32_t pad_after) const {
    const std::int32_t before = p_.count_include_pad != 0 ? pad_before : 0;
    const std::int32_t after = p_.count_include_pad != 0 ? pad_after : 0;
    const std::int32_t end = std::min(kernel, (size + after - 1 - begin) / dilation + 1);
    return end - divide_up(std::max(0, -before - begin), dilation);
  }
};

}  // namespace

Executor* new_pooling(const Problem& problem, const Geometry& geometry) {
  if (problem.kind == Kind::kMaxPool) return new MaxPool(problem, geometry);
  return new AveragePool(problem, geometry);
}

}  // namespace corr2d
