#include "oracle/array_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>

#include "oracle/interpolation_oracle.hpp"
#include "oracle/unary_oracle.hpp"

namespace corr2d::oracle {
namespace {

using Index = std::vector<int>;

/// Calls use(index) for every index below the problem's sizes, in row-major order.
void for_each_index(const Problem& p, const std::function<void(const Index&)>& use) {
  Index index(static_cast<std::size_t>(p.rank));
  const std::function<void(std::size_t)> visit = [&](std::size_t axis) {
    if (axis == index.size()) {
      use(index);
      return;
    }
    for (index[axis] = 0; index[axis] < p.sizes.at[axis]; ++index[axis]) visit(axis + 1);
  };
  visit(0);
}

std::ptrdiff_t offset_of(const Index& index, const Axes& steps) {
  std::ptrdiff_t offset = 0;
  for (std::size_t i = 0; i < index.size(); ++i) offset += std::ptrdiff_t{index[i]} * steps.at[i];
  return offset;
}

double maximum(double a, double b) { return std::isnan(a) || a > b ? a : b; }
double minimum(double a, double b) { return std::isnan(a) || a < b ? a : b; }

double combine(Operation operation, double a, double b, double c) {
  switch (operation) {
    case Operation::kFirst:
      return a;
    case Operation::kAdd:
      return a + b;
    case Operation::kSub:
      return a - b;
    case Operation::kMul:
      return a * b;
    case Operation::kDiv:
      return a / b;
    case Operation::kPow:
      return std::pow(a, b);
    case Operation::kMaximum:
      return maximum(a, b);
    case Operation::kMinimum:
      return minimum(a, b);
    case Operation::kPrelu:
      return a > 0 ? a : a * b;
    case Operation::kWhere:
      return a != 0 ? b : c;
    case Operation::kClamp:
      return std::isnan(a) ? a : std::min(std::max(a, b), c);
    case Operation::kMultiplyAdd:
      return a * b + c;
  }
  return 0;
}

/// The magnitude of a combination's error.
double combination_error(Operation operation, double a, double b, double c) {
  const double result = std::abs(combine(operation, a, b, c));
  switch (operation) {
    case Operation::kAdd:
    case Operation::kSub:
    case Operation::kMul:
    case Operation::kDiv:
    case Operation::kPrelu:
      return result;
    case Operation::kPow:
      return 2 * result;
    case Operation::kMultiplyAdd:
      return std::abs(a * b) + result;
    default:
      return 0;
  }
}

void elementwise(const Problem& p, const float* const (&operands)[3], ArrayResult* result) {
  const Axes* const steps[] = {&p.input_steps, &p.second_steps, &p.third_steps};
  for_each_index(p, [&](const Index& index) {
    double x[3] = {};
    for (int i = 0; i < operands_of(p.operation); ++i)
      x[i] = operands[i][offset_of(index, *steps[i])];
    // The activation takes what the operation gives after its rounding.
    const double before = combine(p.operation, x[0], x[1], x[2]);
    const double error = combination_error(p.operation, x[0], x[1], x[2]);
    const double after = apply(p.activation, before, p.activation_alpha);
    result->value.push_back(after);
    result->magnitude.push_back(p.activation == Unary::kNone
                                    ? error
                                    : unary_error(p.activation, before, error, p.activation_alpha));
  });
}

bool is_beyond(double a, double b, bool smallest) {
  if (std::isnan(b)) return false;
  return std::isnan(a) || (smallest ? a < b : a > b);
}

void reduce(const Problem& p, const float* input, ArrayResult* result) {
  const bool is_sum = p.reduction == Reduction::kSum || p.reduction == Reduction::kMean;
  const bool smallest = p.reduction == Reduction::kMin || p.reduction == Reduction::kArgMin;
  const bool numbers = p.reduction == Reduction::kArgMax || p.reduction == Reduction::kArgMin;
  std::size_t outputs = 1;
  for (int axis = 0; axis < p.rank; ++axis) {
    if ((p.reduced_axes >> axis & 1) == 0) outputs *= static_cast<std::size_t>(p.sizes.at[axis]);
  }
  result->value.assign(outputs, is_sum ? 0 : std::nan(""));
  result->magnitude.assign(outputs, 0);
  std::vector<int> counts(outputs), places(outputs);
  std::size_t at = 0;
  for_each_index(p, [&](const Index& index) {
    std::size_t output = 0;
    for (int axis = 0; axis < p.rank; ++axis) {
      if ((p.reduced_axes >> axis & 1) != 0) continue;
      output = output * static_cast<std::size_t>(p.sizes.at[axis]) +
               static_cast<std::size_t>(index[static_cast<std::size_t>(axis)]);
    }
    const double x = input[at++];
    const int number = counts[output]++;
    if (is_sum) {
      result->value[output] += x;
      result->magnitude[output] += 4 * std::abs(x);
    } else if (number == 0 || is_beyond(x, result->value[output], smallest)) {
      result->value[output] = x;
      places[output] = number;
    }
  });
  for (std::size_t i = 0; i < outputs; ++i) {
    if (p.reduction == Reduction::kMean) {
      result->value[i] /= counts[i];
      result->magnitude[i] /= counts[i];
    }
    if (numbers) result->value[i] = places[i];
  }
}

void softmax(const Problem& p, const float* input, ArrayResult* result) {
  const auto depth = static_cast<std::size_t>(p.sizes.at[1]);
  const auto inner = static_cast<std::size_t>(p.sizes.at[2]);
  const std::size_t all = static_cast<std::size_t>(p.sizes.at[0]) * depth * inner;
  result->value.assign(all, 0);
  result->magnitude.assign(all, 0);
  for (std::size_t i = 0; i < all; ++i) {
    const std::size_t first = i / (depth * inner) * depth * inner + i % inner;
    double largest = input[first], sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      largest = maximum(input[first + k * inner], largest);
    }
    for (std::size_t k = 0; k < depth; ++k) sum += std::exp(input[first + k * inner] - largest);
    const double difference = input[i] - largest;
    // The rounding of x - m, of exp, of the sum and of the quotient.
    const double relative = std::abs(std::isinf(difference) ? 0 : difference) + 12;
    if (p.kind == Kind::kSoftmax) {
      result->value[i] = std::exp(difference) / sum;
      result->magnitude[i] = relative * result->value[i];
    } else {
      result->value[i] = difference - std::log(sum);
      result->magnitude[i] = 2 * relative + 4 * std::log(sum);
    }
  }
}

void normalise(const Problem& p, const float* input, const float* scales, const float* shifts,
               ArrayResult* result) {
  const auto channels = static_cast<std::size_t>(p.sizes.at[1]);
  const auto inner = static_cast<std::size_t>(p.sizes.at[2]);
  const auto groups = static_cast<std::size_t>(p.groups);
  const std::size_t count = channels * inner;
  for (std::size_t row = 0; row < static_cast<std::size_t>(p.sizes.at[0]); ++row) {
    const float* x = input + row * count;
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < count; ++i) mean += x[i] / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) {
      variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(count);
    }
    const double factor = 1 / std::sqrt(variance + double{p.epsilon});
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t channel = row % groups * channels + i / inner;
      const double scale = p.has_scale != 0 ? scales[channel] : 1;
      const double shift = p.has_bias != 0 ? shifts[channel] : 0;
      const double normal = (x[i] - mean) * factor;
      result->value.push_back(normal * scale + shift);
      // The mean itself is subtracted unless it is at most 8 deviations.
      const double centre = std::min(std::abs(mean) * factor, 9.0);
      result->magnitude.push_back((4 * std::abs(normal) + 3 * centre + 1) * std::abs(scale) +
                                  2 * std::abs(shift));
    }
  }
}

}  // namespace

ArrayResult solve_array(const Problem& p, const float* input, const float* second,
                        const float* third) {
  ArrayResult result;
  switch (p.kind) {
    case Kind::kElementwise:
      elementwise(p, {input, second, third}, &result);
      break;
    case Kind::kCopy:
      for_each_index(p, [&](const Index& index) {
        result.value.push_back(input[offset_of(index, p.input_steps)]);
        result.magnitude.push_back(0);
      });
      break;
    case Kind::kReduce:
      reduce(p, input, &result);
      break;
    case Kind::kNormalise:
      normalise(p, input, second, third, &result);
      break;
    case Kind::kInterpolate:
      return interpolate(p, input);
    case Kind::kBatchNormScale:
      for (int part = 0; part < 2; ++part) {
        for (int i = 0; i < p.sizes.at[0]; ++i) {
          const double scale = third[i] / std::sqrt(double{second[i]} + double{p.epsilon});
          const double product = input[i] * scale;
          result.value.push_back(part == 0 ? scale : third[p.sizes.at[0] + i] - product);
          result.magnitude.push_back(2 * std::abs(result.value.back()));
        }
      }
      break;
    default:
      softmax(p, input, &result);
      break;
  }
  return result;
}

}  // namespace corr2d::oracle
