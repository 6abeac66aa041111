#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/phase.hpp"
#include "algorithms/tiling/task_grid.hpp"
#include "core/correlation.hpp"
#include "kernels/list.hpp"

namespace corr2d {

/// One axis of the outputs of a dilated kernel. Outputs with the same remainder modulo the dilation
/// form a phase: an undilated problem in every d-th position.
struct DilatedAxis {
  explicit DilatedAxis(const CorrelationAxis& axis)
      : phase(phase_of(axis, 0)), phases(std::min(phase.spacing, axis.output)) {}

  /// The number of outputs of a phase. The first phase has the most.
  std::int32_t outputs(std::int32_t index) const {
    return (phase.outputs - 1 - index) / phase.spacing + 1;
  }

  AxisPhase phase;
  std::int32_t phases;
};

/// The tiles of a problem, and the blocks of tiles that tasks compute.
struct WinogradTiling {
  static constexpr std::int32_t kMaxPanels = 8;
  static constexpr std::int32_t kMaxTiles = kMaxPanels * kPanelColumns;
  static constexpr std::int64_t kImpossible = std::numeric_limits<std::int64_t>::max();

  std::int32_t n;                                // outputs of a tile along each axis: 2 or 4
  std::int32_t images, tile_rows, tile_columns;  // of the largest block; rows and columns of tiles
  std::int32_t panels;                           // of the largest block
  TaskGrid grid;
  std::int64_t cost;  // products of all blocks for one pair of channels, or kImpossible

  /// Positions of a transformed tile.
  std::int32_t positions() const { return winograd_positions(n) * winograd_positions(n); }
};

/// The cheapest tiling for one thread. Its cost is kImpossible if a workspace would be too large.
WinogradTiling best_tiling(const Correlation& correlation);

/// The same tiles in more blocks, where there would be too few for the threads.
WinogradTiling divided(WinogradTiling tiling, const Correlation& correlation);

/// The layout of the workspace: panels of the transformed input, sums, columns of one to four
/// channels that are transformed along one axis, and patches of as many channels.
struct WorkspaceLayout {
  WorkspaceLayout(const WinogradTiling& tiling, const Correlation& correlation);

  std::int64_t floats() const {
    return panels + sums + std::int64_t{lanes} * (patch_floats + column_floats);
  }

  std::int32_t position_floats;              // floats between positions of the panels
  std::int32_t sum_channels;                 // output channels whose sums fit
  std::int32_t lanes;                        // channels that are fetched at once
  std::int32_t vectors;                      // vectors of a row of the patch
  std::int32_t patch_floats, column_floats;  // floats of one channel
  std::int64_t panels, sums;                 // floats of all panels and of the sums
};

}  // namespace corr2d
