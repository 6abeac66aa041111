#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "space.hpp"
#include "subject.hpp"

namespace corr2d::sweep {

/// Checks what one subject makes of a question; `seed` decides about the order of tasks.
using Check = Verdict (*)(const Question& question, const Subject& subject, std::uint64_t seed);

/// The one that is meant: run it and judge.
Verdict check(const Question& question, const Subject& subject, std::uint64_t seed);

/// One of several equal parts of the space, counted from 0.
struct PhaseProblem {
  std::uint64_t index = 0, count = 1;
};

/// Checks problems, prints what fails with the command that does it once more, and keeps count.
class Sweep {
 public:
  Sweep(std::vector<Subject> subjects, std::vector<Stratum> strata, Check check);

  /// Every problem of the part, by every subject that can do it.
  void all(const PhaseProblem& part);

  /// At least `count` different problems by each subject, drawn by lot: from each stratum in turn,
  /// so that all that have problems for it have a like share. Fails where there are too few.
  void sample(std::uint64_t count, std::uint64_t seed);

  /// The problem with this number in the only stratum. Fails where no subject can do it.
  void one(std::uint64_t number);

  /// Prints how many problems each subject has done; true if nothing has failed.
  bool report() const;

 private:
  /// What one subject has done in one stratum.
  struct Count {
    std::uint64_t problems = 0;
    double worst = 0;
  };

  bool is_enough() const;
  void check_by(std::size_t subject, std::size_t stratum, std::uint64_t number,
                const Question& question);
  void fail(const std::string& complaint);

  std::vector<Subject> subjects_;
  std::vector<Stratum> strata_;
  Check check_;
  std::vector<std::vector<Count>> counts_;  // [subject][stratum]
  std::uint64_t failures_ = 0;
};

}  // namespace corr2d::sweep
