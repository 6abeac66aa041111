#pragma once

#include "algorithms/large_kernel/low_rank.hpp"
#include "corr2d/status.hpp"
#include "kernels/tile.hpp"

namespace corr2d {

/// A block of one output channel.
struct SeparableBlock {
  const float* patch;
  std::int32_t
      row_step;  // floats between rows of the patch that neighbouring rows of the output read
  bool dense;    // the rows of the kernel read such rows, the first one first
  float bias;
  TileOutput output;
  std::int32_t rows, columns;
  std::int32_t column_step;  // floats between neighbours in a row of the output
};

/// Kernels as sums of products of columns and rows (low_rank.hpp), as many for each kernel. A block
/// is correlated by passes: for each product a plane of sums along the columns of the patch, and
/// then the sums along the rows of all planes. The planes are to stay in the cache.
class SeparableKernels {
 public:
  /// Takes the kernels apart, for patches with rows of `pitch` floats and blocks of up to `rows`
  /// rows. kOk, kOutOfMemory, or kTooLarge where the planes would be.
  Status prepare(const KernelsView& kernels, std::int32_t pitch, std::int32_t rows);

  /// Where the patch holds what the taps read: at row_tap(y) + column_tap(x). After prepare.
  template <typename RowTap, typename ColumnTap>
  void place_taps(RowTap row_tap, ColumnTap column_tap) {
    std::int32_t* tap = taps_.data();
    for (std::int32_t y = 0; y < height_; ++y) *tap++ = row_tap(y);
    for (std::int32_t k = 0; k < rank_; ++k) {
      for (std::int32_t x = 0; x < width_; ++x) *tap++ = k * plane_ + column_tap(x);
    }
  }

  /// Correlates a block by one of the kernels; `planes` has room for plane_floats().
  void correlate(std::int32_t kernel, const SeparableBlock& block, float* planes) const;

  std::int64_t plane_floats() const { return std::int64_t{rank_} * plane_ + kSlack; }
  std::size_t bytes() const { return weights_.bytes() + taps_.bytes(); }

 private:
  /// Floats behind the planes that tiles may read.
  static constexpr std::int32_t kSlack = 31;

  std::int32_t height_ = 0, width_ = 0;
  // The largest of all kernels. Zeros have a product too: NaN times 0 is NaN.
  std::int32_t rank_ = 1;
  std::int32_t pitch_ = 0, plane_ = 0;  // floats of a row of a plane, and of a plane
  Buffer<float> weights_;               // [kernel][columns of the products, rows of the products]
  Buffer<std::int32_t> taps_;           // of columns in the patch, and of rows in the planes
};

}  // namespace corr2d
