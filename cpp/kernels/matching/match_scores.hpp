#pragma once

#include "kernels/matching/window_sums.hpp"

namespace corr2d {

// The scores of template matching from sums over windows (algorithms/matching/match_template.cpp),
// for a row of `count` windows side by side. Rows have space for one window more: its numbers may
// be read and written.

/// The terms of scores besides the numerators, one float64 for each window. I is the image, and q
/// are the weights of its elements: the square of the mask.
struct WindowRow {
  double* variance;  // sum q (I - mean)^2
  double* energy;    // sum q mean^2; with the variance it adds up to sum q I^2
  double* offset;    // the contribution of the means to the score
};

/// One channel of the windows of a row.
struct ChannelTerms {
  double weight;  // sum q
  double centre;  // the number that was subtracted from the image
  /// The offset is weight (a - mean) (b - c mean).
  double a, b, c;
};

/// Adds the contributions of a channel from the sums of q I and q I^2; energy and offset only if
/// `has_means`.
void add_channel(const MomentSums* sums, std::int32_t count, const ChannelTerms& terms,
                 bool has_means, const WindowRow& row);

/// A score is constant + numerator * n + variance * v + offset * o, divided by the norm times the
/// square root of v + energy unless the norm is 0, and clamped.
struct ScoreTerms {
  double constant, numerator, variance, offset;
  double norm;
  double low, high;
  double empty;  // the score where v + energy is 0
};

/// Computes scores[i] for `count` windows.
void score_windows(const WindowRow& row, const float* numerators, std::int32_t count,
                   const ScoreTerms& terms, float* scores);

/// sums[i] = a[i] + b[i]. Returns the smallest.
double least_sum(const double* a, const double* b, std::int32_t count, double* sums);

}  // namespace corr2d
