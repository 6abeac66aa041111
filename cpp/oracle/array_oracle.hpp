#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// The result of an array problem in float64, in the order of the output's axes.
struct ArrayResult {
  std::vector<double> value;
  /// The error of an element is at most 2^-24 times this; 0 for elements that are exact.
  std::vector<double> magnitude;
};

/// Computes an array problem directly from the definition, index by index. Shares no code with the
/// library. The operands are those of Plan::run. The result of kCopy has the elements in the order
/// of `sizes`.
ArrayResult solve_array(const Problem& problem, const float* input, const float* second,
                        const float* third);

}  // namespace corr2d::oracle
