#pragma once

#include "corr2d/memory.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {

/// Whether a method subtracts the means of template and window.
constexpr bool removes_mean(MatchMethod method) {
  return method == MatchMethod::kCcoeff || method == MatchMethod::kCcoeffNormed;
}
constexpr bool is_normed(MatchMethod method) {
  return method == MatchMethod::kSqdiffNormed || method == MatchMethod::kCcorrNormed ||
         method == MatchMethod::kCcoeffNormed;
}
constexpr bool is_difference(MatchMethod method) {
  return method == MatchMethod::kSqdiff || method == MatchMethod::kSqdiffNormed;
}

/// The quantities of a kMatchTemplate that depend only on the template T and the mask M. Without a
/// mask, and with one of ones only, M is 1.
///
/// All methods follow from one correlation, the numerator, whose weights have the sum 0 in each
/// channel, so that it does not depend on the brightness of the image; and from the windows' means
/// and variances. With T' the template minus its mean in each channel, weighted by M^2 (or by M if
/// the method removes the mean), the weights are M^2 T' (minus the multiple of M that makes the sum
/// 0). Template and mask are scaled by powers of two so that their largest elements are about 1.
class TemplateModel {
 public:
  struct Channel {
    double mean;    // of the template
    double weight;  // sum M^2
    double mask;    // sum M
  };

  /// Reads the elements of the template and the mask. Returns kOk, kOutOfMemory, kNotFinite or
  /// kEmptyMask.
  Status prepare(const Problem& problem, const float* elements, const float* mask);

  bool has_mask() const { return has_mask_; }
  /// Whether the means of windows are weighted by M, while their variances are weighted by M^2.
  bool has_linear_means() const { return has_linear_means_; }

  /// The channels of the correlation's input: the image's and, with a mask, their squares.
  std::int32_t inputs() const { return channels_ * (has_mask_ ? 2 : 1); }
  /// The channels of its output: numerators and, with a mask, sum M^2 I^2, then sum M^2 I of each
  /// channel and, with linear means, sum M I of each channel.
  std::int32_t outputs() const {
    return has_mask_ ? 2 + channels_ * (has_linear_means_ ? 2 : 1) : 1;
  }
  /// outputs() x inputs() x kernel_height x kernel_width
  const float* weights() const { return weights_.data(); }
  /// The weights M^2 if there is no mask: kernel_height x kernel_width ones.
  const float* ones() const { return ones_; }
  std::size_t bytes() const { return weights_.bytes() + channel_.bytes(); }

  const Channel& channel(std::int32_t c) const { return channel_[static_cast<std::size_t>(c)]; }

  bool is_finite() const { return is_finite_; }
  /// Results that are not normed are 1 / (template_scale * mask_scale^2) times those of scaled
  /// data.
  double template_scale() const { return template_scale_; }
  double mask_scale() const { return mask_scale_; }
  double variance() const { return variance_; }    // sum M^2 T'^2
  double energy() const { return energy_; }        // sum M^2 T^2
  double mask_norm() const { return mask_norm_; }  // the square root of sum M^4

 private:
  bool has_mask_ = false, has_linear_means_ = false, is_finite_ = true;
  std::int32_t channels_ = 0;
  double template_scale_ = 1, mask_scale_ = 1, variance_ = 0, energy_ = 0, mask_norm_ = 0;
  const float* ones_ = nullptr;
  Buffer<float> weights_;  // of the correlation, then ones
  Buffer<Channel> channel_;
};

}  // namespace corr2d
