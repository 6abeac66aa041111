#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// Makes the kinds without a weight ready (`has_weight` tells them): a task is one channel of one
/// image, for each of them. kOk or kOutOfMemory.
Status prepare_planes(const Problem& problem, const Geometry& geometry,
                      std::unique_ptr<Executor>* executor);

}  // namespace corr2d
