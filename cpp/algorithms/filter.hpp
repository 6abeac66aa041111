#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Makes a kFilterImage ready. kOk or kOutOfMemory.
Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      std::unique_ptr<Executor>* executor);

}  // namespace corr2d
