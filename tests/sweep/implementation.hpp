#pragma once

#include <string>
#include <vector>

#include "algorithms/algorithm.hpp"
#include "corr2d/problem.hpp"

namespace corr2d::sweep {

/// One subject of the sweep: one algorithm or, if `entry` is null, image filters or the operators
/// without a weight.
struct Implementation {
  const char* name;
  const AlgorithmEntry* entry;
  bool filters_images = false;

  Algorithm algorithm() const { return entry == nullptr ? Algorithm::kAuto : entry->algorithm; }
  bool can_do(const Problem& problem, const Geometry& geometry) const;
};

/// Every algorithm in kAlgorithms, the operators without a weight (pooling, padding, folding) as
/// "weightless", and image filters as "images".
std::vector<Implementation> all_implementations();

/// The name of an algorithm; "auto" for kAuto.
std::string name_of(Algorithm algorithm);

/// Describes a problem in words.
std::string describe(const Problem& problem);

}  // namespace corr2d::sweep
