// Times every implementation on problems of many sizes, for `npm run calibrate`. Prints one line
// for each run:
//
//   IMPLEMENTATION COUNT COUNT COUNT COUNT NANOSECONDS PROBLEM
//
// The four counts are the implementation's op_counts (cpp/core/cost.hpp).

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/algorithm.hpp"
#include "core/correlation.hpp"
#include "corr2d/memory.hpp"

namespace corr2d {
namespace {

struct Shape {
  std::int32_t height, width, inputs, outputs, kernel, stride, groups;
  bool channels_last = false;
};

/// Sizes near the points where another algorithm becomes the fastest. The cost model need not be
/// accurate elsewhere.
const Shape kShapes[] = {
    // 1 x 1 kernels: few and many channels, small and large images.
    {56, 56, 64, 256, 1, 1, 1},
    {14, 14, 512, 512, 1, 1, 1},
    {7, 7, 960, 320, 1, 1, 1},
    {256, 256, 32, 2, 1, 1, 1},
    {56, 56, 64, 4, 1, 1, 1},
    {56, 56, 64, 8, 1, 1, 1},
    {14, 14, 64, 2, 1, 1, 1},
    {480, 640, 3, 3, 1, 1, 1},
    {28, 28, 32, 32, 1, 1, 1},
    {56, 56, 64, 128, 1, 2, 1},
    // Winograd.
    {56, 56, 64, 64, 3, 1, 1},
    {28, 28, 128, 128, 3, 1, 1},
    {14, 14, 256, 256, 3, 1, 1},
    {7, 7, 512, 512, 3, 1, 1},
    {56, 56, 16, 16, 3, 1, 1},
    {56, 56, 8, 16, 3, 1, 1},
    {56, 56, 4, 64, 3, 1, 1},
    {56, 56, 64, 8, 3, 1, 1},
    {56, 56, 64, 4, 3, 1, 1},
    {56, 56, 4, 8, 3, 1, 1},
    {14, 14, 32, 32, 3, 1, 1},
    {7, 7, 32, 32, 3, 1, 1},
    {7, 7, 64, 64, 3, 1, 1},
    {4, 4, 128, 128, 3, 1, 1},
    {224, 224, 3, 64, 3, 1, 1},
    {56, 56, 128, 128, 3, 1, 32},
    {28, 28, 256, 256, 3, 1, 32},
    {14, 14, 512, 512, 3, 1, 32},
    {56, 56, 64, 64, 3, 1, 1, true},
    {14, 14, 128, 128, 3, 1, 1, true},
    // Few channels.
    {270, 480, 3, 8, 3, 1, 1},
    {270, 480, 3, 3, 3, 1, 1},
    {270, 480, 3, 16, 3, 1, 1},
    {224, 224, 3, 32, 3, 2, 1},
    {224, 224, 3, 64, 7, 2, 1},
    {112, 112, 16, 4, 5, 2, 1},
    // Large kernels.
    {28, 28, 16, 32, 5, 1, 1},
    {56, 56, 8, 8, 5, 1, 1},
    {27, 27, 96, 256, 5, 1, 2},
    {64, 64, 3, 8, 7, 1, 1},
    {64, 64, 16, 16, 9, 1, 1},
    {224, 224, 3, 8, 11, 1, 1},
    {17, 17, 64, 64, 7, 1, 1},
    {28, 28, 16, 32, 5, 1, 1, true},
    {112, 112, 3, 8, 9, 1, 1, true},
    // One channel.
    {540, 960, 1, 1, 5, 1, 1},
    {540, 960, 1, 1, 7, 1, 1},
    {540, 960, 1, 1, 11, 1, 1},
    {540, 960, 1, 1, 15, 1, 1},
    {540, 960, 1, 1, 31, 1, 1},
    {256, 256, 1, 1, 7, 1, 1},
    {256, 256, 1, 1, 15, 1, 1},
    {64, 64, 1, 1, 9, 1, 1},
    {14, 14, 96, 96, 5, 1, 96},
    {28, 28, 48, 48, 7, 1, 48},
    {56, 56, 96, 96, 7, 1, 96},
    {14, 14, 480, 480, 5, 1, 480},
    {112, 112, 64, 64, 3, 1, 64},
    {56, 56, 64, 64, 3, 1, 64, true},
    {28, 28, 96, 96, 5, 1, 96, true},
    {28, 28, 96, 96, 5, 2, 96},
    {270, 480, 3, 1, 3, 1, 1},
    {270, 480, 8, 1, 5, 1, 1},
    {56, 56, 64, 1, 3, 1, 1},
    {56, 56, 64, 1, 1, 1, 1},
};

Problem make_problem(const Shape& shape) {
  Problem p;
  p.input_height = shape.height;
  p.input_width = shape.width;
  p.input_channels = shape.inputs;
  p.output_channels = shape.outputs;
  p.groups = shape.groups;
  p.kernel_height = p.kernel_width = shape.kernel;
  p.stride_height = p.stride_width = shape.stride;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = shape.kernel / 2;
  if (!shape.channels_last) return p;
  Geometry geometry;
  measure(p, &geometry);
  const auto strides = [](std::int32_t channels, std::int32_t height, std::int32_t width) {
    return Strides{height * width * channels, 1, width * channels, channels};
  };
  p.input_strides = strides(shape.inputs, shape.height, shape.width);
  p.output_strides = strides(shape.outputs, geometry.output_height, geometry.output_width);
  return p;
}

/// Gaussian kernels for one channel per group, otherwise arbitrary kernels of full rank.
std::vector<float> make_weight(const Shape& shape) {
  std::vector<float> weight;
  const double middle = shape.kernel / 2, width = std::max(1.0, middle / 2);
  const bool has_one_channel = shape.inputs == shape.groups;
  for (std::int32_t i = 0; i < shape.outputs * (shape.inputs / shape.groups); ++i) {
    for (std::int32_t y = 0; y < shape.kernel; ++y) {
      for (std::int32_t x = 0; x < shape.kernel; ++x) {
        const double distance = ((y - middle) * (y - middle) + (x - middle) * (x - middle));
        weight.push_back(static_cast<float>(has_one_channel
                                                ? std::exp(-distance / (2 * width * width))
                                                : std::cos(i + 3 * y * y + 5 * x * x)));
      }
    }
  }
  return weight;
}

/// Time per run in the fastest of several rounds, which other processes disturbed least.
double measure_nanoseconds(const Executor& executor, const TaskData& data) {
  using Clock = std::chrono::steady_clock;
  double fastest = HUGE_VAL;
  const auto begin = Clock::now();
  for (int rounds = 0; rounds < 3 || Clock::now() - begin < std::chrono::milliseconds(20);
       ++rounds) {
    int runs = 0;
    const auto start = Clock::now();
    std::chrono::nanoseconds taken;
    do {
      for (std::int32_t task = 0; task < executor.tasks(); ++task) executor.run_task(data, task);
      ++runs;
      taken = Clock::now() - start;
    } while (taken < std::chrono::microseconds(400));
    fastest = std::min(fastest, static_cast<double>(taken.count()) / runs);
  }
  return fastest;
}

void calibrate(const Shape& shape) {
  const Problem p = make_problem(shape);
  Geometry geometry;
  measure(p, &geometry);
  const Correlation correlation = correlation_of(normalised(p, geometry), geometry);
  const std::vector<float> weight = make_weight(shape);
  std::vector<float> input(static_cast<std::size_t>(shape.height * shape.width * shape.inputs));
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 17) - 8;
  std::vector<float> output(
      static_cast<std::size_t>(geometry.output_height * geometry.output_width * shape.outputs));
  for (const AlgorithmEntry* entry : kAlgorithms) {
    // The op_counts of the separable algorithm assume kernels of rank 1, and these have full rank.
    if (entry->id == EntryId::kSeparable && shape.inputs != shape.groups) continue;
    if (!entry->can_do(correlation)) continue;
    const OpCounts op_counts = entry->op_counts(correlation, Use::kOften);
    if (std::isinf(cost_of(entry->id, op_counts))) continue;
    std::unique_ptr<Executor> executor;
    if (entry->prepare(correlation, weight.data(), nullptr, &executor) != Status::kOk) continue;
    Buffer<float> workspace;
    if (!workspace.reset(static_cast<std::size_t>(executor->workspace_floats()))) continue;
    std::fill(workspace.data(), workspace.data() + workspace.size(), 0.0f);
    const TaskData data = {input.data(), output.data(), workspace.data()};
    std::printf("%s", kEntryNames[static_cast<int>(entry->id)]);
    for (const float count : op_counts.counts) std::printf(" %.6g", static_cast<double>(count));
    std::printf(" %.6g %dx%d,%d->%d,k%d,s%d,g%d%s\n", measure_nanoseconds(*executor, data),
                shape.height, shape.width, shape.inputs, shape.outputs, shape.kernel, shape.stride,
                shape.groups, shape.channels_last ? ",nhwc" : "");
  }
}

}  // namespace
}  // namespace corr2d

int main() {
  // A disturbance that lasts a few seconds affects only one of these passes.
  constexpr int kPasses = 8;
  for (int pass = 0; pass < kPasses; ++pass) {
    for (const corr2d::Shape& shape : corr2d::kShapes) corr2d::calibrate(shape);
  }
}
