// Pooling: max_pool1d to 3d and avg_pool1d to 3d. Their gradients are in pooling_backward.cpp.
//
//   kMaxPool      output[z, y, x] = the greatest input of the window. NaN is greater than
//                 everything, and a window of only padding gives -infinity.
//   kAveragePool  output[z, y, x] = sum / count, where count includes padding if the problem says
//                 so. A window without counted elements gives 0.
//
// Where channels are neighbours in memory, as in NHWC, an output pixel is the combination of the
// pixels of its window, a vector of channels at a time. Otherwise the rows of a window are combined
// first, as whole rows, and then the columns of the result; a whole plane counts as one row.
// Padding is never read: the taps that read it are left out.
//
// Error bounds, with eps = 2^-24: kMaxPool is exact. kAveragePool: |error| <= (K + 1) * eps *
// sum |x| / count for a window of K elements; planes and rows are added up before their sums.

#include <algorithm>
#include <limits>

#include "algorithms/algorithm.hpp"
#include "algorithms/plane_operators.hpp"
#include "algorithms/pool_axis.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/rows/pool.hpp"
#include "kernels/rows/reduction.hpp"

namespace corr2d {
namespace {

class Pool : public Executor {
 public:
  Pool(const Problem& problem, const Geometry& geometry)
      : p_(problem),
        g_(geometry),
        planes_(planes_of_pool(problem)),
        rows_(rows_of_pool(problem)),
        columns_(columns_of_pool(problem)),
        operation_(problem.kind == Kind::kMaxPool ? PoolOperation::kMaximum : PoolOperation::kSum),
        channels_last_(p_.input_strides.c == 1 && p_.output_strides.c == 1 &&
                       p_.input_channels > 1) {
    const std::int32_t channels = channels_last_ ? p_.input_channels : 1;
    const std::int64_t reads = std::int64_t{p_.kernel_depth} * p_.kernel_height * p_.kernel_width *
                               g_.output_depth * g_.output_height * g_.output_width * channels;
    const std::int64_t rows = std::int64_t{g_.output_depth} * g_.output_height;
    grid_.rows = static_cast<std::int32_t>(std::clamp<std::int64_t>(reads / kTaskReads, 1, rows));
    grid_.images = p_.batch * (p_.input_channels / channels);
    const auto is_inside = [this](std::int32_t x) {
      return columns_.taps(x).count == columns_.kernel;
    };
    while (inside_.first < g_.output_width && !is_inside(inside_.first)) ++inside_.first;
    std::int32_t end = g_.output_width;
    while (end > inside_.first && !is_inside(end - 1)) --end;
    inside_.count = end - inside_.first;
    workspace_floats_ = channels_last_ ? 0 : 2 * std::int64_t{p_.input_width} + g_.output_width;
  }

  Status prepare() {
    if (operation_ == PoolOperation::kMaximum) return Status::kOk;
    if (!divisors_.reset(static_cast<std::size_t>(g_.output_width))) return Status::kOutOfMemory;
    for (std::int32_t x = 0; x < g_.output_width; ++x) {
      divisors_[static_cast<std::size_t>(x)] = columns_.divisor(x);
    }
    weight_bytes_ = divisors_.bytes();
    return Status::kOk;
  }

 private:
  /// A task reads about this many elements, or those of one output row.
  static constexpr std::int64_t kTaskReads = 128 * 1024;

  void run(const TaskData& data, const TaskIndex& task) const override {
    const std::int32_t channels = channels_last_ ? 1 : p_.input_channels;
    const std::int32_t n = task.image / channels, c = task.image % channels;
    const Range range = range_of(g_.output_depth * g_.output_height, grid_.rows, task.rows);
    const float* input = data.input_floats() + n * p_.input_strides.n + c * p_.input_strides.c;
    float* output = data.output_floats() + n * p_.output_strides.n + c * p_.output_strides.c;
    for (std::int32_t i = range.first; i < range.first + range.count; ++i) {
      const std::int32_t z = i / g_.output_height, y = i % g_.output_height;
      float* out = output + z * p_.output_strides.d + y * p_.output_strides.h;
      const Range planes = planes_.taps(z), rows = rows_.taps(y);
      PoolTaps taps = {nullptr,
                       {planes.count, rows.count, 1},
                       {planes_.step(p_.input_strides.d), rows_.step(p_.input_strides.h),
                        columns_.step(p_.input_strides.w)}};
      const bool is_empty = planes.count == 0 || rows.count == 0;
      if (!is_empty) {
        taps.first = input + planes_.position(z, planes.first) * p_.input_strides.d +
                     rows_.position(y, rows.first) * p_.input_strides.h;
      }
      const float divisor =
          operation_ == PoolOperation::kMaximum ? 1 : planes_.divisor(z) * rows_.divisor(y);
      if (channels_last_) {
        pool_pixels(taps, is_empty, divisor, out);
      } else {
        pool_row(taps, is_empty, divisor, data.workspace, out);
      }
    }
  }

  /// Computes a row of pixels. `taps` are those of column 0, `divisor` is that of the row.
  void pool_pixels(PoolTaps taps, bool is_empty, float divisor, float* out) const {
    const float* const row = taps.first;
    for (std::int32_t x = 0; x < g_.output_width; ++x, out += p_.output_strides.w) {
      const Range columns = columns_.taps(x);
      if (is_empty || columns.count == 0) {
        fill_row(nothing(), p_.input_channels, out);
        continue;
      }
      taps.first = row + columns_.position(x, columns.first) * p_.input_strides.w;
      taps.counts[2] = columns.count;
      const bool averages = operation_ != PoolOperation::kMaximum;
      pool_rows(operation_, taps, p_.input_channels,
                averages ? divisor * divisors_[static_cast<std::size_t>(x)] : 1, out);
    }
  }

  /// Computes a row of one channel.
  void pool_row(const PoolTaps& taps, bool is_empty, float divisor, float* workspace,
                float* out) const {
    const bool is_direct = p_.output_strides.w == 1;
    float* row = workspace;
    float* result = is_direct ? out : workspace + workspace_floats_ - g_.output_width;
    if (is_empty) {
      fill_row(nothing(), g_.output_width, result);
    } else if (covers_plane()) {
      const std::int32_t count = p_.input_depth * p_.input_height * p_.input_width;
      *result = operation_ == PoolOperation::kMaximum
                    ? extreme_of_row(taps.first, count, false)
                    : static_cast<float>(sum_of_row(taps.first, count));
    } else if (reads_pairs()) {
      combine_pairs(taps, result);
    } else {
      const bool is_single = taps.counts[0] == 1 && taps.counts[1] == 1;
      const bool are_neighbours = p_.input_strides.w == 1;
      if (!are_neighbours) {
        gather_rows(taps, row);
      } else if (!is_single) {
        pool_rows(operation_, taps, p_.input_width, 1, row);
      }
      combine_columns(are_neighbours && is_single ? taps.first : row, result);
    }
    if (operation_ != PoolOperation::kMaximum) {
      divide_row(result, divisor, divisors_.data(), g_.output_width);
    }
    if (is_direct) return;
    for (std::int32_t x = 0; x < g_.output_width; ++x) out[x * p_.output_strides.w] = result[x];
  }

  /// Whether windows are two or three neighbouring columns with a stride of 2.
  bool reads_pairs() const {
    return p_.input_strides.w == 1 && columns_.stride == 2 && columns_.dilation == 1 &&
           (columns_.kernel == 2 || columns_.kernel == 3);
  }

  /// Combines rows and columns at once. Windows that reach beyond the rows are computed one by one.
  void combine_pairs(PoolTaps taps, float* out) const {
    const float* const row = taps.first;
    for (std::int32_t x = 0; x < g_.output_width;) {
      const Range columns = columns_.taps(x);
      taps.first = row + columns_.position(x, columns.first);
      taps.counts[2] = columns.count;
      std::int32_t count = 1;
      if (x == inside_.first && inside_.count > 0) {
        count = inside_.count;
        pool_pairs(operation_, taps, count, out + x);
      } else if (columns.count > 0) {
        pool_rows(operation_, taps, 1, 1, out + x);
      } else {
        out[x] = nothing();
      }
      x += count;
    }
  }

  /// Combines rows whose columns are not neighbours.
  void gather_rows(const PoolTaps& taps, float* row) const {
    const std::int32_t width = p_.input_width;
    const PaddedPlane plane = {taps.first, 1, width, 0, p_.input_strides.w, PaddingMode::kConstant,
                               0};
    float* to = row;
    for (std::int32_t z = 0; z < taps.counts[0]; ++z) {
      for (std::int32_t y = 0; y < taps.counts[1]; ++y) {
        PaddedPlane one = plane;
        one.data += z * taps.steps[0] + y * taps.steps[1];
        fetch_row(one, 0, {one, 0, 1, width}, to);
        if (to != row) {
          pool_rows(operation_, {row, {1, 2, 1}, {0, width, 0}}, width, 1, row);
        }
        to = row + width;
      }
    }
  }

  /// Combines the columns of a row of the input's width. Windows that reach beyond it are computed
  /// one by one.
  void combine_columns(const float* row, float* out) const {
    for (std::int32_t x = 0; x < g_.output_width;) {
      const Range taps = columns_.taps(x);
      const std::int32_t end = x == inside_.first ? x + inside_.count : x + 1;
      if (taps.count == 0) {
        out[x] = nothing();
      } else {
        pool_columns(operation_,
                     {row + columns_.position(x, taps.first), columns_.stride, columns_.dilation,
                      taps.count},
                     end - x, out + x);
      }
      x = end;
    }
  }

  /// Whether the only window is a plane or a volume without gaps.
  bool covers_plane() const {
    return planes_.covers_input(g_.output_depth) && rows_.covers_input(g_.output_height) &&
           columns_.covers_input(g_.output_width) && p_.input_strides.w == 1 &&
           (p_.input_height == 1 || p_.input_strides.h == p_.input_width) &&
           (p_.input_depth == 1 || p_.input_strides.d == p_.input_width * p_.input_height);
  }

  /// The result of a window without elements, before it is divided.
  float nothing() const {
    return operation_ == PoolOperation::kMaximum ? -std::numeric_limits<float>::infinity() : 0;
  }

  const Problem p_;
  const Geometry g_;
  const PoolAxis planes_, rows_, columns_;
  const PoolOperation operation_;
  const bool channels_last_;
  Range inside_ = {0, 0};   // the windows whose columns all lie inside the input
  Buffer<float> divisors_;  // of the columns, for averages
};

}  // namespace

Executor* new_pooling(const Problem& problem, const Geometry& geometry) {
  std::unique_ptr<Pool> made(new Pool(problem, geometry));
  return made == nullptr || made->prepare() != Status::kOk ? nullptr : made.release();
}

}  // namespace corr2d
