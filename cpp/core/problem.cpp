#include "corr2d/problem.hpp"

#include <algorithm>
#include <initializer_list>

#include "core/array_problem.hpp"
#include "core/strided_axis.hpp"

namespace corr2d {
namespace {

constexpr bool in_range(std::int32_t value, std::int32_t last) {
  return value >= 0 && value <= last;
}

template <typename Enum>
constexpr std::int32_t number(Enum value) {
  return static_cast<std::int32_t>(value);
}

/// The product of non-negative sizes, or a number above kMaxElements if it exceeds kMaxElements.
template <typename... Sizes>
std::int64_t elements(Sizes... sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : {static_cast<std::int64_t>(sizes)...}) {
    if (size == 0) return 0;
    // The output sizes of a transposed problem can be so large that 64 bits would overflow.
    product = product > kMaxElements ? product : product * std::min(size, kMaxElements + 1);
  }
  return product;
}

constexpr bool has_weight(Kind kind) {
  return is_correlation(kind) || kind == Kind::kFilterImage || kind == Kind::kMatchTemplate;
}

/// The kinds that have a third spatial axis.
constexpr bool has_depth(Kind kind) {
  return is_correlation(kind) || kind == Kind::kMaxPool || kind == Kind::kAveragePool;
}

/// The kinds for a single contiguous image: batch 1, no groups, strides, dilation and layouts.
constexpr bool is_plain(Kind kind) {
  return kind == Kind::kFilterImage || kind == Kind::kMatchTemplate || kind == Kind::kFindPeaks ||
         kind == Kind::kPhaseCorrelate;
}

struct Axis {
  std::int64_t input, kernel, stride, dilation, pad_before, pad_after, output_padding;

  std::int64_t padded() const { return input + pad_before + pad_after; }
  std::int64_t window() const { return (kernel - 1) * dilation + 1; }

  std::int64_t windows() const { return (padded() - window()) / stride + 1; }

  /// Also counts a last window that reaches beyond the padding, if it begins inside the input or in
  /// the padding before it.
  std::int64_t windows_ceiled() const {
    const std::int64_t count = (padded() - window() + stride - 1) / stride + 1;
    return (count - 1) * stride >= input + pad_before ? count - 1 : count;
  }

  std::int64_t transposed() const {
    return (input - 1) * stride + window() - pad_before - pad_after + output_padding;
  }

  bool is_absent() const {
    return input == 1 && kernel == 1 && stride == 1 && dilation == 1 && pad_before == 0 &&
           pad_after == 0;
  }

  std::int64_t output(const Problem& p) const {
    if (p.kind == Kind::kTransposed) return transposed();
    if (p.kind == Kind::kPad || p.kind == Kind::kPadBackward) return padded();
    return is_pool(p.kind) && p.ceil_mode != 0 ? windows_ceiled() : windows();
  }
};

/// The number of input channels that contribute to one output channel.
std::int32_t inputs_per_output(const Problem& p) {
  return p.kind == Kind::kFilterImage ? 1 : p.input_channels / p.groups;
}

bool are_enumerators_valid(const Problem& p) {
  return in_range(number(p.kind), number(kLastKind)) &&
         in_range(number(p.padding_mode), number(kLastPaddingMode)) &&
         in_range(number(p.activation),
                  number(p.kind == Kind::kElementwise ? kLastUnary : kLastActivation)) &&
         in_range(number(p.algorithm), number(kLastAlgorithm)) &&
         in_range(number(p.match_method), number(kLastMatchMethod)) &&
         in_range(number(p.operation), number(kLastOperation)) &&
         in_range(number(p.reduction), number(kLastReduction)) &&
         in_range(number(p.interpolation), number(kLastInterpolation)) &&
         in_range(number(p.nearest_rounding), number(kLastRounding));
}

Status check_sizes(const Problem& p) {
  if (p.batch < 0 ||
      std::min({p.input_channels, p.output_channels, p.input_depth, p.input_height, p.input_width,
                p.kernel_depth, p.kernel_height, p.kernel_width}) < 1) {
    return Status::kBadSize;
  }
  const bool matches = p.kind == Kind::kMatchTemplate, finds_peaks = p.kind == Kind::kFindPeaks;
  const bool registers = p.kind == Kind::kPhaseCorrelate;
  const std::int32_t outputs = matches ? 1 : registers ? 3 : p.input_channels;
  if (!is_correlation(p.kind) && p.output_channels != outputs) return Status::kBadSize;
  if (is_plain(p.kind) && p.batch != 1) return Status::kBadSize;
  if (p.kind == Kind::kFilterImage && p.input_channels != 4) return Status::kBadSize;
  if (matches && !in_range(p.mask_channels, 1) && p.mask_channels != p.input_channels) {
    return Status::kBadSize;
  }
  if (finds_peaks &&
      (p.input_channels != 1 || p.kernel_height != 1 || p.kernel_width != 1 || p.max_peaks < 1)) {
    return Status::kBadSize;
  }
  if (registers &&
      (p.input_channels != 1 || p.kernel_height != p.input_height ||
       p.kernel_width != p.input_width || p.upsample < 1 || p.upsample > kMaxUpsample)) {
    return Status::kBadSize;
  }
  if (p.groups < 1 || p.input_channels % p.groups != 0 || p.output_channels % p.groups != 0) {
    return Status::kBadGroups;
  }
  return is_plain(p.kind) && p.groups != 1 ? Status::kBadGroups : Status::kOk;
}

/// Checks that the kind supports the bias, activation and padding mode.
Status check_options(const Problem& p) {
  if (p.has_bias != 0 && p.kind != Kind::kForward && p.kind != Kind::kTransposed &&
      p.kind != Kind::kFilterImage) {
    return Status::kUnsupported;
  }
  if (p.activation != Activation::kNone && !is_correlation(p.kind)) return Status::kUnsupported;
  const bool is_forward = p.kind == Kind::kForward;
  if ((p.local_accuracy != 0 || p.has_add != 0) && !is_forward) return Status::kUnsupported;
  // With these modes, gradients of padding belong to the elements that it copies; kPadBackward adds
  // them.
  if (p.padding_mode != PaddingMode::kConstant &&
      (p.kind == Kind::kTransposed || p.kind == Kind::kBackwardInput)) {
    return Status::kUnsupported;
  }
  return Status::kOk;
}

Status check_axis(const Problem& p, const Axis& axis) {
  if (axis.stride < 1) return Status::kBadStride;
  if (axis.dilation < 1) return Status::kBadDilation;
  const bool crops = p.kind == Kind::kPad || p.kind == Kind::kPadBackward;
  if (!crops && (axis.pad_before < 0 || axis.pad_after < 0)) return Status::kBadPadding;
  if (p.padding_mode == PaddingMode::kReflect && axis.input == 1 && p.kind != Kind::kFilterImage &&
      (axis.pad_before > 0 || axis.pad_after > 0)) {
    return Status::kBadPadding;
  }
  // With narrower padding, every window overlaps the input.
  if (is_pool(p.kind) && std::max(axis.pad_before, axis.pad_after) >= axis.window()) {
    return Status::kBadPadding;
  }
  const std::int64_t limit = p.kind == Kind::kTransposed ? std::max(axis.stride, axis.dilation) : 1;
  if (axis.output_padding < 0 || axis.output_padding >= limit) return Status::kBadOutputPadding;
  if (axis.padded() > kMaxElements) return Status::kTooLarge;
  if (p.kind == Kind::kTransposed || crops) {
    if (axis.window() > kMaxElements) return Status::kTooLarge;
    return axis.output(p) < 1 ? Status::kEmptyOutput : Status::kOk;
  }
  const std::int64_t beyond = is_pool(p.kind) && p.ceil_mode != 0 ? axis.stride - 1 : 0;
  if (axis.window() > axis.padded() + beyond) return Status::kKernelTooLarge;
  if (is_plain(p.kind)) {
    if (axis.stride != 1) return Status::kBadStride;
    if (axis.dilation != 1) return Status::kBadDilation;
    const bool keeps_size = p.kind == Kind::kFilterImage;
    if (keeps_size ? axis.windows() != axis.input : axis.padded() != axis.input) {
      return Status::kBadPadding;
    }
  }
  return Status::kOk;
}

/// Checks that no tensor has more than kMaxElements elements.
Status check_element_counts(const Problem& p, std::int64_t depth, std::int64_t height,
                            std::int64_t width) {
  const std::int64_t taps = elements(p.kernel_depth, p.kernel_height, p.kernel_width);
  // Without the batch, an unfolded image has channels * taps * height * width elements.
  const std::int64_t unfolded = p.kind == Kind::kUnfold || p.kind == Kind::kFold ? taps : 1;
  const std::int64_t input =
      elements(p.input_channels, p.input_depth, p.input_height, p.input_width);
  const std::int64_t output = elements(p.output_channels, unfolded, depth, height, width);
  const std::int64_t weight =
      has_weight(p.kind) ? elements(inputs_per_output(p), taps, p.output_channels) : 0;
  // One image is limited too, because strides follow from its size even if the batch is 0.
  const bool is_too_large = input > kMaxElements || output > kMaxElements ||
                            weight > kMaxElements || elements(p.batch, input) > kMaxElements ||
                            elements(p.batch, output) > kMaxElements;
  return is_too_large ? Status::kTooLarge : Status::kOk;
}

/// A tensor's sizes in the order of its strides.
struct Sizes {
  std::int64_t n, c, h, w, d;
};

/// The axes of a tensor with these strides and sizes.
struct StridedAxes {
  StridedAxes(const Strides& s, const Sizes& size)
      : at{{s.n, size.n}, {s.c, size.c}, {s.h, size.h}, {s.w, size.w}, {s.d, size.d}} {}
  static constexpr std::int32_t kRank = 5;
  StridedAxis at[kRank];
};

std::int64_t span(const Strides& strides, const Sizes& size) {
  return span_of(StridedAxes(strides, size).at, StridedAxes::kRank);
}

bool is_absent(const Strides& s) {
  return s.n == 0 && s.c == 0 && s.h == 0 && s.w == 0 && s.d == 0;
}

/// Checks that no strides span more than kMaxElements elements, and that the elements of the tensor
/// that is written do not overlap.
Status check_strides(const Problem& p, std::int64_t depth, std::int64_t height,
                     std::int64_t width) {
  if (is_plain(p.kind) && !(is_absent(p.input_strides) && is_absent(p.output_strides) &&
                            (p.kind == Kind::kFilterImage || is_absent(p.weight_strides)))) {
    return Status::kBadLayout;
  }
  const bool transposed = p.kind == Kind::kTransposed;
  const Sizes x = {p.batch, p.input_channels, p.input_height, p.input_width, p.input_depth};
  const Sizes y = {p.batch, p.output_channels, height, width, depth};
  const Sizes w = {transposed ? p.output_channels / p.groups : p.output_channels,
                   transposed ? p.input_channels : inputs_per_output(p), p.kernel_height,
                   p.kernel_width, p.kernel_depth};
  if (span(p.input_strides, x) > kMaxElements || span(p.output_strides, y) > kMaxElements ||
      span(p.weight_strides, w) > kMaxElements) {
    return Status::kTooLarge;
  }
  const bool writes_x = p.kind == Kind::kBackwardInput || p.kind == Kind::kMaxPoolBackward ||
                        p.kind == Kind::kAveragePoolBackward || p.kind == Kind::kPadBackward ||
                        p.kind == Kind::kFold;
  const bool writes_weight = p.kind == Kind::kBackwardWeight;
  const Strides& written = writes_x        ? p.input_strides
                           : writes_weight ? p.weight_strides
                                           : p.output_strides;
  if (is_absent(written)) return Status::kOk;
  StridedAxes axes(written, writes_x ? x : writes_weight ? w : y);
  return is_one_to_one(axes.at, StridedAxes::kRank) ? Status::kOk : Status::kBadLayout;
}

double macs_of(const Problem& p, std::int64_t outputs) {
  // A transposed problem multiplies each input element by all taps; the others compute each output
  // element from all taps.
  const std::int64_t per_image = p.kind == Kind::kTransposed
                                     ? std::int64_t{p.input_channels} * p.input_depth *
                                           p.input_height * p.input_width *
                                           (p.output_channels / p.groups)
                                     : p.output_channels * outputs * inputs_per_output(p);
  const std::int64_t taps = std::int64_t{p.kernel_depth} * p.kernel_height * p.kernel_width;
  return static_cast<double>(p.batch) * static_cast<double>(per_image) * static_cast<double>(taps);
}

Strides contiguous(std::int32_t c, std::int32_t d, std::int32_t h, std::int32_t w) {
  return {c * d * h * w, d * h * w, w, 1, h * w};
}

}  // namespace

Status measure(const Problem& p, Geometry* geometry) {
  if (!are_enumerators_valid(p)) return Status::kBadEnum;
  if (is_array(p.kind)) return measure_array(p, geometry);
  if (const Status status = check_sizes(p); status != Status::kOk) return status;
  if (const Status status = check_options(p); status != Status::kOk) return status;
  const Axis rows = {p.input_height, p.kernel_height, p.stride_height,        p.dilation_height,
                     p.pad_top,      p.pad_bottom,    p.output_padding_height};
  const Axis columns = {p.input_width, p.kernel_width, p.stride_width,        p.dilation_width,
                        p.pad_left,    p.pad_right,    p.output_padding_width};
  const Axis planes = {p.input_depth, p.kernel_depth, p.stride_depth,        p.dilation_depth,
                       p.pad_front,   p.pad_back,     p.output_padding_depth};
  if (!has_depth(p.kind) && !planes.is_absent()) return Status::kBadSize;
  for (const Axis& axis : {planes, rows, columns}) {
    if (const Status status = check_axis(p, axis); status != Status::kOk) return status;
  }
  const bool finds_peaks = p.kind == Kind::kFindPeaks;
  const std::int64_t depth = has_depth(p.kind) ? planes.output(p) : 1;
  const std::int64_t height = finds_peaks ? p.max_peaks : rows.output(p);
  const std::int64_t width = finds_peaks ? kPeakNumbers : columns.output(p);
  if (const Status status = check_element_counts(p, depth, height, width); status != Status::kOk) {
    return status;
  }
  if (const Status status = check_strides(p, depth, height, width); status != Status::kOk)
    return status;

  geometry->output_depth = static_cast<std::int32_t>(depth);
  geometry->output_height = static_cast<std::int32_t>(height);
  geometry->output_width = static_cast<std::int32_t>(width);
  geometry->macs = has_weight(p.kind) ? macs_of(p, depth * height * width) : 0;
  return Status::kOk;
}

Problem normalised(const Problem& problem, const Geometry& geometry) {
  Problem p = problem;
  if (is_array(p.kind)) return p;
  if (is_pool(p.kind)) p.padding_mode = PaddingMode::kConstant;
  if (is_absent(p.input_strides)) {
    p.input_strides = contiguous(p.input_channels, p.input_depth, p.input_height, p.input_width);
  }
  // Kinds without a weight do not limit its size, so its strides could overflow.
  if (is_absent(p.weight_strides) && has_weight(p.kind)) {
    if (p.kind == Kind::kTransposed) {
      const Strides s =
          contiguous(p.output_channels / p.groups, p.kernel_depth, p.kernel_height, p.kernel_width);
      p.weight_strides = {s.c, s.n, s.h, s.w, s.d};
    } else {
      p.weight_strides =
          contiguous(p.input_channels / p.groups, p.kernel_depth, p.kernel_height, p.kernel_width);
    }
  }
  if (is_absent(p.output_strides)) {
    p.output_strides = contiguous(p.output_channels, geometry.output_depth, geometry.output_height,
                                  geometry.output_width);
  }
  return p;
}

}  // namespace corr2d
