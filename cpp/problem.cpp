#include "corr2d/problem.hpp"

#include <initializer_list>

namespace corr2d {
namespace {

constexpr bool in_range(std::int32_t value, std::int32_t last) {
  return value >= 0 && value <= last;
}

template <typename Enum>
constexpr std::int32_t number(Enum value) {
  return static_cast<std::int32_t>(value);
}

/// The product of non-negative sizes, or anything above kMaxElements where it is more than that.
template <typename... Sizes>
std::int64_t elements(Sizes... sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : {static_cast<std::int64_t>(sizes)...}) {
    if (size == 0) return 0;
    product = product > kMaxElements ? product : product * size;
  }
  return product;
}

struct Axis {
  std::int64_t input, kernel, stride, dilation, pad_before, pad_after;

  std::int64_t padded() const { return input + pad_before + pad_after; }
  std::int64_t window() const { return (kernel - 1) * dilation + 1; }
  std::int64_t output() const { return (padded() - window()) / stride + 1; }
};

bool is_absent(const Strides& s) { return s.n == 0 && s.c == 0 && s.h == 0 && s.w == 0; }

Strides contiguous(std::int32_t c, std::int32_t h, std::int32_t w) {
  return {c * h * w, h * w, w, 1};
}

}  // namespace

Status measure(const Problem& p, Geometry* geometry) {
  if (!in_range(number(p.kind), number(Kind::kTransposed)) ||
      !in_range(number(p.padding_mode), number(PaddingMode::kSymmetric)) ||
      !in_range(number(p.activation), number(Activation::kGelu)) ||
      !in_range(number(p.algorithm), number(kLastAlgorithm))) {
    return Status::kBadEnum;
  }
  if (p.batch < 0 || p.input_channels < 1 || p.output_channels < 1 || p.input_height < 1 ||
      p.input_width < 1 || p.kernel_height < 1 || p.kernel_width < 1) {
    return Status::kBadSize;
  }
  if (p.stride_height < 1 || p.stride_width < 1) return Status::kBadStride;
  if (p.dilation_height < 1 || p.dilation_width < 1) return Status::kBadDilation;
  if (p.pad_top < 0 || p.pad_bottom < 0 || p.pad_left < 0 || p.pad_right < 0) {
    return Status::kBadPadding;
  }
  if (p.groups < 1 || p.input_channels % p.groups != 0 || p.output_channels % p.groups != 0) {
    return Status::kBadGroups;
  }

  const Axis h = {p.input_height,    p.kernel_height, p.stride_height,
                  p.dilation_height, p.pad_top,       p.pad_bottom};
  const Axis w = {p.input_width,    p.kernel_width, p.stride_width,
                  p.dilation_width, p.pad_left,     p.pad_right};
  if (p.padding_mode == PaddingMode::kReflect &&
      ((h.input == 1 && h.padded() > 1) || (w.input == 1 && w.padded() > 1))) {
    return Status::kBadPadding;
  }
  if (h.padded() > kMaxElements || w.padded() > kMaxElements) return Status::kTooLarge;
  if (h.window() > h.padded() || w.window() > w.padded()) return Status::kKernelTooLarge;

  const std::int64_t kernel =
      elements(p.input_channels / p.groups, p.kernel_height, p.kernel_width);
  const std::int64_t output = elements(p.batch, p.output_channels, h.output(), w.output());
  // The image of one batch entry is bounded too: it decides strides even where the batch is 0.
  if (elements(p.input_channels, p.input_height, p.input_width) > kMaxElements ||
      elements(p.output_channels, h.output(), w.output()) > kMaxElements ||
      elements(p.batch, p.input_channels, p.input_height, p.input_width) > kMaxElements ||
      elements(kernel, p.output_channels) > kMaxElements || output > kMaxElements) {
    return Status::kTooLarge;
  }

  geometry->output_height = static_cast<std::int32_t>(h.output());
  geometry->output_width = static_cast<std::int32_t>(w.output());
  geometry->macs = static_cast<double>(output) * static_cast<double>(kernel);
  return Status::kOk;
}

Problem normalised(const Problem& problem, const Geometry& geometry) {
  Problem p = problem;
  if (geometry.output_height == 1) p.stride_height = 1;
  if (geometry.output_width == 1) p.stride_width = 1;
  if (p.kernel_height == 1) p.dilation_height = 1;
  if (p.kernel_width == 1) p.dilation_width = 1;
  if (is_absent(p.input_strides)) {
    p.input_strides = contiguous(p.input_channels, p.input_height, p.input_width);
  }
  if (is_absent(p.weight_strides)) {
    p.weight_strides = contiguous(p.input_channels / p.groups, p.kernel_height, p.kernel_width);
  }
  if (is_absent(p.output_strides)) {
    p.output_strides = contiguous(p.output_channels, geometry.output_height, geometry.output_width);
  }
  return p;
}

}  // namespace corr2d
