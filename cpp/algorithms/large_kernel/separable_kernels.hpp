#pragma once

#include "algorithms/large_kernel/low_rank.hpp"
#include "algorithms/tiling/patch.hpp"
#include "corr2d/status.hpp"
#include "kernels/tile.hpp"

namespace corr2d {

/// A block of one output channel.
struct SeparableBlock {
  const float* patch;
  std::int32_t row_step;  // floats between the patches of neighbouring output rows
  bool dense_rows;        // consecutive rows of the kernel read consecutive rows of the patch
  bool dense_columns;     // the same for columns
  float bias;
  TileOutput output;
  std::int32_t rows, columns;
  std::int32_t column_step;  // floats between neighbours in a row of the output
};

/// Kernels as sums of outer products of a column and a row (low_rank.hpp), all with the same number
/// of products. A block is correlated in two passes: for each product, the columns of the patch
/// give a plane of sums; then the rows of all planes give the outputs. The planes should stay in
/// the cache.
///
/// If the kernel reads consecutive rows and columns and the outputs of a row are contiguous, both
/// passes use the micro-kernels of pass.hpp, a group of rows at a time. Otherwise both read the
/// taps at offsets from a table.
class SeparableKernels {
 public:
  /// The rows of a group. Blocks whose rows are a multiple of it are fastest.
  static constexpr std::int32_t kGroupRows = 16;

  /// Factorises the kernels, for patches with rows of `pitch` floats and blocks of at most `rows`
  /// rows. Returns kOk, kOutOfMemory, or kTooLarge if the planes would be too large.
  Status prepare(const KernelsView& kernels, std::int32_t pitch, std::int32_t rows);

  /// Sets where the patch holds the input of the taps: at row_offset(y) + column_offset(x). Call it
  /// after prepare.
  template <typename RowOffset, typename ColumnOffset>
  void set_tap_offsets(RowOffset row_offset, ColumnOffset column_offset) {
    std::int32_t* tap = tap_offsets_.data();
    for (std::int32_t y = 0; y < height_; ++y) *tap++ = row_offset(y);
    for (std::int32_t k = 0; k < rank_; ++k) {
      for (std::int32_t x = 0; x < width_; ++x) *tap++ = k * plane_step_ + column_offset(x);
    }
  }

  /// Correlates a block by one of the kernels. `planes` has space for plane_floats().
  void correlate(std::int32_t kernel, const SeparableBlock& block, float* planes) const;

  std::int64_t plane_floats() const { return std::int64_t{rank_} * plane_step_ + kReadSlack; }
  std::size_t bytes() const { return weights_.bytes() + tap_offsets_.bytes(); }

 private:
  /// The same with the micro-kernels of pass.hpp, by the weights of one of the kernels.
  void correlate_dense(const float* weights, const SeparableBlock& block, float* planes) const;

  std::int32_t height_ = 0, width_ = 0;
  // The largest rank of all kernels. It is at least 1, so that zeros times NaN are NaN.
  std::int32_t rank_ = 1;
  std::int32_t pitch_ = 0;            // floats of a row of a plane
  std::int32_t plane_step_ = 0;       // floats of a plane
  Buffer<float> weights_;             // [kernel][columns of the products, rows of the products]
  Buffer<std::int32_t> tap_offsets_;  // of columns in the patch, then of rows in the planes
};

}  // namespace corr2d
