#include "algorithms/large_kernel/separable_kernels.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/depthwise/plane_block.hpp"

namespace corr2d {
namespace {

/// So many columns at a time, so that the rows that a kernel reads stay in the first-level cache
/// while it goes down.
constexpr std::int32_t kStrip = 64;

}  // namespace

Status SeparableKernels::prepare(const KernelsView& kernels, std::int32_t pitch,
                                 std::int32_t rows) {
  height_ = kernels.height;
  width_ = kernels.width;
  pitch_ = pitch;
  plane_ = rows * pitch;
  LowRank apart;
  if (!apart.reset(kernels, kMaxElements)) return Status::kOutOfMemory;
  for (std::int32_t i = 0; i < kernels.count; ++i)
    rank_ = std::max(rank_, apart.factor(kernels, i));
  if (plane_floats() > kMaxElements) return Status::kTooLarge;
  const std::int32_t step = rank_ * (height_ + width_);
  if (!weights_.reset(static_cast<std::size_t>(kernels.count) * static_cast<std::size_t>(step)) ||
      !taps_.reset(static_cast<std::size_t>(height_ + rank_ * width_))) {
    return Status::kOutOfMemory;
  }
  // Kernels of lower rank than others have products of zeros.
  std::fill(weights_.data(), weights_.data() + weights_.size(), 0.0f);
  for (std::int32_t i = 0; i < kernels.count; ++i) {
    float* columns = weights_.data() + std::ptrdiff_t{i} * step;
    apart.copy(apart.factor(kernels, i), columns, columns + rank_ * height_);
  }
  return Status::kOk;
}

void SeparableKernels::correlate(std::int32_t kernel, const SeparableBlock& block,
                                 float* planes) const {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float* weights = weights_.data() + std::ptrdiff_t{kernel} * rank_ * (height_ + width_);
  for (std::int32_t k = 0; k < rank_; ++k, weights += height_) {
    for (std::int32_t x = 0; x < pitch_; x += kStrip) {
      const TileOutput sums = {planes + k * plane_ + x, pitch_, -kInfinity, kInfinity};
      correlate_plane(
          {{block.patch + x, block.row_step, taps_.data(), height_, 1, weights, 0, sums},
           block.rows,
           std::min(kStrip, pitch_ - x),
           1,
           block.dense,
           true});
    }
  }
  const std::int32_t taps = rank_ * width_;
  correlate_plane(
      {{planes, pitch_, taps_.data() + height_, taps, taps, weights, block.bias, block.output},
       block.rows,
       block.columns,
       block.column_step,
       false,
       true});
}

}  // namespace corr2d
