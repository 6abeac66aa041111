#include "algorithms/large_kernel/fft_guard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/depthwise/single_channel_block.hpp"

namespace corr2d {
namespace {

constexpr float kEpsilon = 0x1p-24f;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSmallestDenormal = std::numeric_limits<float>::denorm_min();

/// The error of FFT is at most eps max |x| (kSumError sum |w| + kNoiseError sqrt(sum w^2)). The
/// first term dominates if the products have the same sign, the second if they cancel. Measured on
/// noise, ramps, stripes, checkerboards, chirps, sparse pixels and images, with kernels from 1 x
/// 101 to 301 x 301, in transforms of up to 1024 x 1024 numbers: the largest errors, as multiples
/// of eps max |x|, are 5.5 sum |w| for dense kernels and 12 |w| for kernels of a single element.
constexpr float kSumError = 8, kNoiseError = 16;
/// Numbers below kSmallest may become denormal in a transform; sums above kLargest may overflow.
constexpr float kSmallest = 0x1p-30f, kLargest = 0x1p+70f;

/// The cells that are touched by windows that begin in cell `cell`.
Range touched(const FftAxis& axis, std::int32_t cell) {
  return {cell, 1 + divide_up(axis.reach, kFftCell)};
}

/// The cells that lie in the neighbourhoods of all windows that begin in cell `cell`.
Range nearby(const FftAxis& axis, std::int32_t cell) {
  const std::int32_t more = (axis.reach + 1) / 2;
  const std::int32_t before = (more + 1) / kFftCell - 1;
  return {cell - before, before + (axis.reach + 1 + more) / kFftCell};
}

}  // namespace

void FftGuard::prepare() {
  float square = 0;
  for (std::int32_t t = 0; t < phase_.weights.depth(); ++t) {
    const float w = phase_.weights.of(0)[t];
    is_integral_ = is_integral_ && w == std::nearbyint(w);
    norm_ += std::abs(w);
    square += w * w;
  }
  error_ = kSumError + kNoiseError * std::sqrt(square) / norm_;
}

float FftGuard::limit_of(const float* cells, bool has_fraction) const {
  const float in_pair = *std::max_element(cells, cells + 2 * this->cells());
  const float sums = norm_ * in_pair;
  const bool is_integral = is_integral_ && !has_fraction;
  if (is_integral && error_ * kEpsilon * sums < 0.5f) return 0;
  // The condition is false for NaN.
  const bool is_usable = in_pair >= kSmallest && norm_ >= kSmallest && sums < kLargest;
  return is_usable && !is_integral
             ? error_ * in_pair / static_cast<float>(phase_.weights.depth() + 1)
             : std::numeric_limits<float>::quiet_NaN();
}

/// The largest number in some cells of a tile, or the first found that is at least `enough`. The
/// ranges may extend beyond the tile.
float FftGuard::largest(const float* cells, const Range& rows, const Range& columns,
                        float enough) const {
  float largest = 0;
  const std::int32_t end_row = std::min(rows.first + rows.count, rows_.size / kFftCell);
  const std::int32_t end_column = std::min(columns.first + columns.count, columns_.size / kFftCell);
  for (std::int32_t y = std::max(rows.first, 0); y < end_row; ++y) {
    for (std::int32_t x = std::max(columns.first, 0); x < end_column && largest < enough; ++x) {
      largest = std::max(largest, cells[cell_index(kFftCell * y, x)]);
    }
  }
  return largest;
}

void FftGuard::correct(const TaskData& data, const FftTile& tile, const float* cells,
                       float limit) const {
  for (std::int32_t y = 0; y < tile.rows; y += kFftCell) {
    const std::int32_t rows = std::min(kFftCell, tile.rows - y), row = y / kFftCell;
    float* output = data.output_floats() + (tile.row + y) * c_.output.row + tile.column;
    // The columns from the first to the last block that is not accurate.
    std::int32_t first = tile.columns, end = 0;
    for (std::int32_t x = 0; x < tile.columns; x += kFftCell) {
      const std::int32_t column = x / kFftCell;
      if (largest(cells, nearby(rows_, row), nearby(columns_, column), limit) >= limit) continue;
      if (norm_ < kInfinity &&
          largest(cells, touched(rows_, row), touched(columns_, column), kSmallestDenormal) == 0) {
        // These windows contain only zeros.
        const std::int32_t columns = std::min(kFftCell, tile.columns - x);
        for (std::int32_t i = 0; i < rows; ++i)
          fill_row(0, columns, output + i * c_.output.row + x);
        continue;
      }
      first = std::min(first, x);
      end = std::min(x + kFftCell, tile.columns);
    }
    if (first >= end) continue;
    const std::int32_t columns = end - first;
    const PatchView view = phase_.patch.fetch(data.input_floats(), 0, tile.row + y, rows,
                                              tile.column + first, columns, data.workspace);
    correlate_single_channel({.tile = {view.patch,
                                       view.row_step,
                                       view.tap_offsets,
                                       phase_.weights.depth(),
                                       c_.columns.kernel,
                                       phase_.weights.of(0),
                                       0,
                                       {output + first, c_.output.row, -kInfinity, kInfinity}},
                              .rows = rows,
                              .columns = columns,
                              .column_step = 1,
                              .dense = phase_.rows.is_dense(),
                              .fusing = c_.fusing});
  }
}

}  // namespace corr2d
