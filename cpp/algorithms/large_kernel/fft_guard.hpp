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
/// read. After FFT, it computes those blocks of 8 x 8 outputs again for which FFT is not accurate:
///
/// - The error of FFT is at most a multiple of eps max |x| sum |w|, with the maximum over the pair.
///   The multiple depends on the kernel. A block is accurate if that is at most
///   (K + 1) eps max |x| sum |w| with the maximum over cells that the neighbourhoods of all its
///   outputs contain: their windows, extended on each side by half the size of the kernel.
/// - If the pair and the weight consist of integers, sums are rounded if their errors are below
///   1/2. Otherwise no block is accurate.
/// - No block is accurate if the pair contains NaN, infinities or only extreme numbers.
class FftGuard {
 public:
  FftGuard(const Correlation& correlation, const FftAxis& rows, const FftAxis& columns,
           const PhaseProblem& phase)
      : c_(correlation), rows_(rows), columns_(columns), phase_(phase) {}

  /// Call it when the weights of `phase` are packed.
  void prepare();
  /// The number of cells of a tile.
  std::int32_t cells() const { return cell_index(rows_.size, 0); }
  /// The index of the first cell of a row of a tile, plus `column` cells.
  std::int32_t cell_index(std::int32_t row, std::int32_t column) const {
    return row / kFftCell * (columns_.size / kFftCell) + column;
  }

  /// Blocks are accurate if max |x| nearby is at least this: 0 if sums must be rounded, NaN if no
  /// block is accurate.
  float limit_of(const float* cells, bool has_fraction) const;
  /// Computes the outputs of a tile that are not accurate. Uses the beginning of the workspace:
  /// less than the plane of a channel.
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
