#include "oracle/oracle.hpp"

#include <algorithm>
#include <cmath>

#include "oracle/border.hpp"
#include "oracle/matching_oracle.hpp"

namespace corr2d::oracle {
namespace {

/// Counts the windows that fit into `size`, one by one. In 64 bits, because strides may be as large
/// as 32 bits allow.
int count_windows(int size, int kernel, int stride, int dilation) {
  int count = 0;
  for (std::int64_t begin = 0; begin + (kernel - 1) * dilation < size; begin += stride) ++count;
  return count;
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
      return x > 0 ? x : alpha * x;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kHardSwish:
      return x * std::clamp(x + 3, 0.0, 6.0) / 6;
    case Activation::kGelu:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
    case Activation::kElu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case Activation::kSelu:
      return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * std::expm1(x) : x);
    case Activation::kHardSigmoid:
      return std::clamp(alpha * x + 0.5, 0.0, 1.0);
    case Activation::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::kMish:
      return x * std::tanh(std::log1p(std::exp(x)));
    default:
      return x;
  }
}

/// The element at these indices. Strides that are all zero stand for a contiguous tensor of these
/// sizes.
double element(const float* data, const Strides& s, int n, int c, int h, int w, int channels,
               int height, int width) {
  const bool contiguous = s.n == 0 && s.c == 0 && s.h == 0 && s.w == 0;
  return contiguous ? data[((n * channels + c) * height + h) * width + w]
                    : data[n * s.n + c * s.c + h * s.h + w * s.w];
}

/// A tensor of sums, initially zero.
struct Sums {
  int channels, height, width;
  std::vector<double> value, magnitude;
  std::vector<double> count;

  Sums(int images, int c, int h, int w)
      : channels(c),
        height(h),
        width(w),
        value(size(images)),
        magnitude(size(images)),
        count(size(images)) {}

  std::size_t size(int images) const {
    return static_cast<std::size_t>(images) * static_cast<std::size_t>(channels) *
           static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }

  void add(int n, int c, int h, int w, double product) {
    if (h < 0 || h >= height || w < 0 || w >= width) return;
    const auto at = static_cast<std::size_t>(((n * channels + c) * height + h) * width + w);
    value[at] += product;
    magnitude[at] += std::abs(product);
    count[at] += 1;
  }
};

/// count_windows with ceil_mode: one more, partial window if it begins before the padding after the
/// input.
int count_windows_ceil(int input, int pad_before, int pad_after, int kernel, int stride,
                       int dilation) {
  const int size = input + pad_before + pad_after;
  const int count = count_windows(size, kernel, stride, dilation);
  const bool has_rest = (count - 1) * stride + (kernel - 1) * dilation + 1 < size;
  return has_rest && count * stride < input + pad_before ? count + 1 : count;
}

/// Calls use(n, c, y, x, tap, row, column) for every tap of every window; the tap reads (row,
/// column).
template <typename Use>
void for_each_tap(const Problem& p, int height, int width, Use use) {
  for (int n = 0; n < p.batch; ++n) {
    for (int c = 0; c < p.input_channels; ++c) {
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          for (int ky = 0; ky < p.kernel_height; ++ky) {
            for (int kx = 0; kx < p.kernel_width; ++kx) {
              use(n, c, y, x, ky * p.kernel_width + kx,
                  y * p.stride_height + ky * p.dilation_height - p.pad_top,
                  x * p.stride_width + kx * p.dilation_width - p.pad_left);
            }
          }
        }
      }
    }
  }
}

/// Calls use(n, o, first input channel, i, y, x, ky, kx, row, column) for every product: output
/// (n, o, y, x), weight (o, i, ky, kx) and input (n, first + i, row, column).
template <typename Use>
void for_each_product(const Problem& p, int height, int width, Use use) {
  const int inputs = p.input_channels / p.groups;
  for (int n = 0; n < p.batch; ++n) {
    for (int o = 0; o < p.output_channels; ++o) {
      const int first = o / (p.output_channels / p.groups) * inputs;
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          for (int i = 0; i < inputs; ++i) {
            for (int ky = 0; ky < p.kernel_height; ++ky) {
              for (int kx = 0; kx < p.kernel_width; ++kx) {
                const int row = y * p.stride_height + ky * p.dilation_height - p.pad_top;
                const int column = x * p.stride_width + kx * p.dilation_width - p.pad_left;
                use(n, o, first, i, y, x, ky, kx, row, column);
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace

Result solve(const Problem& p, const float* input, const float* weight, const float* bias) {
  const int inputs = p.input_channels / p.groups;
  const int outputs = p.output_channels / p.groups;
  int height = count_windows(p.input_height + p.pad_top + p.pad_bottom, p.kernel_height,
                             p.stride_height, p.dilation_height);
  int width = count_windows(p.input_width + p.pad_left + p.pad_right, p.kernel_width,
                            p.stride_width, p.dilation_width);
  const auto x_at = [&](int n, int c, int row, int column) {
    row = resolve(row, p.input_height, p.padding_mode);
    column = resolve(column, p.input_width, p.padding_mode);
    return row < 0 || column < 0 ? static_cast<double>(p.fill_value)
                                 : element(input, p.input_strides, n, c, row, column,
                                           p.input_channels, p.input_height, p.input_width);
  };
  const auto w_at = [&](int o, int i, int ky, int kx) {
    return element(weight, p.weight_strides, o, i, ky, kx, inputs, p.kernel_height, p.kernel_width);
  };
  const auto y_at = [&](const float* y, int n, int o, int row, int column) {
    return element(y, p.output_strides, n, o, row, column, p.output_channels, height, width);
  };

  if (is_pool(p.kind) && p.ceil_mode != 0) {
    height = count_windows_ceil(p.input_height, p.pad_top, p.pad_bottom, p.kernel_height,
                                p.stride_height, p.dilation_height);
    width = count_windows_ceil(p.input_width, p.pad_left, p.pad_right, p.kernel_width,
                               p.stride_width, p.dilation_width);
  }
  const auto inside = [&](int row, int column) {
    return row >= 0 && row < p.input_height && column >= 0 && column < p.input_width;
  };
  const int taps = p.kernel_height * p.kernel_width;

  Sums sums(0, 1, 1, 1);
  switch (p.kind) {
    case Kind::kForward:
      sums = Sums(p.batch, p.output_channels, height, width);
      for_each_product(
          p, height, width,
          [&](int n, int o, int first, int i, int y, int x, int ky, int kx, int row, int column) {
            sums.add(n, o, y, x, x_at(n, first + i, row, column) * w_at(o, i, ky, kx));
          });
      break;
    case Kind::kBackwardInput:
      sums = Sums(p.batch, p.input_channels, p.input_height, p.input_width);
      for_each_product(
          p, height, width,
          [&](int n, int o, int first, int i, int y, int x, int ky, int kx, int row, int column) {
            sums.add(n, first + i, row, column, y_at(input, n, o, y, x) * w_at(o, i, ky, kx));
          });
      break;
    case Kind::kBackwardWeight:
      sums = Sums(p.output_channels, inputs, p.kernel_height, p.kernel_width);
      for_each_product(
          p, height, width,
          [&](int n, int o, int first, int i, int y, int x, int ky, int kx, int row, int column) {
            sums.add(o, i, ky, kx, x_at(n, first + i, row, column) * y_at(weight, n, o, y, x));
          });
      break;
    case Kind::kTransposed:
      // Each input element contributes to a window of outputs.
      height = (p.input_height - 1) * p.stride_height + (p.kernel_height - 1) * p.dilation_height +
               1 + p.output_padding_height - p.pad_top - p.pad_bottom;
      width = (p.input_width - 1) * p.stride_width + (p.kernel_width - 1) * p.dilation_width + 1 +
              p.output_padding_width - p.pad_left - p.pad_right;
      sums = Sums(p.batch, p.output_channels, height, width);
      for (int n = 0; n < p.batch; ++n) {
        for (int c = 0; c < p.input_channels; ++c) {
          for (int o = 0; o < outputs; ++o) {
            for (int y = 0; y < p.input_height; ++y) {
              for (int x = 0; x < p.input_width; ++x) {
                for (int ky = 0; ky < p.kernel_height; ++ky) {
                  for (int kx = 0; kx < p.kernel_width; ++kx) {
                    const Strides& s = p.weight_strides;
                    const Strides swapped = {s.c, s.n, s.h, s.w};
                    sums.add(n, c / inputs * outputs + o,
                             y * p.stride_height + ky * p.dilation_height - p.pad_top,
                             x * p.stride_width + kx * p.dilation_width - p.pad_left,
                             x_at(n, c, y, x) * element(weight, swapped, c, o, ky, kx, outputs,
                                                        p.kernel_height, p.kernel_width));
                  }
                }
              }
            }
          }
        }
      }
      break;
    case Kind::kMaxPool: {
      sums = Sums(p.batch, p.input_channels, height, width);
      std::fill(sums.value.begin(), sums.value.end(), -HUGE_VAL);
      std::size_t at = 0;
      for_each_tap(p, height, width, [&](int n, int c, int, int, int tap, int row, int column) {
        double& maximum = sums.value[at];
        if (inside(row, column)) {
          const double value = x_at(n, c, row, column);
          if (value > maximum || std::isnan(value)) maximum = value;
        }
        if (tap == taps - 1) ++at;
      });
      break;
    }
    case Kind::kMaxPoolBackward: {
      sums = Sums(p.batch, p.input_channels, p.input_height, p.input_width);
      double maximum = 0;
      int at_row = -1, at_column = -1;
      for_each_tap(p, height, width, [&](int n, int c, int y, int x, int tap, int row, int column) {
        if (tap == 0) at_row = -1;
        if (inside(row, column)) {
          const double value = x_at(n, c, row, column);
          if (at_row < 0 || value > maximum || std::isnan(value)) {
            maximum = value;
            at_row = row;
            at_column = column;
          }
        }
        if (tap == taps - 1) sums.add(n, c, at_row, at_column, y_at(weight, n, c, y, x));
      });
      break;
    }
    case Kind::kAveragePool:
    case Kind::kAveragePoolBackward: {
      const bool backward = p.kind == Kind::kAveragePoolBackward;
      const auto is_counted = [&](int row, int column) {
        const bool padded =
            row < p.input_height + p.pad_bottom && column < p.input_width + p.pad_right;
        return p.count_include_pad != 0 ? padded : inside(row, column);
      };
      std::vector<double> counts;
      double count = 0;
      for_each_tap(p, height, width, [&](int, int, int, int, int tap, int row, int column) {
        if (is_counted(row, column)) count += 1;
        if (tap < taps - 1) return;
        counts.push_back(count > 0 ? count : 1);
        count = 0;
      });
      sums = backward ? Sums(p.batch, p.input_channels, p.input_height, p.input_width)
                      : Sums(p.batch, p.input_channels, height, width);
      std::size_t at = 0;
      for_each_tap(p, height, width, [&](int n, int c, int y, int x, int tap, int row, int column) {
        if (inside(row, column) && backward) {
          sums.add(n, c, row, column, y_at(input, n, c, y, x) / counts[at]);
        } else if (inside(row, column)) {
          sums.add(n, c, y, x, x_at(n, c, row, column) / counts[at]);
        }
        if (tap == taps - 1) ++at;
      });
      break;
    }
    case Kind::kPad:
    case Kind::kPadBackward: {
      const int rows = p.input_height + p.pad_top + p.pad_bottom;
      const int columns = p.input_width + p.pad_left + p.pad_right;
      const bool backward = p.kind == Kind::kPadBackward;
      sums = backward ? Sums(p.batch, p.input_channels, p.input_height, p.input_width)
                      : Sums(p.batch, p.input_channels, rows, columns);
      for (int n = 0; n < p.batch; ++n) {
        for (int c = 0; c < p.input_channels; ++c) {
          for (int y = 0; y < rows; ++y) {
            for (int x = 0; x < columns; ++x) {
              if (backward) {
                sums.add(
                    n, c, resolve(y - p.pad_top, p.input_height, p.padding_mode),
                    resolve(x - p.pad_left, p.input_width, p.padding_mode),
                    element(input, p.output_strides, n, c, y, x, p.input_channels, rows, columns));
              } else {
                sums.add(n, c, y, x, x_at(n, c, y - p.pad_top, x - p.pad_left));
              }
            }
          }
        }
      }
      break;
    }
    case Kind::kUnfold:
      sums = Sums(p.batch, p.input_channels * taps, height, width);
      for_each_tap(p, height, width, [&](int n, int c, int y, int x, int tap, int row, int column) {
        sums.add(n, c * taps + tap, y, x, x_at(n, c, row, column));
      });
      break;
    case Kind::kFold:
      sums = Sums(p.batch, p.input_channels, p.input_height, p.input_width);
      for_each_tap(p, height, width, [&](int n, int c, int y, int x, int tap, int row, int column) {
        const int column_of = (n * p.input_channels + c) * taps + tap;
        sums.add(n, c, row, column, input[(column_of * height + y) * width + x]);
      });
      break;
    case Kind::kMatchTemplate: {
      sums = Sums(1, 1, height, width);
      const std::vector<Score> scores = match_template(p, input, weight, bias);
      for (std::size_t i = 0; i < scores.size(); ++i) {
        sums.value[i] = scores[i].value;
        sums.magnitude[i] = scores[i].magnitude;
      }
      break;
    }
    case Kind::kFindPeaks: {
      sums = Sums(1, 1, p.max_peaks, 3);
      std::fill(sums.value.begin(), sums.value.end(), std::nan(""));
      std::size_t i = 0;
      for (const Peak& peak : find_peaks(p, input)) {
        for (const double number : {peak.x, peak.y, peak.score}) {
          sums.value[i] = number;
          sums.magnitude[i++] = 1 + std::abs(number);
        }
      }
      break;
    }
    case Kind::kPhaseCorrelate:
      break;  // see register_pictures
    case Kind::kFilterImage:
      break;  // see image_oracle.hpp
  }

  Result result;
  result.channels = sums.channels;
  result.height = sums.height;
  result.width = sums.width;
  const auto image = static_cast<std::size_t>(sums.height) * static_cast<std::size_t>(sums.width);
  for (std::size_t i = 0; i < sums.value.size(); ++i) {
    const double b =
        p.has_bias != 0 ? bias[i / image % static_cast<std::size_t>(sums.channels)] : 0;
    result.output.push_back(activate(b + sums.value[i], p.activation, p.activation_alpha));
    result.magnitude.push_back(sums.magnitude[i] + std::abs(b));
    result.products = std::max(result.products, sums.count[i]);
  }
  return result;
}

}  // namespace corr2d::oracle
