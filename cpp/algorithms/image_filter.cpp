// Pictures to pictures: 8-bit RGBA in, 8-bit RGBA out, in one pass. A task makes a block of rows
// and columns: it widens what the block reads of R, G and B to float32, a row of each in turn, and
// then these are three planes. No picture of floats is made.
//
// Error bound: that of depthwise, before the rounding to whole numbers.

#include "algorithms/image_filter.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/depthwise/plane_block.hpp"
#include "algorithms/large_kernel/separable_kernels.hpp"
#include "kernels/layout/rgba.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kPixel = 4;     // bytes
constexpr std::int32_t kChannels = 3;  // that are filtered
/// A block's patch should stay in the second-level cache, a stream's rows in the first.
constexpr std::int32_t kColumns = 192;  // less than twice as many; all where there are less
constexpr std::int64_t kPatchFloats = 24 * 1024;
/// Passes take so little time that taller blocks, which widen less of it twice, are worth more.
constexpr std::int64_t kSeparablePatchFloats = 48 * 1024;
constexpr std::int32_t kStreamRows = 64;
/// Floats beyond the patch that kernels may read.
constexpr std::int32_t kSlack = 31;

class Filter : public Executor {
 public:
  Filter(const Problem& problem, bool separable)
      : p_(problem),
        separable_(separable),
        streams_(p_.kernel_height == 3 && p_.kernel_width == 3 && p_.deterministic == 0 &&
                 p_.input_width >= DepthwiseStream::kMinColumns),
        column_blocks_(std::max(1, p_.input_width / kColumns)),
        block_columns_(divide_up(p_.input_width, column_blocks_)),
        pitch_(std::int64_t{block_columns_} + p_.kernel_width - 1) {
    const std::int64_t patch_floats = separable ? kSeparablePatchFloats : kPatchFloats;
    const std::int64_t affordable =
        streams_ ? kStreamRows : patch_floats / (kChannels * pitch_) - (p_.kernel_height - 1);
    block_rows_ = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(affordable, 1, std::int64_t{p_.input_height}));
    tasks_ = column_blocks_ * divide_up(p_.input_height, block_rows_);
    // The patch and the sums; of a stream a row of the input, two of sums and one of the output.
    patch_floats_ =
        (std::int64_t{block_rows_} + p_.kernel_height - 1) * kChannels * pitch_ + kSlack;
    workspace_floats_ =
        streams_
            ? kChannels * (pitch_ + 2 * DepthwiseStream::padded(block_columns_) + block_columns_)
            : patch_floats_ + std::int64_t{block_rows_} * block_columns_ * kChannels;
  }

  Status prepare(const float* weight, const float* bias) {
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    bias_ = p_.has_bias != 0 ? *bias : 0;
    const Status status = separable_ ? factor(weight) : pack(weight);
    weight_bytes_ = weight_.bytes() + taps_.bytes() + kernel_.bytes();
    return status;
  }

  Status pack(const float* weight) {
    const std::int32_t taps = p_.kernel_height * p_.kernel_width;
    if (!weight_.reset(static_cast<std::size_t>(taps)) ||
        !taps_.reset(static_cast<std::size_t>(taps))) {
      return Status::kOutOfMemory;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
      for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
        const auto tap = static_cast<std::size_t>(ky * p_.kernel_width + kx);
        weight_[tap] = weight[ky * p_.weight_strides.h + kx * p_.weight_strides.w];
        taps_[tap] = static_cast<std::int32_t>(ky * kChannels * pitch_ + kx);
      }
    }
    return Status::kOk;
  }

  Status factor(const float* weight) {
    const auto pitch = static_cast<std::int32_t>(pitch_);
    const Status status = kernel_.prepare(kernel_of(p_, weight), pitch, block_rows_);
    if (status != Status::kOk) return status;
    kernel_.place_taps([&](std::int32_t y) { return y * kChannels * pitch; },
                       [](std::int32_t x) { return x; });
    workspace_floats_ += kernel_.plane_floats();
    return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const auto* input = static_cast<const std::uint8_t*>(data.input);
    auto* output = static_cast<std::uint8_t*>(data.output);
    const std::int32_t block = task % column_blocks_;
    const std::int32_t x = first_column(block);
    const std::int32_t y = task / column_blocks_ * block_rows_;
    const std::int32_t columns = first_column(block + 1) - x;
    const std::int32_t rows = std::min(block_rows_, p_.input_height - y);

    const auto take = [&](std::int32_t row, float* to) {
      widen(input, y + row - p_.pad_top, x - p_.pad_left, columns + p_.kernel_width - 1, to);
    };
    const auto give = [&](std::int32_t row, const float* sums) {
      const std::int64_t at = (std::int64_t{y + row} * p_.input_width + x) * kPixel;
      planes_to_pixels(sums, columns, columns, kChannels, -bias_, 1, input + at, output + at);
    };
    if (streams_) {
      stream(rows, columns, data.workspace, take, give);
    } else {
      correlate(rows, columns, data.workspace, take, give);
    }
  }

 private:
  /// Divided evenly.
  std::int32_t first_column(std::int32_t block) const {
    return static_cast<std::int32_t>(std::int64_t{block} * p_.input_width / column_blocks_);
  }

  /// `count` pixels of row `row` from column `first` on, inside the picture or beyond its edges.
  void widen(const std::uint8_t* input, std::int32_t row, std::int32_t first, std::int32_t count,
             float* out) const {
    const auto plane_step = static_cast<std::int32_t>(pitch_);
    const auto fill = [&](std::int32_t i, std::int32_t pixels) {
      for (std::int32_t c = 0; c < kChannels; ++c) {
        std::fill_n(out + c * plane_step + i, pixels, p_.fill_value);
      }
    };
    const std::int32_t source_row = source_index(row, p_.input_height, p_.padding_mode);
    if (source_row == kNoSource) {
      fill(0, count);
      return;
    }
    const std::uint8_t* pixels = input + std::int64_t{source_row} * p_.input_width * kPixel;
    const auto take = [&](std::int32_t column, std::int32_t i, std::int32_t taken) {
      pixels_to_planes(pixels + kPixel * column, taken, kChannels, 1, out + i, plane_step);
    };
    const auto outside = [&](std::int32_t i) {
      const std::int32_t column = source_index(first + i, p_.input_width, p_.padding_mode);
      if (column == kNoSource) {
        fill(i, 1);
      } else {
        take(column, i, 1);
      }
    };
    const std::int32_t begin = std::clamp(-first, 0, count);
    const std::int32_t end = std::clamp(p_.input_width - first, begin, count);
    for (std::int32_t i = 0; i < begin; ++i) outside(i);
    if (begin < end) take(first + begin, begin, end - begin);
    for (std::int32_t i = end; i < count; ++i) outside(i);
  }

  // Both leave bias and clamping to the way back.

  /// Row by row: one of the input in, one of the output out, and all of it in the first-level
  /// cache.
  template <typename Take, typename Give>
  void stream(std::int32_t rows, std::int32_t columns, float* workspace, Take take,
              Give give) const {
    const Kernel<DepthwiseStream>& kernel = depthwise_stream_kernels().find(1, true);
    const std::int32_t padded = DepthwiseStream::padded(columns);
    float* const input = workspace;
    float* const sums = input + kChannels * pitch_;
    float* const output = sums + 2 * kChannels * padded;
    for (std::int32_t row = 0; row < rows + 2; ++row) {
      take(row, input);
      for (std::int32_t c = 0; c < kChannels; ++c) {
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
      // The first two rows of sums are for outputs above.
      if (row >= 2) give(row - 2, output);
    }
  }

  /// All rows of the input, then all channels, then all rows of the output.
  template <typename Take, typename Give>
  void correlate(std::int32_t rows, std::int32_t columns, float* workspace, Take take,
                 Give give) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const auto row_step = static_cast<std::int32_t>(kChannels * pitch_);
    for (std::int32_t row = 0; row < rows + p_.kernel_height - 1; ++row) {
      take(row, workspace + row * row_step);
    }
    float* const sums = workspace + patch_floats_;
    for (std::int32_t c = 0; c < kChannels; ++c) {
      const TileOutput to = {sums + c * columns, kChannels * columns, -kInfinity, kInfinity};
      if (separable_) {
        kernel_.correlate(0, {workspace + c * pitch_, row_step, true, 0, to, rows, columns, 1},
                          sums + std::ptrdiff_t{block_rows_} * block_columns_ * kChannels);
        continue;
      }
      const DepthwiseTile first = {workspace + c * pitch_,
                                   row_step,
                                   taps_.data(),
                                   static_cast<std::int32_t>(taps_.size()),
                                   p_.kernel_width,
                                   weight_.data(),
                                   0,
                                   to};
      correlate_plane({first, rows, columns, 1, true, p_.deterministic == 0});
    }
    for (std::int32_t row = 0; row < rows; ++row) give(row, sums + row * kChannels * columns);
  }

  const Problem p_;
  const bool separable_, streams_;
  const std::int32_t column_blocks_, block_columns_;  // the most of a block
  const std::int64_t pitch_;                          // floats of a row of one channel of the patch
  std::int32_t block_rows_ = 1;
  std::int64_t patch_floats_ = 0;
  Buffer<float> weight_;
  Buffer<std::int32_t> taps_;
  SeparableKernels kernel_;  // instead of weight and taps
  float bias_ = 0;
};

}  // namespace

Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      bool separable, std::unique_ptr<Executor>* executor) {
  std::unique_ptr<Filter> made(new Filter(problem, separable));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(weight, bias);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

}  // namespace corr2d
