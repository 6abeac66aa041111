#pragma once

#include <limits>

#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/patch.hpp"
#include "core/correlation.hpp"
#include "kernels/rows/activation.hpp"

namespace corr2d {

/// A block of the output tensor, in some channels of one group.
struct OutputBlock {
  float* data;  // the first image, row and column of the block, in channel 0 of the group
  std::int32_t images, rows, columns;
  ImageSteps image_steps;
  std::int32_t channel_step, row_step, column_step;  // floats between neighbours
};

/// Applies the activation of a correlation. Activations that are clamps (none, ReLU, ReLU6) cost
/// nothing: kernels clamp to `low` and `high` as they store. The others run over the finished
/// outputs, while these are still in the cache.
class ActivationEpilogue {
 public:
  explicit ActivationEpilogue(const Correlation& correlation)
      : low(clamps(correlation.activation) ? 0.0f : -kInfinity),
        high(correlation.activation == Activation::kRelu6 ? 6.0f : kInfinity),
        activation_(correlation.activation),
        alpha_(correlation.activation_alpha) {}

  /// The range that kernels clamp the outputs to; infinite on sides without a limit.
  const float low, high;

  /// Whether `low` or `high` is a limit.
  bool limits() const { return low > -kInfinity || high < kInfinity; }

  /// Applies an activation that is not a clamp to some channels of a block.
  void apply(const OutputBlock& block, const Range& channels) const {
    if (is_needed()) activate_block(block, channels);
  }
  /// The same for `rows` x `columns` outputs; rows and columns may be any axes. It is fastest if
  /// one of the steps is 1.
  void apply(float* data, std::int32_t rows, std::int32_t row_step, std::int32_t columns,
             std::int32_t column_step) const {
    if (is_needed()) activate(data, rows, row_step, columns, column_step, activation_, alpha_);
  }

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  static bool clamps(Activation activation) {
    return activation == Activation::kRelu || activation == Activation::kRelu6;
  }
  bool is_needed() const { return activation_ != Activation::kNone && !clamps(activation_); }
  void activate_block(const OutputBlock& block, const Range& channels) const;

  const Activation activation_;
  const float alpha_;
};

}  // namespace corr2d
