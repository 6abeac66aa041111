#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

// The operators without a weight, by kind. They take problems that `normalised` has filled in and
// that have at least one output. Each returns an executor that the caller owns, or null if memory
// runs out.

/// kMaxPool and kAveragePool.
Executor* new_pooling(const Problem& problem, const Geometry& geometry);

/// kMaxPoolBackward and kAveragePoolBackward. `gradient`, with respect to the output, is for
/// kMaxPoolBackward, which copies it.
Executor* new_pool_gradient(const Problem& problem, const Geometry& geometry,
                            const float* gradient);

/// kPad and kPadBackward.
Executor* new_padding(const Problem& problem, const Geometry& geometry);

/// kUnfold and kFold.
Executor* new_fold(const Problem& problem, const Geometry& geometry);

/// kFindPeaks.
Executor* new_peaks(const Problem& problem);

}  // namespace corr2d
