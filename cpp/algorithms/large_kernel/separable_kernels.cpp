#include "algorithms/large_kernel/separable_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/depthwise/single_channel_block.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

/// Covers the outputs of a pass with tiles: `rows` along its correlation, `columns` across it, both
/// at least a tile. `tile` is the first tile. The last tiles end with the outputs: they compute
/// some of them again, to the same bits.
void run_pass(PassTile tile, std::int32_t rows, std::int32_t columns) {
  const auto run = pass_kernels().find(PassTile::kRows, true).run;
  const float* const input = tile.input;
  float* const output = tile.output;
  for (std::int32_t x = 0; x < columns; x += PassTile::kColumns) {
    const std::int32_t column = std::min(x, columns - PassTile::kColumns);
    for (std::int32_t y = 0; y < rows; y += PassTile::kRows) {
      const std::int32_t row = std::min(y, rows - PassTile::kRows);
      tile.input = input + row * tile.row_step + column;
      tile.output = output + column * tile.output_step + row;
      run(tile);
    }
  }
}

/// Columns are correlated in strips of this width, so that the rows that a kernel reads stay in the
/// first-level cache from one output row to the next.
constexpr std::int32_t kStrip = 64;

}  // namespace

Status SeparableKernels::prepare(const KernelsView& kernels, std::int32_t pitch,
                                 std::int32_t rows) {
  height_ = kernels.height;
  width_ = kernels.width;
  pitch_ = pitch;
  // A plane holds the rows of a block or, if correlate_dense may be used, of at least a group.
  const std::int64_t plane_rows = rows < PassTile::kColumns ? rows : std::max(rows, kGroupRows);
  if (plane_rows * pitch > kMaxElements) return Status::kTooLarge;
  plane_step_ = static_cast<std::int32_t>(plane_rows * pitch);
  LowRank factors;
  if (!factors.reset(kernels, kMaxElements)) return Status::kOutOfMemory;
  for (std::int32_t i = 0; i < kernels.count; ++i) {
    rank_ = std::max(rank_, factors.factor(kernels, i));
  }
  if (plane_floats() > kMaxElements) return Status::kTooLarge;
  const std::int32_t step = rank_ * (height_ + width_);
  if (!weights_.reset(static_cast<std::size_t>(kernels.count) * static_cast<std::size_t>(step)) ||
      !tap_offsets_.reset(static_cast<std::size_t>(height_ + rank_ * width_))) {
    return Status::kOutOfMemory;
  }
  // Kernels of a lower rank get products of zeros.
  std::fill(weights_.data(), weights_.data() + weights_.size(), 0.0f);
  for (std::int32_t i = 0; i < kernels.count; ++i) {
    float* columns = weights_.data() + std::ptrdiff_t{i} * step;
    factors.copy(factors.factor(kernels, i), columns, columns + rank_ * height_);
  }
  return Status::kOk;
}

void SeparableKernels::correlate(std::int32_t kernel, const SeparableBlock& block,
                                 float* planes) const {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float* weights = weights_.data() + std::ptrdiff_t{kernel} * rank_ * (height_ + width_);
  if (block.dense_rows && block.dense_columns && block.column_step == 1 &&
      std::min(block.rows, block.columns) >= PassTile::kColumns &&
      std::min(height_, width_) >= PassTile::kRows) {
    correlate_dense(weights, block, planes);
    return;
  }
  for (std::int32_t k = 0; k < rank_; ++k, weights += height_) {
    for (std::int32_t x = 0; x < pitch_; x += kStrip) {
      const TileOutput sums = {planes + k * plane_step_ + x, pitch_, -kInfinity, kInfinity};
      correlate_single_channel({.tile = {block.patch + x, block.row_step, tap_offsets_.data(),
                                         height_, 1, weights, 0, sums},
                                .rows = block.rows,
                                .columns = std::min(kStrip, pitch_ - x),
                                .column_step = 1,
                                .dense = block.dense_rows,
                                .fusing = true});
    }
  }
  const std::int32_t taps = rank_ * width_;
  correlate_single_channel({.tile = {planes, pitch_, tap_offsets_.data() + height_, taps, taps,
                                     weights, block.bias, block.output},
                            .rows = block.rows,
                            .columns = block.columns,
                            .column_step = block.column_step,
                            .dense = false,
                            .fusing = true});
}

void SeparableKernels::correlate_dense(const float* weights, const SeparableBlock& block,
                                       float* planes) const {
  const TileOutput& output = block.output;
  const std::int32_t plane_step = kGroupRows * pitch_;
  for (std::int32_t y = 0; y < block.rows; y += kGroupRows) {
    const std::int32_t first = std::min(y, block.rows - PassTile::kColumns);
    const std::int32_t rows = std::min(kGroupRows, block.rows - first);
    for (std::int32_t k = 0; k < rank_; ++k) {
      run_pass({.input = block.patch + first * block.row_step,
                .product_step = 0,
                .row_step = block.row_step,
                .weight = weights + k * height_,
                .products = 1,
                .taps = height_,
                .bias = 0,
                .output = planes + k * plane_step,
                .output_step = kGroupRows},
               rows, block.columns + width_ - 1);
    }
    run_pass({.input = planes,
              .product_step = plane_step,
              .row_step = kGroupRows,
              .weight = weights + rank_ * height_,
              .products = rank_,
              .taps = width_,
              .bias = block.bias,
              .output = output.data + first * output.row_step,
              .output_step = output.row_step},
             block.columns, rows);
  }
  if (std::isfinite(output.low) || std::isfinite(output.high)) {
    add_bias_and_clamp(output, 0, block.rows, block.columns);
  }
}

}  // namespace corr2d
