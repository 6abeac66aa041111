#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::reference {

/// The answer to a forward problem, in float64.
struct Answer {
  int height = 0;
  int width = 0;
  std::vector<double> output;  // batch x output_channels x height x width, contiguous
  /// Of each output element before the activation: sum |x||w| + |bias|, what rounding errors are
  /// measured against.
  std::vector<double> magnitude;
};

/// The oracle: slow and obviously right. It takes a Problem as the question and shares no code with
/// the library, neither for output shapes nor for padding. The problem must be a legal one.
Answer correlate(const Problem& problem, const float* input, const float* weight,
                 const float* bias);

}  // namespace corr2d::reference
