#pragma once

#include <cstdint>

#include "core/correlation.hpp"

namespace corr2d {

/// Outputs of one axis that use the same taps of the kernel. They are every `output_step`-th output
/// from `first_output` on, and use every `tap_step`-th tap from `first_tap` on. Output i and tap t,
/// both counted within the phase, read position
///   origin + i * stride + place(t) * spacing
struct AxisPhase {
  std::int32_t first_output, output_step, outputs;
  std::int32_t first_tap, tap_step, taps;
  std::int32_t origin, stride, spacing;
  bool reversed;

  /// The place of a tap in the ascending order of the positions that the taps read.
  std::int32_t place(std::int32_t tap) const { return reversed ? taps - 1 - tap : tap; }

  /// Whether consecutive taps read consecutive positions in ascending order, and neighbouring
  /// outputs neighbouring ones.
  bool is_dense() const { return stride == 1 && spacing == 1 && !reversed; }
};

/// Whether outputs of an axis may use different taps, depending on their place.
constexpr bool has_phases(const CorrelationAxis& axis) {
  return axis.fractional_stride && axis.stride > 1;
}

/// The number of phases of an axis. It is one unless the stride is fractional. Then the outputs are
/// divided by their remainder modulo the stride, and each tap belongs to one of the phases.
std::int32_t phases_of(const CorrelationAxis& axis);

/// Phase `index`. The first one has the most outputs. A phase may have no taps, but always has
/// outputs.
AxisPhase phase_of(const CorrelationAxis& axis, std::int32_t index);

/// One axis of a patch: the input of `outputs` neighbouring outputs of a phase, sorted into slots
/// so that neighbouring outputs read neighbouring elements whatever the stride. A slot holds every
/// stride-th position. Tap t of output i reads element i + shift(t) of slot slot(t).
class PatchAxis {
 public:
  PatchAxis() = default;
  PatchAxis(const AxisPhase& phase, std::int32_t outputs);

  std::int32_t slots() const { return slots_; }
  std::int32_t slot(std::int32_t tap) const;
  std::int32_t shift(std::int32_t tap) const;
  /// Elements of a slot that this many outputs need.
  std::int32_t length(std::int32_t outputs) const { return outputs + reach_; }
  /// The position of element 0 of a slot, in a patch that begins with output `first`.
  std::int32_t position(std::int32_t slot, std::int32_t first) const;
  std::int32_t stride() const { return phase_.stride; }
  /// Whether the two slots hold the even and the odd of consecutive positions, so that one pass can
  /// deinterleave them.
  bool in_pairs() const {
    return slots_ == 2 && phase_.stride == 2 && phase_.spacing == 1 && !slot_per_tap_;
  }

 private:
  AxisPhase phase_ = {};
  std::int32_t period_ = 1, slots_ = 1, reach_ = 0;
  bool slot_per_tap_ = false;
};

}  // namespace corr2d
