#include "kernels/panels.hpp"

namespace corr2d {

void pack_panels(const float* input, const std::int32_t* taps, std::int32_t depth,
                 const PanelColumns* columns, std::int32_t panel_count, std::int32_t panel_step,
                 float* panels) {
  for (std::int32_t k = 0; k < depth; ++k) {
    const float* in = input + taps[k];
    float* out = panels + k * kPanelColumns;
    for (std::int32_t p = 0; p < panel_count; ++p, out += panel_step) {
      const PanelColumns& panel = columns[p];
      if (panel.reads_row) {
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

}  // namespace corr2d
