#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corr2d/problem.hpp"
#include "digits.hpp"

namespace corr2d::sweep {

/// A part of the space of problems: every combination of some members, each of which has a number.
struct Stratum {
  const char* name;
  /// Takes the problem apart from `digits`, the same digits whatever their values. False where
  /// there is no such problem.
  bool (*make)(Digits* digits, Problem* problem);
  /// A sample takes from it every so often: more than 1 where problems are large.
  std::int32_t turn;

  /// Its problems are numbered from 0 to size() - 1; many numbers stand for none.
  std::uint64_t size() const;
};

/// All of them.
const std::vector<Stratum>& strata();

/// The problem with a number, and what `measure` tells of it; false where there is none, such as
/// one whose kernel is larger than its padded input.
bool problem_at(const Stratum& stratum, std::uint64_t number, Problem* problem, Geometry* geometry);

/// Tile sizes of every registered kernel, one short of and one past each: counts of output channels
/// and of output columns.
struct TileEdges {
  std::vector<std::int32_t> channels, columns;
};
const TileEdges& tile_edges();

}  // namespace corr2d::sweep
