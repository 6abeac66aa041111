#pragma once

#include "algorithms/depthwise/single_channel_block.hpp"
#include "algorithms/tiling/tiled_executor.hpp"

namespace corr2d {

/// The operations of all depthwise implementations: products, and elements of input and output.
OpCounts depthwise_op_counts(const Correlation& correlation, Use use);

/// The refusal of the other depthwise implementations. No caller sees it: what they cannot do, this
/// one can, or gives the reason.
constexpr const char* kSpecialCase = "it is for special cases";

/// The executor of depthwise in tiles of rows (tiles.cpp), on which streaming is based.
class DepthwiseTiles : public TiledExecutor {
 public:
  using TiledExecutor::TiledExecutor;

  Status prepare(const float* weight, const float* bias);

 protected:
  Status prepare(const BlockLimits& limits, const float* weight, const float* bias);
  void compute(const Block& block, float* scratch) const override;
  /// Computes a block by tiles, without the epilogue.
  void correlate_tiles(const Block& block) const;

  float bias(const Block& block) const { return bias_[static_cast<std::size_t>(block.group)]; }
  TileOutput tile_output(const Block& block) const {
    return {block.output.data, block.output.row_step, epilogue_.low, epilogue_.high};
  }

 private:
  Buffer<float> bias_;
};

}  // namespace corr2d
