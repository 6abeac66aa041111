#include "algorithms/plane_block.hpp"

#include <algorithm>
#include <limits>

#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// Covers `block` with tiles of so many rows and columns; the last ones end with it and make some
/// elements again, to the same bits. It has as many rows as a tile at least; if it is narrower than
/// one, what is beyond is read and not stored.
void for_each_tile(const PlaneTile& block, std::int32_t rows, std::int32_t columns,
                   void (*run)(const PlaneTile&)) {
  PlaneTile tile = block;
  tile.rows = rows;
  tile.columns = std::min(columns, block.columns);
  for (std::int32_t y = 0; y < block.rows; y += rows) {
    const std::int32_t row = std::min(y, block.rows - rows);
    for (std::int32_t x = 0; x < block.columns; x += columns) {
      const std::int32_t column = std::max(0, std::min(x, block.columns - columns));
      tile.patch = block.patch + row * block.row_step + column;
      tile.output.data = block.output.data + row * block.output.channel_stride +
                         column * block.output.column_stride;
      run(tile);
    }
  }
}

}  // namespace

void correlate_plane(const PlaneTile& block, bool dense, bool fusing) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::int32_t kernel_height =
      block.kernel_width == 0 ? 0 : block.tap_count / block.kernel_width;
  if (dense && fusing && kernel_height == 3 && block.kernel_width == 3) {
    const Kernel<PlaneTile>& kernel = plane_roll_kernels().find(1, true);
    for_each_tile(block, block.rows, kernel.columns, kernel.run);
    const bool clamps = block.output.low > -kInfinity || block.output.high < kInfinity;
    if (block.bias != 0 || clamps) finish_plane(block);
    return;
  }
  const bool shares_rows = dense && kernel_height > 1 && block.rows > 1 && block.columns > 8;
  const Kernel<PlaneTile>& kernel =
      shares_rows ? plane_rows_kernels().find(2, fusing)
                  : plane_taps_kernels().find(block.rows >= 3 ? 3 : 1, fusing);
  for_each_tile(block, kernel.channels, kernel.columns, kernel.run);
}

}  // namespace corr2d
