// Direct: every problem of kind forward, any kernel size, stride, dilation, groups, padding and
// layout, without a column matrix.
//
// A task makes a block of rows and columns of the output, for all channels of one group. It first
// copies the part of the padded input that the block reads, the patch, into its workspace. The
// copy takes the input apart by phase: positions that are one stride apart become neighbours. So
// for the kernel every stride is 1, and each tap of the weight is one offset into the patch.
//
// Patch: [input channel of the group][row slot][row][column slot][column]
//
// Error bound: |error| <= K * eps * sum |x||w| with K the products summed and eps = 2^-24.

#include <algorithm>
#include <numeric>

#include "algorithms/packing.hpp"
#include "kernels/list.hpp"
#include "kernels/row.hpp"

namespace corr2d {
namespace {

/// A patch should stay in the second-level cache beside the weights of a block of channels.
constexpr std::int64_t kPatchFloats = 32 * 1024;
/// Wide enough for the fetching of a row to be mostly copying.
constexpr std::int32_t kMaxColumns = 512;
constexpr std::int32_t kMinColumns = 64;

/// One axis of a patch that serves `count` outputs. Output i reads, for tap k, the position
/// i * stride + k * dilation: element i + shift(k) of slot slot(k), where a slot holds every
/// stride-th position from first(slot) on.
class PatchAxis {
 public:
  PatchAxis() = default;
  PatchAxis(std::int32_t kernel, std::int32_t stride, std::int32_t dilation, std::int32_t count)
      : stride_(stride), dilation_(dilation) {
    period_ = stride / std::gcd(stride, dilation);
    slots_ = std::min(kernel, period_);
    reach_ = shift(kernel - 1);
    // Taps that are far apart share nothing: then each has a slot of its own.
    apart_ = std::int64_t{kernel} * count < std::int64_t{slots_} * (std::int64_t{count} + reach_);
    if (apart_) {
      slots_ = kernel;
      reach_ = 0;
    }
  }

  std::int32_t slots() const { return slots_; }
  std::int32_t slot(std::int32_t k) const { return apart_ ? k : k % period_; }
  std::int32_t shift(std::int32_t k) const { return apart_ ? 0 : k * dilation_ / stride_; }
  std::int32_t first(std::int32_t slot) const {
    return apart_ ? slot * dilation_ : slot * dilation_ % stride_;
  }
  /// Elements that a slot needs to serve so many outputs.
  std::int32_t length(std::int32_t outputs) const { return outputs + reach_; }

 private:
  std::int32_t stride_ = 1, dilation_ = 1, period_ = 1, slots_ = 1, reach_ = 0;
  bool apart_ = false;
};

class Direct : public Executor {
 public:
  explicit Direct(const Problem& problem, const Geometry& geometry)
      : p_(problem), g_(geometry), clamp_(clamp_of(problem)) {}

  Status prepare(const Question& question) {
    if (!lay_out()) return Status::kOutOfMemory;
    if (const Status status = weights_.pack(question); status != Status::kOk) return status;
    if (!taps_.reset(static_cast<std::size_t>(weights_.depth))) return Status::kOutOfMemory;
    std::int32_t* tap = taps_.data();
    for (std::int32_t c = 0; c < p_.input_channels / p_.groups; ++c) {
      for (std::int32_t ky = 0; ky < p_.kernel_height; ++ky) {
        for (std::int32_t kx = 0; kx < p_.kernel_width; ++kx) {
          *tap++ = row_offset(c, rows_.slot(ky), rows_.shift(ky)) + columns_.slot(kx) * pitch_ +
                   columns_.shift(kx);
        }
      }
    }
    weight_bytes_ = weights_.bytes() + taps_.bytes();
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const std::int32_t column_block = task % column_blocks_;
    const std::int32_t row_block = task / column_blocks_ % row_blocks_;
    const std::int32_t group = task / column_blocks_ / row_blocks_ % p_.groups;
    const std::int32_t image = task / column_blocks_ / row_blocks_ / p_.groups;

    const std::int32_t x = column_block * block_columns_;
    const std::int32_t y = row_block * block_rows_;
    const std::int32_t columns = std::min(block_columns_, g_.output_width - x);
    const std::int32_t rows = std::min(block_rows_, g_.output_height - y);

    fetch(data, image, group, y, rows, x, columns);
    const std::int32_t group_outputs = p_.output_channels / p_.groups;
    const std::int32_t end = (group + 1) * group_outputs;
    for (std::int32_t channel = group * group_outputs; channel < end;) {
      const std::int32_t block = channel_block(end - channel);
      const Kernel<DirectRow>& kernel = direct_kernels().find(block, p_.deterministic == 0);
      float* out = data.output + image * p_.output_strides.n + channel * p_.output_strides.c +
                   y * p_.output_strides.h + x * p_.output_strides.w;
      for (std::int32_t row = 0; row < rows; ++row) {
        kernel.run({data.workspace + row_offset(0, 0, row),
                    taps_.data(),
                    weights_.depth,
                    weights_.weight_of(channel),
                    weights_.bias_of(channel),
                    {out + row * p_.output_strides.h, p_.output_strides.c, p_.output_strides.w,
                     clamp_.low, clamp_.high},
                    columns});
      }
      channel += block;
    }
  }

 private:
  /// Chooses the blocks. False where not even the smallest patch can be addressed.
  bool lay_out() {
    block_columns_ = std::min(4 * divide_up(g_.output_width, 4), kMaxColumns);
    block_rows_ = 1;
    shape_patch();
    while (patch_floats() > kPatchFloats && block_columns_ > kMinColumns) {
      block_columns_ /= 2;
      shape_patch();
    }
    if (patch_floats() > kMaxElements) return false;
    while (block_rows_ < g_.output_height) {
      ++block_rows_;
      shape_patch();
      if (patch_floats() <= kPatchFloats) continue;
      --block_rows_;
      shape_patch();
      break;
    }
    row_blocks_ = divide_up(g_.output_height, block_rows_);
    column_blocks_ = divide_up(g_.output_width, block_columns_);
    tasks_ = p_.batch * p_.groups * row_blocks_ * column_blocks_;
    workspace_floats_ = static_cast<std::size_t>(patch_floats());
    return true;
  }

  void shape_patch() {
    rows_ = PatchAxis(p_.kernel_height, p_.stride_height, p_.dilation_height, block_rows_);
    columns_ = PatchAxis(p_.kernel_width, p_.stride_width, p_.dilation_width, block_columns_);
    pitch_ = columns_.length(block_columns_);
  }

  std::int64_t patch_floats() const {
    // A tile reads up to 3 columns beyond the last.
    return std::int64_t{p_.input_channels / p_.groups} * rows_.slots() * rows_.length(block_rows_) *
               columns_.slots() * pitch_ +
           3;
  }

  std::int32_t row_offset(std::int32_t channel, std::int32_t slot, std::int32_t row) const {
    return ((channel * rows_.slots() + slot) * rows_.length(block_rows_) + row) * columns_.slots() *
           pitch_;
  }

  /// Fills the patch for the outputs of `rows` rows from y on and `columns` columns from x on.
  void fetch(const TaskData& data, std::int32_t image, std::int32_t group, std::int32_t y,
             std::int32_t rows, std::int32_t x, std::int32_t columns) const {
    const std::int32_t channels = p_.input_channels / p_.groups;
    for (std::int32_t c = 0; c < channels; ++c) {
      const Plane plane = {
          data.input + image * p_.input_strides.n + (group * channels + c) * p_.input_strides.c,
          p_.input_height,
          p_.input_width,
          p_.input_strides.h,
          p_.input_strides.w,
          p_.padding_mode,
          p_.fill_value};
      for (std::int32_t ys = 0; ys < rows_.slots(); ++ys) {
        for (std::int32_t row = 0; row < rows_.length(rows); ++row) {
          float* out = data.workspace + row_offset(c, ys, row);
          const std::int32_t from = (y + row) * p_.stride_height + rows_.first(ys) - p_.pad_top;
          for (std::int32_t xs = 0; xs < columns_.slots(); ++xs) {
            fetch_row(plane, from, x * p_.stride_width + columns_.first(xs) - p_.pad_left,
                      p_.stride_width, columns_.length(columns), out + xs * pitch_);
          }
        }
      }
    }
  }

  const Problem p_;
  const Geometry g_;
  const Clamp clamp_;
  PackedWeights weights_;
  Buffer<std::int32_t> taps_;
  PatchAxis rows_, columns_;
  std::int32_t block_rows_ = 1, block_columns_ = 1, row_blocks_ = 1, column_blocks_ = 1;
  std::int32_t pitch_ = 1;  // elements of a column slot
};

bool can_do(const Problem& problem, const Geometry&) {
  return problem.kind == Kind::kForward && is_clamp(problem.activation);
}

}  // namespace

const AlgorithmEntry kDirectAlgorithm = {Algorithm::kDirect, "direct", can_do, prepare<Direct>};

}  // namespace corr2d
