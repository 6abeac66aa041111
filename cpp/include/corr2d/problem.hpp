#pragma once

#include <cstdint>

#include "corr2d/status.hpp"

namespace corr2d {

/// What is computed. With x the input, w the weight and y the output of torch.nn.functional.conv2d:
enum class Kind : std::int32_t {
  kForward = 0,     // y from x and w: cross-correlation, conv2d
  kBackwardInput,   // the gradient for x, from that for y (as the input) and w
  kBackwardWeight,  // the gradient for w, from x and that for y (as the weight)
  kTransposed,      // torch.nn.functional.conv_transpose2d
  // Without a weight; input and output have the same channels, one plane at a time.
  kMaxPool,      // max_pool2d
  kAveragePool,  // avg_pool2d
  kPad,          // pad; pads may be negative and crop
  kPadBackward,  // the gradient for what kPad was given, from that for what it made
  kUnfold,       // unfold: batch x (channels * kh * kw) x (output_height * output_width)
  kFold,         // fold, from that form to an image of input_height x input_width
  /// An 8-bit RGBA picture, input_height x input_width pixels of 4 bytes, to another: R, G and B
  /// are correlated with one kernel (the weight) and a bias of one element, rounded to the nearest
  /// and clamped; alpha is kept. Batch 1, channels 4 and 4, pads that make the output as large as
  /// the input; no groups, strides, dilation, activation or layouts.
  kFilterImage,
};
constexpr Kind kLastKind = Kind::kFilterImage;

/// True for the kinds that are correlations of float32 tensors.
constexpr bool is_correlation(Kind kind) { return kind <= Kind::kTransposed; }

/// What stands beyond the edges of the input.
enum class PaddingMode : std::int32_t {
  kConstant = 0,  // `fill_value`
  kReflect,       // mirrored about the outermost element, which is not repeated: c b | a b c | b a
  kReplicate,     // the outermost element again and again: a a | a b c | c c
  kCircular,      // the other end: b c | a b c | a b
  kSymmetric,     // mirrored about the edge, the outermost element repeated: b a | a b c | c b
};

/// What is done to every element of a correlation's output, after the bias.
enum class Activation : std::int32_t {
  kNone = 0,
  kRelu,
  kRelu6,
  kLeakyRelu,  // x < 0: activation_alpha * x
  kSigmoid,
  kTanh,
  kSilu,
  kHardSwish,
  kGelu,  // the exact one, by erf
};

/// How it is computed. `plan.hpp` says who chooses.
enum class Algorithm : std::int32_t {
  kAuto = 0,
  kDirect,
  kGemm,
  kDepthwise,
  kWinograd,
  kSeparable,
  kFft,
};
constexpr Algorithm kLastAlgorithm = Algorithm::kFft;

/// Distances in elements between neighbours along each axis of a tensor. They make a layout a
/// view: NCHW is {C*H*W, H*W, W, 1}, NHWC is {H*W*C, 1, W*C, C}. For a weight n is the axis of
/// output channels and c that of input channels, one of which lies within the group: c, but n where
/// the kind is kTransposed. Strides may be negative, which flips an axis: so that of a kernel.
struct Strides {
  std::int32_t n, c, h, w;
};

/// A whole question: everything that decides what the output is, and nothing about how it is found.
///
/// Shapes, float32 throughout:
///   x, input   batch x input_channels x input_height x input_width
///   w, weight  output_channels x (input_channels / groups) x kernel_height x kernel_width;
///              kTransposed: input_channels x (output_channels / groups) x ...
///   bias       output_channels, where has_bias; with kForward and kTransposed alone (kFilterImage:
///              one element)
///   y, output  batch x output_channels x output_height x output_width, of which `measure` tells
///              the last two
/// The backward kinds are told the shapes, the strides and the options of the forward problem that
/// they belong to, whichever of its tensors are read and written.
///
/// Semantics are PyTorch's: the kernel is not flipped. Every member is a word of 32 bits, so that a
/// foreign language can fill a Problem by index.
struct Problem {
  Kind kind = Kind::kForward;
  std::int32_t batch = 1;
  std::int32_t input_channels = 1;
  std::int32_t output_channels = 1;
  std::int32_t groups = 1;
  std::int32_t input_height = 1;
  std::int32_t input_width = 1;
  std::int32_t kernel_height = 1;
  std::int32_t kernel_width = 1;
  std::int32_t stride_height = 1;
  std::int32_t stride_width = 1;
  std::int32_t dilation_height = 1;
  std::int32_t dilation_width = 1;
  std::int32_t pad_top = 0;
  std::int32_t pad_bottom = 0;
  std::int32_t pad_left = 0;
  std::int32_t pad_right = 0;
  /// kTransposed alone: rows and columns added at the end of the output. Its pads crop the output.
  std::int32_t output_padding_height = 0;
  std::int32_t output_padding_width = 0;
  /// Pools have nothing around their input, whatever these are.
  PaddingMode padding_mode = PaddingMode::kConstant;
  float fill_value = 0;
  Activation activation = Activation::kNone;
  float activation_alpha = 0;
  std::int32_t has_bias = 0;
  /// Pools alone. Not 0: a last window that is not full counts too, if it begins inside.
  std::int32_t ceil_mode = 0;
  /// kAveragePool alone. Not 0: padding counts as elements.
  std::int32_t count_include_pad = 1;
  /// Not 0: the same bits on every machine and for every number of threads (unfused arithmetic,
  /// one order of summation that depends on the problem alone).
  std::int32_t deterministic = 0;
  Algorithm algorithm = Algorithm::kAuto;
  /// All zero, as at the start, means contiguous NCHW (weight: OIHW).
  Strides input_strides = {0, 0, 0, 0};
  Strides weight_strides = {0, 0, 0, 0};
  Strides output_strides = {0, 0, 0, 0};
};

/// What follows from a problem.
struct Geometry {
  /// Multiply-adds, padding included. First, so that it is aligned for a foreign reader.
  double macs;
  std::int32_t output_height;
  std::int32_t output_width;
};

/// No tensor of a problem may have, or reach over, more elements than this: 2 GiB, as far as a
/// pointer of 32 bits can be moved in one direction.
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 29) - 1;

/// Checks every member of `problem` against the others and finds what follows from it. `geometry`
/// is written only with `kOk`. A batch of 0 is legal and gives an empty output.
Status measure(const Problem& problem, Geometry* geometry);

/// The same question with the strides of every tensor filled in. To be called on problems that
/// `measure` accepted.
Problem normalised(const Problem& problem, const Geometry& geometry);

}  // namespace corr2d
