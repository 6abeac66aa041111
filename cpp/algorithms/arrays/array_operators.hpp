#pragma once

#include <algorithm>

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/partition.hpp"

namespace corr2d {

// The array kinds. Each function takes a problem with at least one output element and returns an
// executor that the caller owns, or null if memory runs out.

/// A task computes about this many elements.
constexpr std::int32_t kTaskElements = 64 * 1024;

/// The number of tasks for units of this size, each of at least one unit and of about `task_size`.
inline std::int32_t task_count(std::int32_t units, std::int64_t unit_size,
                               std::int64_t task_size = kTaskElements) {
  const std::int64_t most = task_size / std::max(unit_size, std::int64_t{1});
  return divide_up(units, static_cast<std::int32_t>(std::clamp<std::int64_t>(most, 1, units)));
}

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
