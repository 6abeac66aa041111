#include "algorithms/tiling/phase.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace corr2d {

std::int32_t phases_of(const CorrelationAxis& axis) {
  return axis.fractional_stride ? std::min(axis.stride, axis.output) : 1;
}

AxisPhase phase_of(const CorrelationAxis& axis, std::int32_t index) {
  if (!axis.fractional_stride) {
    return {0, 1, axis.output, 0, 1, axis.kernel, -axis.pad, axis.stride, axis.dilation, false};
  }
  // Output i = index + stride * j reads position p for tap k where
  //   p * stride = index + stride * j + pad - k * dilation,
  // which has a solution for the taps k at which index + pad - k * dilation is a multiple of the
  // stride. Euclid's algorithm finds the greatest common divisor of stride and dilation, and the
  // factor with dilation * factor = divisor (mod stride).
  std::int64_t divisor = axis.stride, rest = axis.dilation, factor = 0, next = 1;
  while (rest != 0) {
    const std::int64_t quotient = divisor / rest;
    divisor = std::exchange(rest, divisor - quotient * rest);
    factor = std::exchange(next, factor - quotient * next);
  }
  const auto step = static_cast<std::int32_t>(axis.stride / divisor);
  const std::int64_t start = std::int64_t{index} + axis.pad;
  std::int64_t tap = start % divisor == 0 ? start / divisor % step * (factor % step) % step : step;
  if (tap < 0) tap += step;
  const std::int32_t outputs = (axis.output - 1 - index) / axis.stride + 1;
  // With one output the stride has no meaning, and its product with a distance may overflow.
  const std::int32_t output_step = outputs > 1 ? axis.stride : 1;
  if (tap >= std::min(step, axis.kernel)) {
    return {index, output_step, outputs, 0, step, 0, 0, 1, 1, false};
  }
  const auto first_tap = static_cast<std::int32_t>(tap);
  const std::int32_t taps = (axis.kernel - 1 - first_tap) / step + 1;
  // The last tap reads the earliest position.
  const std::int64_t last = first_tap + std::int64_t{step} * (taps - 1);
  const auto origin = static_cast<std::int32_t>((start - last * axis.dilation) / axis.stride);
  const auto spacing = static_cast<std::int32_t>(std::int64_t{step} * axis.dilation / axis.stride);
  return {index, output_step, outputs, first_tap, step, taps, origin, 1, spacing, true};
}

PatchAxis::PatchAxis(const AxisPhase& phase, std::int32_t outputs) : phase_(phase) {
  if (phase.taps == 0) return;
  period_ = phase.stride / std::gcd(phase.stride, phase.spacing);
  slots_ = std::min(phase.taps, period_);
  reach_ = (phase.taps - 1) * phase.spacing / phase.stride;
  // Taps that are far from each other share no input. Then a slot for each tap needs less memory
  // than slots that also hold the positions in between.
  slot_per_tap_ =
      std::int64_t{phase.taps} * outputs < std::int64_t{slots_} * (std::int64_t{outputs} + reach_);
  if (slot_per_tap_) {
    slots_ = phase.taps;
    reach_ = 0;
  }
}

std::int32_t PatchAxis::slot(std::int32_t tap) const {
  return slot_per_tap_ ? phase_.place(tap) : phase_.place(tap) % period_;
}

std::int32_t PatchAxis::shift(std::int32_t tap) const {
  return slot_per_tap_ ? 0 : phase_.place(tap) * phase_.spacing / phase_.stride;
}

std::int32_t PatchAxis::position(std::int32_t slot, std::int32_t first) const {
  const std::int32_t offset =
      slot_per_tap_ ? slot * phase_.spacing : slot * phase_.spacing % phase_.stride;
  return phase_.origin + first * phase_.stride + offset;
}

}  // namespace corr2d
