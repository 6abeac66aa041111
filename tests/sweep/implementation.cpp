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
  std::string text = kKindNames[static_cast<int>(p.kind)];
  const auto add_axes = [&](const char* name, const Axes& axes) {
    text.append(name);
    for (std::int32_t i = 0; i < p.rank; ++i) text.append(" ").append(std::to_string(axes.at[i]));
  };
  add_axes(": sizes", p.sizes);
  add_axes(", steps", p.input_steps);
  add_axes(" |", p.second_steps);
  add_axes(" |", p.third_steps);
  add_axes(" |", p.output_steps);
  char options[300];
  std::snprintf(options, sizeof(options),
                ", %s, activation %d (%g), %s of axes %d, groups %d, scale %d, bias %d, epsilon %g",
                kOperationNames[static_cast<int>(p.operation)], static_cast<int>(p.activation),
                static_cast<double>(p.activation_alpha),
                kReductionNames[static_cast<int>(p.reduction)], p.reduced_axes, p.groups,
                p.has_scale, p.has_bias, static_cast<double>(p.epsilon));
  return text.append(options);
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
