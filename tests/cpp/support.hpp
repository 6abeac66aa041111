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

/// A problem with its data. Each array has exactly the required length, so that AddressSanitizer
/// detects every access beyond its ends. Negative strides are not supported.
struct Case {
  Problem problem;
  std::vector<float> input, weight, bias;
};

/// Creates a case with uniform values between -1 and 1, with full mantissas.
Case with_random_data(const Problem& problem, std::mt19937& random);

/// The distribution of an input's values.
enum class Values {
  kZeroMean,     // normal, with mean 0 and standard deviation 1
  kImage,        // smooth, between 0 and 1, with some noise
  kActivations,  // kZeroMean after ReLU
};

/// Creates a case with such an input and a normal weight of mean 0.
Case data_for(const Problem& problem, Values values, std::mt19937& random);

/// Runs all tasks of a plan for two threads on two threads, those of each stage in a random order.
void run_side_by_side(const Plan& plan, const Inputs& inputs, float* output, std::mt19937& random);

/// Creates a plan of the case, runs it on two threads and returns the output, contiguous and in
/// NCHW order. Expects that elements of the output array between its strides stay unchanged.
std::vector<float> run(const Case& data, std::mt19937& random);

/// Like `run`, with this algorithm instead of the problem's.
std::vector<float> run_by(Algorithm algorithm, Case data);

/// The root mean square error of an algorithm, divided by that of kDirect.
double error_ratio(Algorithm algorithm, const Case& data);

/// Returns false and fails the current test if `output` differs from the oracle's result by more
/// than `sweep::compare` allows.
bool within_bound(const Case& data, const std::vector<float>& output);

}  // namespace corr2d::testing
