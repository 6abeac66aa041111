#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "algorithms/algorithm.hpp"
#include "corr2d/plan.hpp"
#include "corr2d/problem.hpp"

namespace corr2d::testing {

/// The unit roundoff of float32.
constexpr double kEpsilon = 0x1p-24;

/// A problem with data for it. Each array is exactly as long as it has to be, so that the address
/// sanitizer sees every step beyond its ends.
struct Case {
  Problem problem;
  std::vector<float> input, weight, bias;
};

/// Data for `problem`: values between -1 and 1 with full mantissas.
Case with_random_data(const Problem& problem, std::mt19937& random);

/// A legal problem: every option drawn apart, sizes small and around the edges of tiles.
Problem random_problem(std::mt19937& random);

/// The same for the kinds without a weight.
Problem random_plane_problem(std::mt19937& random);

/// The problem in a form for messages.
std::string describe(const Problem& problem);

/// Plans and runs the case by its problem's algorithm, on two threads, in an order of tasks drawn
/// from `random`.
/// The output is dense, in the order of its axes; elements of the output array between its strides
/// must stay untouched.
std::vector<float> run(const Case& data, std::mt19937& random);

/// A tensor's strides and sizes.
struct Tensor {
  Strides strides;
  std::int32_t n, c, h, w;
};

/// The elements that lie between the first and the last one of a tensor, both included.
std::size_t extent(const Tensor& tensor);

/// What a problem of any kind reads and writes.
struct Tensors {
  Tensor input, weight, output;
};
Tensors tensors_of(const Problem& problem);

/// Fails the current test where `output` is further from the float64 reference than
/// K * eps * (sum |x||w| + |bias|) allows. Returns false in that case.
bool within_bound(const Case& data, const std::vector<float>& output);

/// An algorithm by its name.
std::string name_of(Algorithm algorithm);

}  // namespace corr2d::testing
