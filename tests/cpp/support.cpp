#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

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

std::size_t extent(const Strides& s, std::int32_t n, std::int32_t c, std::int32_t h,
                   std::int32_t w) {
  if (n == 0) return 0;
  return static_cast<std::size_t>((n - 1) * s.n + (c - 1) * s.c + (h - 1) * s.h + (w - 1) * s.w) +
         1;
}

Case with_random_data(const Problem& problem, std::mt19937& random) {
  const Problem p = normalised(problem, geometry_of(problem));
  Case data = {problem, {}, {}, {}};
  data.input = random_values(
      extent(p.input_strides, p.batch, p.input_channels, p.input_height, p.input_width), random);
  data.weight = random_values(extent(p.weight_strides, p.output_channels,
                                     p.input_channels / p.groups, p.kernel_height, p.kernel_width),
                              random);
  if (p.has_bias != 0) {
    data.bias = random_values(static_cast<std::size_t>(p.output_channels), random);
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
    p.activation = static_cast<Activation>(size({0, 0, 1, 2}));
    p.has_bias = draw(random, 0, 1);
    p.deterministic = draw(random, 0, 1);

    Geometry g;
    if (measure(p, &g) != Status::kOk) continue;
    // One in four as NHWC with a gap behind every pixel, with the kernel flipped.
    if (draw(random, 0, 3) == 0) {
      const int in = p.input_channels + 1;
      p.input_strides = {p.input_height * p.input_width * in, 1, p.input_width * in, in};
      const int out = p.output_channels + 2;
      p.output_strides = {g.output_height * g.output_width * out, 1, g.output_width * out, out};
      const int channels = p.input_channels / p.groups;
      p.weight_strides = {1, p.output_channels, p.output_channels * channels * p.kernel_width,
                          p.output_channels * channels};
    }
    return p;
  }
}

std::string describe(const Problem& p) {
  std::ostringstream text;
  text << p.batch << 'x' << p.input_channels << 'x' << p.input_height << 'x' << p.input_width
       << " by " << p.output_channels << 'x' << p.input_channels / std::max(p.groups, 1) << 'x'
       << p.kernel_height << 'x' << p.kernel_width << ", groups " << p.groups << ", stride "
       << p.stride_height << ' ' << p.stride_width << ", dilation " << p.dilation_height << ' '
       << p.dilation_width << ", padding " << p.pad_top << ' ' << p.pad_bottom << ' ' << p.pad_left
       << ' ' << p.pad_right << " mode " << static_cast<int>(p.padding_mode) << " fill "
       << p.fill_value << ", activation " << static_cast<int>(p.activation) << ", bias "
       << p.has_bias << ", deterministic " << p.deterministic << ", column stride "
       << p.input_strides.w << ", algorithm " << name_of(p.algorithm);
  return text.str();
}

std::vector<float> run(const Case& data, std::mt19937& random) {
  const Geometry g = geometry_of(data.problem);
  const Problem p = normalised(data.problem, g);
  constexpr int kWorkers = 2;
  std::unique_ptr<Plan> plan;
  const Status status =
      Plan::create(data.problem, data.weight.data(), data.bias.data(), kWorkers, &plan);
  EXPECT_EQ(status, Status::kOk) << describe(data.problem);
  if (status != Status::kOk) return {};

  std::vector<float> strided(
      extent(p.output_strides, p.batch, p.output_channels, g.output_height, g.output_width),
      kUntouched);
  std::vector<std::int32_t> order(static_cast<std::size_t>(plan->tasks()));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  for (const std::int32_t task : order) {
    plan->run_task(data.input.data(), strided.data(), task, draw(random, 0, kWorkers - 1));
  }

  std::vector<float> dense;
  for (int n = 0; n < p.batch; ++n) {
    for (int c = 0; c < p.output_channels; ++c) {
      for (int y = 0; y < g.output_height; ++y) {
        for (int x = 0; x < g.output_width; ++x) {
          const auto at = static_cast<std::size_t>(n * p.output_strides.n + c * p.output_strides.c +
                                                   y * p.output_strides.h + x * p.output_strides.w);
          dense.push_back(strided[at]);
          strided[at] = kUntouched;
        }
      }
    }
  }
  const bool gaps_untouched =
      std::all_of(strided.begin(), strided.end(), [](float value) { return value == kUntouched; });
  EXPECT_TRUE(gaps_untouched) << describe(p);
  return dense;
}

bool within_bound(const Case& data, const std::vector<float>& output) {
  const reference::Answer answer =
      reference::correlate(data.problem, data.input.data(), data.weight.data(), data.bias.data());
  EXPECT_EQ(output.size(), answer.output.size()) << describe(data.problem);
  if (output.size() != answer.output.size()) return false;
  const Problem& p = data.problem;
  const double products =
      static_cast<double>(p.input_channels / p.groups) * p.kernel_height * p.kernel_width;
  for (std::size_t i = 0; i < output.size(); ++i) {
    // One rounding for each product and one for each sum after the first, which bias makes exact.
    const double bound = (products + 1) * kEpsilon * answer.magnitude[i];
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
