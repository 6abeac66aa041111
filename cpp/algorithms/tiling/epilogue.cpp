#include "algorithms/tiling/epilogue.hpp"

namespace corr2d {

void ActivationEpilogue::activate_block(const OutputBlock& block, const Range& channels) const {
  // The inner axes are rows and columns, or columns and channels if the channels are contiguous.
  const bool is_nhwc = block.channel_step == 1;
  const std::int32_t count = is_nhwc ? block.rows : channels.count;
  const std::int32_t step = is_nhwc ? block.row_step : block.channel_step;
  for (std::int32_t image = 0; image < block.images; ++image) {
    std::ptrdiff_t first = std::ptrdiff_t{block.image_steps.offset(image)} +
                           std::ptrdiff_t{channels.first} * block.channel_step;
    for (std::int32_t i = 0; i < count; ++i, first += step) {
      float* data = block.data + first;
      const float* add = block.add == nullptr ? nullptr : block.add + first;
      if (is_nhwc) {
        apply(data, add, block.columns, block.column_step, channels.count, 1);
      } else {
        apply(data, add, block.rows, block.row_step, block.columns, block.column_step);
      }
    }
  }
}

}  // namespace corr2d
