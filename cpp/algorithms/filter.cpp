// Pictures to pictures: 8-bit RGBA in, 8-bit RGBA out, in one pass. A task makes a block of rows
// and columns. It widens the pixels that the block reads to float32, four channels side by side,
// and then the block is one plane whose taps lie four floats apart: no picture of floats is made.
//
// Error bound: that of depthwise, before the rounding to whole numbers.

#include "algorithms/filter.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/plane_block.hpp"
#include "kernels/bytes.hpp"
#include "kernels/row.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kChannels = 4;
/// Pixels of a block: its rows should stay in the second-level cache.
constexpr std::int32_t kMaxColumns = 128;
constexpr std::int64_t kPatchFloats = 16 * 1024;
/// Floats beyond the patch that kernels may read.
constexpr std::int32_t kSlack = 31;

class Filter : public Executor {
 public:
  explicit Filter(const Problem& problem)
      : p_(problem),
        block_columns_(std::min(p_.input_width, kMaxColumns)),
        pitch_((std::int64_t{block_columns_} + p_.kernel_width - 1) * kChannels) {
    const std::int64_t affordable = kPatchFloats / pitch_ - (p_.kernel_height - 1);
    block_rows_ = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(affordable, 1, std::int64_t{p_.input_height}));
    column_blocks_ = divide_up(p_.input_width, block_columns_);
    tasks_ = column_blocks_ * divide_up(p_.input_height, block_rows_);
    // The patch, and the sums.
    patch_floats_ = (std::int64_t{block_rows_} + p_.kernel_height - 1) * pitch_ + kSlack;
    workspace_floats_ = patch_floats_ + std::int64_t{block_rows_} * block_columns_ * kChannels;
  }

  Status prepare(const float* weight, const float* bias) {
    const std::int32_t taps = p_.kernel_height * p_.kernel_width;
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    if (!weight_.reset(static_cast<std::size_t>(taps)) ||
        !taps_.reset(static_cast<std::size_t>(taps))) {
      return Status::kOutOfMemory;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
      for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
        const auto tap = static_cast<std::size_t>(ky * p_.kernel_width + kx);
        weight_[tap] = weight[ky * p_.weight_strides.h + kx * p_.weight_strides.w];
        taps_[tap] = static_cast<std::int32_t>(ky * pitch_ + kx * kChannels);
      }
    }
    bias_ = p_.has_bias != 0 ? *bias : 0;
    weight_bytes_ = weight_.bytes() + taps_.bytes();
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const auto* input = static_cast<const std::uint8_t*>(data.input);
    auto* output = static_cast<std::uint8_t*>(data.output);
    const std::int32_t x = task % column_blocks_ * block_columns_;
    const std::int32_t y = task / column_blocks_ * block_rows_;
    const std::int32_t columns = std::min(block_columns_, p_.input_width - x);
    const std::int32_t rows = std::min(block_rows_, p_.input_height - y);

    for (std::int32_t row = 0; row < rows + p_.kernel_height - 1; ++row) {
      widen(input, y + row - p_.pad_top, x - p_.pad_left, columns + p_.kernel_width - 1,
            data.workspace + row * pitch_);
    }
    float* sums = data.workspace + patch_floats_;
    const PlaneTile first = {data.workspace,
                             static_cast<std::int32_t>(pitch_),
                             taps_.data(),
                             static_cast<std::int32_t>(taps_.size()),
                             p_.kernel_width,
                             weight_.data(),
                             bias_,
                             {sums, kChannels * columns, -kInfinity, kInfinity},
                             0};
    correlate_plane({first, rows, kChannels * columns, 1, true, p_.deterministic == 0});
    for (std::int32_t row = 0; row < rows; ++row, sums += kChannels * columns) {
      const std::int64_t at = (std::int64_t{y + row} * p_.input_width + x) * kChannels;
      floats_to_pixels(sums, input + at, columns, output + at);
    }
  }

 private:
  /// `count` pixels of row `row` from column `first` on, inside the picture or beyond its edges.
  void widen(const std::uint8_t* input, std::int32_t row, std::int32_t first, std::int32_t count,
             float* out) const {
    const std::int32_t source_row = source_position(row, p_.input_height, p_.padding_mode);
    if (source_row == kFill) {
      std::fill(out, out + kChannels * count, p_.fill_value);
      return;
    }
    const std::uint8_t* pixels = input + std::int64_t{source_row} * p_.input_width * kChannels;
    const std::int32_t begin = std::clamp(-first, 0, count);
    const std::int32_t end = std::clamp(p_.input_width - first, begin, count);
    const auto outside = [&](std::int32_t i) {
      const std::int32_t column = source_position(first + i, p_.input_width, p_.padding_mode);
      float* pixel = out + kChannels * i;
      if (column == kFill) {
        std::fill(pixel, pixel + kChannels, p_.fill_value);
      } else {
        bytes_to_floats(pixels + kChannels * column, kChannels, pixel);
      }
    };
    for (std::int32_t i = 0; i < begin; ++i) outside(i);
    if (begin < end) {
      bytes_to_floats(pixels + kChannels * (first + begin), kChannels * (end - begin),
                      out + kChannels * begin);
    }
    for (std::int32_t i = end; i < count; ++i) outside(i);
  }

  const Problem p_;
  const std::int32_t block_columns_;
  const std::int64_t pitch_;  // floats of a row of the patch
  std::int32_t block_rows_ = 1, column_blocks_ = 1;
  std::int64_t patch_floats_ = 0;
  Buffer<float> weight_;
  Buffer<std::int32_t> taps_;
  float bias_ = 0;
};

}  // namespace

Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      std::unique_ptr<Executor>* executor) {
  std::unique_ptr<Filter> made(new Filter(problem));
  if (made == nullptr) return Status::kOutOfMemory;
  const Status status = made->prepare(weight, bias);
  if (status == Status::kOk) *executor = std::move(made);
  return status;
}

}  // namespace corr2d
