#include "examine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <memory>
#include <vector>

#include "check.hpp"
#include "choices.hpp"
#include "core/cost.hpp"
#include "corr2d/memory.hpp"
#include "corr2d/plan.hpp"
#include "implementation.hpp"
#include "oracle/image_oracle.hpp"

namespace corr2d::fuzz {
namespace {

using sweep::Random;

Counts total;

// With these limits a case takes milliseconds, even with sanitizers and the oracle.

constexpr std::int64_t kMaxTensorElements = 1 << 14;
/// The elements that the strides of a tensor span.
constexpr std::int64_t kMaxExtent = 1 << 18;
constexpr double kMaxMacs = 1 << 16;
/// The estimated cost of kFft in nanoseconds, which grows with the dilation.
constexpr float kMaxFftCost = 1e7f;
/// The oracle visits every position of the padding.
constexpr std::int64_t kMaxPadded = 1 << 12;

/// True if the product of `sizes` is at most `limit`.
template <typename... Sizes>
bool is_at_most(std::int64_t limit, Sizes... sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : {static_cast<std::int64_t>(sizes)...}) {
    if (size != 0 && product > limit / size) return false;
    product *= size;
  }
  return true;
}

bool has_small_extents(const Problem& p) {
  const sweep::Operands operands = sweep::operands_of(p);
  for (const sweep::Tensor& tensor : {operands.input, operands.weight, operands.bias,
                                      operands.output, operands.second, operands.third}) {
    if (sweep::extent(tensor).count > kMaxExtent) return false;
  }
  return true;
}

bool is_small_array(const Problem& p) {
  std::int64_t elements = 2;  // kBatchNormScale has twice as many outputs
  for (std::int32_t i = 0; i < p.rank; ++i) {
    if (!is_at_most(kMaxTensorElements, elements, p.sizes.at[i])) return false;
    elements *= p.sizes.at[i];
  }
  const std::int64_t affine = p.rank == 3 ? p.sizes.at[1] : 1;
  return is_at_most(kMaxTensorElements, p.groups, affine);
}

bool is_small(const Problem& p, const Geometry& g) {
  if (is_array(p.kind)) return is_small_array(p) && has_small_extents(p);
  const bool folds = p.kind == Kind::kUnfold || p.kind == Kind::kFold;
  const std::int64_t padded_height = std::int64_t{p.input_height} + p.pad_top + p.pad_bottom;
  const std::int64_t padded_depth = std::int64_t{p.input_depth} + p.pad_front + p.pad_back;
  const std::int64_t padded_width = std::int64_t{p.input_width} + p.pad_left + p.pad_right;
  const std::int64_t farthest =
      std::max({std::abs(std::int64_t{p.pad_top}), std::abs(std::int64_t{p.pad_bottom}),
                std::abs(std::int64_t{p.pad_left}), std::abs(std::int64_t{p.pad_right}),
                std::abs(std::int64_t{p.pad_front}), std::abs(std::int64_t{p.pad_back}),
                std::abs(padded_depth), std::abs(padded_height), std::abs(padded_width)});
  const std::int64_t batch = std::max(p.batch, 1);
  // `macs` is 0 for folding and pooling, whose cost depends on the taps too.
  const std::int64_t taps = std::int64_t{p.kernel_height} * p.kernel_width;
  if (!is_at_most(kMaxTensorElements, batch, p.input_channels, p.input_depth, p.input_height,
                  p.input_width) ||
      !is_at_most(kMaxTensorElements, batch, p.output_channels, g.output_depth, g.output_height,
                  g.output_width) ||
      !is_at_most(kMaxTensorElements, p.kernel_depth, p.kernel_height, p.kernel_width) ||
      !is_at_most(kMaxTensorElements, p.input_channels, p.output_channels, p.kernel_depth, taps) ||
      g.macs > kMaxMacs || farthest > kMaxPadded) {
    return false;
  }
  const bool has_taps = folds || is_pool(p.kind);
  if (has_taps &&
      !is_at_most(static_cast<std::int64_t>(kMaxMacs), batch, p.input_channels, g.output_depth,
                  g.output_height, g.output_width, p.kernel_depth, taps)) {
    return false;
  }
  return has_small_extents(p);
}

/// Draws an element. Sums of kScaled values and of their products stay below 2^127.
float draw(Values values, std::int32_t exponent, Random* random) {
  const auto plain = [random] {
    return static_cast<float>(static_cast<std::int32_t>(random->next() >> 32)) * 0x1p-31f;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kSpecials[] = {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN(),
                                 0.0f, -0.0f};
  switch (values) {
    case Values::kPlain:
      break;
    case Values::kScaled:
      return std::ldexp(plain(), exponent);
    case Values::kDenormal:
      return std::ldexp(plain(), -120 - static_cast<int>(random->below(30)));
    case Values::kSpecial:
      if (random->below(8) == 0) return kSpecials[random->below(std::size(kSpecials))];
      break;
    case Values::kHuge:
      return std::ldexp(plain(), 128 - static_cast<int>(random->below(20)));
  }
  return plain();
}

void fill(sweep::Array* array, Values values, Random* random) {
  const auto exponent = static_cast<std::int32_t>(random->below(80)) - 40;
  array->fill([&] { return draw(values, exponent, random); });
}

/// True if the error bound of a plain sum holds: sums do not overflow, and no infinite slope of an
/// activation amplifies rounding errors.
bool is_bounded(const Case& given) {
  return given.values != Values::kHuge && std::isfinite(given.problem.activation_alpha);
}

/// True if the error bounds that cover several outputs at once apply.
bool is_plain(const Case& given) {
  return given.values == Values::kPlain && std::abs(given.problem.fill_value) <= 1;
}

/// Creates a plan while one allocation fails, if the case requests that. The plan may or may not be
/// created.
std::string check_failing_allocation(const Case& given, const Problem& problem, const float* weight,
                                     const float* bias) {
  if (given.successes < 0) return {};
  const std::size_t before = allocated_bytes();
  std::unique_ptr<Plan> plan;
  fail_allocation_after(given.successes);
  const Status status = Plan::create(problem, weight, bias, 2, &plan);
  fail_allocation_after(-1);
  if (status != Status::kOk && status != Status::kOutOfMemory) {
    return "with a failing allocation the status is " + std::to_string(static_cast<int>(status));
  }
  if ((status == Status::kOk) != (plan != nullptr))
    return "the status contradicts whether a plan was created";
  plan.reset();
  return allocated_bytes() == before ? "" : "memory leaks if an allocation fails";
}

/// Runs kFilterImage and compares each byte with the oracle's result.
std::string examine_image(const Case& given) {
  const Problem& p = given.problem;
  Random random(given.seed);
  constexpr std::size_t kPixelBytes = 4;
  std::vector<std::uint8_t> input(kPixelBytes * static_cast<std::size_t>(p.input_height) *
                                  static_cast<std::size_t>(p.input_width));
  for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random.next());
  const sweep::Operands operands = sweep::operands_of(p);
  sweep::Array weight(operands.weight), bias(operands.bias);
  fill(&weight, given.values, &random);
  fill(&bias, given.values, &random);
  std::unique_ptr<Plan> plan;
  const Status status = Plan::create(p, weight.origin(), bias.origin(), 1, &plan);
  const auto are_finite = [](const sweep::Array& array) {
    const std::vector<float> all = array.elements();
    return std::all_of(all.begin(), all.end(), [](float value) { return std::isfinite(value); });
  };
  const bool is_valid = are_finite(weight) && are_finite(bias);
  if (status != (is_valid ? Status::kOk : Status::kNotFinite)) {
    return "status " + std::to_string(static_cast<int>(status));
  }
  if (!is_valid) return {};
  if (std::string failure = check_failing_allocation(given, p, weight.origin(), bias.origin());
      !failure.empty()) {
    return failure;
  }
  std::vector<std::uint8_t> output(input.size());
  plan->run(input.data(), output.data());
  ++total.compared;
  // The square of the fill value, and its products with the kernel, must not overflow.
  if (!is_bounded(given) || !(std::abs(p.fill_value) < 0x1p20f)) return {};
  const std::vector<oracle::ByteRange> expected = oracle::filter_image(
      p, input.data(), weight.origin(), bias.origin(), p.kernel_height * p.kernel_width + 2);
  for (std::size_t i = 0; i < output.size(); ++i) {
    if (!expected[i].contains(output[i])) {
      return "byte " + std::to_string(i) + " is " + std::to_string(output[i]) + ", expected " +
             std::to_string(expected[i].low) + " to " + std::to_string(expected[i].high);
    }
  }
  return {};
}

/// True if the algorithm would take too long for a test.
bool is_too_slow(const sweep::Implementation& implementation, const Problem& problem,
                 const Geometry& geometry) {
  if (implementation.entry == nullptr || implementation.entry->id != EntryId::kFft) return false;
  const Correlation correlation = correlation_of(normalised(problem, geometry), geometry);
  const OpCounts op_counts = implementation.entry->op_counts(correlation, Use::kOnce);
  return cost_of(EntryId::kFft, op_counts) > kMaxFftCost;
}

/// Runs a case with one algorithm, or with the one that Plan::create chooses, and checks the
/// result.
std::string examine_by(const Case& given, const sweep::TestCase& test_case, Algorithm algorithm,
                       double error_factor) {
  Problem problem = given.problem;
  problem.algorithm = algorithm;
  std::string failure =
      check_failing_allocation(given, problem, test_case.weight.origin(), test_case.bias.origin());
  if (!failure.empty()) return failure;
  const sweep::RunResult result = sweep::run_algorithm(test_case, algorithm, given.seed);
  ++total.compared;
  const std::string memory_error = sweep::find_memory_error(test_case, result);
  const bool is_compared = is_bounded(given) && (error_factor <= 1 || is_plain(given));
  return !memory_error.empty() || !is_compared ? memory_error
                                               : check_result(test_case, algorithm, result).failure;
}

std::string examine_floats(const Case& given, const Geometry& geometry) {
  const sweep::Operands operands = sweep::operands_of(given.problem);
  sweep::TestCase test_case = {given.problem,
                               sweep::Array(operands.input),
                               sweep::Array(operands.weight),
                               sweep::Array(operands.bias),
                               sweep::Array(operands.second),
                               sweep::Array(operands.third),
                               {}};
  Random random(given.seed);
  const Kind kind = given.problem.kind;
  // Resizing adds along one axis after the other: infinities may become NaN, and denormal sums are
  // rounded twice.
  fill(&test_case.input, kind == Kind::kInterpolate ? Values::kPlain : given.values, &random);
  // Implementations of fractional strides multiply zeros by infinite weights, which gives NaN; see
  // docs/accuracy.md.
  const bool has_fractional_stride = kind == Kind::kTransposed || kind == Kind::kBackwardInput;
  const bool is_finite = has_fractional_stride && given.values == Values::kSpecial;
  fill(&test_case.weight, is_finite ? Values::kPlain : given.values, &random);
  fill(&test_case.bias, given.values, &random);
  if (kind == Kind::kMatchTemplate) {
    fill(&test_case.bias, Values::kPlain, &random);
    sweep::make_mask(&test_case.bias);
  }
  fill(&test_case.second, given.values, &random);
  fill(&test_case.third, given.values, &random);
  test_case.expected = sweep::solve(test_case);
  double worst_factor = 1;
  for (const sweep::Implementation& implementation : sweep::all_implementations()) {
    const double factor = implementation.entry == nullptr ? 1 : implementation.entry->error_factor;
    worst_factor = std::max(worst_factor, factor);
    if (!implementation.can_do(given.problem, geometry) ||
        is_too_slow(implementation, given.problem, geometry)) {
      continue;
    }
    const std::string failure = examine_by(given, test_case, implementation.algorithm(), factor);
    if (!failure.empty()) return std::string(implementation.name) + ": " + failure;
  }
  // The chosen algorithm is not known here, so the largest error factor counts.
  const std::string failure = examine_by(given, test_case, Algorithm::kAuto, worst_factor);
  return failure.empty() ? "" : "auto: " + failure;
}

}  // namespace

const Counts& counts() { return total; }

std::string examine(const Case& given) {
  const std::size_t before = allocated_bytes();
  const Problem& problem = given.problem;
  Geometry geometry;
  const Status status = measure(problem, &geometry);
  const char* refusal = refusal_of(problem);
  if (status != Status::kOk) {
    ++total.rejected;
    std::unique_ptr<Plan> plan;
    if (Plan::create(problem, nullptr, nullptr, 1, &plan) != status || plan != nullptr) {
      return "a plan was created for a problem that measure rejects";
    }
    return refusal == nullptr ? "" : "refusal_of gives a reason for a problem that measure rejects";
  }
  if (!is_small(problem, geometry)) {
    ++total.too_large;
    return {};
  }
  if (refusal != nullptr) {
    std::unique_ptr<Plan> plan;
    return Plan::create(problem, nullptr, nullptr, 1, &plan) == Status::kUnsupported
               ? ""
               : "a plan was created for a problem that refusal_of rejects";
  }
  const std::string failure =
      problem.kind == Kind::kFilterImage ? examine_image(given) : examine_floats(given, geometry);
  if (!failure.empty()) return failure;
  return allocated_bytes() == before ? "" : "memory leaks";
}

}  // namespace corr2d::fuzz
