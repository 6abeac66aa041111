#pragma once

#include "algorithms/matching/match_region.hpp"
#include "algorithms/matching/template_model.hpp"
#include "kernels/matching/match_scores.hpp"

namespace corr2d {

/// How the scores of windows follow from their numerators, variances and means, in a region with
/// this scale.
ScoreTerms score_terms(MatchMethod method, const TemplateModel& model, double scale);

/// The contribution of one channel of a region.
ChannelTerms channel_terms(MatchMethod method, const TemplateModel& model,
                           const MatchRegion& region, std::int32_t c);

/// The variance or energy of a window up to which its score may be inaccurate. With a mask,
/// `fourth_power` is the mean of J^4 (score_terms.cpp).
double inaccuracy_limit(MatchMethod method, const TemplateModel& model, const MatchRegion& region,
                        double fourth_power);

}  // namespace corr2d
