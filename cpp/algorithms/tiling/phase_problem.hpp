#pragma once

#include "algorithms/tiling/packing.hpp"
#include "algorithms/tiling/patch.hpp"
#include "algorithms/tiling/phase.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {

/// The part of a correlation whose outputs lie in one phase of each axis (phase.hpp): a correlation
/// of its own, with some of the taps.
struct PhaseProblem : Allocated {
  PhaseProblem(const Correlation& c, std::int32_t plane_phase, std::int32_t row_phase,
               std::int32_t column_phase)
      : planes(phase_of(c.planes, plane_phase)),
        rows(phase_of(c.rows, row_phase)),
        columns(phase_of(c.columns, column_phase)),
        images(c.images / c.planes.output * planes.outputs),
        patch(c, planes, rows, columns) {}
  PhaseProblem(const PhaseProblem&) = delete;  // `patch` refers to the axes

  /// Packs the weights of the taps of this phase. Returns kOk or kOutOfMemory.
  Status pack(const Correlation& c, const float* weight) {
    return weights.pack(c, weight, {planes.first_tap, planes.tap_step, planes.taps},
                        {rows.first_tap, rows.tap_step, rows.taps},
                        {columns.first_tap, columns.tap_step, columns.taps});
  }

  std::size_t bytes() const { return weights.bytes() + patch.bytes(); }

  const AxisPhase planes, rows, columns;
  const std::int32_t images;  // the planes of this phase, in the whole batch
  Patch patch;
  PackedWeights weights;
  /// Whether blocks that are wide enough read the input in place.
  bool reads_in_place = false;
};

}  // namespace corr2d
