#pragma once

#include <cstdint>
#include <iterator>

#include "corr2d/status.hpp"

namespace corr2d {

// problem.inc lists the enumerators and members of the types below, with their meanings.

/// The operation, such as kForward or kMaxPool.
enum class Kind : std::int32_t {
#define CORR2D_KIND(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// The values outside the edges of the input, such as kConstant or kReflect.
enum class PaddingMode : std::int32_t {
#define CORR2D_PADDING_MODE(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// A function of one number, such as kRelu or kExp.
enum class Unary : std::int32_t {
#define CORR2D_ACTIVATION(enumerator, name) enumerator,
#define CORR2D_UNARY(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};
/// The function applied to a correlation's output: kNone to kLastActivation.
using Activation = Unary;

/// How a correlation is computed, such as kAuto or kWinograd.
enum class Algorithm : std::int32_t {
#define CORR2D_ALGORITHM(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// How kMatchTemplate compares the template with a window, such as kCcoeffNormed.
enum class MatchMethod : std::int32_t {
#define CORR2D_MATCH_METHOD(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// The operation of kElementwise, such as kAdd.
enum class Operation : std::int32_t {
#define CORR2D_OPERATION(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// The reduction of kReduce, such as kMean.
enum class Reduction : std::int32_t {
#define CORR2D_REDUCTION(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// How kInterpolate weights inputs, such as kLinear.
enum class Interpolation : std::int32_t {
#define CORR2D_INTERPOLATION(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// How kInterpolate rounds the coordinates of kNearest, such as kDown.
enum class Rounding : std::int32_t {
#define CORR2D_ROUNDING(enumerator, name) enumerator,
#include "corr2d/problem.inc"
};

/// The names of the enumerators, by their numbers.
constexpr const char* kKindNames[] = {
#define CORR2D_KIND(enumerator, name) name,
#include "corr2d/problem.inc"
};
constexpr const char* kPaddingModeNames[] = {
#define CORR2D_PADDING_MODE(enumerator, name) name,
#include "corr2d/problem.inc"
};
constexpr const char* kActivationNames[] = {
#define CORR2D_ACTIVATION(enumerator, name) name,
#include "corr2d/problem.inc"
};
constexpr const char* kUnaryNames[] = {
#define CORR2D_ACTIVATION(enumerator, name) name,
#define CORR2D_UNARY(enumerator, name) name,
#include "corr2d/problem.inc"
};
constexpr const char* kAlgorithmNames[] = {
#define CORR2D_ALGORITHM(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr const char* kMatchMethodNames[] = {
#define CORR2D_MATCH_METHOD(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr const char* kOperationNames[] = {
#define CORR2D_OPERATION(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr const char* kReductionNames[] = {
#define CORR2D_REDUCTION(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr const char* kInterpolationNames[] = {
#define CORR2D_INTERPOLATION(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr const char* kRoundingNames[] = {
#define CORR2D_ROUNDING(enumerator, name) name,
#include "corr2d/problem.inc"
};

constexpr Kind kLastKind = static_cast<Kind>(std::size(kKindNames) - 1);
constexpr PaddingMode kLastPaddingMode = static_cast<PaddingMode>(std::size(kPaddingModeNames) - 1);
constexpr Activation kLastActivation = static_cast<Activation>(std::size(kActivationNames) - 1);
constexpr Unary kLastUnary = static_cast<Unary>(std::size(kUnaryNames) - 1);
constexpr Algorithm kLastAlgorithm = static_cast<Algorithm>(std::size(kAlgorithmNames) - 1);
constexpr MatchMethod kLastMatchMethod = static_cast<MatchMethod>(std::size(kMatchMethodNames) - 1);
constexpr Operation kLastOperation = static_cast<Operation>(std::size(kOperationNames) - 1);
constexpr Reduction kLastReduction = static_cast<Reduction>(std::size(kReductionNames) - 1);

constexpr Interpolation kLastInterpolation =
    static_cast<Interpolation>(std::size(kInterpolationNames) - 1);
constexpr Rounding kLastRounding = static_cast<Rounding>(std::size(kRoundingNames) - 1);

/// How often a plan will run. Algorithms with an expensive preparation pay off only with kOften.
enum class Use { kOften, kOnce };

/// True for pools and their gradients.
constexpr bool is_pool(Kind kind) {
  return kind == Kind::kMaxPool || kind == Kind::kAveragePool || kind == Kind::kMaxPoolBackward ||
         kind == Kind::kAveragePoolBackward;
}

/// True for the kinds that are correlations of float32 tensors.
constexpr bool is_correlation(Kind kind) {
  return kind == Kind::kForward || kind == Kind::kBackwardInput || kind == Kind::kBackwardWeight ||
         kind == Kind::kTransposed;
}

/// True for the kinds that compute on arrays with any number of axes.
constexpr bool is_array(Kind kind) { return kind >= Kind::kElementwise; }

/// The number of operands that an operation reads.
constexpr std::int32_t operands_of(Operation operation) {
  if (operation == Operation::kFirst) return 1;
  return operation >= Operation::kWhere ? 3 : 2;
}

/// The largest number of axes of an array kind.
constexpr std::int32_t kMaxAxes = 8;

/// A number for each axis of an array, outermost first: its length, or the distance in elements
/// between neighbours.
struct Axes {
  std::int32_t at[kMaxAxes];
};

/// The distance in elements between neighbours along each axis of a tensor. Strides describe
/// layouts: NCHW is {C*H*W, H*W, W, 1}, NHWC is {H*W*C, 1, W*C, C}; d is the axis of planes and
/// does not matter if the depth is 1. In a weight, n is the axis of output channels and c the axis
/// of input channels; the axis that counts the channels of one group is c, or n for kTransposed.
/// Strides may be negative, which flips an axis, for example of a kernel.
struct Strides {
  std::int32_t n, c, h, w, d = 0;
};

/// The parameters of a computation: everything that determines its output except the data.
///
/// The tensors are float32 and have the shapes
///   x, input   batch x input_channels x input_depth x input_height x input_width
///   w, weight  output_channels x (input_channels / groups) x kernel_depth x kernel_height x
///              kernel_width;
///              kTransposed: input_channels x (output_channels / groups) x ...;
///              kMatchTemplate has the template in its place, kPhaseCorrelate the second picture
///   bias       output_channels, if has_bias, which only kForward and kTransposed support
///              (and kFilterImage, with one element; kMatchTemplate has a mask in its place)
///   y, output  batch x output_channels x output_depth x output_height x output_width, whose last
///              three sizes `measure` computes
/// The backward kinds take the shapes, strides and options of the forward problem that they belong
/// to, regardless of which of its tensors they read and write.
///
/// The semantics are PyTorch's: the kernel is not flipped. Every member is a 32-bit word.
struct Problem {
#define CORR2D_PROBLEM_FIELD(type, name, value) type name = value;
#include "corr2d/problem.inc"
};

/// The values that `measure` computes: the output size and the multiply-adds.
struct Geometry {
#define CORR2D_GEOMETRY_FIELD(type, name) type name;
#include "corr2d/problem.inc"
};

/// The largest number of elements that a tensor of a problem may have, and that its strides may
/// span: 2 GiB of float32, the farthest that a 32-bit pointer can be moved in one direction.
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 29) - 1;

/// The numbers of a peak that kFindPeaks writes: column, row and score.
constexpr std::int32_t kPeakNumbers = 3;
/// The largest `upsample` of kPhaseCorrelate.
constexpr std::int32_t kMaxUpsample = 1000;

/// Checks every member of `problem` against the others and computes its geometry. `*geometry` is
/// written only if the result is kOk. A batch of 0 is valid and gives an empty output.
Status measure(const Problem& problem, Geometry* geometry);

/// Returns `problem` with the strides of every tensor filled in. Requires a problem that `measure`
/// accepts.
Problem normalised(const Problem& problem, const Geometry& geometry);

}  // namespace corr2d
