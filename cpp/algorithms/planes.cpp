// The kinds that have no weight: pooling, padding, unfolding and their adjoints. All of them work
// on planes, one channel of one image each, a row at a time; where a row of the input begins and
// what stands around it, fetch_row knows.

#include "algorithms/planes.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

/// So many elements are read in a task, or as many as one row of the output reads.
constexpr std::int64_t kTaskReads = 128 * 1024;

/// What all of them share: which plane is meant, and where it lies. A task makes some output rows
/// of one plane; those of adjoints add to the same elements, and are not parted.
class Planes : public Executor {
 public:
  Planes(const Problem& problem, const Geometry& geometry, bool parts_rows = true)
      : p_(problem), g_(geometry) {
    const std::int64_t reads =
        std::int64_t{p_.kernel_height} * p_.kernel_width * g_.output_height * g_.output_width;
    row_blocks_ = parts_rows ? static_cast<std::int32_t>(std::clamp<std::int64_t>(
                                   reads / kTaskReads, 1, std::int64_t{g_.output_height}))
                             : 1;
    tasks_ = p_.batch * p_.input_channels * row_blocks_;
    workspace_floats_ = g_.output_width;
  }

  void run_task(const TaskData& data, std::int32_t task) const final {
    const Range rows = range_of(g_.output_height, row_blocks_, task % row_blocks_);
    run_rows(data, task / row_blocks_, rows.first, rows.first + rows.count);
  }

 protected:
  /// Does the output rows `begin` to `end` - 1 of a plane.
  virtual void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                        std::int32_t end) const = 0;

  /// The input plane with this number, with `fill` around it where the padding is constant.
  PaddedPlane plane_of(const float* input, std::int32_t number, float fill) const {
    return {input + offset(p_.input_strides, number),
            p_.input_height,
            p_.input_width,
            p_.input_strides.h,
            p_.input_strides.w,
            p_.padding_mode,
            fill};
  }

  float* output_of(float* output, std::int32_t number) const {
    return output + offset(p_.output_strides, number);
  }

  /// For the adjoints, which write what the problem calls its input: a plane of zeros.
  float* cleared(float* input, std::int32_t number) const {
    float* plane = input + offset(p_.input_strides, number);
    for (std::int32_t y = 0; y < p_.input_height; ++y) {
      for (std::int32_t x = 0; x < p_.input_width; ++x) {
        plane[y * p_.input_strides.h + x * p_.input_strides.w] = 0;
      }
    }
    return plane;
  }

  /// Writes a row of the output whose columns need not be neighbours.
  void store(const float* row, float* out) const {
    for (std::int32_t x = 0; x < g_.output_width; ++x) out[x * p_.output_strides.w] = row[x];
  }

  /// Whether it is a row of the input and not of the padding, of which there may be far more.
  bool is_inside(std::int32_t row) const { return row >= 0 && row < p_.input_height; }

  /// Calls use(ky, kx, row, first column) for each tap of the window of output row `y`: the input
  /// row that it reads, and the column that it reads for output column 0.
  template <typename Use>
  void each_tap(std::int32_t y, Use use) const {
    for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
      for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
        use(ky, kx, y * p_.stride_height + ky * p_.dilation_height - p_.pad_top,
            kx * p_.dilation_width - p_.pad_left);
      }
    }
  }

  /// Where an unfolded image holds the elements that one tap reads for output row `y`.
  std::int64_t unfolded_row(std::int32_t number, std::int32_t ky, std::int32_t kx,
                            std::int32_t y) const {
    const std::int64_t taps = std::int64_t{p_.kernel_height} * p_.kernel_width;
    const std::int64_t column = number * taps + ky * p_.kernel_width + kx;
    return (column * g_.output_height + y) * g_.output_width;
  }

  const Problem p_;
  const Geometry g_;
  std::int32_t row_blocks_;

  std::int32_t offset(const Strides& strides, std::int32_t number) const {
    return number / p_.input_channels * strides.n + number % p_.input_channels * strides.c;
  }
};

class MaxPool : public Planes {
 public:
  MaxPool(const Problem& problem, const Geometry& geometry) : Planes(problem, geometry) {
    workspace_floats_ = 2 * std::int64_t{g_.output_width};
  }

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    constexpr float kLowest = -std::numeric_limits<float>::infinity();
    const PaddedPlane plane = plane_of(data.input_floats(), number, kLowest);
    float* greatest = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = begin; y < end; ++y) {
      std::fill(greatest, greatest + g_.output_width, kLowest);
      each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width}, row);
        max_row(greatest, row, g_.output_width);
      });
      store(greatest, output_of(data.output_floats(), number) + y * p_.output_strides.h);
    }
  }
};

class AveragePool : public Planes {
 public:
  AveragePool(const Problem& problem, const Geometry& geometry) : Planes(problem, geometry) {
    workspace_floats_ = 2 * std::int64_t{g_.output_width};
  }

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    const PaddedPlane plane = plane_of(data.input_floats(), number, 0);
    float* sum = data.workspace;
    float* row = data.workspace + g_.output_width;
    for (std::int32_t y = begin; y < end; ++y) {
      std::fill(sum, sum + g_.output_width, 0.0f);
      each_tap(y, [&](std::int32_t, std::int32_t, std::int32_t from, std::int32_t first) {
        if (!is_inside(from)) return;
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width}, row);
        add_row(sum, row, g_.output_width);
      });
      const std::int32_t high =
          counted(y * p_.stride_height - p_.pad_top, p_.kernel_height, p_.dilation_height,
                  p_.input_height, p_.pad_top, p_.pad_bottom);
      for (std::int32_t x = 0; x < g_.output_width; ++x) {
        const std::int32_t wide =
            counted(x * p_.stride_width - p_.pad_left, p_.kernel_width, p_.dilation_width,
                    p_.input_width, p_.pad_left, p_.pad_right);
        sum[x] /= static_cast<float>(high) * static_cast<float>(wide);
      }
      store(sum, output_of(data.output_floats(), number) + y * p_.output_strides.h);
    }
  }

 private:
  /// Along one axis, the elements that count of a window that begins at `begin`, which is not
  /// beyond the last of them.
  std::int32_t counted(std::int32_t begin, std::int32_t kernel, std::int32_t dilation,
                       std::int32_t size, std::int32_t pad_before, std::int32_t pad_after) const {
    const std::int32_t before = p_.count_include_pad != 0 ? pad_before : 0;
    const std::int32_t after = p_.count_include_pad != 0 ? pad_after : 0;
    const std::int32_t end = std::min(kernel, (size + after - 1 - begin) / dilation + 1);
    return end - divide_up(std::max(0, -before - begin), dilation);
  }
};

class Pad : public Planes {
 public:
  using Planes::Planes;

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    const PaddedPlane plane = plane_of(data.input_floats(), number, p_.fill_value);
    for (std::int32_t y = begin; y < end; ++y) {
      fetch_row(plane, y - p_.pad_top, {plane, -p_.pad_left, 1, g_.output_width}, data.workspace);
      store(data.workspace, output_of(data.output_floats(), number) + y * p_.output_strides.h);
    }
  }
};

/// The input is what Pad makes, the output what it was given.
class PadBackward : public Planes {
 public:
  PadBackward(const Problem& problem, const Geometry& geometry)
      : Planes(problem, geometry, false) {}

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    const float* from = data.input_floats() + offset(p_.output_strides, number);
    float* to = cleared(data.output_floats(), number);
    for (std::int32_t y = begin; y < end; ++y) {
      const std::int32_t row = source_index(y - p_.pad_top, p_.input_height, p_.padding_mode);
      if (row == kNoSource) continue;
      for (std::int32_t x = 0; x < g_.output_width; ++x) {
        const std::int32_t column = source_index(x - p_.pad_left, p_.input_width, p_.padding_mode);
        if (column == kNoSource) continue;
        to[row * p_.input_strides.h + column * p_.input_strides.w] +=
            from[y * p_.output_strides.h + x * p_.output_strides.w];
      }
    }
  }
};

class Unfold : public Planes {
 public:
  using Planes::Planes;

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    const PaddedPlane plane = plane_of(data.input_floats(), number, p_.fill_value);
    for (std::int32_t y = begin; y < end; ++y) {
      each_tap(y, [&](std::int32_t ky, std::int32_t kx, std::int32_t from, std::int32_t first) {
        fetch_row(plane, from, {plane, first, p_.stride_width, g_.output_width},
                  data.output_floats() + unfolded_row(number, ky, kx, y));
      });
    }
  }
};

class Fold : public Planes {
 public:
  Fold(const Problem& problem, const Geometry& geometry) : Planes(problem, geometry, false) {}

  void run_rows(const TaskData& data, std::int32_t number, std::int32_t begin,
                std::int32_t end) const override {
    float* to = cleared(data.output_floats(), number);
    for (std::int32_t y = begin; y < end; ++y) {
      each_tap(y, [&](std::int32_t ky, std::int32_t kx, std::int32_t row, std::int32_t first) {
        if (!is_inside(row)) return;
        const float* from = data.input_floats() + unfolded_row(number, ky, kx, y);
        for (std::int32_t x = 0; x < g_.output_width; ++x) {
          const std::int32_t column = first + x * p_.stride_width;
          if (column < 0 || column >= p_.input_width) continue;
          to[row * p_.input_strides.h + column * p_.input_strides.w] += from[x];
        }
      });
    }
  }
};

}  // namespace

Status prepare_planes(const Problem& problem, const Geometry& geometry,
                      std::unique_ptr<Executor>* executor) {
  Executor* made = nullptr;
  switch (problem.kind) {
    case Kind::kMaxPool:
      made = new MaxPool(problem, geometry);
      break;
    case Kind::kAveragePool:
      made = new AveragePool(problem, geometry);
      break;
    case Kind::kPad:
      made = new Pad(problem, geometry);
      break;
    case Kind::kPadBackward:
      made = new PadBackward(problem, geometry);
      break;
    case Kind::kUnfold:
      made = new Unfold(problem, geometry);
      break;
    default:
      made = new Fold(problem, geometry);
      break;
  }
  executor->reset(made);
  return made == nullptr ? Status::kOutOfMemory : Status::kOk;
}

}  // namespace corr2d
