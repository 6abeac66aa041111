#pragma once

#include "algorithms/algorithm.hpp"
#include "algorithms/large_kernel/fft_tiling.hpp"
#include "algorithms/tiling/phase_problem.hpp"

namespace corr2d {

/// One tile of a pair. It has no rows if it does not exist.
struct FftTile {
  std::int32_t image, row, column;  // the first output
  std::int32_t rows, columns;       // outputs
};

/// Keeps the errors of FFT local (Problem::local_accuracy), for one channel without bias and
/// activation. Tasks pass it max |x| of each cell of 8 x 8 elements that the two tiles of a pair
/// read. After the FFT, it recomputes the blocks of 8 x 8 outputs that are not accurate:
///
/// - The error of FFT is at most a multiple of eps max |x| sum |w|, with the maximum over the pair.
///   The multiple depends on the kernel. A block is accurate if this bound is at most
///   (K + 1) eps max |x| sum |w|, with the maximum over the cells in the neighbourhoods of all its
///   outputs. A neighbourhood is a window, extended on each side by half the size of the kernel.
/// - If the pair and the weight consist of integers, sums whose errors are below 1/2 are rounded;
///   if errors may be larger, no block is accurate.
/// - No block is accurate if the pair contains NaN, infinities or only extreme numbers.
class FftGuard {
 public:
  FftGuard(const Correlation& correlation, const FftAxis& rows, const FftAxis& columns,
           const PhaseProblem& phase)
      : c_(correlation), rows_(rows), columns_(columns), phase_(phase) {}

  /// Call it after the weights of `phase` have been packed.
  void prepare();
  /// The number of cells of a tile.
  std::int32_t cells() const { return cell_index(rows_.size, 0); }
  /// The index of the first cell of a row of a tile, plus `column` cells.
  std::int32_t cell_index(std::int32_t row, std::int32_t column) const {
    return row / kFftCell * (columns_.size / kFftCell) + column;
  }

  /// The least max |x| nearby of an accurate block: 0 if all are accurate once their sums are
  /// rounded, NaN if none is. `cells` are those of both tiles of a pair.
  float limit_of(const float* cells, bool has_fraction) const;
  /// Recomputes the blocks of a tile that are not accurate. Overwrites the beginning of the
  /// workspace: less than the plane of a channel.
  void correct(const TaskData& data, const FftTile& tile, const float* cells, float limit) const;

 private:
  float largest(const float* cells, const Range& rows, const Range& columns, float enough) const;

  const Correlation& c_;
  const FftAxis& rows_;
  const FftAxis& columns_;
  const PhaseProblem& phase_;
  bool is_integral_ = true;  // the weight
  float norm_ = 0;           // sum |w|
  float error_ = 0;          // of FFT, as a multiple of eps max |x| sum |w|
};

}  // namespace corr2d
