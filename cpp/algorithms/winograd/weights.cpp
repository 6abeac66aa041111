// Transforms the weights of Winograd, four output channels at a time.

#include <algorithm>

#include "algorithms/winograd/executor.hpp"

namespace corr2d {

void WinogradExecutor::pack_weights(const float* weight) {
  const std::int32_t step = weight_step();
  const std::int32_t positions = tiling_.positions();
  const Kernel<WinogradWeight>& kernel = winograd_weight_kernels().find(tiling_.n, c_.fusing);
  WinogradWeight work = {};
  const bool flip_rows = rows_.phase.reversed, flip_columns = columns_.phase.reversed;
  work.channel_step = c_.weight.image;
  work.row_step = flip_rows ? -c_.weight.row : c_.weight.row;
  work.column_step = flip_columns ? -c_.weight.column : c_.weight.column;
  work.position_step = step;
  const std::int32_t first_tap =
      (flip_rows ? 2 * c_.weight.row : 0) + (flip_columns ? 2 * c_.weight.column : 0);
  for (std::int32_t group = 0; group < c_.groups; ++group) {
    float* packed = weights_.data() + group * positions * step;
    for (std::int32_t first = 0; first < c_.outputs;) {
      const std::int32_t block = channel_block(c_.outputs - first);
      for (std::int32_t i = 0; i < c_.inputs; ++i) {
        for (std::int32_t o = 0; o < block; o += 4) {
          work.weight = weight + group * c_.weight.group + (first + o) * c_.weight.image +
                        c_.weight_offset(i) + first_tap;
          work.channels = std::min(block - o, 4);
          work.output = packed + first * c_.inputs + i * block + o;
          kernel.run(work);
        }
      }
      first += block;
    }
  }
}

}  // namespace corr2d
