#include "oracle/oracle.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "oracle/array_oracle.hpp"
#include "oracle/border.hpp"
#include "oracle/matching_oracle.hpp"
#include "oracle/unary_oracle.hpp"

namespace corr2d::oracle {
namespace {

/// Counts the windows that fit into `size`, one by one. In 64 bits, because strides may be as large
/// as 32 bits allow.
int count_windows(int size, int kernel, int stride, int dilation) {
  int count = 0;
  for (std::int64_t begin = 0; begin + (kernel - 1) * dilation < size; begin += stride) ++count;
  return count;
}

/// A plane, a row and a column, or sizes along these axes.
using Place = std::array<int, 3>;

/// Calls use(place) for every place of a box, in row-major order.
template <typename Use>
void for_each_place(const Place& size, Use use) {
  for (int z = 0; z < size[0]; ++z) {
    for (int y = 0; y < size[1]; ++y) {
      for (int x = 0; x < size[2]; ++x) use(Place{z, y, x});
    }
  }
}

int index_of(const Place& at, const Place& size) {
  return (at[0] * size[1] + at[1]) * size[2] + at[2];
}

int volume(const Place& size) { return size[0] * size[1] * size[2]; }

bool is_inside(const Place& at, const Place& size) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (at[i] < 0 || at[i] >= size[i]) return false;
  }
  return true;
}

/// The members of a problem that exist for each spatial axis.
struct Window {
  explicit Window(const Problem& p)
      : input{p.input_depth, p.input_height, p.input_width},
        kernel{p.kernel_depth, p.kernel_height, p.kernel_width},
        stride{p.stride_depth, p.stride_height, p.stride_width},
        dilation{p.dilation_depth, p.dilation_height, p.dilation_width},
        before{p.pad_front, p.pad_top, p.pad_left},
        after{p.pad_back, p.pad_bottom, p.pad_right} {}

  /// The place that tap `tap` of window `at` reads.
  Place read(const Place& at, const Place& tap) const {
    Place place;
    for (std::size_t i = 0; i < 3; ++i) {
      place[i] = at[i] * stride[i] + tap[i] * dilation[i] - before[i];
    }
    return place;
  }

  /// size(axis) for each axis.
  template <typename Size>
  static Place sizes(Size size) {
    return {size(std::size_t{0}), size(std::size_t{1}), size(std::size_t{2})};
  }

  Place input, kernel, stride, dilation, before, after;
};

/// The element at these indices. Strides that are all zero stand for a contiguous tensor of these
/// sizes.
double element(const float* data, const Strides& s, int n, int c, const Place& at, int channels,
               const Place& size) {
  const bool contiguous = s.n == 0 && s.c == 0 && s.h == 0 && s.w == 0 && s.d == 0;
  return contiguous ? data[(n * channels + c) * volume(size) + index_of(at, size)]
                    : data[n * s.n + c * s.c + at[0] * s.d + at[1] * s.h + at[2] * s.w];
}

/// A tensor of sums, initially zero.
struct Sums {
  int channels;
  Place size;
  std::vector<double> value, magnitude;
  std::vector<double> count;

  Sums(int images, int c, const Place& box)
      : channels(c),
        size(box),
        value(elements(images)),
        magnitude(elements(images)),
        count(elements(images)) {}

  std::size_t elements(int images) const {
    return static_cast<std::size_t>(images) * static_cast<std::size_t>(channels) *
           static_cast<std::size_t>(volume(size));
  }

  void add(int n, int c, const Place& at, double product) {
    if (!is_inside(at, size)) return;
    const auto i = static_cast<std::size_t>((n * channels + c) * volume(size) + index_of(at, size));
    value[i] += product;
    magnitude[i] += std::abs(product);
    count[i] += 1;
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

/// Calls use(n, c, window, tap, place) for every tap of every window; the tap reads `place`.
template <typename Use>
void for_each_tap(const Problem& p, const Place& size, Use use) {
  const Window window(p);
  for (int n = 0; n < p.batch; ++n) {
    for (int c = 0; c < p.input_channels; ++c) {
      for_each_place(size, [&](const Place& at) {
        for_each_place(window.kernel, [&](const Place& tap) {
          use(n, c, at, index_of(tap, window.kernel), window.read(at, tap));
        });
      });
    }
  }
}

/// Calls use(n, o, first input channel, i, output, tap, place) for every product: output (n, o),
/// weight (o, i, tap) and input (n, first + i, place).
template <typename Use>
void for_each_product(const Problem& p, const Place& size, Use use) {
  const Window window(p);
  const int inputs = p.input_channels / p.groups;
  for (int n = 0; n < p.batch; ++n) {
    for (int o = 0; o < p.output_channels; ++o) {
      const int first = o / (p.output_channels / p.groups) * inputs;
      for_each_place(size, [&](const Place& at) {
        for (int i = 0; i < inputs; ++i) {
          for_each_place(window.kernel, [&](const Place& tap) {
            use(n, o, first, i, at, tap, window.read(at, tap));
          });
        }
      });
    }
  }
}

}  // namespace

Result solve(const Problem& p, const float* input, const float* weight, const float* bias,
             const float* second, const float* third) {
  if (is_array(p.kind)) {
    ArrayResult solved = solve_array(p, input, second, third);
    return {1, 1, static_cast<int>(solved.value.size()), solved.value, solved.magnitude, 0};
  }
  const int inputs = p.input_channels / p.groups;
  const int outputs = p.output_channels / p.groups;
  const Window window(p);
  const Place& x_size = window.input;
  const Place& kernel = window.kernel;
  Place size = Window::sizes([&](std::size_t i) {
    return count_windows(x_size[i] + window.before[i] + window.after[i], kernel[i],
                         window.stride[i], window.dilation[i]);
  });
  const auto x_at = [&](int n, int c, Place at) {
    for (std::size_t i = 0; i < 3; ++i) {
      at[i] = resolve(at[i], x_size[i], p.padding_mode);
      if (at[i] < 0) return static_cast<double>(p.fill_value);
    }
    return element(input, p.input_strides, n, c, at, p.input_channels, x_size);
  };
  const auto w_at = [&](int o, int i, const Place& tap) {
    return element(weight, p.weight_strides, o, i, tap, inputs, kernel);
  };
  const auto y_at = [&](const float* y, int n, int o, const Place& at) {
    return element(y, p.output_strides, n, o, at, p.output_channels, size);
  };

  if (is_pool(p.kind) && p.ceil_mode != 0) {
    size = Window::sizes([&](std::size_t i) {
      return count_windows_ceil(x_size[i], window.before[i], window.after[i], kernel[i],
                                window.stride[i], window.dilation[i]);
    });
  }
  const auto inside = [&](const Place& at) { return is_inside(at, x_size); };
  const int taps = volume(kernel);

  Sums sums(0, 1, {1, 1, 1});
  switch (p.kind) {
    case Kind::kForward:
      sums = Sums(p.batch, p.output_channels, size);
      for_each_product(p, size,
                       [&](int n, int o, int first, int i, const Place& at, const Place& tap,
                           const Place& place) {
                         sums.add(n, o, at, x_at(n, first + i, place) * w_at(o, i, tap));
                       });
      break;
    case Kind::kBackwardInput:
      sums = Sums(p.batch, p.input_channels, x_size);
      for_each_product(p, size,
                       [&](int n, int o, int first, int i, const Place& at, const Place& tap,
                           const Place& place) {
                         sums.add(n, first + i, place, y_at(input, n, o, at) * w_at(o, i, tap));
                       });
      break;
    case Kind::kBackwardWeight:
      sums = Sums(p.output_channels, inputs, kernel);
      for_each_product(p, size,
                       [&](int n, int o, int first, int i, const Place& at, const Place& tap,
                           const Place& place) {
                         sums.add(o, i, tap, x_at(n, first + i, place) * y_at(weight, n, o, at));
                       });
      break;
    case Kind::kTransposed: {
      // Each input element contributes to a window of outputs.
      const Place added = {p.output_padding_depth, p.output_padding_height, p.output_padding_width};
      size = Window::sizes([&](std::size_t i) {
        return (x_size[i] - 1) * window.stride[i] + (kernel[i] - 1) * window.dilation[i] + 1 +
               added[i] - window.before[i] - window.after[i];
      });
      sums = Sums(p.batch, p.output_channels, size);
      const Strides& s = p.weight_strides;
      const Strides swapped = {s.c, s.n, s.h, s.w, s.d};
      for (int n = 0; n < p.batch; ++n) {
        for (int c = 0; c < p.input_channels; ++c) {
          for (int o = 0; o < outputs; ++o) {
            for_each_place(x_size, [&](const Place& at) {
              for_each_place(kernel, [&](const Place& tap) {
                sums.add(n, c / inputs * outputs + o, window.read(at, tap),
                         x_at(n, c, at) * element(weight, swapped, c, o, tap, outputs, kernel));
              });
            });
          }
        }
      }
      break;
    }
    case Kind::kMaxPool: {
      sums = Sums(p.batch, p.input_channels, size);
      std::fill(sums.value.begin(), sums.value.end(), -HUGE_VAL);
      std::size_t at = 0;
      for_each_tap(p, size, [&](int n, int c, const Place&, int tap, const Place& place) {
        double& maximum = sums.value[at];
        if (inside(place)) {
          const double value = x_at(n, c, place);
          if (value > maximum || std::isnan(value)) maximum = value;
        }
        if (tap == taps - 1) ++at;
      });
      break;
    }
    case Kind::kMaxPoolBackward: {
      sums = Sums(p.batch, p.input_channels, x_size);
      constexpr Place kNowhere = {-1, -1, -1};
      double maximum = 0;
      Place from = kNowhere;
      for_each_tap(p, size, [&](int n, int c, const Place& at, int tap, const Place& place) {
        if (tap == 0) from = kNowhere;
        if (inside(place)) {
          const double value = x_at(n, c, place);
          if (from == kNowhere || value > maximum || std::isnan(value)) {
            maximum = value;
            from = place;
          }
        }
        if (tap == taps - 1) sums.add(n, c, from, y_at(weight, n, c, at));
      });
      break;
    }
    case Kind::kAveragePool:
    case Kind::kAveragePoolBackward: {
      const bool backward = p.kind == Kind::kAveragePoolBackward;
      const auto is_counted = [&](const Place& place) {
        if (p.count_include_pad == 0) return inside(place);
        for (std::size_t i = 0; i < 3; ++i) {
          if (place[i] >= x_size[i] + window.after[i]) return false;
        }
        return true;
      };
      std::vector<double> counts;
      double count = 0;
      for_each_tap(p, size, [&](int, int, const Place&, int tap, const Place& place) {
        if (is_counted(place)) count += 1;
        if (tap < taps - 1) return;
        counts.push_back(count > 0 ? count : 1);
        count = 0;
      });
      sums = Sums(p.batch, p.input_channels, backward ? x_size : size);
      std::size_t i = 0;
      for_each_tap(p, size, [&](int n, int c, const Place& at, int tap, const Place& place) {
        if (inside(place) && backward) {
          sums.add(n, c, place, y_at(input, n, c, at) / counts[i]);
        } else if (inside(place)) {
          sums.add(n, c, at, x_at(n, c, place) / counts[i]);
        }
        if (tap == taps - 1) ++i;
      });
      break;
    }
    case Kind::kPad:
    case Kind::kPadBackward: {
      const Place padded = Window::sizes(
          [&](std::size_t i) { return x_size[i] + window.before[i] + window.after[i]; });
      const bool backward = p.kind == Kind::kPadBackward;
      sums = Sums(p.batch, p.input_channels, backward ? x_size : padded);
      for (int n = 0; n < p.batch; ++n) {
        for (int c = 0; c < p.input_channels; ++c) {
          for_each_place(padded, [&](const Place& at) {
            // Padding has no windows: a stride does not matter.
            Place place = Window::sizes([&](std::size_t i) { return at[i] - window.before[i]; });
            if (!backward) {
              sums.add(n, c, at, x_at(n, c, place));
              return;
            }
            for (std::size_t i = 0; i < 3; ++i) {
              place[i] = resolve(place[i], x_size[i], p.padding_mode);
            }
            sums.add(n, c, place,
                     element(input, p.output_strides, n, c, at, p.input_channels, padded));
          });
        }
      }
      break;
    }
    case Kind::kUnfold:
      sums = Sums(p.batch, p.input_channels * taps, size);
      for_each_tap(p, size, [&](int n, int c, const Place& at, int tap, const Place& place) {
        sums.add(n, c * taps + tap, at, x_at(n, c, place));
      });
      break;
    case Kind::kFold:
      sums = Sums(p.batch, p.input_channels, x_size);
      for_each_tap(p, size, [&](int n, int c, const Place& at, int tap, const Place& place) {
        const int column_of = (n * p.input_channels + c) * taps + tap;
        sums.add(n, c, place, input[column_of * volume(size) + index_of(at, size)]);
      });
      break;
    case Kind::kMatchTemplate: {
      sums = Sums(1, 1, size);
      const std::vector<Score> scores = match_template(p, input, weight, bias);
      for (std::size_t i = 0; i < scores.size(); ++i) {
        sums.value[i] = scores[i].value;
        sums.magnitude[i] = scores[i].magnitude;
      }
      break;
    }
    case Kind::kFindPeaks: {
      sums = Sums(1, 1, {1, p.max_peaks, 3});
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
    default:
      break;  // kFilterImage: see image_oracle.hpp
  }

  Result result;
  result.channels = sums.channels;
  result.height = sums.size[1];
  result.width = sums.size[2];
  const auto image = static_cast<std::size_t>(volume(sums.size));
  for (std::size_t i = 0; i < sums.value.size(); ++i) {
    const double b =
        p.has_bias != 0 ? bias[i / image % static_cast<std::size_t>(sums.channels)] : 0;
    double a = 0;
    if (p.has_add != 0) {
      const auto [planes, rows, columns] = sums.size;
      const int at = static_cast<int>(i), channel = at / volume(sums.size);
      const Place place = {at / (rows * columns) % planes, at / columns % rows, at % columns};
      a = element(second, p.output_strides, channel / sums.channels, channel % sums.channels, place,
                  sums.channels, sums.size);
    }
    result.output.push_back(apply(p.activation, b + sums.value[i] + a, p.activation_alpha));
    result.magnitude.push_back(sums.magnitude[i] + std::abs(b) + std::abs(a));
    result.products = std::max(result.products, sums.count[i]);
  }
  return result;
}

}  // namespace corr2d::oracle
