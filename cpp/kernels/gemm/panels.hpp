#pragma once

#include <cstdint>

#include "kernels/gemm/tile.hpp"

namespace corr2d {

/// What the columns of a panel are: where each reads and writes, relative to the first column of
/// all.
struct PanelColumns {
  std::int32_t count;                 // columns that there are, 1 to kPanelColumns
  bool reads_row, writes_row;         // all are there, and side by side in memory
  std::int32_t input[kPanelColumns];  // a column that is not there reads what the first reads
  std::int32_t output[kPanelColumns];
};

/// Copies what `depth` taps read into panels, `panel_step` floats apart: row k of a panel is
/// input[taps[k] + the column's offset].
void pack_panels(const float* input, const std::int32_t* taps, std::int32_t depth,
                 const PanelColumns* columns, std::int32_t panel_count, std::int32_t panel_step,
                 float* panels);

/// Between a tile, [channel][kPanelColumns], and an output whose columns lie where `columns` says,
/// from `output` on, and whose channels are `channel_step` floats apart: to the tile, where columns
/// that are not there become 0, and back.
void gather_tile(const float* output, std::int32_t channel_step, const PanelColumns& columns,
                 std::int32_t channels, float* tile);
void scatter_tile(const float* tile, std::int32_t channels, const PanelColumns& columns,
                  std::int32_t channel_step, float* output);

}  // namespace corr2d
