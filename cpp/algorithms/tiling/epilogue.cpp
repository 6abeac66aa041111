#include "algorithms/tiling/epilogue.hpp"

namespace corr2d {

void ActivationEpilogue::activate_block(const OutputBlock& block, const Range& channels) const {
  for (std::int32_t image = 0; image < block.images; ++image) {
    for (std::int32_t row = 0; row < block.rows; ++row) {
      float* first = block.data + block.image_steps.offset(image) + row * block.row_step +
                     channels.first * block.channel_step;
      activate(first, channels.count, block.channel_step, block.columns, block.column_step,
               activation_, alpha_);
    }
  }
}

}  // namespace corr2d
