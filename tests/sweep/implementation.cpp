#include "implementation.hpp"

#include <cstdio>

namespace corr2d::sweep {

bool Implementation::can_do(const Problem& problem, const Geometry& geometry) const {
  if (entry == nullptr) {
    return !is_correlation(problem.kind) && (problem.kind == Kind::kFilterImage) == filters_images;
  }
  return is_correlation(problem.kind) &&
         entry->can_do(correlation_of(normalised(problem, geometry), geometry));
}

std::vector<Implementation> all_implementations() {
  std::vector<Implementation> implementations;
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry != &general_entry(entry->algorithm)) continue;
    implementations.push_back({kAlgorithmNames[static_cast<int>(entry->algorithm)], entry});
  }
  implementations.push_back({"weightless", nullptr});
  implementations.push_back({"images", nullptr, true});
  return implementations;
}

std::string name_of(Algorithm algorithm) { return kAlgorithmNames[static_cast<int>(algorithm)]; }

std::string describe_array(const Problem& p) {
  const auto numbers = [&p](const Axes& axes) {
    std::string text = " [";
    for (std::int32_t i = 0; i < p.rank; ++i)
      text += (i > 0 ? " " : "") + std::to_string(axes.at[i]);
    return text + "]";
  };
  return std::string(kKindNames[static_cast<int>(p.kind)]) + ": sizes" + numbers(p.sizes) +
         ", steps" + numbers(p.input_steps) + numbers(p.second_steps) + numbers(p.third_steps) +
         numbers(p.output_steps) + ", " + kOperationNames[static_cast<int>(p.operation)] +
         ", activation " + std::to_string(static_cast<int>(p.activation)) + " (" +
         std::to_string(p.activation_alpha) + "), " +
         kReductionNames[static_cast<int>(p.reduction)] + " of axes " +
         std::to_string(p.reduced_axes) + ", groups " + std::to_string(p.groups) + ", scale " +
         std::to_string(p.has_scale) + ", bias " + std::to_string(p.has_bias) + ", epsilon " +
         std::to_string(p.epsilon) + ", " + kInterpolationNames[static_cast<int>(p.interpolation)] +
         " of " + std::to_string(p.input_height) + " x " + std::to_string(p.input_width) +
         ", scales " + std::to_string(p.row_scale) + " " + std::to_string(p.column_scale) +
         ", offset " + std::to_string(p.sample_offset) + ", rounding " +
         std::to_string(static_cast<int>(p.nearest_rounding)) + ", antialias " +
         std::to_string(p.antialias) + ", coefficient " + std::to_string(p.cubic_coefficient);
}

std::string describe(const Problem& p) {
  if (is_array(p.kind)) return describe_array(p);
  char text[800];
  const auto strides = [](const Strides& s) {
    char numbers[64];
    std::snprintf(numbers, sizeof(numbers), "%d %d %d %d %d", s.n, s.c, s.h, s.w, s.d);
    return std::string(numbers);
  };
  std::snprintf(
      text, sizeof(text),
      "%s: %dx%dx%dx%dx%d, %d output channels, %d groups, kernel %dx%dx%d, stride %d %d %d, "
      "dilation %d %d %d, pads %d %d %d %d %d %d (%s, %g), output padding %d %d %d, activation %d "
      "(%g), bias %d, add %d, ceil %d, "
      "count padding %d, preserve alpha %d, deterministic %d, local accuracy %d, strides [%s] [%s] "
      "[%s], algorithm %s, %s, %d mask channels, %d peaks, threshold %g, distance %g, minima %d, "
      "subpixel %d, upsample %d, Hann %d",
      kKindNames[static_cast<int>(p.kind)], p.batch, p.input_channels, p.input_depth,
      p.input_height, p.input_width, p.output_channels, p.groups, p.kernel_depth, p.kernel_height,
      p.kernel_width, p.stride_depth, p.stride_height, p.stride_width, p.dilation_depth,
      p.dilation_height, p.dilation_width, p.pad_front, p.pad_back, p.pad_top, p.pad_bottom,
      p.pad_left, p.pad_right, kPaddingModeNames[static_cast<int>(p.padding_mode)],
      static_cast<double>(p.fill_value), p.output_padding_depth, p.output_padding_height,
      p.output_padding_width, static_cast<int>(p.activation),
      static_cast<double>(p.activation_alpha), p.has_bias, p.has_add, p.ceil_mode,
      p.count_include_pad, p.preserve_alpha, p.deterministic, p.local_accuracy,
      strides(p.input_strides).c_str(), strides(p.weight_strides).c_str(),
      strides(p.output_strides).c_str(), name_of(p.algorithm).c_str(),
      kMatchMethodNames[static_cast<int>(p.match_method)], p.mask_channels, p.max_peaks,
      static_cast<double>(p.peak_threshold), static_cast<double>(p.peak_distance), p.finds_minima,
      p.subpixel, p.upsample, p.hann_window);
  return text;
}

}  // namespace corr2d::sweep
