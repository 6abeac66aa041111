#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Whether vectors that lie across channels can do it.
bool can_use_channels_last(const Correlation& correlation);

/// AlgorithmEntry::prepare for that.
Status prepare_nhwc_depthwise(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
