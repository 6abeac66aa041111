// The scores of all methods from the numerators, the means and the variances of windows. With I the
// image, J the region, s its scale, c the number that was subtracted from a channel, T the
// template, M the mask and w the weights of the numerators:
//
//   n = sum w J,   mean = sum M^2 J / sum M^2,   variance = sum M^2 (J - mean)^2
//   s^2 sum M^2 I^2      = variance + sum over channels of (mean + c)^2 sum M^2
//   s sum M^2 T I        = n + sum over channels of mean(T) (mean + c) sum M^2
//   s^2 sum M^2 (T-I)^2  = variance(s T) + variance - 2 s n
//                          + sum over channels of (mean(s T) - mean - c)^2 sum M^2
//
// No large numbers cancel, however bright the image is.
//
// The error of n is about eps |w| rms(J) with every algorithm. It matters in windows that vary
// little compared with their block. They are recognised by their variance (or energy) and
// recomputed relative to one of their own elements. Thus the errors of normed scores stay near
// 1e-5, and most are near 1e-7. Flat windows have exactly the variance 0.

#include "algorithms/matching/score_terms.hpp"

#include <cmath>
#include <limits>

namespace corr2d {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Three standard deviations of FFT's errors, relative to |w| rms(J).
constexpr double kNumeratorError = 8 * 0x1p-24;
/// Windows whose normed score may have a larger error are recomputed.
constexpr double kTolerance = 5e-6;
/// The rounding errors of window sums relative to the sum of all squares, over kTolerance.
constexpr double kSumError = 1e-9;

}  // namespace

ScoreTerms score_terms(MatchMethod method, const TemplateModel& model, double scale) {
  const bool has_means = !removes_mean(method);
  const double ratio = scale / model.template_scale();
  const double masks = model.mask_scale() * model.mask_scale();
  ScoreTerms terms = {.constant = 0,
                      .numerator = 1,
                      .variance = 0,
                      .offset = has_means ? 1.0 : 0.0,
                      .norm = std::sqrt(has_means ? model.energy() : model.variance()),
                      .low = -1,
                      .high = 1,
                      .empty = 0};
  double unit = scale * model.template_scale() * masks;
  if (is_difference(method)) {
    terms.constant = model.variance() * ratio * ratio;
    terms.numerator = -2 * ratio;
    terms.variance = 1;
    terms.norm *= ratio;
    terms.low = 0;
    terms.high = model.has_mask() ? kInfinity : 1;
    terms.empty = 1;
    unit = scale * scale * masks;
  }
  if (is_normed(method)) return terms;
  terms.norm = 0;
  terms.low = is_difference(method) ? 0 : -kInfinity;
  terms.high = kInfinity;
  for (double* factor : {&terms.constant, &terms.numerator, &terms.variance, &terms.offset}) {
    *factor /= unit;
  }
  return terms;
}

ChannelTerms channel_terms(MatchMethod method, const TemplateModel& model,
                           const MatchRegion& region, std::int32_t c) {
  const TemplateModel::Channel& channel = model.channel(c);
  ChannelTerms terms = {channel.weight, region.centres[c], 0, -channel.mean, 0};
  if (is_difference(method)) {
    terms.a = terms.b = channel.mean * region.scale / model.template_scale();
    terms.c = 1;
  }
  return terms;
}

double inaccuracy_limit(MatchMethod method, const TemplateModel& model, const MatchRegion& region,
                        double fourth_power) {
  const double error = kNumeratorError / kTolerance;
  double limit =
      region.mean_square * (error * error + kSumError * static_cast<double>(region.plane_floats()));
  if (model.has_mask()) {
    // The sums are those of a correlation, too.
    const double centre = removes_mean(method) ? 0 : 2 * region.largest_centre;
    limit += error / 4 * model.mask_norm() *
             (std::sqrt(fourth_power) + centre * std::sqrt(region.mean_square));
  }
  return limit;
}

}  // namespace corr2d
