#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// Distances in elements between neighbours along each axis of a tensor whose channels are taken
/// apart into groups and channels of a group.
struct GroupedStrides {
  std::int32_t image, group, channel, row, column;
};

/// How one axis, rows or columns, is correlated: which position of the input output i reads for
/// tap k of the kernel.
struct CorrelationAxis {
  std::int32_t input;   // positions of the input, without padding
  std::int32_t output;  // outputs
  std::int32_t kernel;  // taps
  std::int32_t stride, dilation, pad;
  /// Otherwise i * stride + k * dilation - pad. Spread, the other way round: the position p with
  /// p * stride + k * dilation - pad = i, if there is one.
  bool fractional_stride;
};

/// Every kind of problem that has a weight in one form, which is all that algorithms know:
///
///   output[image, group, o, y, x] = bias[group, o] + the sum over i, ky and kx of
///       weight[group, o, i, ky, kx] * input[image, group, i, row(y, ky), column(x, kx)]
///
/// The kinds differ only in which tensor plays which part, and in whether the axes are spread.
struct Correlation {
  std::int32_t images, groups;
  std::int32_t inputs, outputs;  // channels of one group
  CorrelationAxis rows, columns;
  GroupedStrides input, output;
  GroupedStrides weight;  // image: output channel; channel: input channel
  PaddingMode padding_mode;
  float fill_value;
  Activation activation;
  float activation_alpha;
  bool has_bias;
  bool fusing;  // fused multiply-add may be used
  /// That will run tasks side by side. Decides how many tasks there are, never what they compute.
  std::int32_t workers;
};

/// The form of a problem with a weight that `measure` accepted and that has strides.
Correlation correlation_of(const Problem& problem, const Geometry& geometry);

}  // namespace corr2d
