#pragma once

#include <cstdint>

#include "core/correlation.hpp"

namespace corr2d {

/// Outputs of one axis that read the input alike. The outputs are every `output_step`-th one from
/// `first_output` on; the taps that they have are every `tap_step`-th one from `first_tap` on. Of
/// output i and tap t, counted within the phase, the position read is
///   origin + i * stride + place(t) * spacing
struct AxisPhase {
  std::int32_t first_output, output_step, outputs;
  std::int32_t first_tap, tap_step, taps;
  std::int32_t origin, stride, spacing;
  bool reversed;

  /// The place of a tap among the positions that the taps read, counted from the first.
  std::int32_t place(std::int32_t tap) const { return reversed ? taps - 1 - tap : tap; }

  /// Whether the taps of neighbouring outputs read neighbouring positions, the first one first.
  bool is_dense() const { return stride == 1 && spacing == 1 && !reversed; }
};

/// How many phases an axis has: one, unless it is spread; then the outputs fall apart by their
/// remainder modulo the stride, and each tap belongs to one of them.
std::int32_t phases_of(const CorrelationAxis& axis);

/// Phase `index`; the first has the most outputs. It may have no taps, never no outputs.
AxisPhase phase_of(const CorrelationAxis& axis, std::int32_t index);

/// One axis of a patch: the input that `outputs` neighbouring outputs of a phase read, arranged so
/// that neighbouring outputs find their input side by side whatever the stride. Output i finds it,
/// for tap t, at element i + shift(t) of slot slot(t), where a slot holds every stride-th position.
class PatchAxis {
 public:
  PatchAxis() = default;
  PatchAxis(const AxisPhase& phase, std::int32_t outputs);

  std::int32_t slots() const { return slots_; }
  std::int32_t slot(std::int32_t tap) const;
  std::int32_t shift(std::int32_t tap) const;
  /// Elements that a slot needs to serve so many outputs.
  std::int32_t length(std::int32_t outputs) const { return outputs + reach_; }
  /// The position of element 0 of a slot, for a patch that begins with output `first`.
  std::int32_t position(std::int32_t slot, std::int32_t first) const;
  std::int32_t stride() const { return phase_.stride; }
  /// Whether slots are every second position and there are both, so that one follows the other.
  bool in_pairs() const {
    return slots_ == 2 && phase_.stride == 2 && phase_.spacing == 1 && !apart_;
  }

 private:
  AxisPhase phase_ = {};
  std::int32_t period_ = 1, slots_ = 1, reach_ = 0;
  bool apart_ = false;
};

}  // namespace corr2d
