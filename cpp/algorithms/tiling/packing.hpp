#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Taps of the kernel along one axis: `count` of them, every `step`-th from `first` on.
struct TapRange {
  std::int32_t first, step, count;
};

/// The weight in the order in which tiles read it: for each block of output channels
/// (`channel_block`, never across groups), [input channel, kernel row, kernel column][channel of
/// the block]. The block that starts with channel c of all groups begins at c times `depth`.
class PackedWeights {
 public:
  /// Packs the taps in these ranges. kOk or kOutOfMemory.
  Status pack(const Correlation& correlation, const float* weight, const TapRange& rows,
              const TapRange& columns);
  const float* of(std::int32_t channel) const { return data_.data() + channel * depth_; }
  /// Products summed for one element of the output.
  std::int32_t depth() const { return depth_; }
  std::size_t bytes() const { return data_.bytes(); }

 private:
  Buffer<float> data_;
  std::int32_t depth_ = 0;
};

/// The bias, or zeros, one for each output channel of all groups. kOk or kOutOfMemory.
Status pack_bias(const Correlation& correlation, const float* bias, Buffer<float>* packed);

/// The range that a problem's activation clamps the output to.
struct Clamp {
  float low, high;
};
Clamp clamp_of(Activation activation);

/// True where the activation is nothing but a clamp.
bool is_clamp(Activation activation);

}  // namespace corr2d
