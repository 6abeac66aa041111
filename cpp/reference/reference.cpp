#include "reference/reference.hpp"

#include <cmath>

namespace corr2d::reference {
namespace {

/// Windows of `kernel` elements, `dilation` apart, that fit into `size` when they begin `stride`
/// apart: found by trying.
int windows(int size, int kernel, int stride, int dilation) {
  int count = 0;
  for (int begin = 0; begin + (kernel - 1) * dilation < size; begin += stride) ++count;
  return count;
}

/// Walks from outside to the element that padding puts at position `i`; -1 for the fill value.
int resolve(int i, int size, PaddingMode mode) {
  while (i < 0 || i >= size) {
    switch (mode) {
      case PaddingMode::kConstant:
        return -1;
      case PaddingMode::kReplicate:
        i += i < 0 ? 1 : -1;
        break;
      case PaddingMode::kCircular:
        i += i < 0 ? size : -size;
        break;
      case PaddingMode::kReflect:
        i = i < 0 ? -i : 2 * (size - 1) - i;
        break;
      case PaddingMode::kSymmetric:
        i = i < 0 ? -1 - i : 2 * size - 1 - i;
        break;
    }
  }
  return i;
}

double activate(double x, Activation activation, double alpha) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return x < 0 ? 0 : x;
    case Activation::kRelu6:
      return x < 0 ? 0 : x > 6 ? 6 : x;
    case Activation::kLeakyRelu:
      return x < 0 ? alpha * x : x;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kHardSwish:
      return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    case Activation::kGelu:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
  }
  return x;
}

/// The element at these indices; strides of all zero stand for contiguous axes of these sizes.
double element(const float* data, const Strides& s, int n, int c, int h, int w, int channels,
               int height, int width) {
  const bool contiguous = s.n == 0 && s.c == 0 && s.h == 0 && s.w == 0;
  return contiguous ? data[((n * channels + c) * height + h) * width + w]
                    : data[n * s.n + c * s.c + h * s.h + w * s.w];
}

}  // namespace

Answer correlate(const Problem& p, const float* input, const float* weight, const float* bias) {
  Answer answer;
  answer.height = windows(p.input_height + p.pad_top + p.pad_bottom, p.kernel_height,
                          p.stride_height, p.dilation_height);
  answer.width = windows(p.input_width + p.pad_left + p.pad_right, p.kernel_width, p.stride_width,
                         p.dilation_width);
  const int channels = p.input_channels / p.groups;
  for (int n = 0; n < p.batch; ++n) {
    for (int o = 0; o < p.output_channels; ++o) {
      const int group = o / (p.output_channels / p.groups);
      for (int y = 0; y < answer.height; ++y) {
        for (int x = 0; x < answer.width; ++x) {
          double sum = p.has_bias != 0 ? bias[o] : 0;
          double magnitude = std::abs(sum);
          for (int c = 0; c < channels; ++c) {
            for (int ky = 0; ky < p.kernel_height; ++ky) {
              for (int kx = 0; kx < p.kernel_width; ++kx) {
                const int row = resolve(y * p.stride_height + ky * p.dilation_height - p.pad_top,
                                        p.input_height, p.padding_mode);
                const int column = resolve(x * p.stride_width + kx * p.dilation_width - p.pad_left,
                                           p.input_width, p.padding_mode);
                const double in =
                    row < 0 || column < 0
                        ? p.fill_value
                        : element(input, p.input_strides, n, group * channels + c, row, column,
                                  p.input_channels, p.input_height, p.input_width);
                const double tap = element(weight, p.weight_strides, o, c, ky, kx, channels,
                                           p.kernel_height, p.kernel_width);
                sum += in * tap;
                magnitude += std::abs(in * tap);
              }
            }
          }
          answer.output.push_back(activate(sum, p.activation, p.activation_alpha));
          answer.magnitude.push_back(magnitude);
        }
      }
    }
  }
  return answer;
}

}  // namespace corr2d::reference
