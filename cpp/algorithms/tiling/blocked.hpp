#pragma once

#include <cstdint>

#include "algorithms/algorithm.hpp"
#include "algorithms/depthwise/streaming_block.hpp"
#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/phase_problem.hpp"

namespace corr2d {

/// Outputs that one task makes: rows x columns of each of some images, in some channels of one
/// group.
struct Block {
  const PhaseProblem& part;
  PatchView input;           // of the first image
  bool copied;               // otherwise it is the input itself
  ZeroBorder zero_border;    // of what is not copied
  std::int32_t input_image;  // floats between the patches of neighbouring images
  float* output;             // channel, row and column 0 of the first image
  std::int32_t output_image, output_row, output_column;  // floats between neighbours
  std::int32_t images, rows, columns;
  std::int32_t group;
  std::int32_t first_channel;  // of the group, counted over all groups
  Range channels;              // of the group, that are to be made
};

/// What makes a good block is for each algorithm to say.
struct BlockLimits {
  std::int32_t max_outputs;  // of one channel
  std::int32_t max_columns;
  std::int32_t min_outputs;           // of one channel; not fewer for the sake of the patch
  std::int64_t patch_floats;          // as many rows as this allows
  std::int32_t min_in_place_columns;  // narrower blocks have to be copied
  bool joins_images;                  // a block may span images
  /// Reads the input itself whatever the stride between columns is, and where there is one zero
  /// around it; then a block may read as much of it as it likes.
  bool streams = false;
  // What a block costs beside its products, see Work.
  std::int32_t weight_columns = 4, input_channels = 4;
};

/// AlgorithmEntry::refusal for what can do all that can be cut into blocks.
const char* refusal_of_blocks(const Correlation& correlation);

/// The part that algorithms on patches have in common: the outputs are cut into blocks, each of
/// which is a task, and its patch is found or copied.
class Blocked : public Executor {
 public:
  explicit Blocked(const Correlation& correlation) : c_(correlation) {}
  ~Blocked() override;
  void run_task(const TaskData& data, std::int32_t task) const final;

 protected:
  /// Decides the blocks and packs the weights (null: see PhaseProblem): kOk, kOutOfMemory or
  /// kTooLarge.
  Status prepare_blocks(const BlockLimits& limits, const float* weight);
  /// Sets the size of the scratch that `compute` is given. After prepare_blocks.
  Status want_scratch(std::int64_t floats);
  virtual void compute(const Block& block, float* scratch) const = 0;

  /// Applies what a kernel cannot: activations that are not clamps.
  void finish(const Block& block) const;

  const Correlation c_;
  Buffer<PhaseProblem*> parts_;
  /// Of the largest block.
  std::int32_t block_images_ = 1, block_rows_ = 1, block_columns_ = 1;

 private:
  bool make_parts();
  std::int64_t largest_patch(std::int32_t block_rows, std::int32_t block_columns) const;
  void choose_blocks(const BlockLimits& limits);
  /// More blocks of less each, or of fewer channels, where there would be too few for the workers.
  void divide_blocks(const BlockLimits& limits);
  /// The columns of block `index` of a part: blocks begin where tiles do.
  Range columns_of(const PhaseProblem& part, std::int32_t index) const;
  bool copies(const PhaseProblem& part, std::int32_t columns) const {
    return !(part.in_place() || (streams_ && part.in_place_with_zero_border())) ||
           columns < min_in_place_columns_;
  }
  /// Whether any block of this part is copied.
  bool fetches(const PhaseProblem& part) const;

  std::int32_t image_blocks_ = 1, row_blocks_ = 1, column_blocks_ = 1, channel_blocks_ = 1;
  std::int32_t min_in_place_columns_ = 1;
  bool streams_ = false;
  std::int64_t patch_floats_ = 0, scratch_floats_ = 0;
};

}  // namespace corr2d
