#pragma once

#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "corr2d/plan.hpp"
#include "corr2d/problem.hpp"

namespace corr2d::testing {

using sweep::describe;
using sweep::kEpsilon;

/// A problem with data for it. Each array is exactly as long as it has to be, so that the address
/// sanitizer sees every step beyond its ends; for strides that are not negative.
struct Case {
  Problem problem;
  std::vector<float> input, weight, bias;
};

/// Data for `problem`: values between -1 and 1 with full mantissas.
Case with_random_data(const Problem& problem, std::mt19937& random);

/// What the numbers of a case are like: of mean 0, a picture (smooth, between 0 and 1, with some
/// noise), or of mean 0 with what is below 0 made 0, as it comes from a rectifier.
enum class Values { kZeroMean, kImage, kActivations };

/// Data for `problem`: such an input, and a weight of mean 0.
Case data_for(const Problem& problem, Values values, std::mt19937& random);

/// Runs every task of a plan for two workers on two threads, in an order drawn from `random`.
void run_side_by_side(const Plan& plan, const float* input, float* output, std::mt19937& random);

/// Plans and runs the case by its problem's algorithm, side by side.
/// The output is dense, in the order of its axes; elements of the output array between its strides
/// must stay untouched.
std::vector<float> run(const Case& data, std::mt19937& random);

/// The same by another algorithm.
std::vector<float> run_by(Algorithm algorithm, Case data);

/// The root mean square of an algorithm's errors by that of direct's.
double error_ratio(Algorithm algorithm, const Case& data);

/// Fails the current test where `output` is further from the float64 reference than
/// `sweep::compare` allows. Returns false in that case.
bool within_bound(const Case& data, const std::vector<float>& output);

}  // namespace corr2d::testing
