#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "implementation.hpp"
#include "problem_space.hpp"

namespace corr2d::sweep {

/// Runs one implementation on a test case and checks its result. `seed` determines the order of
/// tasks. Tests of the sweep substitute their own.
using Check = Verdict (*)(const TestCase& test_case, const Implementation& implementation,
                          std::uint64_t seed);

/// run_algorithm, then check_result.
Verdict check(const TestCase& test_case, const Implementation& implementation, std::uint64_t seed);

/// One of `count` equal parts of the problem space.
struct SweepPart {
  std::uint64_t index = 0, count = 1;
};

/// Checks problems, counts them, and prints every failure with the command that repeats it.
class Sweep {
 public:
  Sweep(std::vector<Implementation> implementations, std::vector<Stratum> strata, Check check);

  /// Checks every problem of the part with every implementation that supports it.
  void all(const SweepPart& part);

  /// Checks at least `count` different random problems with each implementation. It draws from the
  /// strata in rotation, so that all strata with supported problems contribute equally. Fails if
  /// there are too few problems.
  void sample(std::uint64_t count, std::uint64_t seed);

  /// Checks the problem with this number in the only stratum. Fails if no implementation supports
  /// it.
  void one(std::uint64_t number);

  /// Prints the number of problems of each implementation. Returns true if nothing has failed.
  bool report() const;

 private:
  /// The checks of one implementation on the problems of one stratum.
  struct Count {
    std::uint64_t problems = 0;
    double worst_ratio = 0;
  };

  bool has_failed_enough() const;
  void check_by(std::size_t implementation, std::size_t stratum, std::uint64_t number,
                const TestCase& test_case);
  void fail(const std::string& message);

  std::vector<Implementation> implementations_;
  std::vector<Stratum> strata_;
  Check check_;
  std::vector<std::vector<Count>> counts_;  // [implementation][stratum]
  std::uint64_t failures_ = 0;
};

}  // namespace corr2d::sweep
