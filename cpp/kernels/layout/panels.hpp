#pragma once

#include <cstdint>

#include "kernels/gemm.hpp"

namespace corr2d {

/// The columns of a panel. The offsets of their inputs and outputs are in floats from the first
/// column of all panels.
struct PanelColumns {
  std::int32_t count;  // columns in use, 1 to kPanelColumns
  /// All columns are in use and contiguous in memory.
  bool input_is_contiguous, output_is_contiguous;
  std::int32_t input[kPanelColumns];  // an unused column reads the first column's input
  std::int32_t output[kPanelColumns];
};

/// Copies the inputs of `depth` taps into panels, `panel_step` floats apart. Row k of a panel is
/// input[tap_offsets[k] + offset of the column].
void pack_panels(const float* input, const std::int32_t* tap_offsets, std::int32_t depth,
                 const PanelColumns* columns, std::int32_t panel_count, std::int32_t panel_step,
                 float* panels);

/// Copies the output columns of a panel into a tile, [channels][kPanelColumns]. Channels of the
/// output are `channel_step` floats apart. Unused columns of the tile become 0.
void gather_tile(const float* output, std::int32_t channel_step, const PanelColumns& columns,
                 std::int32_t channels, float* tile);

/// Copies a tile, [channels][kPanelColumns], to the output columns of a panel.
void scatter_tile(const float* tile, std::int32_t channels, const PanelColumns& columns,
                  std::int32_t channel_step, float* output);

}  // namespace corr2d
