#include "algorithms/large_kernel/separable_kernels.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/depthwise/single_channel_block.hpp"

namespace corr2d {
namespace {

/// Columns are correlated in strips of this width, so that the rows that a kernel reads stay in the
/// first-level cache from one output row to the next.
constexpr std::int32_t kStrip = 64;

}  // namespace

Status SeparableKernels::prepare(const KernelsView& kernels, std::int32_t pitch,
                                 std::int32_t rows) {
  height_ = kernels.height;
  width_ = kernels.width;
  pitch_ = pitch;
  plane_step_ = rows * pitch;
  LowRank factors;
  if (!factors.reset(kernels, kMaxElements)) return Status::kOutOfMemory;
  for (std::int32_t i = 0; i < kernels.count; ++i) {
    rank_ = std::max(rank_, factors.factor(kernels, i));
  }
  if (plane_floats() > kMaxElements) return Status::kTooLarge;
  const std::int32_t step = rank_ * (height_ + width_);
  if (!weights_.reset(static_cast<std::size_t>(kernels.count) * static_cast<std::size_t>(step)) ||
      !tap_offsets_.reset(static_cast<std::size_t>(height_ + rank_ * width_))) {
    return Status::kOutOfMemory;
  }
  // Kernels of a lower rank get products of zeros.
  std::fill(weights_.data(), weights_.data() + weights_.size(), 0.0f);
  for (std::int32_t i = 0; i < kernels.count; ++i) {
    float* columns = weights_.data() + std::ptrdiff_t{i} * step;
    factors.copy(factors.factor(kernels, i), columns, columns + rank_ * height_);
  }
  return Status::kOk;
}

void SeparableKernels::correlate(std::int32_t kernel, const SeparableBlock& block,
                                 float* planes) const {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float* weights = weights_.data() + std::ptrdiff_t{kernel} * rank_ * (height_ + width_);
  for (std::int32_t k = 0; k < rank_; ++k, weights += height_) {
    for (std::int32_t x = 0; x < pitch_; x += kStrip) {
      const TileOutput sums = {planes + k * plane_step_ + x, pitch_, -kInfinity, kInfinity};
      correlate_single_channel({.tile = {block.patch + x, block.row_step, tap_offsets_.data(),
                                         height_, 1, weights, 0, sums},
                                .rows = block.rows,
                                .columns = std::min(kStrip, pitch_ - x),
                                .column_step = 1,
                                .dense = block.dense,
                                .fusing = true});
    }
  }
  const std::int32_t taps = rank_ * width_;
  correlate_single_channel({.tile = {planes, pitch_, tap_offsets_.data() + height_, taps, taps,
                                     weights, block.bias, block.output},
                            .rows = block.rows,
                            .columns = block.columns,
                            .column_step = block.column_step,
                            .dense = false,
                            .fusing = true});
}

}  // namespace corr2d
