#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// The weight in the order in which tiles read it: for each block of output channels
/// (`channel_block`, never across groups), [input channel, kernel row, kernel column][channel of
/// the block]. The block that starts with output channel c begins at c times `depth`; the bias, or
/// zeros, has one element for each output channel.
struct PackedWeights {
  Buffer<float> weight;
  Buffer<float> bias;
  std::int32_t depth;  // products summed for one element of the output

  Status pack(const Question& question);
  const float* weight_of(std::int32_t channel) const { return weight.data() + channel * depth; }
  const float* bias_of(std::int32_t channel) const { return bias.data() + channel; }
  std::size_t bytes() const { return weight.bytes() + bias.bytes(); }
};

/// The range that a problem's activation clamps the output to.
struct Clamp {
  float low, high;
};
Clamp clamp_of(const Problem& problem);

/// True where the activation is nothing but a clamp.
bool is_clamp(Activation activation);

}  // namespace corr2d
