#pragma once

#include <string>
#include <vector>

#include "algorithms/algorithm.hpp"
#include "corr2d/problem.hpp"

namespace corr2d::sweep {

/// What is swept: one of the algorithms, or, with no entry, what does the kinds without a weight.
struct Subject {
  const char* name;
  const AlgorithmEntry* entry;

  Algorithm algorithm() const { return entry == nullptr ? Algorithm::kAuto : entry->id; }
  bool can_do(const Problem& problem, const Geometry& geometry) const;
};

/// Every algorithm in kAlgorithms, and the kinds without a weight as "planes".
std::vector<Subject> all_subjects();

/// An algorithm by its name, "auto" for kAuto.
std::string name_of(Algorithm algorithm);

/// A problem in words.
std::string describe(const Problem& problem);

}  // namespace corr2d::sweep
