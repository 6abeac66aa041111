#pragma once

#include "corr2d/problem.hpp"

namespace corr2d {

/// How much an algorithm has to do for a problem: how often it does each of a few things that take
/// about as long wherever they occur. Which these are, each says beside its `op_counts`.
struct OpCounts {
  static constexpr int kKinds = 4;
  float counts[kKinds];
};

/// Nanoseconds that it takes one thread, about, by the prices in cost_table.hpp.
float cost_of(Algorithm algorithm, const OpCounts& op_counts);

}  // namespace corr2d
