#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Prepares a kPhaseCorrelate that `normalised` has filled in; `b` is its weight. Returns kOk,
/// kTooLarge or kOutOfMemory.
Status prepare_phase_correlation(const Problem& problem, const float* b,
                                 std::unique_ptr<Executor>* executor);

}  // namespace corr2d
