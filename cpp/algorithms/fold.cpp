// Folding: unfold (im2col) copies the windows of an image to columns. Fold, its adjoint, adds the
// columns to an image:
//
//   kUnfold  columns[c, ky, kx, y, x] = input[c, y * stride + ky * dilation - pad, ...]
//   kFold    output[c, row, column] = the sum of the columns whose window element it is
//
// kUnfold is exact. kFold: |error| <= (K - 1) * eps * sum |x| for a sum of K elements and
// eps = 2^-24.

#include "algorithms/plane_executor.hpp"
#include "algorithms/plane_operators.hpp"

namespace corr2d {
namespace {

/// Elements from the beginning of the unfolded tensor to what one tap reads for output row `y`.
std::int64_t unfolded_row(const Problem& p, const Geometry& g, std::int32_t plane_index,
                          std::int32_t ky, std::int32_t kx, std::int32_t y) {
  const std::int64_t taps = std::int64_t{p.kernel_height} * p.kernel_width;
  const std::int64_t column = plane_index * taps + ky * p.kernel_width + kx;
  return (column * g.output_height + y) * g.output_width;
}

class Unfold : public PlaneExecutor {
 public:
  using PlaneExecutor::PlaneExecutor;

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, p_.fill_value);
    for (std::int32_t y = first_row; y < end_row; ++y) {
      for_each_tap(y, [&](std::int32_t ky, std::int32_t kx, std::int32_t from, std::int32_t first) {
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width},
                  data.output_floats() + unfolded_row(p_, g_, plane_index, ky, kx, y));
      });
    }
  }
};

class Fold : public PlaneExecutor {
 public:
  Fold(const Problem& problem, const Geometry& geometry)
      : PlaneExecutor(problem, geometry, false) {}

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    float* to = cleared_plane(data.output_floats(), plane_index);
    const PaddedPlane plane = input_plane(data.output_floats(), plane_index, 0);
    for (std::int32_t y = first_row; y < end_row; ++y) {
      for_each_tap(y, [&](std::int32_t ky, std::int32_t kx, std::int32_t row, std::int32_t first) {
        if (!is_inside(row)) return;
        const float* from = data.input_floats() + unfolded_row(p_, g_, plane_index, ky, kx, y);
        scatter(from, {plane, first, p_.stride_width, g_.output_width},
                to + row * p_.input_strides.h);
      });
    }
  }
};

}  // namespace

Executor* new_fold(const Problem& problem, const Geometry& geometry) {
  if (problem.kind == Kind::kUnfold) return new Unfold(problem, geometry);
  return new Fold(problem, geometry);
}

}  // namespace corr2d
