#pragma once

#include "corr2d/problem.hpp"

namespace corr2d {

/// `measure` for the array kinds. The output is one row of all its elements.
Status measure_array(const Problem& problem, Geometry* geometry);

}  // namespace corr2d
