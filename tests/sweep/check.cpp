#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "corr2d/plan.hpp"
#include "oracle/registration_oracle.hpp"
#include "random.hpp"

namespace corr2d::sweep {
namespace {

/// Random values, computed once. The data of a tensor start at any of them and wrap around.
const std::vector<float>& random_values() {
  static const std::vector<float> values = [] {
    std::vector<float> fresh(1 << 16);
    Random random(1);
    for (float& value : fresh) {
      value = static_cast<float>(static_cast<std::int32_t>(random.next() >> 32)) * 0x1p-31f;
    }
    return fresh;
  }();
  return values;
}

void fill(Array* array, Random* random) {
  const std::vector<float>& all = random_values();
  std::size_t at = random->below(all.size());
  array->fill([&] {
    if (at == all.size()) at = 0;
    return all[at++];
  });
}

const std::uint8_t* bytes_of(const Array& pixels) {
  return reinterpret_cast<const std::uint8_t*>(pixels.origin());
}

/// Fills an image filter's operands and computes the result. The pixels of every third image are
/// mostly opaque, those of another third mostly transparent.
void fill_image(TestCase* test_case, Random* random) {
  constexpr std::uint32_t kAlpha = 0xff000000;
  const Problem& p = test_case->problem;
  const std::size_t alphas = random->below(3);
  test_case->input.fill([&] {
    auto bits = static_cast<std::uint32_t>(random->next() >> 32);
    if (random->below(4) != 0) {
      if (alphas == 1) bits |= kAlpha;
      if (alphas == 2) bits &= ~kAlpha;
    }
    float pixel;
    std::memcpy(&pixel, &bits, sizeof(pixel));
    return pixel;
  });
  fill(&test_case->weight, random);
  fill(&test_case->bias, random);
  const std::int32_t taps = p.kernel_height * p.kernel_width;
  const std::vector<float> weight = test_case->weight.elements();
  std::size_t at = 0;
  test_case->weight.fill([&] { return (weight[at++] + 0.5f) * (1.5f / static_cast<float>(taps)); });
  if (p.has_bias != 0) *test_case->bias.origin() *= 32;
  // A product and each addition are rounded.
  test_case->expected_bytes =
      oracle::filter_image(p, bytes_of(test_case->input), test_case->weight.origin(),
                           test_case->bias.origin(), taps + 2);
}

/// Compares the bytes of an image with the oracle's result.
Verdict compare_bytes(const TestCase& test_case, const Array& output) {
  Verdict verdict;
  for (std::size_t i = 0; i < test_case.expected_bytes.size(); ++i) {
    const oracle::ByteRange range = test_case.expected_bytes[i];
    const std::uint8_t byte = bytes_of(output)[i];
    if (!range.contains(byte)) {
      char text[160];
      std::snprintf(text, sizeof(text), "byte %zu of %zu is %d; expected %.9g to %.9g", i,
                    test_case.expected_bytes.size(), byte, range.low, range.high);
      return {text, 2};
    }
    const double middle = (range.low + range.high) / 2;
    verdict.worst_ratio =
        std::max(verdict.worst_ratio, std::abs(byte - middle) / (range.high - middle + 0.5));
  }
  return verdict;
}

/// Compares a shift and a response with the oracle's results.
Verdict compare_registration(const TestCase& test_case, const Array& output) {
  const std::vector<oracle::Registration> expected = oracle::register_pictures(
      test_case.problem, test_case.input.origin(), test_case.weight.origin());
  const std::vector<float> actual = output.elements();
  constexpr double kAllowed = 1e-6;
  for (const oracle::Registration& one : expected) {
    if (std::isnan(one.response)) {
      if (std::isnan(actual[2]) && !is_filler(actual[2])) return {};
    } else if (actual[0] == one.y && actual[1] == one.x) {
      const double ratio = std::abs(actual[2] - one.response) / kAllowed;
      if (ratio <= 1) return {{}, ratio};
    }
  }
  char text[160];
  std::snprintf(text, sizeof(text), "the result is %.9g %.9g %.9g; expected %.9g %.9g %.9g",
                static_cast<double>(actual[0]), static_cast<double>(actual[1]),
                static_cast<double>(actual[2]), expected[0].y, expected[0].x, expected[0].response);
  return {text, 2};
}

/// The error bound of an algorithm as a multiple of the bound of a plain sum.
double error_factor(Algorithm algorithm) {
  double factor = 1;
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry->algorithm == algorithm || algorithm == Algorithm::kAuto) {
      factor = std::max<double>(factor, entry->error_factor);
    }
  }
  return factor;
}

/// An upper bound of the norm of the factors, which are between -1 and 1.
double largest_norm(const Problem& p) {
  Geometry g = {};
  measure(p, &g);
  const Correlation c = correlation_of(normalised(p, g), g);
  return 1.0 + static_cast<double>(c.inputs) * c.rows.kernel * c.columns.kernel;
}

/// The smallest distance between two float32 numbers.
constexpr double kSmallest = 0x1p-149;

/// Replaces an infinite magnitude, which gives no bound, by 1. A finite result is then exact: an
/// activation has computed it from an infinity.
double finite(double magnitude) { return std::isfinite(magnitude) ? magnitude : 1; }

/// The allowed error of element `i`. `factor` is a multiple of the bound of a plain sum, which is
/// relative to the norm of the element's own products unless `is_shared`.
double error_bound(const Problem& p, double factor, bool is_shared, const oracle::Result& expected,
                   std::size_t i) {
  if (is_array(p.kind)) {
    return expected.magnitude[i] == 0 ? 0 : kEpsilon * finite(expected.magnitude[i]) + kSmallest;
  }
  // Operators that only move elements are exact.
  if (p.kind == Kind::kMaxPool || p.kind == Kind::kPad || p.kind == Kind::kUnfold) return 0;
  // A product is rounded once, then at most once in each of the additions. Denormal products are
  // rounded to multiples of kSmallest.
  const double rounding = kEpsilon * finite(expected.magnitude[i]) + kSmallest;
  const double sum = (is_shared ? factor * kEpsilon * largest_norm(p) * largest_norm(p)
                                : (expected.products + 1) * rounding) +
                     (p.has_add != 0 ? rounding : 0);
  if (p.activation == Activation::kNone || p.activation == Activation::kRelu ||
      p.activation == Activation::kRelu6) {
    return sum;
  }
  // The slope of an activation is at most 1.13, except for kSelu and a given alpha. An activation
  // adds a few roundings of its own.
  const bool has_alpha = p.activation == Activation::kLeakyRelu ||
                         p.activation == Activation::kElu ||
                         p.activation == Activation::kHardSigmoid;
  const double alpha = has_alpha ? std::abs(static_cast<double>(p.activation_alpha)) : 0;
  const double slope = p.activation == Activation::kSelu ? 1.8 : std::max(1.2, 1.01 * alpha);
  return slope * sum +
         8 * kEpsilon * (finite(expected.magnitude[i]) + std::abs(expected.output[i])) + kSmallest;
}

}  // namespace

Verdict compare(const Problem& problem, Algorithm algorithm, const oracle::Result& expected,
                const std::vector<float>& output) {
  char text[160];
  if (output.size() != expected.output.size()) {
    std::snprintf(text, sizeof(text), "the output has %zu elements; expected %zu", output.size(),
                  expected.output.size());
    return {text};
  }
  const double own_factor = is_correlation(problem.kind) ? error_factor(algorithm) : 1;
  // FFT with local accuracy keeps the bound of a plain sum relative to the numbers nearby.
  const bool is_local = problem.local_accuracy != 0 &&
                        (algorithm == Algorithm::kAuto || algorithm == Algorithm::kFft);
  const double factor = is_local ? 1 : own_factor;
  Verdict verdict;
  for (std::size_t i = 0; i < output.size(); ++i) {
    const double actual = static_cast<double>(output[i]);
    if (actual == expected.output[i]) continue;  // also true for equal infinities
    if (std::isnan(actual) && std::isnan(expected.output[i]) && !is_filler(output[i])) continue;
    const double error = std::abs(actual - expected.output[i]);
    const double allowed = error_bound(problem, factor, own_factor > 1, expected, i);
    // Not `error > allowed`: a NaN must fail.
    if (!(error <= allowed)) {
      std::snprintf(text, sizeof(text),
                    "element %zu of %zu is %.9g; expected %.9g: error %.3g, allowed %.3g", i,
                    output.size(), actual, expected.output[i], error, allowed);
      return {text, error / allowed};
    }
    verdict.worst_ratio = std::max(verdict.worst_ratio, error / allowed);
  }
  return verdict;
}

void make_mask(Array* mask) {
  constexpr float kZeros = 0.4f;
  const std::vector<float> numbers = mask->elements();
  std::size_t at = 0;
  mask->fill([&] {
    const float number = std::abs(numbers[at++]);
    return at == 1 || number > kZeros ? number : 0;
  });
}

oracle::Result solve(const TestCase& test_case) {
  return oracle::solve(test_case.problem, test_case.input.origin(), test_case.weight.origin(),
                       test_case.bias.origin(), test_case.second.origin(),
                       test_case.third.origin());
}

TestCase make_test_case(const Problem& problem, std::uint64_t seed) {
  const Operands operands = operands_of(problem);
  TestCase test_case = {problem,
                        Array(operands.input),
                        Array(operands.weight),
                        Array(operands.bias),
                        Array(operands.second),
                        Array(operands.third),
                        {}};
  Random random(seed);
  if (problem.kind == Kind::kFilterImage) {
    fill_image(&test_case, &random);
    return test_case;
  }
  fill(&test_case.input, &random);
  fill(&test_case.weight, &random);
  fill(&test_case.bias, &random);
  fill(&test_case.second, &random);
  fill(&test_case.third, &random);
  if (problem.kind == Kind::kMatchTemplate) make_mask(&test_case.bias);
  if (problem.kind == Kind::kBatchNormScale) make_mask(&test_case.second);
  test_case.expected = solve(test_case);
  return test_case;
}

RunResult run_algorithm(const TestCase& test_case, Algorithm algorithm, std::uint64_t seed) {
  constexpr std::int32_t kThreads = 2;
  RunResult result = {Status::kOk,
                      test_case.input,
                      test_case.weight,
                      test_case.bias,
                      test_case.second,
                      test_case.third,
                      Array(operands_of(test_case.problem).output)};
  Problem problem = test_case.problem;
  problem.algorithm = algorithm;
  std::unique_ptr<Plan> plan;
  Array weight = test_case.weight;
  Array bias = test_case.bias;
  result.status = Plan::create(problem, weight.origin(), bias.origin(), kThreads, &plan);
  result.weight = weight;
  result.bias = bias;
  if (plan == nullptr) return result;
  weight.clear();
  bias.clear();

  Random random(seed);
  std::vector<std::int32_t> tasks;
  for (std::int32_t task = 0; task < plan->tasks();) {
    for (const std::int32_t end = plan->stage_end(task); task < end; ++task) tasks.push_back(task);
    for (; !tasks.empty(); tasks.pop_back()) {
      std::swap(tasks.back(), tasks[random.below(tasks.size())]);
      const auto thread = static_cast<std::int32_t>(random.below(kThreads));
      const Inputs inputs = {result.input.origin(), result.second.origin_or_null(),
                             result.third.origin_or_null()};
      plan->run_task(inputs, result.output.origin(), tasks.back(), thread);
    }
  }
  return result;
}

std::string find_memory_error(const TestCase& test_case, const RunResult& result) {
  if (result.status != Status::kOk) {
    return "creating the plan returned status " + std::to_string(static_cast<int>(result.status));
  }
  if (!result.input.has_bits_of(test_case.input)) return "the input has been modified";
  if (!result.weight.has_bits_of(test_case.weight)) return "the weight has been modified";
  if (!result.bias.has_bits_of(test_case.bias)) return "the bias has been modified";
  if (!result.second.has_bits_of(test_case.second) || !result.third.has_bits_of(test_case.third)) {
    return "the second or third operand has been modified";
  }
  if (!result.output.is_intact())
    return "memory between or around the output's elements has been modified";
  return {};
}

Verdict check_result(const TestCase& test_case, Algorithm algorithm, const RunResult& result) {
  if (std::string error = find_memory_error(test_case, result); !error.empty())
    return {std::move(error)};
  if (test_case.problem.kind == Kind::kFilterImage) return compare_bytes(test_case, result.output);
  if (test_case.problem.kind == Kind::kPhaseCorrelate) {
    return compare_registration(test_case, result.output);
  }
  return compare(test_case.problem, algorithm, test_case.expected, result.output.elements());
}

}  // namespace corr2d::sweep
