#pragma once

#include "core/correlation.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// The weight and the bias of a depthwise correlation for vectors of neighbouring channels:
/// [tap][channel], padded with zeros to whole tiles of channels.
class NhwcWeights {
 public:
  /// Returns kOk or kOutOfMemory. `bias` is read if the correlation has one.
  Status pack(const Correlation& c, const float* weight, const float* bias,
              std::int32_t tile_channels);

  /// The weight of tap 0.
  const float* of(std::int32_t channel) const { return weight_.data() + channel; }
  const float* bias(std::int32_t channel) const { return bias_.data() + channel; }
  std::int32_t step() const { return step_; }  // floats between taps
  std::size_t bytes() const { return weight_.bytes() + bias_.bytes(); }

 private:
  Buffer<float> weight_, bias_;
  std::int32_t step_ = 0;
};

}  // namespace corr2d
