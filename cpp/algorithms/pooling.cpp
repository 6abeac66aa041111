// Pooling: max_pool2d, avg_pool2d and their gradients. Rows are fetched tap by tap, with their
// padding, and combined as whole rows. The gradients are scattered to the rows that the taps read.
//
//   kMaxPool              output[y, x] = the greatest input of the window; NaN is greater than
//                         everything. A window of nothing but padding gives -infinity.
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

/// What the pools share. The workspace holds `rows` output rows.
class Pool : public PlaneExecutor {
 protected:
  Pool(const Problem& problem, const Geometry& geometry, bool divides_rows, std::int64_t rows)
      : PlaneExecutor(problem, geometry, divides_rows) {
    workspace_floats_ = rows * g_.output_width;
  }

  /// Calls combine(row, columns) for each tap of output row `y` that reads a row of the plane,
  /// after fetching to `buffer` what the tap reads.
  template <typename Combine>
  void combine_taps(const PaddedPlane& plane, std::int32_t y, float* buffer,
                    Combine combine) const {
    each_row_inside(plane, y, [&](std::int32_t row, const ColumnRange& columns) {
      fetch_row(plane, row, columns, buffer);
      combine(row, columns);
    });
  }

  /// Calls use(row, columns) for each tap of output row `y` that reads a row of the plane.
  template <typename Use>
  void each_row_inside(const PaddedPlane& plane, std::int32_t y, Use use) const {
    for_each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t row, std::int32_t first) {
      if (is_inside(row)) use(row, {plane, first, p_.stride_width, g_.output_width});
    });
  }

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

  /// A plane of the gradient with respect to the output.
  PaddedPlane gradient_plane(const float* gradient, std::int32_t plane_index) const {
    return {gradient + offset(p_.output_strides, plane_index),
            g_.output_height,
            g_.output_width,
            p_.output_strides.h,
            p_.output_strides.w,
            PaddingMode::kConstant,
            0};
  }

  /// Fetches row `y` of such a plane.
  void fetch_gradient(const PaddedPlane& plane, std::int32_t y, float* row) const {
    fetch_row(plane, y, {plane, 0, 1, g_.output_width}, row);
  }

 private:
  /// The elements that count along one axis of a window that begins at `begin`. It begins before
  /// the last of them: padding is narrower than a window.
  std::int32_t counted(std::int32_t begin, std::int32_t kernel, std::int32_t dilation,
                       std::int32_t size, std::int32_t pad_before, std::int32_t pad_after) const {
    const std::int32_t before = p_.count_include_pad != 0 ? pad_before : 0;
    const std::int32_t after = p_.count_include_pad != 0 ? pad_after : 0;
    const std::int32_t end = std::min(kernel, (size + after - 1 - begin) / dilation + 1);
    return end - divide_up(std::max(0, -before - begin), dilation);
  }
};

class MaxPool : public Pool {
 public:
  MaxPool(const Problem& problem, const Geometry& geometry) : Pool(problem, geometry, true, 2) {}

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, kLowest);
    float* maximum = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = first_row; y < end_row; ++y) {
      fill_row(kLowest, g_.output_width, maximum);
      combine_taps(plane, y, row, [&](std::int32_t, const ColumnRange&) {
        max_row(maximum, row, g_.output_width);
      });
      store(maximum, output_plane(data.output_floats(), plane_index) + y * p_.output_strides.h);
    }
  }
};

class AveragePool : public Pool {
 public:
  AveragePool(const Problem& problem, const Geometry& geometry)
      : Pool(problem, geometry, true, 2) {}

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, 0);
    float* sum = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = first_row; y < end_row; ++y) {
      fill_row(0, g_.output_width, sum);
      combine_taps(plane, y, row,
                   [&](std::int32_t, const ColumnRange&) { add_row(sum, row, g_.output_width); });
      divide_by_count(y, sum);
      store(sum, output_plane(data.output_floats(), plane_index) + y * p_.output_strides.h);
    }
  }
};

class MaxPoolBackward : public Pool {
 public:
  MaxPoolBackward(const Problem& problem, const Geometry& geometry)
      : Pool(problem, geometry, false, 3) {}

  /// Copies the gradient with respect to the output. Returns false if memory runs out.
  bool copy(const float* gradient) {
    const std::size_t rows =
        static_cast<std::size_t>(grid_.images) * static_cast<std::size_t>(g_.output_height);
    if (!gradient_.reset(rows * static_cast<std::size_t>(g_.output_width))) return false;
    weight_bytes_ = gradient_.bytes();
    for (std::int32_t plane_index = 0; plane_index < grid_.images; ++plane_index) {
      const PaddedPlane plane = gradient_plane(gradient, plane_index);
      for (std::int32_t y = 0; y < g_.output_height; ++y) {
        fetch_gradient(plane, y, gradient_.data() + row_offset(plane_index, y));
      }
    }
    return true;
  }

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, kLowest);
    float* to = cleared_plane(data.output_floats(), plane_index);
    float* row = data.workspace;
    const MaximumRow maximum = {row + g_.output_width, row + 2 * g_.output_width};
    for (std::int32_t y = first_row; y < end_row; ++y) {
      fill_row(-0.0f, g_.output_width, maximum.places);  // kNoPlace
      combine_taps(plane, y, row, [&](std::int32_t from, const ColumnRange& columns) {
        // The number of the element that output column 0 reads.
        const std::int32_t place = from * p_.input_width + columns.first;
        update_maximum(maximum, row, columns.begin, columns.end, place);
      });
      const float* gradient = gradient_.data() + row_offset(plane_index, y);
      for (std::int32_t x = 0; x < g_.output_width; ++x) {
        std::int32_t place;
        std::memcpy(&place, maximum.places + x, sizeof(place));
        if (place == kNoPlace) continue;
        place += x * p_.stride_width;
        to[place / p_.input_width * p_.input_strides.h +
           place % p_.input_width * p_.input_strides.w] += gradient[x];
      }
    }
  }

 private:
  /// Floats from the beginning of gradient_ to a row.
  std::ptrdiff_t row_offset(std::int32_t plane_index, std::int32_t y) const {
    return (std::ptrdiff_t{plane_index} * g_.output_height + y) * g_.output_width;
  }

  Buffer<float> gradient_;  // contiguous rows
};

class AveragePoolBackward : public Pool {
 public:
  AveragePoolBackward(const Problem& problem, const Geometry& geometry)
      : Pool(problem, geometry, false, 1) {}

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane gradient = gradient_plane(data.input_floats(), plane_index);
    float* to = cleared_plane(data.output_floats(), plane_index);
    const PaddedPlane plane = input_plane(data.output_floats(), plane_index, 0);
    float* row = data.workspace;
    for (std::int32_t y = first_row; y < end_row; ++y) {
      fetch_gradient(gradient, y, row);
      divide_by_count(y, row);
      each_row_inside(plane, y, [&](std::int32_t input_row, const ColumnRange& columns) {
        scatter(row, columns, to + input_row * p_.input_strides.h);
      });
    }
  }
};

}  // namespace

Executor* new_pooling(const Problem& problem, const Geometry& geometry, const float* gradient) {
  switch (problem.kind) {
    case Kind::kMaxPool:
      return new MaxPool(problem, geometry);
    case Kind::kAveragePool:
      return new AveragePool(problem, geometry);
    case Kind::kAveragePoolBackward:
      return new AveragePoolBackward(problem, geometry);
    default: {
      std::unique_ptr<MaxPoolBackward> made(new MaxPoolBackward(problem, geometry));
      return made != nullptr && made->copy(gradient) ? made.release() : nullptr;
    }
  }
}

}  // namespace corr2d
