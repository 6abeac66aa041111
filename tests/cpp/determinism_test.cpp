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
                       const std::vector<float>& second = {}) {
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(problem, weight.data(), bias.data(), pool->threads(), &plan), Status::kOk);
  std::vector<float> output(static_cast<std::size_t>(outputs));
  if (plan == nullptr) return output;
  const PlanTasks tasks(*plan, {input.data(), second.data()}, output.data());
  EXPECT_EQ(pool->run(tasks, 0, plan->tasks()), Status::kOk);
  return output;
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
