#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// The result of a problem, in float64.
struct Result {
  int channels = 0;  // of one image: output_channels, or input_channels for kBackwardInput
  int height = 0;
  int width = 0;
  /// Contiguous: images x channels x depth x height x width, or for kBackwardWeight
  /// output_channels x (input_channels / groups) x kernel_depth x kernel_height x kernel_width.
  std::vector<double> output;
  /// For each output element, sum |x||w| + |bias| + |add| before the activation: bounds of rounding
  /// errors are relative to it. Scores of kMatchTemplate and peaks have magnitudes of their own
  /// (matching_oracle.hpp).
  std::vector<double> magnitude;
  /// The largest number of products in the sum of an element.
  double products = 0;
};

/// Computes the result of a problem directly from the definition. The oracle is slow, simple and
/// independent: it shares no code with the library, not even for output shapes or padding. The
/// problem must be valid and of any kind but kFilterImage, for which see image_oracle.hpp. The
/// operands are those of Plan::create and Plan::run.
Result solve(const Problem& problem, const float* input, const float* weight, const float* bias,
             const float* second = nullptr, const float* third = nullptr);

}  // namespace corr2d::oracle
