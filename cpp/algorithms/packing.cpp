#include "algorithms/packing.hpp"

#include <limits>

#include "kernels/list.hpp"

namespace corr2d {

Status PackedWeights::pack(const Question& question) {
  const Problem& p = question.problem;
  const std::int32_t channels = p.input_channels / p.groups;
  const std::int32_t group_outputs = p.output_channels / p.groups;
  depth = channels * p.kernel_height * p.kernel_width;
  const auto outputs = static_cast<std::size_t>(p.output_channels);
  if (!weight.reset(outputs * static_cast<std::size_t>(depth)) || !bias.reset(outputs)) {
    return Status::kOutOfMemory;
  }
  for (std::size_t o = 0; o < outputs; ++o) bias[o] = p.has_bias != 0 ? question.bias[o] : 0.0f;

  float* out = weight.data();
  const Strides& s = p.weight_strides;
  for (std::int32_t group = 0; group < p.groups; ++group) {
    const std::int32_t end = (group + 1) * group_outputs;
    for (std::int32_t first = group * group_outputs; first < end;) {
      const std::int32_t block = channel_block(end - first);
      for (std::int32_t i = 0; i < channels; ++i) {
        for (std::int32_t y = 0; y < p.kernel_height; ++y) {
          for (std::int32_t x = 0; x < p.kernel_width; ++x) {
            const float* at = question.weight + first * s.n + i * s.c + y * s.h + x * s.w;
            for (std::int32_t o = 0; o < block; ++o) *out++ = at[o * s.n];
          }
        }
      }
      first += block;
    }
  }
  return Status::kOk;
}

bool is_clamp(Activation activation) {
  return activation == Activation::kNone || activation == Activation::kRelu ||
         activation == Activation::kRelu6;
}

Clamp clamp_of(const Problem& problem) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return {problem.activation == Activation::kNone ? -kInfinity : 0.0f,
          problem.activation == Activation::kRelu6 ? 6.0f : kInfinity};
}

}  // namespace corr2d
