#pragma once

#include "kernels/rows/window_sums.hpp"

namespace corr2d {

// The scores of template matching from sums over windows (algorithms/matching/match_template.cpp),
// for a row of `count` windows side by side.

/// What scores depend on besides the numerators, in float64 for each window.
struct WindowRow {
  double* variance;  // sum q (I - mean)^2
  /// Not used if the method removes the mean:
  double* energy;  // sum q mean^2, which added to the variance is sum q I^2
  double* offset;  // what the means contribute to the score
};

/// One channel of the windows of a row.
struct ChannelTerms {
  double weight;         // sum q
  double mask;           // sum m
  double centre;         // what was subtracted from the image
  double template_mean;  // the mean of the template, in units of the image if `is_difference`
  bool is_difference;    // offset: weight (template_mean - mean)^2, otherwise the product of both
  bool has_means;        // whether energy and offset are wanted
};

/// Adds the contributions of a channel from the sums of q and I, and q and I^2. The means are
/// linear[i] / mask, or follow from the sums if `linear` is null.
void add_channel(const MomentSums* sums, const float* linear, std::int32_t count,
                 const ChannelTerms& terms, const WindowRow& row);

/// A score is constant + numerator * n + variance * v + offset * o, divided by the norm times
/// the square root of the window's energy if it is normed, and clamped.
struct ScoreTerms {
  double constant, numerator, variance, offset;
  double norm;  // 0 if the score is not normed
  double low, high;
  double empty;  // the score of a window without energy
  bool has_means;
};

/// The windows' energies, which the norm refers to: variance + energy.
/// A number that errors of numerators are compared with: the energy of the window, or if
/// `is_difference`, the score apart from the numerator. Returns the smallest.
double least_scale(const WindowRow& row, std::int32_t count, const ScoreTerms& terms,
                   bool is_difference, double* scales);

void score_windows(const WindowRow& row, const float* numerators, std::int32_t count,
                   const ScoreTerms& terms, float* scores);

}  // namespace corr2d
