#pragma once

#include <cstdint>

#include "algorithms/depthwise/streaming_block.hpp"
#include "algorithms/tiling/packing.hpp"
#include "algorithms/tiling/phase.hpp"

namespace corr2d {

/// Where the taps of a kernel find their input: tap t of the output in row y and column x of a
/// block reads patch[y * row_step + x + taps[t]].
struct PatchView {
  const float* patch;
  const std::int32_t* taps;
  std::int32_t row_step;  // floats between outputs of neighbouring rows
};

/// Outputs that read the input alike, a phase of the rows and one of the columns (axis.hpp), and
/// what they need: where their taps are, and the weights of these taps.
///
/// A block of outputs reads a patch of the padded input. It is copied, taken apart by phase, so
/// that for a kernel every stride is 1 and each tap is one offset, whatever dilation and padding
/// are:
///
///   [input channel of the group][row slot][row][column slot][column]
///
/// Where neither padding nor a stride between columns stands in the way, the input is such a patch
/// already, and nothing is copied.
class PhaseProblem : public Allocated {
 public:
  /// Floats beyond a copied patch that kernels may read, and whose sums they never store.
  static constexpr std::int32_t kSlack = 31;

  PhaseProblem(const Correlation& c, std::int32_t row_index, std::int32_t column_index);

  /// Decides the shape of the patch, for blocks of so many outputs.
  void shape_patch(std::int32_t block_rows, std::int32_t block_columns);
  /// Floats of the patch of one image, without the slack.
  std::int64_t patch_floats() const;

  /// Packs the weights (null where the algorithm has its own) and makes the tables of taps for what
  /// will be asked for, `view`, `fetch` or both: kOk or kOutOfMemory. After shape_patch.
  Status prepare(const float* weight, bool views, bool fetches);

  /// Whether the input itself can serve as the patch. Nothing beyond the last output of a row may
  /// be read of it.
  bool in_place() const { return in_place_; }
  /// Whether it can for who minds no stride between columns and puts one zero around it.
  bool in_place_with_zero_border() const { return in_place_with_zero_border_; }
  /// Where these outputs read that zero.
  ZeroBorder zero_border(std::int32_t y, std::int32_t rows, std::int32_t x,
                         std::int32_t columns) const;
  /// The input as the patch of the block whose first output is in row y and column x.
  PatchView view(const float* input, std::int32_t y, std::int32_t x) const;
  /// Copies the patch of `rows` x `columns` outputs from row y and column x on.
  PatchView fetch(const float* input, std::int32_t y, std::int32_t rows, std::int32_t x,
                  std::int32_t columns, float* patch) const;

  /// The table of taps that `fetch` gives.
  const std::int32_t* patch_taps() const { return patch_taps_.data(); }
  /// Floats of a row of a patch.
  std::int32_t patch_columns() const { return columns_.slots() * pitch_; }

  const AxisPhase& rows() const { return row_phase_; }
  const AxisPhase& columns() const { return column_phase_; }
  const PackedWeights& weights() const { return weights_; }
  std::size_t bytes() const {
    return weights_.bytes() + patch_taps_.bytes() + in_place_taps_.bytes();
  }

 private:
  std::int32_t row_offset(std::int32_t channel, std::int32_t slot, std::int32_t row) const;

  const Correlation& c_;
  AxisPhase row_phase_, column_phase_;
  bool in_place_, in_place_with_zero_border_;
  PatchAxis rows_, columns_;
  std::int32_t slot_rows_ = 0;  // rows of a row slot
  std::int32_t pitch_ = 0;      // floats of a column slot
  Buffer<std::int32_t> patch_taps_, in_place_taps_;
  PackedWeights weights_;
};

}  // namespace corr2d
