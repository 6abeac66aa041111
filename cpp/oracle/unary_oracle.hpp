#pragma once

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// A function of one number, by its definition, in forms that do not cancel.
double apply(Unary function, double x, double alpha);

/// The magnitude of the error of apply(function, x), times 2^-24, if that of x is `error`.
double unary_error(Unary function, double x, double error, double alpha);

}  // namespace corr2d::oracle
