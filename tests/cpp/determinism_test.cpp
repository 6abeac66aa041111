// Deterministic mode gives the same bits everywhere: computes the problems of
// tests/fixtures/determinism natively with 1 to 8 threads. tests/js/determinism-runner.mjs does the
// same in JavaScript and documents the settings.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "corr2d/plan.hpp"
#include "corr2d/random.hpp"
#include "corr2d/thread_pool.hpp"
#include "kernels/rows/activation.hpp"

namespace corr2d {
namespace {

struct Given {
  std::string name, hash;
  std::map<std::string, std::string> settings;

  std::string text(const char* key, const char* otherwise) const {
    const auto found = settings.find(key);
    return found == settings.end() ? otherwise : found->second;
  }
  std::int32_t number(const char* key) const { return std::stoi(text(key, "1")); }
  std::vector<std::int32_t> list(const char* key, const char* otherwise) const {
    std::istringstream words(text(key, otherwise));
    std::vector<std::int32_t> values;
    for (std::string word; std::getline(words, word, ',');) values.push_back(std::stoi(word));
    return values;
  }
};

std::vector<Given> all_given() {
  std::ifstream file(CORR2D_DETERMINISM);
  std::vector<Given> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Given given;
    words >> given.name;
    for (std::string word; words >> word;) {
      const std::size_t at = word.find('=');
      if (at == std::string::npos) {
        given.hash = word;
      } else {
        given.settings[word.substr(0, at)] = word.substr(at + 1);
      }
    }
    all.push_back(given);
  }
  return all;
}

/// mulberry32
class Elements {
 public:
  explicit Elements(std::uint32_t seed) : state_(seed) {}

  std::vector<float> make(std::int64_t count, double factor = 1) {
    std::vector<float> data(static_cast<std::size_t>(count));
    for (float& value : data) {
      state_ += 0x6d2b79f5u;
      std::uint32_t t = (state_ ^ (state_ >> 15)) * (state_ | 1u);
      t ^= t + (t ^ (t >> 7)) * (t | 61u);
      const double part = (t ^ (t >> 14)) / 4294967296.0;
      value = static_cast<float>(factor * (2 * part - 1));
    }
    return data;
  }

 private:
  std::uint32_t state_;
};

class Hash {
 public:
  void add(const std::vector<float>& data) {
    for (const float value : data) {
      std::uint32_t word;
      std::memcpy(&word, &value, sizeof(word));
      hash_ = (hash_ ^ word) * 0x01000193u;
      hash_ ^= hash_ >> 15;
    }
  }
  std::string text() const {
    std::ostringstream out;
    out.width(8);
    out.fill('0');
    out << std::hex << hash_;
    return out.str();
  }

 private:
  std::uint32_t hash_ = 0x811c9dc5u;
};

/// The default of the JavaScript functions.
float alpha_of(Activation activation) {
  return activation == Activation::kElu           ? 1
         : activation == Activation::kHardSigmoid ? 1 / 6.0f
                                                  : 0.01f;
}

Activation activation_of(const std::string& name) {
  const auto* found = std::find(std::begin(kActivationNames), std::end(kActivationNames), name);
  return static_cast<Activation>(found - std::begin(kActivationNames));
}

PaddingMode mode_of(const std::string& name) {
  const std::map<std::string, PaddingMode> all = {{"zeros", PaddingMode::kConstant},
                                                  {"reflect", PaddingMode::kReflect},
                                                  {"replicate", PaddingMode::kReplicate},
                                                  {"circular", PaddingMode::kCircular}};
  return all.at(name);
}

Strides nhwc(std::int32_t c, std::int32_t h, std::int32_t w) { return {h * w * c, 1, w * c, c}; }

Problem problem_of(const Given& given) {
  Problem p;
  p.kind = given.text("kind", "") == "transposed" ? Kind::kTransposed : Kind::kForward;
  p.deterministic = 1;
  p.batch = given.number("n");
  p.input_channels = given.number("ci");
  p.input_height = given.number("h");
  p.input_width = given.number("w");
  p.output_channels = given.number("co");
  p.kernel_height = given.number("kh");
  p.kernel_width = given.number("kw");
  p.groups = given.number("groups");
  p.has_bias = given.settings.count("bias") != 0;
  p.has_add = given.settings.count("add") != 0;
  const std::vector<std::int32_t> stride = given.list("stride", "1,1");
  p.stride_height = stride[0];
  p.stride_width = stride[1];
  const std::vector<std::int32_t> dilation = given.list("dilation", "1,1");
  p.dilation_height = dilation[0];
  p.dilation_width = dilation[1];
  const std::vector<std::int32_t> pads = given.list("pads", "0,0,0,0");
  p.pad_top = pads[0];
  p.pad_bottom = pads[1];
  p.pad_left = pads[2];
  p.pad_right = pads[3];
  p.padding_mode = mode_of(given.text("mode", "zeros"));
  p.activation = activation_of(given.text("activation", "none"));
  p.activation_alpha = alpha_of(p.activation);
  if (given.text("layout", "nchw") == "nhwc") {
    Geometry geometry;
    EXPECT_EQ(measure(p, &geometry), Status::kOk) << given.name;
    p.input_strides = nhwc(p.input_channels, p.input_height, p.input_width);
    p.output_strides = nhwc(p.output_channels, geometry.output_height, geometry.output_width);
  }
  return p;
}

/// Runs a problem on all threads of the pool and returns the memory of the output.
std::vector<float> run(const Problem& problem, const std::vector<float>& input,
                       const std::vector<float>& weight, const std::vector<float>& bias,
                       std::int64_t outputs, ThreadPool* pool,
                       const std::vector<float>& second = {},
                       const std::vector<float>& third = {}) {
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(problem, weight.data(), bias.data(), pool->threads(), &plan), Status::kOk);
  std::vector<float> output(static_cast<std::size_t>(outputs));
  if (plan == nullptr) return output;
  const PlanTasks tasks(*plan, {input.data(), second.data(), third.data()}, output.data());
  EXPECT_EQ(pool->run(tasks, 0, plan->tasks()), Status::kOk);
  return output;
}

Axes axes(std::initializer_list<std::int32_t> values) {
  Axes result = {};
  std::copy(values.begin(), values.end(), result.at);
  return result;
}

/// A problem of arrays, and the numbers of elements of its other operands and of its output.
struct ArrayProblem {
  Problem problem;
  std::int64_t second, third, outputs;
};

/// The problem of a function of `arrays` in determinism-runner.mjs.
ArrayProblem array_problem_of(const std::string& name, std::int32_t n, std::int32_t c,
                              std::int32_t h, std::int32_t w) {
  Problem p;
  const std::int32_t plane = h * w, all = n * c * plane;
  const auto set = [&p](Kind kind, std::initializer_list<std::int32_t> sizes) {
    p.kind = kind;
    p.rank = static_cast<std::int32_t>(sizes.size());
    p.sizes = axes(sizes);
  };
  if (name == "add") {
    set(Kind::kElementwise, {n, c, h, w});
    p.operation = Operation::kAdd;
    p.input_steps = axes({c * plane, plane, w, 1});
    p.second_steps = axes({0, 1, 0, 0});
    return {p, c, 0, all};
  }
  if (name == "exp") {
    set(Kind::kElementwise, {all});
    p.activation = Unary::kExp;
    p.input_steps = axes({1});
    return {p, 0, 0, all};
  }
  const std::map<std::string, Reduction> reductions = {{"sum", Reduction::kSum},
                                                       {"mean", Reduction::kMean},
                                                       {"max", Reduction::kMax},
                                                       {"argMin", Reduction::kArgMin}};
  if (const auto found = reductions.find(name); found != reductions.end()) {
    const bool sums = name == "sum" || name == "mean";
    set(Kind::kReduce, {sums ? n * c : n, sums ? h : c, sums ? w : plane});
    p.reduction = found->second;
    p.reduced_axes = sums ? 4 : 2;
    return {p, 0, 0, sums ? n * c * h : n * plane};
  }
  if (name == "softmax" || name == "logSoftmax") {
    const bool is_log = name == "logSoftmax";
    set(is_log ? Kind::kLogSoftmax : Kind::kSoftmax,
        {is_log ? n * c * h : n, is_log ? w : c, is_log ? 1 : plane});
    return {p, 0, 0, all};
  }
  if (name == "layerNorm" || name == "groupNorm") {
    const bool is_layer = name == "layerNorm";
    set(Kind::kNormalise,
        {is_layer ? n * c * h : 2 * n, is_layer ? w : c / 2, is_layer ? 1 : plane});
    p.groups = is_layer ? 1 : 2;
    p.has_scale = p.has_bias = is_layer;
    p.epsilon = 1e-5f;
    return {p, is_layer ? w : 0, is_layer ? w : 0, all};
  }
  p.input_height = h;
  p.input_width = w;
  if (name == "nearest" || name == "bilinear" || name == "antialias") {
    const bool is_nearest = name == "nearest", is_linear = name == "bilinear";
    const std::int32_t rows = is_nearest ? h + 4 : is_linear ? 2 * h + 1 : h - 4;
    const std::int32_t columns = is_linear ? w + 3 : w - 5;
    set(Kind::kInterpolate, {n * c, rows, columns, 1});
    p.interpolation = is_nearest  ? Interpolation::kNearest
                      : is_linear ? Interpolation::kLinear
                                  : Interpolation::kCubic;
    p.antialias = name == "antialias";
    p.row_scale = static_cast<float>(static_cast<double>(h) / rows);
    p.column_scale = static_cast<float>(static_cast<double>(w) / columns);
    p.sample_offset = is_nearest ? 0 : 0.5f;
    p.cubic_coefficient = -0.5f;
    return {p, 0, 0, std::int64_t{n} * c * rows * columns};
  }
  p.batch = n;
  p.kernel_height = p.kernel_width = 3;
  if (name == "conv3d") {
    p.deterministic = 1;
    p.input_depth = c;
    p.kernel_depth = 3;
    p.output_channels = 4;
    return {p, 0, 0, std::int64_t{n} * 4 * (c - 2) * (h - 2) * (w - 2)};
  }
  p.kind = name == "maxPool" ? Kind::kMaxPool : Kind::kAveragePool;
  p.input_channels = p.output_channels = c;
  p.stride_height = p.stride_width = 2;
  return {p, 0, 0, std::int64_t{n} * c * ((h - 3) / 2 + 1) * ((w - 3) / 2 + 1)};
}

std::string hash_of(const Given& given, ThreadPool* pool) {
  const std::string kind = given.text("kind", "");
  Hash hash;
  Elements elements(static_cast<std::uint32_t>(1 + given.number("w")));
  if (kind == "normal") {
    std::vector<float> data(static_cast<std::size_t>(given.number("w")));
    fill_normal(data.data(), given.number("w"), 1, 3, 7);
    hash.add(data);
    return hash.text();
  }
  if (kind == "activation") {
    std::vector<float> data = elements.make(given.number("w"), 30);
    const Activation activation = activation_of(given.text("activation", "none"));
    activate(data.data(), nullptr, 1, 0, given.number("w"), 1, activation, alpha_of(activation));
    hash.add(data);
    return hash.text();
  }
  if (kind == "array") {
    const std::int32_t n = given.number("n"), c = given.number("ci");
    const std::int32_t h = given.number("h"), w = given.number("w");
    const std::string name = given.text("function", "");
    const ArrayProblem array = array_problem_of(name, n, c, h, w);
    const std::vector<float> input = elements.make(std::int64_t{n} * c * h * w);
    const std::vector<float> weight = elements.make(name == "conv3d" ? 4 * 27 : 0);
    const std::vector<float> second = elements.make(array.second);
    const std::vector<float> third = elements.make(array.third);
    hash.add(run(array.problem, input, weight, {}, array.outputs, pool, second, third));
    return hash.text();
  }
  if (kind == "registration") {
    Problem p;
    p.kind = Kind::kPhaseCorrelate;
    p.output_channels = 3;
    p.input_height = p.kernel_height = given.number("h");
    p.input_width = p.kernel_width = given.number("w");
    p.upsample = given.number("upsample");
    const std::int64_t count = std::int64_t{p.input_height} * p.input_width;
    const std::vector<float> a = elements.make(count), b = elements.make(count);
    hash.add(run(p, a, b, {}, 3, pool));
    return hash.text();
  }
  Problem p = problem_of(given);
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kOk) << given.name;
  const std::int64_t inputs =
      std::int64_t{p.batch} * p.input_channels * p.input_height * p.input_width;
  const std::int64_t weights = std::int64_t{p.output_channels} * p.input_channels / p.groups *
                               p.kernel_height * p.kernel_width;
  const std::int64_t outputs =
      std::int64_t{p.batch} * p.output_channels * geometry.output_height * geometry.output_width;
  const std::vector<float> input = elements.make(inputs);
  const std::vector<float> weight = elements.make(weights);
  const std::vector<float> more = elements.make(kind == "gradients" ? outputs : p.output_channels);
  if (kind == "gradients") {
    p.kind = Kind::kBackwardInput;
    hash.add(run(p, more, weight, {}, inputs, pool));
    p.kind = Kind::kBackwardWeight;
    hash.add(run(p, input, more, {}, weights, pool));
  } else {
    const std::vector<float> second = elements.make(p.has_add != 0 ? outputs : 0);
    hash.add(run(p, input, weight, more, outputs, pool, second));
  }
  return hash.text();
}

TEST(Determinism, GivesTheRecordedBitsForAnyNumberOfThreads) {
  const std::vector<Given> all = all_given();
  EXPECT_GT(all.size(), 30u);
  for (std::int32_t threads = 1; threads <= 8; ++threads) {
    std::unique_ptr<ThreadPool> pool;
    ASSERT_EQ(ThreadPool::create(threads, 60000, &pool), Status::kOk);
    for (const Given& given : all) {
      EXPECT_EQ(hash_of(given, pool.get()), given.hash) << given.name << ", " << threads;
    }
  }
}

}  // namespace
}  // namespace corr2d
