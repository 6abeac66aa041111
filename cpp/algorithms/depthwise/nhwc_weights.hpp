#pragma once

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/packing.hpp"

namespace corr2d {

/// Weights and bias of a depthwise correlation for vectors that lie across channels:
/// [tap][channel], channels up to whole tiles.
class NhwcWeights {
 public:
  /// kOk or kOutOfMemory. `bias` counts where the correlation has one.
  Status pack(const Correlation& c, const float* weight, const float* bias,
              std::int32_t tile_channels);

  const float* of(std::int32_t channel) const { return weight_.data() + channel; }  // tap 0
  const float* bias(std::int32_t channel) const { return bias_.data() + channel; }
  std::int32_t step() const { return step_; }  // floats between taps
  std::size_t bytes() const { return weight_.bytes() + bias_.bytes(); }

 private:
  Buffer<float> weight_, bias_;
  std::int32_t step_ = 0;
};

}  // namespace corr2d
