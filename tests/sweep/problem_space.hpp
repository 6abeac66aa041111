#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "choices.hpp"
#include "corr2d/problem.hpp"

namespace corr2d::sweep {

/// One enumerated part of the problem space: all combinations of a few choices.
struct Stratum {
  const char* name;
  /// Builds the problem that the choices stand for. Returns false if there is none. Makes the same
  /// choices for every number.
  bool (*make)(Choices* choose, Problem* problem);
  /// Sampling draws from the stratum in every `interval`-th round: more than 1 for large problems.
  std::int32_t interval;

  /// Problems have numbers from 0 to size() - 1. Many numbers stand for no problem.
  std::uint64_t size() const;
};

/// All strata.
const std::vector<Stratum>& strata();

/// Decodes a number into a problem and its geometry, as `measure` returns it. Returns false if the
/// number stands for no problem, for example because its kernel is larger than its padded input.
bool problem_at(const Stratum& stratum, std::uint64_t number, Problem* problem, Geometry* geometry);

/// Numbers of output channels and of output columns around the tile sizes of all kernels: one short
/// of, at and one past the size and twice the size.
struct TileEdges {
  std::vector<std::int32_t> channels, columns;
};
const TileEdges& tile_edges();

}  // namespace corr2d::sweep
