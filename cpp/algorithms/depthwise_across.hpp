#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Whether vectors that lie across channels can do it.
bool can_lie_across(const Correlation& correlation);

/// AlgorithmEntry::prepare for that.
Status prepare_depthwise_across(const Correlation& correlation, const float* weight,
                                const float* bias, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
