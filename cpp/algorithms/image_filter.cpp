// Image filter: correlates an 8-bit RGBA image with one kernel and writes another RGBA image, in
// one pass. A task computes blocks of rows and columns: it widens the input of a block to float32,
// each row as one row of R, one of G and one of B, and correlates the planes as single channels. No
// image of floats exists as a whole.
//
//   output[y, x, c] = round(bias + S(c)), where
//   S(c) is the sum over ky, kx of weight[ky, kx] * input[y', x', c]
//
// with y' = y + ky - pad_top and x' = x + kx - pad_left, clamped to 0 .. 255. Alpha is copied.
//
// If alpha is not preserved, it is a fourth plane, and the colours are premultiplied. Products of
// two bytes are exact in float32, so they are not divided by 255:
//
//   alpha = bias + S(3), clamped to 0 .. 255
//   output[y, x, c] = round(bias + S(c * alpha) / alpha) for R, G and B; 0 if alpha rounds to 0
//
// This is SVG's feConvolveMatrix, whose bias is added to alpha and, times alpha, to the
// premultiplied colours.
//
// Error bound of the sums: that of depthwise, (K + 1) * eps * sum |x||w| with K = kh * kw and
// eps = 2^-24; in passes that of separable. Adding the bias and dividing by alpha each round once
// more.

#include "algorithms/image_filter.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/depthwise/single_channel_block.hpp"
#include "algorithms/large_kernel/separable_kernels.hpp"
#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/patch.hpp"
#include "kernels/layout/rgba.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kPixelBytes = 4;
constexpr std::int32_t kAlphaPlane = 3;
/// Blocks have this many columns, or up to twice as many: their patch should stay in the
/// second-level cache, the rows of a stream in the first-level cache.
constexpr std::int32_t kColumns = 192;
constexpr std::int64_t kPatchFloats = 24 * 1024;
/// Passes repeat work at the margins of a block, so their blocks are larger.
constexpr std::int32_t kSeparableColumns = 480;
constexpr std::int64_t kSeparablePatchFloats = 96 * 1024;
constexpr std::int32_t kStreamRows = 64;
/// A task computes up to this many blocks, one below the other. Each block but the first takes over
/// the input rows that the previous one has widened.
constexpr std::int32_t kTaskBlocks = 4;

/// Rounds up to whole cache lines.
constexpr std::int64_t whole_lines(std::int64_t floats) {
  constexpr std::int64_t kLine = kAlignment / sizeof(float);
  return (floats + kLine - 1) / kLine * kLine;
}

class Filter : public Executor {
 public:
  Filter(const Problem& problem, FilterMethod method)
      : p_(problem),
        method_(method),
        planes_(problem.preserve_alpha != 0 ? Planes::kRgb : Planes::kPremultiplied),
        channels_(count_of(planes_)) {
    const bool is_separable = method == FilterMethod::kSeparable;
    const bool is_streaming = method == FilterMethod::kStreaming;
    grid_.columns = std::max(1, p_.input_width / (is_separable ? kSeparableColumns : kColumns));
    block_columns_ = divide_up(p_.input_width, grid_.columns);
    // An odd number of vectors: they do not straddle cache lines, and neighbouring rows do not
    // compete for the same sets of the cache.
    pitch_ = ((std::int64_t{block_columns_} + p_.kernel_width + 2) / 4 | 1) * 4;
    const std::int64_t affordable =
        (is_separable ? kSeparablePatchFloats : kPatchFloats) / (channels_ * pitch_) -
        (p_.kernel_height - 1);
    const std::int64_t unit = is_separable ? SeparableKernels::kGroupRows : 1;
    const std::int64_t rows =
        is_streaming ? kStreamRows : std::max<std::int64_t>(affordable / unit, 1) * unit;
    block_rows_ = static_cast<std::int32_t>(std::min<std::int64_t>(rows, p_.input_height));
    grid_.rows = divide_up(p_.input_height, block_rows_ * (is_streaming ? 1 : kTaskBlocks));
    // A stream has a row of the input, two of sums and one of the output; the others have a patch
    // and the sums of a block.
    patch_floats_ = whole_lines(
        (std::int64_t{block_rows_} + p_.kernel_height - 1) * channels_ * pitch_ + kReadSlack);
    sum_floats_ = whole_lines(std::int64_t{block_rows_} * block_columns_ * channels_);
    workspace_floats_ =
        is_streaming
            ? channels_ * (pitch_ + 2 * DepthwiseStream::padded(block_columns_) + block_columns_)
            : patch_floats_ + sum_floats_;
  }

  Status prepare(const float* weight, const float* bias) {
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    bias_ = p_.has_bias != 0 ? *bias : 0;
    const Status status = method_ == FilterMethod::kSeparable ? factorise(weight) : pack(weight);
    weight_bytes_ = weight_.bytes() + tap_offsets_.bytes() + separable_.bytes();
    return status;
  }

 private:
  Status pack(const float* weight) {
    const std::int32_t taps = p_.kernel_height * p_.kernel_width;
    if (!weight_.reset(static_cast<std::size_t>(taps)) ||
        !tap_offsets_.reset(static_cast<std::size_t>(taps))) {
      return Status::kOutOfMemory;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
      for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
        const auto tap = static_cast<std::size_t>(ky * p_.kernel_width + kx);
        weight_[tap] = weight[ky * p_.weight_strides.h + kx * p_.weight_strides.w];
        tap_offsets_[tap] = static_cast<std::int32_t>(ky * channels_ * pitch_ + kx);
      }
    }
    return Status::kOk;
  }

  Status factorise(const float* weight) {
    const auto pitch = static_cast<std::int32_t>(pitch_);
    const Status status = separable_.prepare(kernel_of(p_, weight), pitch, block_rows_);
    if (status != Status::kOk) return status;
    separable_.set_tap_offsets([&](std::int32_t y) { return y * channels_ * pitch; },
                               [](std::int32_t x) { return x; });
    workspace_floats_ += separable_.plane_floats();
    return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
  }

  void run(const TaskData& data, const TaskIndex& task) const override {
    const auto* input = static_cast<const std::uint8_t*>(data.input);
    auto* output = static_cast<std::uint8_t*>(data.output);
    const Range columns = range_of(p_.input_width, grid_.columns, task.columns);
    const Range rows = range_of(p_.input_height, grid_.rows, task.rows);

    const auto read_row = [&](std::int32_t row, float* to) {
      widen(input, rows.first + row - p_.pad_top, columns.first - p_.pad_left,
            columns.count + p_.kernel_width - 1, to);
    };
    const auto write_row = [&](std::int32_t row, const float* sums) {
      const std::int64_t at =
          (std::int64_t{rows.first + row} * p_.input_width + columns.first) * kPixelBytes;
      planes_to_pixels(sums, columns.count, columns.count, planes_, -bias_, 1, input + at,
                       output + at);
    };
    if (method_ == FilterMethod::kStreaming) {
      stream(rows.count, columns.count, data.workspace, read_row, write_row);
    } else {
      correlate(rows.count, columns.count, data.workspace, read_row, write_row);
    }
  }

  /// Widens `count` pixels of row `row` from column `first` on, which may lie beyond the edges.
  void widen(const std::uint8_t* input, std::int32_t row, std::int32_t first, std::int32_t count,
             float* out) const {
    const auto plane_step = static_cast<std::int32_t>(pitch_);
    const auto fill = [&](std::int32_t i, std::int32_t pixels) {
      for (std::int32_t c = 0; c < channels_; ++c) {
        const bool is_product = planes_ == Planes::kPremultiplied && c != kAlphaPlane;
        std::fill_n(out + c * plane_step + i, pixels,
                    is_product ? p_.fill_value * p_.fill_value : p_.fill_value);
      }
    };
    const std::int32_t source_row = source_index(row, p_.input_height, p_.padding_mode);
    if (source_row == kNoSource) {
      fill(0, count);
      return;
    }
    const std::uint8_t* pixels = input + std::int64_t{source_row} * p_.input_width * kPixelBytes;
    const auto copy = [&](std::int32_t column, std::int32_t i, std::int32_t copied) {
      pixels_to_planes(pixels + kPixelBytes * column, copied, planes_, 1, out + i, plane_step);
    };
    const auto outside = [&](std::int32_t i) {
      const std::int32_t column = source_index(first + i, p_.input_width, p_.padding_mode);
      if (column == kNoSource) {
        fill(i, 1);
      } else {
        copy(column, i, 1);
      }
    };
    const std::int32_t begin = std::clamp(-first, 0, count);
    const std::int32_t end = std::clamp(p_.input_width - first, begin, count);
    for (std::int32_t i = 0; i < begin; ++i) outside(i);
    if (begin < end) copy(first + begin, begin, end - begin);
    for (std::int32_t i = end; i < count; ++i) outside(i);
  }

  // planes_to_pixels, which write_row calls, adds the bias and clamps.

  /// Reads one input row, writes one output row, and so on: all of it stays in the first-level
  /// cache.
  template <typename ReadRow, typename WriteRow>
  void stream(std::int32_t rows, std::int32_t columns, float* workspace, ReadRow read_row,
              WriteRow write_row) const {
    const Kernel<DepthwiseStream>& kernel = depthwise_stream_kernels().find(1, true);
    const std::int32_t padded = DepthwiseStream::padded(columns);
    float* const input = workspace;
    float* const sums = input + channels_ * pitch_;
    float* const output = sums + 2 * channels_ * padded;
    for (std::int32_t row = 0; row < rows + 2; ++row) {
      read_row(row, input);
      for (std::int32_t c = 0; c < channels_; ++c) {
        const float* next = input + c * pitch_ + 1;
        float* both = sums + 2 * c * padded;
        kernel.run({next,
                    next,
                    0,
                    weight_.data(),
                    {both, both + padded},
                    output + c * columns,
                    0,
                    1,
                    columns,
                    false,
                    false});
      }
      // The first two rows only prime the sums.
      if (row >= 2) write_row(row - 2, output);
    }
  }

  /// For each block of rows, reads its input rows, correlates all channels, then writes its output
  /// rows.
  template <typename ReadRow, typename WriteRow>
  void correlate(std::int32_t rows, std::int32_t columns, float* workspace, ReadRow read_row,
                 WriteRow write_row) const {
    const auto row_step = static_cast<std::int32_t>(channels_ * pitch_);
    const std::int32_t margin = p_.kernel_height - 1;
    float* const sums = workspace + patch_floats_;
    for (std::int32_t first = 0; first < rows; first += block_rows_) {
      const std::int32_t count = std::min(block_rows_, rows - first);
      if (first > 0) copy_row(workspace + block_rows_ * row_step, margin * row_step, workspace);
      for (std::int32_t row = first > 0 ? margin : 0; row < count + margin; ++row) {
        read_row(first + row, workspace + row * row_step);
      }
      for (std::int32_t c = 0; c < channels_; ++c) {
        correlate_channel(workspace + c * pitch_, row_step, count, columns, sums + c * columns,
                          sums + sum_floats_);
      }
      for (std::int32_t row = 0; row < count; ++row) {
        write_row(first + row, sums + row * channels_ * columns);
      }
    }
  }

  void correlate_channel(const float* patch, std::int32_t row_step, std::int32_t rows,
                         std::int32_t columns, float* sums, float* scratch) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const TileOutput to = {sums, channels_ * columns, -kInfinity, kInfinity};
    if (method_ == FilterMethod::kSeparable) {
      separable_.correlate(0,
                           {.patch = patch,
                            .row_step = row_step,
                            .dense_rows = true,
                            .dense_columns = true,
                            .bias = 0,
                            .output = to,
                            .rows = rows,
                            .columns = columns,
                            .column_step = 1},
                           scratch);
    } else {
      correlate_single_channel({.tile = {patch, row_step, tap_offsets_.data(),
                                         static_cast<std::int32_t>(tap_offsets_.size()),
                                         p_.kernel_width, weight_.data(), 0, to},
                                .rows = rows,
                                .columns = columns,
                                .column_step = 1,
                                .dense = true,
                                .fusing = p_.deterministic == 0});
    }
  }

  const Problem p_;
  const FilterMethod method_;
  const Planes planes_;
  const std::int32_t channels_;
  std::int32_t block_rows_, block_columns_;  // of the largest block
  std::int64_t pitch_;                       // floats of a row of one channel of the patch
  std::int64_t patch_floats_, sum_floats_;   // of a block
  Buffer<float> weight_;
  Buffer<std::int32_t> tap_offsets_;
  SeparableKernels separable_;  // used instead of weight_ and tap_offsets_
  float bias_ = 0;
};

}  // namespace

bool can_stream_filter(const Problem& p) {
  return p.kernel_height == 3 && p.kernel_width == 3 && p.deterministic == 0 &&
         p.input_width >= DepthwiseStream::kMinColumns;
}

Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      FilterMethod method, std::unique_ptr<Executor>* executor) {
  std::unique_ptr<Filter> made(new Filter(problem, method));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(weight, bias);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

}  // namespace corr2d
