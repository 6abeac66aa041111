#include "kernels/rows/match_scores.hpp"

#include <algorithm>
#include <cmath>

namespace corr2d {
namespace {

template <bool kHasMeans>
void score(const WindowRow& row, const float* numerators, std::int32_t count,
           const ScoreTerms& terms, float* scores) {
  const double norm = terms.norm;
  for (std::int32_t x = 0; x < count; ++x) {
    double value = terms.constant + terms.numerator * static_cast<double>(numerators[x]) +
                   terms.variance * row.variance[x];
    if (kHasMeans) value += terms.offset * row.offset[x];
    if (norm != 0) {
      const double energy = row.variance[x] + (kHasMeans ? row.energy[x] : 0);
      value = energy > 0 ? value / (norm * std::sqrt(energy)) : terms.empty;
    }
    value = value < terms.low ? terms.low : value;
    value = value > terms.high ? terms.high : value;
    scores[x] = static_cast<float>(value);
  }
}

}  // namespace

void add_channel(const MomentSums* sums, const float* linear, std::int32_t count,
                 const ChannelTerms& terms, const WindowRow& row) {
  const double inverse_weight = 1 / terms.weight, inverse_mask = 1 / terms.mask;
  for (std::int32_t x = 0; x < count; ++x) {
    double mean = sums[x].sum * inverse_weight;
    if (linear != nullptr) mean = static_cast<double>(linear[x]) * inverse_mask;
    row.variance[x] += sums[x].squares - mean * (2 * sums[x].sum - mean * terms.weight);
    if (!terms.has_means) continue;
    mean += terms.centre;
    const double rest = terms.template_mean - mean;
    row.energy[x] += terms.weight * mean * mean;
    row.offset[x] +=
        terms.weight * (terms.is_difference ? rest * rest : terms.template_mean * mean);
  }
}

double least_scale(const WindowRow& row, std::int32_t count, const ScoreTerms& terms,
                   bool is_difference, double* scales) {
  double least = scales[0];
  for (std::int32_t x = 0; x < count; ++x) {
    const double means = !terms.has_means ? 0 : is_difference ? row.offset[x] : row.energy[x];
    scales[x] = row.variance[x] + means;
    least = x == 0 ? scales[x] : std::min(least, scales[x]);
  }
  return least;
}

void score_windows(const WindowRow& row, const float* numerators, std::int32_t count,
                   const ScoreTerms& terms, float* scores) {
  if (terms.has_means) {
    score<true>(row, numerators, count, terms, scores);
  } else {
    score<false>(row, numerators, count, terms, scores);
  }
}

}  // namespace corr2d
