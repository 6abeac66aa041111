#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corr2d/status.hpp"
#include "oracle/oracle.hpp"
#include "subject.hpp"
#include "tensors.hpp"

namespace corr2d::sweep {

/// The unit roundoff of float32.
constexpr double kEpsilon = 0x1p-24;

/// What is wrong with an answer: nothing where it is empty.
struct Verdict {
  std::string complaint;
  double worst = 0;  // the largest error as a part of what was allowed
};

/// NaN is right where the reference has it, unless it is what fills memory that was not written.
/// Holds `output` (dense, in the order of its axes) against the reference's answer: no element may
/// be further from it than K * eps * (sum |x||w| + |bias|) allows, times the `error_factor` of the
/// algorithm that made it (kAuto: of the one that may err most).
Verdict compare(const Problem& problem, Algorithm algorithm, const oracle::Answer& answer,
                const std::vector<float>& output);

/// A problem with data for it, values between -1 and 1 with full mantissas, and the right answer.
struct Question {
  Problem problem;
  Array input, weight, bias;
  oracle::Answer answer;
};

/// The same data for the same seed.
Question make_question(const Problem& problem, std::uint64_t seed);

/// What is left after an algorithm has run: its output, and all that it was given.
struct Outcome {
  Status status;
  Array input, weight, bias, output;
};

/// Plans for two workers and runs every task once, by either worker and in an order drawn by lot.
/// The weight and the bias are taken away as soon as there is a plan.
Outcome answer_of(const Question& question, Algorithm algorithm, std::uint64_t seed);

/// What is wrong with an outcome whatever its numbers are: no plan, something written beside the
/// output's elements, or something changed that was given. Nothing where it is empty.
std::string find_harm(const Question& question, const Outcome& outcome);

/// Whether the outcome is right: within its bound, nothing written beside the output's elements,
/// and nothing that was given changed.
Verdict judge(const Question& question, Algorithm algorithm, const Outcome& outcome);

}  // namespace corr2d::sweep
