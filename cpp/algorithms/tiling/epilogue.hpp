#pragma once

#include <limits>

#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/patch.hpp"
#include "core/correlation.hpp"
#include "kernels/rows/activation.hpp"

namespace corr2d {

/// A block of the output tensor, in some channels of one group.
struct OutputBlock {
  float* data;       // the first image, row and column of the block, in channel 0 of the group
  const float* add;  // the same element of the operand that is added, or null
  std::int32_t images, rows, columns;
  ImageSteps image_steps;
  std::int32_t channel_step, row_step, column_step;  // floats between neighbours
};

/// Adds the second operand of a correlation and applies the activation. If nothing is added,
/// activations that are clamps (none, ReLU, ReLU6) cost nothing: kernels clamp to `low` and `high`
/// as they store. All else runs over the finished sums, while these are still in the cache.
class ActivationEpilogue {
 public:
  explicit ActivationEpilogue(const Correlation& correlation)
      : low(clamps(correlation) && correlation.activation != Activation::kNone ? 0.0f : -kInfinity),
        high(clamps(correlation) && correlation.activation == Activation::kRelu6 ? 6.0f
                                                                                 : kInfinity),
        activation_(correlation.activation),
        alpha_(correlation.activation_alpha),
        is_needed_(!clamps(correlation)) {}

  /// The range that kernels clamp the outputs to; infinite on sides without a limit.
  const float low, high;

  /// Whether `low` or `high` is a limit.
  bool limits() const { return low > -kInfinity || high < kInfinity; }

  /// Completes some channels of a block.
  void apply(const OutputBlock& block, const Range& channels) const {
    if (is_needed_) activate_block(block, channels);
  }
  /// The same for `rows` x `columns` outputs; rows and columns may be any axes. It is fastest if
  /// one of the steps is 1. `add` is the first element to add, or null.
  void apply(float* data, const float* add, std::int32_t rows, std::int32_t row_step,
             std::int32_t columns, std::int32_t column_step) const {
    if (is_needed_) activate(data, add, rows, row_step, columns, column_step, activation_, alpha_);
  }

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  /// Whether clamping the sums is all there is to do: for kNone, kRelu and kRelu6, which are the
  /// first activations.
  static bool clamps(const Correlation& correlation) {
    return !correlation.has_add && correlation.activation <= Activation::kRelu6;
  }
  void activate_block(const OutputBlock& block, const Range& channels) const;

  const Activation activation_;
  const float alpha_;
  const bool is_needed_;
};

}  // namespace corr2d
