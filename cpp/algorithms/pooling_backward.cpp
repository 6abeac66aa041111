// The gradients of pools. Rows are fetched tap by tap and combined as whole rows; gradients are
// scattered to the rows that the taps read.
//
//   kMaxPoolBackward      adds an output's gradient to the first greatest element of its window, in
//                         row-major order; to the last NaN if there is one. This is PyTorch's
//                         choice.
//   kAveragePoolBackward  adds an output's gradient, divided by count, to every element of its
//                         window
//
// Error bounds, with eps = 2^-24: kMaxPoolBackward: |error| <= (K - 1) * eps * sum |x| for a sum of
// K gradients x, and kAveragePoolBackward: K * eps * sum |x| / count.

#include <algorithm>
#include <cstring>
#include <limits>

#include "algorithms/plane_executor.hpp"
#include "algorithms/plane_operators.hpp"
#include "algorithms/pool_axis.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

/// Both kinds: they differ in what a tap does with the row that it reads, and share the loops.
class PoolGradient : public PlaneExecutor {
 public:
  PoolGradient(const Problem& problem, const Geometry& geometry)
      : PlaneExecutor(problem, geometry, false),
        rows_(rows_of_pool(problem)),
        columns_(columns_of_pool(problem)) {
    workspace_floats_ = 3 * std::int64_t{g_.output_width};
  }

  /// Copies the gradient that kMaxPoolBackward takes as its weight. Returns false if memory runs
  /// out.
  bool copy(const float* gradient) {
    const std::size_t rows =
        static_cast<std::size_t>(grid_.images) * static_cast<std::size_t>(g_.output_height);
    if (!gradient_.reset(rows * static_cast<std::size_t>(g_.output_width))) return false;
    weight_bytes_ = gradient_.bytes();
    for (std::int32_t plane_index = 0; plane_index < grid_.images; ++plane_index) {
      for (std::int32_t y = 0; y < g_.output_height; ++y) {
        fetch_gradient(gradient, plane_index, y, copied_row(plane_index, y));
      }
    }
    return true;
  }

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const bool averages = p_.kind == Kind::kAveragePoolBackward;
    const float* input = averages ? data.output_floats() : data.input_floats();
    const PaddedPlane plane = input_plane(input, plane_index, kLowest);
    float* to = cleared_plane(data.output_floats(), plane_index);
    float* result = data.workspace;
    float* row = result + g_.output_width;
    const MaximumRow maximum = {result, row + g_.output_width};
    for (std::int32_t y = first_row; y < end_row; ++y) {
      if (averages) {
        fetch_gradient(data.input_floats(), plane_index, y, result);
        for (std::int32_t x = 0; x < g_.output_width; ++x) {
          result[x] /= rows_.divisor(y) * columns_.divisor(x);
        }
      } else {
        // kNoPlace, with which no value counts.
        fill_row(-0.0f, g_.output_width, maximum.places);
      }
      for_each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        const ColumnRange columns(plane, first, p_.stride_width, g_.output_width);
        if (averages) {
          scatter(result, columns, to + from * p_.input_strides.h);
          return;
        }
        fetch_row(plane, from, columns, row);
        // The number of the element that output column 0 reads.
        const std::int32_t place = from * p_.input_width + first;
        update_maximum(maximum, row, columns.begin, columns.end, place);
      });
      if (!averages) scatter_maxima(maximum, copied_row(plane_index, y), to);
    }
  }

 private:
  /// Fetches row `y` of a plane of the gradient with respect to the output.
  void fetch_gradient(const float* gradient, std::int32_t plane_index, std::int32_t y,
                      float* row) const {
    const PaddedPlane plane = {gradient + offset(p_.output_strides, plane_index),
                               g_.output_height,
                               g_.output_width,
                               p_.output_strides.h,
                               p_.output_strides.w,
                               PaddingMode::kConstant,
                               0};
    fetch_row(plane, y, {plane, 0, 1, g_.output_width}, row);
  }

  /// A row of the copy of that gradient.
  float* copied_row(std::int32_t plane_index, std::int32_t y) const {
    return gradient_.data() +
           (std::ptrdiff_t{plane_index} * g_.output_height + y) * g_.output_width;
  }

  /// Adds the gradients of a row of maxima to the places that the maxima come from.
  void scatter_maxima(const MaximumRow& maximum, const float* gradient, float* plane) const {
    for (std::int32_t x = 0; x < g_.output_width; ++x) {
      std::int32_t place;
      std::memcpy(&place, maximum.places + x, sizeof(place));
      if (place == kNoPlace) continue;
      place += x * p_.stride_width;
      plane[place / p_.input_width * p_.input_strides.h +
            place % p_.input_width * p_.input_strides.w] += gradient[x];
    }
  }

  const PoolAxis rows_, columns_;
  Buffer<float> gradient_;  // contiguous rows
};

}  // namespace

Executor* new_pool_gradient(const Problem& problem, const Geometry& geometry,
                            const float* gradient) {
  const bool takes_gradient = problem.kind == Kind::kMaxPoolBackward;
  std::unique_ptr<PoolGradient> made(new PoolGradient(problem, geometry));
  return made == nullptr || (takes_gradient && !made->copy(gradient)) ? nullptr : made.release();
}

}  // namespace corr2d
