#pragma once

#include "oracle/array_oracle.hpp"

namespace corr2d::oracle {

/// solve_array for kInterpolate.
ArrayResult interpolate(const Problem& problem, const float* input);

}  // namespace corr2d::oracle
