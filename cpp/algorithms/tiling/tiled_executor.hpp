#pragma once

#include <cstdint>

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/epilogue.hpp"
#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/phase_problem.hpp"

namespace corr2d {

/// The outputs of one task: rows x columns of one phase, in some images and in some channels of one
/// group.
struct Block {
  const PhaseProblem& phase;
  PatchView input;          // of the first image
  bool is_copied;           // false: `input` is the input tensor itself
  ImageSteps input_images;  // where the patches of the other images are
  OutputBlock output;
  std::int32_t first_row, first_column;  // within the phase
  std::int32_t group;
  std::int32_t first_channel;  // channel 0 of the group, counted over all groups
  Range channels;              // the channels of the group to compute
};

/// The requirements of an algorithm on its blocks.
struct BlockLimits {
  std::int32_t max_outputs = 1 << 20;  // in one channel
  std::int32_t max_columns = 512;
  std::int32_t min_outputs = 64;    // in one channel; wins over patch_floats
  std::int64_t patch_floats = 0;    // blocks have as many rows as fit into a patch this large
  bool limits_copies_only = false;  // ignore patch_floats where the input is read in place
  std::int32_t min_in_place_columns = 24;  // the input of narrower blocks is copied
  bool joins_images = false;               // a block may span several images
  // The work of a task besides its products, see Workload:
  std::int32_t weight_columns = 4, input_channels = 4;
};

/// The refusal (AlgorithmEntry) of algorithms that can do whatever TiledExecutor can.
const char* tiling_refusal(const Correlation& correlation);

/// The base of algorithms that compute blocks of outputs from patches of the input. It divides the
/// outputs into blocks, one for each task, and finds or copies their patches.
class TiledExecutor : public Executor {
 public:
  explicit TiledExecutor(const Correlation& correlation)
      : c_(correlation), epilogue_(correlation) {}
  ~TiledExecutor() override;

 protected:
  /// Chooses the blocks and packs the weight, unless it is null. Returns kOk, kOutOfMemory or
  /// kTooLarge.
  Status prepare_blocks(const BlockLimits& limits, const float* weight);
  /// Sets the size of the scratch memory that `compute` gets. Call it after prepare_blocks.
  Status reserve_scratch(std::int64_t floats);

  /// Whether blocks that are wide enough read the input in place.
  virtual bool can_read_in_place(const Patch& patch) const { return patch.in_place(); }
  virtual void compute(const Block& block, float* scratch) const = 0;

  /// Completes the outputs. Call it at the end of `compute`.
  void finish(const Block& block) const { epilogue_.apply(block.output, block.channels); }

  const Correlation c_;
  const ActivationEpilogue epilogue_;
  Buffer<PhaseProblem*> phases_;
  /// The size of the largest block.
  std::int32_t block_images_ = 1, block_rows_ = 1, block_columns_ = 1;

 private:
  void run(const TaskData& data, const TaskIndex& task) const final;
  bool create_phases();
  std::int64_t largest_patch(std::int32_t block_rows, std::int32_t block_columns) const;
  void choose_blocks(const BlockLimits& limits);
  /// Makes more and smaller blocks where there are too few for the threads.
  void divide_blocks(const BlockLimits& limits);
  /// The columns of block `index` of a phase. Blocks begin where tiles do.
  Range columns_of(const PhaseProblem& phase, std::int32_t index) const;
  /// Whether the patch of a block with this many columns is a copy.
  bool copies(const PhaseProblem& phase, std::int32_t columns) const {
    return !phase.reads_in_place || columns < min_in_place_columns_;
  }
  /// Whether the patch of any block of this phase is a copy.
  bool copies_any(const PhaseProblem& phase) const;

  std::int32_t min_in_place_columns_ = 1;
  std::int64_t scratch_floats_ = 0;
};

}  // namespace corr2d
