#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <sstream>
#include <thread>

#include "reference/reference.hpp"

namespace corr2d::testing {
namespace {

constexpr float kUntouched = -12345.5f;

int draw(std::mt19937& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

Geometry geometry_of(const Problem& problem) {
  Geometry geometry = {};
  EXPECT_EQ(measure(problem, &geometry), Status::kOk) << describe(problem);
  return geometry;
}

}  // namespace

std::size_t extent(const Tensor& t) {
  if (t.n == 0) return 0;
  const Strides& s = t.strides;
  return static_cast<std::size_t>((t.n - 1) * s.n + (t.c - 1) * s.c + (t.h - 1) * s.h +
                                  (t.w - 1) * s.w) +
         1;
}

Tensors tensors_of(const Problem& problem) {
  const Geometry g = geometry_of(problem);
  const Problem p = normalised(problem, g);
  const Tensor x = {p.input_strides, p.batch, p.input_channels, p.input_height, p.input_width};
  const Tensor y = {p.output_strides, p.batch, p.output_channels, g.output_height, g.output_width};
  const bool transposed = p.kind == Kind::kTransposed;
  const Tensor w = {p.weight_strides, transposed ? p.output_channels / p.groups : p.output_channels,
                    transposed ? p.input_channels : p.input_channels / p.groups, p.kernel_height,
                    p.kernel_width};
  const std::int32_t taps = p.kernel_height * p.kernel_width;
  const std::int32_t windows = g.output_height * g.output_width;
  const Tensor unfolded = {{p.input_channels * taps * windows, taps * windows, windows, 1},
                           p.batch,
                           p.input_channels,
                           taps,
                           windows};
  const Tensor none = {{0, 0, 0, 0}, 0, 0, 0, 0};
  switch (p.kind) {
    case Kind::kForward:
    case Kind::kTransposed:
    case Kind::kFilterImage:
      break;
    case Kind::kBackwardInput:
      return {y, w, x};
    case Kind::kBackwardWeight:
      return {x, y, w};
    case Kind::kMaxPool:
    case Kind::kAveragePool:
    case Kind::kPad:
      return {x, none, y};
    case Kind::kPadBackward:
      return {y, none, x};
    case Kind::kUnfold:
      return {x, none, unfolded};
    case Kind::kFold:
      return {unfolded, none, x};
  }
  return {x, w, y};
}

Case with_random_data(const Problem& problem, std::mt19937& random) {
  const Tensors tensors = tensors_of(problem);
  Case data = {problem, {}, {}, {}};
  data.input = random_values(extent(tensors.input), random);
  data.weight = random_values(extent(tensors.weight), random);
  if (problem.has_bias != 0) {
    data.bias = random_values(static_cast<std::size_t>(problem.output_channels), random);
  }
  return data;
}

Problem random_problem(std::mt19937& random) {
  const auto size = [&](std::initializer_list<int> sizes) {
    return sizes.begin()[draw(random, 0, static_cast<int>(sizes.size()) - 1)];
  };
  for (;;) {
    Problem p;
    p.batch = size({1, 1, 2, 3});
    p.groups = size({1, 1, 1, 2, 3});
    p.input_channels = p.groups * size({1, 1, 2, 3, 5});
    p.output_channels = p.groups * size({1, 2, 3, 4, 5, 7, 8, 9});
    p.input_height = draw(random, 1, 9);
    p.input_width = size({1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40});
    p.kernel_height = draw(random, 1, 5);
    p.kernel_width = draw(random, 1, 5);
    if (draw(random, 0, 3) == 0) p.kernel_height = p.kernel_width = 1;
    p.stride_height = size({1, 1, 2, 3});
    p.stride_width = size({1, 1, 2, 3, 4});
    p.dilation_height = size({1, 1, 2, 3, 9});
    p.dilation_width = size({1, 1, 2, 4, 11});
    if (draw(random, 0, 1) == 0) {
      p.pad_top = draw(random, 0, 3);
      p.pad_bottom = draw(random, 0, 4);
      p.pad_left = draw(random, 0, 5);
      p.pad_right = draw(random, 0, 3);
    }
    p.padding_mode = static_cast<PaddingMode>(draw(random, 0, 4));
    p.fill_value = draw(random, 0, 2) == 0 ? 0.5f : 0.0f;
    p.activation = static_cast<Activation>(std::max(0, draw(random, -8, 8)));
    p.activation_alpha = 0.1f;
    p.kind = static_cast<Kind>(draw(random, 0, 3));
    if (p.kind == Kind::kTransposed || p.kind == Kind::kBackwardInput) {
      p.padding_mode = PaddingMode::kConstant;
    }
    if (p.kind == Kind::kTransposed) {
      p.output_padding_height = draw(random, 0, 2);
      p.output_padding_width = draw(random, 0, 3);
    }
    if (p.kind == Kind::kBackwardInput || p.kind == Kind::kBackwardWeight) {
      p.activation = Activation::kNone;
    } else {
      p.has_bias = draw(random, 0, 1);
    }
    p.deterministic = draw(random, 0, 1);

    Geometry g;
    if (measure(p, &g) != Status::kOk) continue;
    const int layout = draw(random, 0, 3);
    // One in four with gaps behind rows and channels.
    if (layout == 1) {
      const int in = p.input_height * (p.input_width + 1) + 2;
      p.input_strides = {p.input_channels * in, in, p.input_width + 1, 1};
      const int out = g.output_height * (g.output_width + 3) + 1;
      p.output_strides = {p.output_channels * out, out, g.output_width + 3, 1};
    }
    // One in four as NHWC with a gap behind every pixel.
    if (layout == 2) {
      const int in = p.input_channels + 1;
      p.input_strides = {p.input_height * p.input_width * in, 1, p.input_width * in, in};
      const int out = p.output_channels + 2;
      p.output_strides = {g.output_height * g.output_width * out, 1, g.output_width * out, out};
      const int channels = p.input_channels / p.groups;
      p.weight_strides = {1, p.output_channels, p.output_channels * channels * p.kernel_width,
                          p.output_channels * channels};
      if (p.kind == Kind::kTransposed) {
        const int outputs = p.output_channels / p.groups;
        p.weight_strides = {1, outputs, outputs * p.input_channels * p.kernel_width,
                            outputs * p.input_channels};
      }
    }
    return p;
  }
}

Problem random_plane_problem(std::mt19937& random) {
  for (;;) {
    Problem p;
    p.kind = static_cast<Kind>(
        draw(random, static_cast<int>(Kind::kMaxPool), static_cast<int>(Kind::kFold)));
    p.batch = draw(random, 1, 2);
    p.input_channels = p.output_channels = draw(random, 1, 3);
    p.input_height = draw(random, 1, 9);
    p.input_width = draw(random, 1, 14);
    const auto pad = [&](int low, int high) {
      p.pad_top = draw(random, low, high);
      p.pad_bottom = draw(random, low, high);
      p.pad_left = draw(random, low, high);
      p.pad_right = draw(random, low, high);
    };
    if (p.kind == Kind::kPad || p.kind == Kind::kPadBackward) {
      p.padding_mode = static_cast<PaddingMode>(draw(random, 0, 4));
      p.fill_value = 0.25f;
      pad(-2, 9);
    } else {
      p.kernel_height = draw(random, 1, 4);
      p.kernel_width = draw(random, 1, 4);
      p.stride_height = draw(random, 1, 4);
      p.stride_width = draw(random, 1, 4);
      if (p.kind != Kind::kAveragePool) {
        p.dilation_height = draw(random, 1, 3);
        p.dilation_width = draw(random, 1, 3);
      }
      pad(0, 2);
    }
    if (p.kind == Kind::kMaxPool || p.kind == Kind::kAveragePool) {
      p.ceil_mode = draw(random, 0, 1);
      p.count_include_pad = draw(random, 0, 1);
    }
    Geometry g;
    if (measure(p, &g) == Status::kOk) return p;
  }
}

std::string describe(const Problem& p) {
  std::ostringstream text;
  text << "kind " << static_cast<int>(p.kind) << ": " << p.batch << 'x' << p.input_channels << 'x'
       << p.input_height << 'x' << p.input_width << " by " << p.output_channels << 'x'
       << p.input_channels / std::max(p.groups, 1) << 'x' << p.kernel_height << 'x'
       << p.kernel_width << ", groups " << p.groups << ", stride " << p.stride_height << ' '
       << p.stride_width << ", dilation " << p.dilation_height << ' ' << p.dilation_width
       << ", padding " << p.pad_top << ' ' << p.pad_bottom << ' ' << p.pad_left << ' '
       << p.pad_right << " mode " << static_cast<int>(p.padding_mode) << " fill " << p.fill_value
       << ", output padding " << p.output_padding_height << ' ' << p.output_padding_width
       << ", activation " << static_cast<int>(p.activation) << ", bias " << p.has_bias
       << ", deterministic " << p.deterministic << ", column stride " << p.input_strides.w
       << ", algorithm " << name_of(p.algorithm);
  return text.str();
}

std::vector<float> run(const Case& data, std::mt19937& random) {
  constexpr int kWorkers = 2;
  std::unique_ptr<Plan> plan;
  const Status status =
      Plan::create(data.problem, data.weight.data(), data.bias.data(), kWorkers, &plan);
  EXPECT_EQ(status, Status::kOk) << describe(data.problem);
  if (status != Status::kOk) return {};

  const Tensor output = tensors_of(data.problem).output;
  std::vector<float> strided(extent(output), kUntouched);
  std::vector<std::int32_t> order(static_cast<std::size_t>(plan->tasks()));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  // Side by side, in an order that differs every time.
  std::atomic<std::size_t> next{0};
  const auto work = [&](std::int32_t worker) {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      plan->run_task(data.input.data(), strided.data(), order[i], worker);
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();

  std::vector<float> dense;
  for (int n = 0; n < output.n; ++n) {
    for (int c = 0; c < output.c; ++c) {
      for (int y = 0; y < output.h; ++y) {
        for (int x = 0; x < output.w; ++x) {
          const Strides& s = output.strides;
          const auto at = static_cast<std::size_t>(n * s.n + c * s.c + y * s.h + x * s.w);
          dense.push_back(strided[at]);
          strided[at] = kUntouched;
        }
      }
    }
  }
  const bool gaps_untouched =
      std::all_of(strided.begin(), strided.end(), [](float value) { return value == kUntouched; });
  EXPECT_TRUE(gaps_untouched) << describe(data.problem);
  return dense;
}

bool within_bound(const Case& data, const std::vector<float>& output) {
  const Problem& p = data.problem;
  const reference::Answer answer =
      reference::solve(p, data.input.data(), data.weight.data(), data.bias.data());
  EXPECT_EQ(output.size(), answer.output.size()) << describe(p);
  if (output.size() != answer.output.size()) return false;
  const bool clamps = p.activation == Activation::kNone || p.activation == Activation::kRelu ||
                      p.activation == Activation::kRelu6;
  for (std::size_t i = 0; i < output.size(); ++i) {
    // One rounding for each product and one for each sum after the first, which bias makes exact.
    double bound = (answer.products + 1) * kEpsilon * answer.magnitude[i];
    if (!clamps) {
      // No slope is steeper than 1.13, and each adds a few roundings of its own.
      bound = 1.2 * bound + 8 * kEpsilon * (answer.magnitude[i] + std::abs(answer.output[i]));
    }
    if (static_cast<double>(output[i]) == answer.output[i]) continue;  // infinities among them
    const double error = std::abs(static_cast<double>(output[i]) - answer.output[i]);
    EXPECT_LE(error, bound) << "element " << i << " of " << describe(p);
    if (!(error <= bound)) return false;
  }
  return true;
}

std::string name_of(Algorithm algorithm) {
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry->id == algorithm) return entry->name;
  }
  return "auto";
}

}  // namespace corr2d::testing
