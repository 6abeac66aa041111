#pragma once

#include <algorithm>
#include <cstdint>

#include "algorithms/tiling/partition.hpp"
#include "core/correlation.hpp"
#include "core/cost.hpp"

namespace corr2d {

/// The most numbers of a transform along one axis.
constexpr std::int32_t kMaxFftSize = 1024;

/// The number of rows and of columns of FftGuard's cells and blocks.
constexpr std::int32_t kFftCell = 8;

/// The distance from the first to the last position of the input that an output reads.
inline std::int64_t reach_of(const CorrelationAxis& axis) {
  return std::int64_t{axis.kernel - 1} * axis.dilation;
}

/// One axis of the outputs, divided into tiles (overlap-save).
struct FftAxis {
  FftAxis(const CorrelationAxis& axis, std::int32_t transform_size)
      : size(transform_size),
        reach(static_cast<std::int32_t>(reach_of(axis))),
        tile(std::min(size - reach, axis.output)),
        tiles(divide_up(axis.output, tile)) {}

  std::int32_t size;   // numbers of a transform: positions of the input that a tile reads
  std::int32_t reach;  // positions beyond the outputs of a tile that it reads
  std::int32_t tile;   // outputs of a tile
  std::int32_t tiles;
};

/// The sizes of the transforms of a tile, and what they cost.
struct FftTiling {
  std::int32_t rows, columns;
  OpCounts op_counts;
  float cost;
};

/// The cheapest tiling of a problem that FFT can do.
FftTiling best_fft_tiling(const Correlation& correlation);

/// Radix-2 steps in the two-dimensional transform of a tile.
float steps_of(std::int32_t rows, std::int32_t columns);

}  // namespace corr2d
