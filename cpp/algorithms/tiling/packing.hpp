#pragma once

#include <cstdint>

#include "core/correlation.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// Taps of the kernel along one axis: `count` of them, every `step`-th one from `first` on.
struct TapRange {
  std::int32_t first, step, count;
};

/// The weight in the order in which tiles read it: for each block of output channels
/// (channel_block in kernels/list.hpp; a block lies within one group),
/// [input channel, kernel row, kernel column][channel of the block]. A block whose first channel is
/// c, counted over all groups, begins at float c * depth().
class PackedWeights {
 public:
  /// Packs the taps in these ranges. Returns kOk or kOutOfMemory.
  Status pack(const Correlation& correlation, const float* weight, const TapRange& planes,
              const TapRange& rows, const TapRange& columns);
  /// The block that begins with this channel, counted over all groups.
  const float* of(std::int32_t channel) const { return data_.data() + channel * depth_; }
  /// Products in one output.
  std::int32_t depth() const { return depth_; }
  std::size_t bytes() const { return data_.bytes(); }

 private:
  Buffer<float> data_;
  std::int32_t depth_ = 0;
};

/// Copies the bias, or zeros if there is none, for the output channels of all groups. Returns kOk
/// or kOutOfMemory.
Status pack_bias(const Correlation& correlation, const float* bias, Buffer<float>* packed);

}  // namespace corr2d
