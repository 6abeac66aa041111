#pragma once

#include <cstdint>

#include "algorithms/tiling/phase.hpp"
#include "core/correlation.hpp"
#include "corr2d/memory.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {

/// Floats beyond the last one of a patch that kernels may read. They never store the sums of these.
constexpr std::int32_t kReadSlack = 31;

/// The plane that an image reads as one of the inputs of a group, with its padding. `input` is the
/// first element of the group. Images and inputs are counted within a phase of the planes; those
/// that read padding get a plane without rows.
PaddedPlane input_plane(const Correlation& correlation, const AxisPhase& planes, const float* input,
                        std::int32_t image, std::int32_t channel);

/// The floats from an image of a tensor to another one; images are numbered as in Correlation.
struct ImageSteps {
  std::int32_t first;         // the image that offsets are counted from
  std::int32_t planes;        // images in one element of the batch
  std::int32_t batch, plane;  // floats between elements of the batch, and between planes

  std::int32_t offset(std::int32_t image) const { return at(first + image) - at(first); }
  std::int32_t at(std::int32_t image) const {
    return image / planes * batch + image % planes * plane;
  }
};

/// The input of a block of outputs: tap t of the output in row y and column x of the block reads
/// patch[y * row_step + x + tap_offsets[t]].
struct PatchView {
  const float* patch;
  const std::int32_t* tap_offsets;
  std::int32_t row_step;  // floats between the patches of neighbouring output rows
};

/// The sides on which a block reads one row or column of zeros beyond the input.
struct ZeroBorder {
  bool top, bottom, left, right;
};

/// The input that blocks of outputs read, for one phase of each axis (phase.hpp). There are three
/// ways to get it:
///
/// - `fetch` copies it. The copy separates the slots of strided axes, so that every stride is 1 for
///   a kernel and each tap is one offset, whatever dilation and padding are:
///
///     [input channel of the group][row slot][row][column slot][column]
///
/// - `view` uses the input itself, where neither padding nor a stride between columns prevents it.
/// - `view` with a ZeroBorder uses the input itself with an implicit border of zeros, one element
///   wide, for algorithms that add the border and handle the stride between columns themselves.
class Patch {
 public:
  Patch(const Correlation& c, const AxisPhase& plane_phase, const AxisPhase& row_phase,
        const AxisPhase& column_phase);

  /// Sets the layout of copies, for blocks of at most this size.
  void set_block(std::int32_t block_rows, std::int32_t block_columns);
  /// Floats of the copy for one image, without kReadSlack.
  std::int64_t floats() const;
  /// Floats between rows of a copy.
  std::int32_t row_floats() const { return columns_.slots() * pitch_; }

  /// Fills the tables of tap offsets for `view`, `fetch` or both. Returns kOk or kOutOfMemory. Call
  /// it after set_block.
  Status prepare(bool views, bool fetches);

  /// Whether `view` can be used. Kernels must not read beyond the last output of a row of it.
  bool in_place() const { return in_place_; }
  /// Whether `view` can be used with a ZeroBorder and whatever stride between columns.
  bool in_place_with_zero_border() const { return in_place_with_zero_border_; }
  /// The border of `rows` x `columns` outputs from row y and column x on.
  ZeroBorder zero_border(std::int32_t y, std::int32_t rows, std::int32_t x,
                         std::int32_t columns) const;

  /// The input as the patch of the block whose first output is in row y and column x. `input` is
  /// the first plane that is read.
  PatchView view(const float* input, std::int32_t y, std::int32_t x) const;
  /// Copies the patch of `rows` x `columns` outputs from row y and column x on, of an image of the
  /// group that begins at `input`.
  PatchView fetch(const float* input, std::int32_t image, std::int32_t y, std::int32_t rows,
                  std::int32_t x, std::int32_t columns, float* copy) const;

  /// The table of tap offsets of `fetch`.
  const std::int32_t* copy_offsets() const { return copy_offsets_.data(); }
  std::size_t bytes() const { return copy_offsets_.bytes() + view_offsets_.bytes(); }

 private:
  /// Floats from the beginning of a copy to a row of it.
  std::int32_t row_offset(std::int32_t channel, std::int32_t slot, std::int32_t row) const;

  const Correlation& c_;
  const AxisPhase& plane_phase_;
  const AxisPhase& row_phase_;
  const AxisPhase& column_phase_;
  const std::int32_t inputs_;  // channels times taps of the planes
  bool in_place_, in_place_with_zero_border_;
  PatchAxis rows_, columns_;
  std::int32_t slot_rows_ = 0;  // rows of a row slot
  std::int32_t pitch_ = 0;      // floats of a column slot
  Buffer<std::int32_t> copy_offsets_, view_offsets_;
};

}  // namespace corr2d
