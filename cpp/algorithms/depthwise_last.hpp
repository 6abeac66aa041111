#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Whether this is depthwise with channels that are neighbours in memory, not spread.
bool is_depthwise_last(const Correlation& correlation);

/// AlgorithmEntry::prepare for that.
Status prepare_depthwise_last(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
