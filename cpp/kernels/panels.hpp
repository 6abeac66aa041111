#pragma once

#include <cstdint>

#include "kernels/gemm.hpp"

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

}  // namespace corr2d
