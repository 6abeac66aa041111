#include "kernels/layout/panels.hpp"

namespace corr2d {

void pack_panels(const float* input, const std::int32_t* tap_offsets, std::int32_t depth,
                 const PanelColumns* columns, std::int32_t panel_count, std::int32_t panel_step,
                 float* panels) {
  for (std::int32_t k = 0; k < depth; ++k) {
    const float* in = input + tap_offsets[k];
    float* out = panels + k * kPanelColumns;
    for (std::int32_t p = 0; p < panel_count; ++p, out += panel_step) {
      const PanelColumns& panel = columns[p];
      if (panel.input_is_contiguous) {
        const float* row = in + panel.input[0];
        wasm_v128_store(out, wasm_v128_load(row));
        wasm_v128_store(out + 4, wasm_v128_load(row + 4));
      } else {
        for (std::int32_t lane = 0; lane < kPanelColumns; ++lane) {
          out[lane] = in[panel.input[lane]];
        }
      }
    }
  }
}

void gather_tile(const float* output, std::int32_t channel_step, const PanelColumns& columns,
                 std::int32_t channels, float* tile) {
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t lane = 0; lane < kPanelColumns; ++lane) {
      tile[c * kPanelColumns + lane] =
          lane < columns.count ? output[c * channel_step + columns.output[lane]] : 0.0f;
    }
  }
}

void scatter_tile(const float* tile, std::int32_t channels, const PanelColumns& columns,
                  std::int32_t channel_step, float* output) {
  std::int32_t first = 0;
  // Contiguous channels are transposed and stored four at a time.
  for (; channel_step == 1 && first + 4 <= channels; first += 4) {
    for (std::int32_t lane = 0; lane < columns.count; lane += 4) {
      v128_t pixels[4];
      transpose(tile + first * kPanelColumns + lane, kPanelColumns, pixels);
      for (std::int32_t i = 0; i < 4 && lane + i < columns.count; ++i) {
        wasm_v128_store(output + first + columns.output[lane + i], pixels[i]);
      }
    }
  }
  for (std::int32_t c = first; c < channels; ++c) {
    for (std::int32_t lane = 0; lane < columns.count; ++lane) {
      output[c * channel_step + columns.output[lane]] = tile[c * kPanelColumns + lane];
    }
  }
}

}  // namespace corr2d
