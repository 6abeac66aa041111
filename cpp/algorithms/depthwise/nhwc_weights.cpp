#include "algorithms/depthwise/nhwc_weights.hpp"

#include <algorithm>

#include "algorithms/tiling/partition.hpp"

namespace corr2d {

Status NhwcWeights::pack(const Correlation& c, const float* weight, const float* bias,
                         std::int32_t tile_channels) {
  const std::int32_t taps = c.rows.kernel * c.columns.kernel;
  step_ = tile_channels * divide_up(c.groups, tile_channels);
  if (!weight_.reset(static_cast<std::size_t>(taps) * static_cast<std::size_t>(step_)) ||
      !bias_.reset(static_cast<std::size_t>(step_))) {
    return Status::kOutOfMemory;
  }
  std::fill(weight_.data(), weight_.data() + weight_.size(), 0.0f);
  std::fill(bias_.data(), bias_.data() + bias_.size(), 0.0f);
  if (c.has_bias) std::copy(bias, bias + c.groups, bias_.data());
  for (std::int32_t t = 0; t < taps; ++t) {
    const std::int32_t ky = t / c.columns.kernel, kx = t % c.columns.kernel;
    const float* tap = weight + ky * c.weight.row + kx * c.weight.column;
    float* packed = weight_.data() + std::ptrdiff_t{t} * step_;
    for (std::int32_t g = 0; g < c.groups; ++g) packed[g] = tap[g * c.weight.group];
  }
  return Status::kOk;
}

}  // namespace corr2d
