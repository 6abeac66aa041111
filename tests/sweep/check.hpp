#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corr2d/status.hpp"
#include "implementation.hpp"
#include "oracle/image_oracle.hpp"
#include "oracle/oracle.hpp"
#include "tensors.hpp"

namespace corr2d::sweep {

/// The unit roundoff of float32.
constexpr double kEpsilon = 0x1p-24;

/// The outcome of a check.
struct Verdict {
  std::string failure;     // empty if the check passed
  double worst_ratio = 0;  // the largest error, relative to its bound
};

/// Compares `output`, contiguous in the order of its axes, with the oracle's result. An element's
/// error may be at most (K + 1) eps (sum |x||w| + |bias|), K the number of products, times the
/// `error_factor` of the algorithm (kAuto: the largest factor of all algorithms). NaN matches NaN,
/// except for the NaN that fills unwritten memory.
Verdict compare(const Problem& problem, Algorithm algorithm, const oracle::Result& expected,
                const std::vector<float>& output);

/// A problem, data for it (values between -1 and 1 with full mantissas) and the oracle's result.
/// Image filters have random pixels, kernels with a sum near 0.75, and biases between -32 and 32.
struct TestCase {
  Problem problem;
  Array input, weight, bias, second, third;
  oracle::Result expected;
  std::vector<oracle::ByteRange> expected_bytes = {};  // of kFilterImage, in place of `expected`
};

/// Turns numbers into the weights of a mask: none is negative, and many are 0, but not the first.
void make_mask(Array* mask);

/// Computes the oracle's result of a test case.
oracle::Result solve(const TestCase& test_case);

/// Creates a test case. The seed determines its data.
TestCase make_test_case(const Problem& problem, std::uint64_t seed);

/// The result of an algorithm: its output, and its operands, which it must not have modified.
struct RunResult {
  Status status;
  Array input, weight, bias, second, third, output;
};

/// Creates a plan for two threads and runs every task once in random order, each with the number of
/// a random thread. The weight and the bias are erased once the plan exists.
RunResult run_algorithm(const TestCase& test_case, Algorithm algorithm, std::uint64_t seed);

/// Finds errors that do not depend on the values: no plan, a write outside the output's elements or
/// a modified operand. Returns an empty string if there is none.
std::string find_memory_error(const TestCase& test_case, const RunResult& result);

/// find_memory_error, then compare.
Verdict check_result(const TestCase& test_case, Algorithm algorithm, const RunResult& result);

}  // namespace corr2d::sweep
