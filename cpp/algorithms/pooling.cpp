// Pooling: max_pool2d, avg_pool2d and their gradients. Rows are fetched tap by tap, with their
// padding, and combined as whole rows. The gradients are scattered to the rows that the taps read.
//
//   kMaxPool              output[y, x] = the greatest input of the window; NaN is greater than
//                         everything. A window of only padding gives -infinity.
//   kAveragePool          output[y, x] = sum / count, where count includes padding if the problem
//                         says so. A window without counted elements gives 0.
//   kMaxPoolBackward      adds an output's gradient to the first greatest element of its window, in
//                         row-major order; to the last NaN if there is one. This is PyTorch's
//                         choice.
//   kAveragePoolBackward  adds an output's gradient, divided by count, to every element of its
//                         window
//
// Error bounds, with eps = 2^-24: kMaxPool is exact. kAveragePool: |error| <= (K + 1) * eps *
// sum |x| / count for a window of K elements. kMaxPoolBackward: |error| <= (K - 1) * eps * sum |x|
// for a sum of K gradients x, and kAveragePoolBackward: K * eps * sum |x| / count.

#include <algorithm>
#include <cstring>
#include <limits>

#include "algorithms/plane_executor.hpp"
#include "algorithms/plane_operators.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

/// True for the kinds that write to what the problem calls its input.
constexpr bool is_gradient(Kind kind) {
  return kind == Kind::kMaxPoolBackward || kind == Kind::kAveragePoolBackward;
}

/// All four kinds: they differ in what a tap does with the row that it reads, and share the loops.
class Pool : public PlaneExecutor {
 public:
  Pool(const Problem& problem, const Geometry& geometry)
      : PlaneExecutor(problem, geometry, !is_gradient(problem.kind)) {
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
    const float* input =
        p_.kind == Kind::kAveragePoolBackward ? data.output_floats() : data.input_floats();
    const float fill = p_.kind == Kind::kAveragePool ? 0 : kLowest;
    const PaddedPlane plane = input_plane(input, plane_index, fill);
    float* to = is_gradient(p_.kind) ? cleared_plane(data.output_floats(), plane_index)
                                     : output_plane(data.output_floats(), plane_index);
    float* result = data.workspace;
    float* row = result + g_.output_width;
    const MaximumRow maximum = {result, row + g_.output_width};
    for (std::int32_t y = first_row; y < end_row; ++y) {
      if (p_.kind == Kind::kAveragePoolBackward) {
        fetch_gradient(data.input_floats(), plane_index, y, result);
        divide_by_count(y, result);
      } else {
        fill_row(fill, g_.output_width, result);
      }
      if (p_.kind == Kind::kMaxPoolBackward) {
        fill_row(-0.0f, g_.output_width, maximum.places);  // kNoPlace
      }
      for_each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        const ColumnRange columns(plane, first, p_.stride_width, g_.output_width);
        if (p_.kind == Kind::kAveragePoolBackward) {
          scatter(result, columns, to + from * p_.input_strides.h);
          return;
        }
        fetch_row(plane, from, columns, row);
        if (p_.kind == Kind::kMaxPool) {
          max_row(result, row, g_.output_width);
        } else if (p_.kind == Kind::kAveragePool) {
          add_row(result, row, g_.output_width);
        } else {
          // The number of the element that output column 0 reads.
          const std::int32_t place = from * p_.input_width + first;
          update_maximum(maximum, row, columns.begin, columns.end, place);
        }
      });
      if (p_.kind == Kind::kAveragePool) divide_by_count(y, result);
      if (p_.kind == Kind::kMaxPoolBackward) {
        scatter_maxima(maximum, copied_row(plane_index, y), to);
      } else if (!is_gradient(p_.kind)) {
        store(result, to + y * p_.output_strides.h);
      }
    }
  }

 private:
  /// Divides the elements of output row `y` by the numbers of elements that count.
  void divide_by_count(std::int32_t y, float* row) const {
    const std::int32_t counted_rows =
        counted(y * p_.stride_height - p_.pad_top, p_.kernel_height, p_.dilation_height,
                p_.input_height, p_.pad_top, p_.pad_bottom);
    for (std::int32_t x = 0; x < g_.output_width; ++x) {
      const std::int32_t counted_columns =
          counted(x * p_.stride_width - p_.pad_left, p_.kernel_width, p_.dilation_width,
                  p_.input_width, p_.pad_left, p_.pad_right);
      const float count = static_cast<float>(counted_rows) * static_cast<float>(counted_columns);
      row[x] = count == 0 ? 0 : row[x] / count;
    }
  }

  /// The elements that count along one axis of a window that begins at `begin`. It begins before
  /// the last of them: padding is narrower than a window.
  std::int32_t counted(std::int32_t begin, std::int32_t kernel, std::int32_t dilation,
                       std::int32_t size, std::int32_t pad_before, std::int32_t pad_after) const {
    const std::int32_t before = p_.count_include_pad != 0 ? pad_before : 0;
    const std::int32_t after = p_.count_include_pad != 0 ? pad_after : 0;
    const std::int32_t end = std::min(kernel, (size + after - 1 - begin) / dilation + 1);
    return end - divide_up(std::max(0, -before - begin), dilation);
  }

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

  Buffer<float> gradient_;  // contiguous rows
};

}  // namespace

Executor* new_pooling(const Problem& problem, const Geometry& geometry, const float* gradient) {
  const bool takes_gradient = problem.kind == Kind::kMaxPoolBackward;
  std::unique_ptr<Pool> made(new Pool(problem, geometry));
  return made == nullptr || (takes_gradient && !made->copy(gradient)) ? nullptr : made.release();
}

}  // namespace corr2d
