#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// The distance in elements between neighbours along each axis of a tensor whose channel axis is
/// split into groups and the channels of one group.
struct GroupedStrides {
  std::int32_t image, group, channel, row, column;
};

/// The correlation along one axis, rows or columns: which position of the input is multiplied by
/// tap k of the kernel for output i.
struct CorrelationAxis {
  std::int32_t input;   // positions of the input, without padding
  std::int32_t output;  // positions of the output
  std::int32_t kernel;  // taps
  std::int32_t stride, dilation, pad;
  /// False: position i * stride + k * dilation - pad. True: the position p for which
  /// p * stride + k * dilation - pad = i, if there is one.
  bool fractional_stride;
};

/// The canonical form of all kinds of problems for which is_correlation is true, and the only form
/// that algorithms see:
///
///   output[image, group, o, y, x] = bias[group, o] + sum over i, ky, kx of
///       weight[group, o, i, ky, kx] * input[image, group, i, row(y, ky), column(x, kx)]
///
/// The kinds differ only in which tensor of the problem is the input, the weight and the output
/// here, and in whether the axes have fractional strides.
struct Correlation {
  std::int32_t images, groups;
  std::int32_t inputs, outputs;  // channels of one group
  CorrelationAxis rows, columns;
  GroupedStrides input, output;
  GroupedStrides weight;  // `image` is the output channel, `channel` the input channel
  PaddingMode padding_mode;
  float fill_value;
  Activation activation;
  float activation_alpha;
  bool has_bias;
  bool fusing;          // fused multiply-add is allowed
  bool local_accuracy;  // see Problem
  /// The number of threads that run tasks at the same time. It affects how the output is split into
  /// tasks, never the results.
  std::int32_t threads;
};

/// The canonical form of a problem that `normalised` returned and for which is_correlation is true.
Correlation correlation_of(const Problem& problem, const Geometry& geometry);

}  // namespace corr2d
