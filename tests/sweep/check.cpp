#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <utility>

#include "corr2d/plan.hpp"
#include "digits.hpp"

namespace corr2d::sweep {
namespace {

/// Many values, made once; data are a stretch of them from anywhere.
const std::vector<float>& values() {
  static const std::vector<float> made = [] {
    std::vector<float> fresh(1 << 16);
    Random random(1);
    for (float& value : fresh) {
      value = static_cast<float>(static_cast<std::int32_t>(random.next() >> 32)) * 0x1p-31f;
    }
    return fresh;
  }();
  return made;
}

void fill(Array* array, Random* random) {
  const std::vector<float>& all = values();
  std::size_t at = random->below(all.size());
  array->fill([&] {
    if (at == all.size()) at = 0;
    return all[at++];
  });
}

/// How many times the bound of a plain sum an algorithm's error may be.
double error_factor(Algorithm algorithm) {
  double factor = 1;
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry->id == algorithm || algorithm == Algorithm::kAuto) {
      factor = std::max(factor, entry->error_factor);
    }
  }
  return factor;
}

/// The largest norm there may be: all products are of numbers between -1 and 1.
double largest_norm(const Problem& p) {
  Geometry g = {};
  measure(p, &g);
  const Correlation c = correlation_of(normalised(p, g), g);
  return 1.0 + static_cast<double>(c.inputs) * c.rows.kernel * c.columns.kernel;
}

/// The smallest step there is between numbers of float32.
constexpr double kSmallest = 0x1p-149;

/// The magnitude of a sum with an infinity in it says nothing: what is finite after it is exact.
double finite(double magnitude) { return std::isfinite(magnitude) ? magnitude : 1; }

/// How far element `i` may be from the answer.
double bound(const Problem& p, double factor, const oracle::Answer& answer, std::size_t i) {
  // What only moves elements makes no errors.
  if (p.kind == Kind::kMaxPool || p.kind == Kind::kPad || p.kind == Kind::kUnfold) return 0;
  // One rounding for each product and one for each sum after the first, which bias makes exact.
  // Where the products are too small to be normal numbers they are rounded to steps of kSmallest.
  const double roundings = answer.products + 1;
  const double sum = factor > 1 ? factor * kEpsilon * largest_norm(p) * largest_norm(p)
                                : roundings * (kEpsilon * finite(answer.magnitude[i]) + kSmallest);
  if (p.activation == Activation::kNone || p.activation == Activation::kRelu ||
      p.activation == Activation::kRelu6) {
    return sum;
  }
  // No slope is steeper than 1.13 but one that is given, and each adds a few roundings of its own.
  const double given = p.activation == Activation::kLeakyRelu
                           ? std::abs(static_cast<double>(p.activation_alpha))
                           : 0;
  return std::max(1.2, 1.01 * given) * sum +
         8 * kEpsilon * (finite(answer.magnitude[i]) + std::abs(answer.output[i])) + kSmallest;
}

}  // namespace

Verdict compare(const Problem& problem, Algorithm algorithm, const oracle::Answer& answer,
                const std::vector<float>& output) {
  char text[160];
  if (output.size() != answer.output.size()) {
    std::snprintf(text, sizeof(text), "%zu elements instead of %zu", output.size(),
                  answer.output.size());
    return {text};
  }
  const double factor = is_correlation(problem.kind) ? error_factor(algorithm) : 1;
  Verdict verdict;
  for (std::size_t i = 0; i < output.size(); ++i) {
    const double found = static_cast<double>(output[i]);
    if (found == answer.output[i]) continue;  // infinities among them
    if (std::isnan(found) && std::isnan(answer.output[i]) && !is_filler(output[i])) continue;
    const double error = std::abs(found - answer.output[i]);
    const double allowed = bound(problem, factor, answer, i);
    // Not the other way round: NaN is wrong.
    if (!(error <= allowed)) {
      std::snprintf(text, sizeof(text),
                    "element %zu of %zu is %.9g instead of %.9g: %.3g off, "
                    "where %.3g is allowed",
                    i, output.size(), found, answer.output[i], error, allowed);
      return {text, error / allowed};
    }
    verdict.worst = std::max(verdict.worst, error / allowed);
  }
  return verdict;
}

Question make_question(const Problem& problem, std::uint64_t seed) {
  const Operands operands = operands_of(problem);
  Question question = {
      problem, Array(operands.input), Array(operands.weight), Array(operands.bias), {}};
  Random random(seed);
  fill(&question.input, &random);
  fill(&question.weight, &random);
  fill(&question.bias, &random);
  question.answer = oracle::solve(problem, question.input.origin(), question.weight.origin(),
                                  question.bias.origin());
  return question;
}

Outcome answer_of(const Question& question, Algorithm algorithm, std::uint64_t seed) {
  constexpr std::int32_t kWorkers = 2;
  Outcome outcome = {Status::kOk, question.input, question.weight, question.bias,
                     Array(operands_of(question.problem).output)};
  Problem problem = question.problem;
  problem.algorithm = algorithm;
  std::unique_ptr<Plan> plan;
  Array weight = question.weight;
  Array bias = question.bias;
  outcome.status = Plan::create(problem, weight.origin(), bias.origin(), kWorkers, &plan);
  outcome.weight = weight;
  outcome.bias = bias;
  if (plan == nullptr) return outcome;
  weight.clear();
  bias.clear();

  std::vector<std::int32_t> tasks;
  for (std::int32_t task = 0; task < plan->tasks(); ++task) tasks.push_back(task);
  Random random(seed);
  for (std::size_t left = tasks.size(); left > 0; --left) {
    std::swap(tasks[left - 1], tasks[random.below(left)]);
    const auto worker = static_cast<std::int32_t>(random.below(kWorkers));
    plan->run_task(outcome.input.origin(), outcome.output.origin(), tasks[left - 1], worker);
  }
  return outcome;
}

std::string find_harm(const Question& question, const Outcome& outcome) {
  if (outcome.status != Status::kOk) {
    return "the plan's status is " + std::to_string(static_cast<int>(outcome.status));
  }
  if (!outcome.input.has_bits_of(question.input)) return "the input has been modified";
  if (!outcome.weight.has_bits_of(question.weight)) return "the weight has been modified";
  if (!outcome.bias.has_bits_of(question.bias)) return "the bias has been modified";
  if (!outcome.output.is_intact()) return "written between or around the output's elements";
  return {};
}

Verdict judge(const Question& question, Algorithm algorithm, const Outcome& outcome) {
  if (std::string harm = find_harm(question, outcome); !harm.empty()) return {std::move(harm)};
  return compare(question.problem, algorithm, question.answer, outcome.output.elements());
}

}  // namespace corr2d::sweep
