#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// The answer to a problem, in float64.
struct Answer {
  int channels = 0;  // of one image: output_channels, but input_channels for kBackwardInput
  int height = 0;
  int width = 0;
  /// images x channels x height x width, contiguous; for kBackwardWeight the gradient in the form
  /// output_channels x (input_channels / groups) x kernel_height x kernel_width.
  std::vector<double> output;
  /// Of each output element before the activation: sum |x||w| + |bias|, what rounding errors are
  /// measured against.
  std::vector<double> magnitude;
  /// The most products that any one element sums.
  double products = 0;
};

/// The oracle: slow and obviously right. It takes a Problem as the question and shares no code with
/// the library, neither for output shapes nor for padding. The problem must be a legal one, of
/// any kind but kFilterImage.
/// `input`, `weight` and `bias` are what Plan::create and Plan::run are given.
Answer solve(const Problem& problem, const float* input, const float* weight, const float* bias);

}  // namespace corr2d::oracle
