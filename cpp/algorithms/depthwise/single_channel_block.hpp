#pragma once

#include "kernels/depthwise/tile.hpp"

namespace corr2d {

/// A block of one output channel.
struct SingleChannelBlock {
  DepthwiseTile tile;  // its first tile
  std::int32_t rows, columns;
  std::int32_t column_step;  // floats between neighbours in a row of the output
  /// Whether there is one input channel, and consecutive rows of the kernel read consecutive rows
  /// of the patch.
  bool dense;
  bool fusing;  // fused multiply-add may be used
};

/// Correlates a block with the fastest kernel that can. Tiles are whole: of a block that is
/// narrower than a tile, more of the patch is read than the block needs (kReadSlack).
void correlate_single_channel(const SingleChannelBlock& block);

}  // namespace corr2d
