#pragma once

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/epilogue.hpp"
#include "algorithms/winograd/tiling.hpp"

namespace corr2d {

/// The executor of Winograd (winograd.cpp). Its weights are transformed in weights.cpp, its blocks
/// computed in blocks.cpp.
class WinogradExecutor : public Executor {
 public:
  explicit WinogradExecutor(const Correlation& correlation);

  Status prepare(const float* weight, const float* bias);

 private:
  /// The outputs of one task, in one phase.
  struct Block {
    const float* input;  // the first element of the group
    OutputBlock output;
    std::int32_t first_row, first_column;  // of the input, for the first tile
    std::int32_t tile_rows, tile_columns;
    std::int32_t group;
    Range channels;  // of the group

    std::int32_t tiles() const { return output.images * tile_rows * tile_columns; }
  };

  /// A tile of a block.
  struct Tile {
    std::int32_t leading, trailing;  // offsets of its columns, see WinogradInput
    std::int32_t output;             // offset of its first output
    std::int32_t rows, columns;      // outputs inside the block
  };

  void run(const TaskData& data, const TaskIndex& task) const override;
  void pack_weights(const float* weight);
  void list_tiles(const Block& block, Tile* tiles) const;
  void fetch(const Block& block, std::int32_t image, std::int32_t channel, std::int32_t lanes,
             float* patch) const;
  void transform_input(const Block& block, const Tile* tiles, float* panels, float* columns,
                       float* patch) const;
  void multiply(const Block& block, std::int32_t channel, std::int32_t end, const float* panels,
                float* sums) const;
  void transform_output(const Block& block, const Tile* tiles, std::int32_t channel,
                        std::int32_t end, const float* sums) const;

  /// Floats between the weights of two positions of a group. Vectors are stored whole: what lies
  /// beyond the last channel of a block is overwritten by the next block, or by nothing.
  std::int32_t weight_step() const { return c_.inputs * c_.outputs + 4; }

  const Correlation c_;
  const ActivationEpilogue epilogue_;
  const AxisPhase planes_;
  const DilatedAxis rows_, columns_;
  const WinogradTiling tiling_;
  const WorkspaceLayout layout_;
  Buffer<float> bias_;
  Buffer<float> weights_;  // [group][position][block of channels][input channel][channel of block]
};

}  // namespace corr2d
