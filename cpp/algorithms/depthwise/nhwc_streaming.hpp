#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Whether this is depthwise of 3 x 3, as streams have it, with channels that are neighbours in
/// memory or planes that are small, and with no more than one zero around the input.
bool can_stream_nhwc(const Correlation& correlation);

/// AlgorithmEntry::prepare for that.
Status prepare_nhwc_streaming(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
