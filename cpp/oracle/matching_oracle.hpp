#pragma once

#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// The error of a normed score is at most this many times 2^-24.
constexpr double kScoreError = 256;

/// A score of a kMatchTemplate in float64.
struct Score {
  double value;
  /// The error is at most 2^-24 times this: kScoreError for normed scores, otherwise times the
  /// product of the norms of template and window, or for differences the sum of their variances. 0
  /// for scores that are exact: those of windows or templates without variance or energy, and NaN.
  double magnitude;
};

/// Computes the scores of a kMatchTemplate directly from the definition, row by row. Shares no code
/// with the library. `image`, `model` and `mask` are the operands of Plan::run and Plan::create.
std::vector<Score> match_template(const Problem& problem, const float* image, const float* model,
                                  const float* mask);

/// A peak of a kFindPeaks.
struct Peak {
  double x, y, score;
};

/// Computes the peaks of a kFindPeaks directly from the definition, best first.
std::vector<Peak> find_peaks(const Problem& problem, const float* scores);

}  // namespace corr2d::oracle
