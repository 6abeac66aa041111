#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

// The array kinds. Each function takes a problem with at least one output element and returns an
// executor that the caller owns, or null if memory runs out.

/// A task computes about this many elements.
constexpr std::int32_t kTaskElements = 64 * 1024;

/// kElementwise.
Executor* new_elementwise(const Problem& problem);
/// kCopy.
Executor* new_copy(const Problem& problem);
/// kReduce.
Executor* new_reduction(const Problem& problem);
/// kSoftmax and kLogSoftmax.
Executor* new_softmax(const Problem& problem);
/// kNormalise.
Executor* new_normalisation(const Problem& problem);
/// kInterpolate.
Executor* new_interpolation(const Problem& problem);
/// kBatchNormScale.
Executor* new_batch_norm_scale(const Problem& problem);

}  // namespace corr2d
