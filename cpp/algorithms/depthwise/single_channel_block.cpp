#include "algorithms/depthwise/single_channel_block.hpp"

#include <algorithm>

#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// Covers a block with tiles of `rows` rows, which the block has at least. The last tiles end with
/// the block: they compute some outputs again, to the same bits.
void for_each_tile(const SingleChannelBlock& block, std::int32_t rows,
                   const TileKernel<DepthwiseTile>& kernel) {
  DepthwiseTile tile = block.tile;
  const std::int32_t columns = std::min(kernel.columns, block.columns);
  // If rows follow each other without a gap, what a tile writes beyond the end of a row is the
  // beginning of the next row, which is computed later. Then only the last tiles need a buffer.
  const bool continues = columns < kernel.columns && block.column_step == 1 &&
                         block.tile.output.row_step == columns && kernel.columns <= 2 * columns;
  for (std::int32_t y = 0; y < block.rows; y += rows) {
    const std::int32_t row = std::min(y, block.rows - rows);
    for (std::int32_t x = 0; x < block.columns; x += kernel.columns) {
      const std::int32_t column = std::max(0, std::min(x, block.columns - kernel.columns));
      tile.patch = block.tile.patch + row * tile.row_step + column;
      tile.output.data =
          block.tile.output.data + row * tile.output.row_step + column * block.column_step;
      if (continues && row + rows < block.rows) {
        kernel.run(tile);
      } else {
        run_tile(kernel, tile, rows, columns, block.column_step);
      }
    }
  }
}

}  // namespace

void correlate_single_channel(const SingleChannelBlock& block) {
  const DepthwiseTile& tile = block.tile;
  const std::int32_t kernel_height =
      tile.kernel_width == 0 ? 0 : tile.tap_count / tile.kernel_width;
  const bool shares_rows = block.dense && kernel_height > 1 && block.rows > 1 && block.columns > 8;
  const TileKernel<DepthwiseTile>& kernel =
      shares_rows ? depthwise_shared_rows_kernels().find(2, block.fusing)
                  : depthwise_kernels().find(block.rows >= 3 ? 3 : 1, block.fusing);
  for_each_tile(block, kernel.rows, kernel);
}

}  // namespace corr2d
