#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// A result of kPhaseCorrelate: the shift in steps of 1 / upsample pixels, and the response.
struct Registration {
  double y, x, response;
};

/// Registers two pictures directly from the definition, with sums in float64. Returns several
/// results if the largest magnitude is reached at several places, up to rounding. Shares no code
/// with the library. `a` and `b` are the input of Plan::run and the weight of Plan::create.
std::vector<Registration> register_pictures(const Problem& problem, const float* a, const float* b);

}  // namespace corr2d::oracle
