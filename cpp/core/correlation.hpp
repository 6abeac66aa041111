#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// The distance in elements between neighbours along each axis of a tensor whose channel axis is
/// split into groups and the channels of one group.
struct GroupedStrides {
  std::int32_t image, group, channel, row, column, plane = 0;
};

/// The correlation along one axis (planes, rows or columns): which position of the input is
/// multiplied by tap k of the kernel for output i.
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
/// A second operand, which has the output's strides, may be added; then the activation is applied.
///
/// A third spatial axis is no loop of its own. With Z output planes, each plane is an image, number
/// n * Z + z for plane z of element n of the batch. With C channels in a group, each tap kz of that
/// axis has input channels of its own, number kz * C + c for channel c. `input_plane`
/// (tiling/patch.hpp) finds the plane that an image reads as one of these channels.
///
/// The kinds differ only in which tensor of the problem is the input, the weight and the output
/// here, and in whether the axes have fractional strides.
struct Correlation {
  std::int32_t images, groups;
  std::int32_t channels;         // input channels of one group
  std::int32_t inputs, outputs;  // of one group: channels times taps of `planes`, output channels
  CorrelationAxis planes, rows, columns;
  bool is_flat;  // there is one plane, which one tap reads: images are elements of the batch
  GroupedStrides input, output;
  GroupedStrides weight;  // `image` is the output channel, `channel` the input channel
  PaddingMode padding_mode;
  float fill_value;
  Activation activation;
  float activation_alpha;
  bool has_bias;
  bool has_add;
  bool fusing;          // fused multiply-add is allowed
  bool local_accuracy;  // see Problem
  /// The number of threads that run tasks at the same time. It affects how the output is split into
  /// tasks, never the results.
  std::int32_t threads;

  /// Floats from an output plane of image 0 to that of another image.
  std::int32_t output_offset(std::int32_t image) const {
    return image / planes.output * output.image + image % planes.output * output.plane;
  }
  /// Floats from the weights of input 0 of a group to those of another input.
  std::int32_t weight_offset(std::int32_t i) const {
    return i / channels * weight.plane + i % channels * weight.channel;
  }
};

/// The canonical form of a problem that `normalised` returned and for which is_correlation is true.
Correlation correlation_of(const Problem& problem, const Geometry& geometry);

}  // namespace corr2d
