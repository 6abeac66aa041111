#include "algorithms/matching/template_model.hpp"

#include <algorithm>
#include <cmath>

namespace corr2d {
namespace {

/// Elements beyond the last one that sum_window may read.
constexpr std::size_t kSlack = 3;

/// The power of two that scales the largest finite magnitude to at least 1/2 and below 1.
double scale_of(const float* data, std::int64_t count) {
  float largest = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (std::isfinite(data[i])) largest = std::max(largest, std::abs(data[i]));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, -exponent);
}

}  // namespace

Status TemplateModel::prepare(const Problem& p, const float* elements, const float* mask) {
  channels_ = p.input_channels;
  const std::int64_t taps = std::int64_t{p.kernel_height} * p.kernel_width;
  const std::int64_t masked = taps * p.mask_channels;
  bool is_binary = true;
  for (std::int64_t i = 0; i < masked; ++i) {
    if (!std::isfinite(mask[i])) return Status::kNotFinite;
    has_mask_ |= mask[i] != 1;
    is_binary &= mask[i] == 0 || mask[i] == 1;
  }
  has_linear_means_ = has_mask_ && !is_binary && removes_mean(p.match_method);
  template_scale_ = scale_of(elements, taps * channels_);
  if (has_mask_) mask_scale_ = scale_of(mask, masked);

  const auto count = static_cast<std::size_t>(taps);
  const std::size_t floats =
      static_cast<std::size_t>(outputs()) * static_cast<std::size_t>(inputs()) * count;
  if (!weights_.reset(floats + count + kSlack) ||
      !channel_.reset(static_cast<std::size_t>(channels_))) {
    return Status::kOutOfMemory;
  }
  ones_ = weights_.data() + floats;
  std::fill(weights_.data(), weights_.data() + floats, 0.0f);
  std::fill(weights_.data() + floats, weights_.data() + weights_.size(), 1.0f);
  const auto weights_of = [&](std::int32_t output, std::int32_t input) {
    return weights_.data() + (std::int64_t{output} * inputs() + input) * taps;
  };

  bool is_empty = true;
  double fourth_powers = 0;
  for (std::int32_t c = 0; c < channels_; ++c) {
    const float* values = elements + c * taps;
    const float* mask_values = mask + (p.mask_channels > 1 ? c * taps : 0);
    const auto mask_at = [&](std::int64_t i) {
      return has_mask_ ? mask_scale_ * mask_values[i] : 1.0;
    };
    const auto value_at = [&](std::int64_t i) { return template_scale_ * values[i]; };
    Channel& channel = channel_[static_cast<std::size_t>(c)];
    channel = {};
    double linear = 0, squared = 0, some_value = 0;
    bool is_flat = true;
    for (std::int64_t i = 0; i < taps; ++i) {
      const double m = mask_at(i), value = value_at(i);
      if (m == 0) continue;  // such elements may be NaN
      if (channel.weight == 0) some_value = value;
      is_flat &= value == some_value;
      channel.mask += m;
      channel.weight += m * m;
      linear += m * value;
      squared += m * m * value;
      energy_ += m * m * value * value;
      fourth_powers += m * m * m * m;
    }
    if (channel.weight == 0) continue;
    if (has_linear_means_ && channel.mask == 0) return Status::kEmptyMask;
    is_empty = false;
    // The mean of equal numbers is exact, so that their variance is 0.
    channel.mean = is_flat             ? some_value
                   : has_linear_means_ ? linear / channel.mask
                                       : squared / channel.weight;
    double sum = 0;
    for (std::int64_t i = 0; i < taps; ++i) {
      const double m = mask_at(i), rest = m == 0 ? 0 : value_at(i) - channel.mean;
      sum += m * m * rest;
      variance_ += m * m * rest * rest;
    }
    const double correction = has_linear_means_ ? sum / channel.mask : 0;
    float* numerator = weights_of(0, c);
    for (std::int64_t i = 0; i < taps; ++i) {
      const double m = mask_at(i), rest = m == 0 ? 0 : value_at(i) - channel.mean;
      numerator[i] = static_cast<float>(m * m * rest - correction * m);
      if (!has_mask_) continue;
      weights_of(1, channels_ + c)[i] = weights_of(2 + c, c)[i] = static_cast<float>(m * m);
      if (has_linear_means_) weights_of(2 + channels_ + c, c)[i] = static_cast<float>(m);
    }
  }
  is_finite_ = std::isfinite(energy_);
  mask_norm_ = std::sqrt(fourth_powers);
  return is_empty ? Status::kEmptyMask : Status::kOk;
}

}  // namespace corr2d
