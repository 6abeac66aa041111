#pragma once

#include "kernels/depthwise/tile.hpp"

namespace corr2d {

/// A block of one output channel.
struct PlaneBlock {
  DepthwiseTile tile;  // its first tile
  std::int32_t rows, columns;
  std::int32_t column_step;  // floats between neighbours in a row of the output
  /// There is one input channel, and the rows of the kernel read neighbouring rows of the patch,
  /// the first one first.
  bool dense;
  bool fusing;
};

/// Correlates it by the fastest kernel that can. Where it is narrower than a tile the patch is read
/// as if it were not.
void correlate_plane(const PlaneBlock& block);

}  // namespace corr2d
