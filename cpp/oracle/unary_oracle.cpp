#include "oracle/unary_oracle.hpp"

#include <algorithm>
#include <cmath>

namespace corr2d::oracle {

double apply(Unary function, double x, double alpha) {
  const double t = std::exp(-std::abs(x));
  switch (function) {
    case Unary::kNone:
      return x;
    case Unary::kRelu:
      return x < 0 ? 0 : x;
    case Unary::kRelu6:
      return x < 0 ? 0 : x > 6 ? 6 : x;
    case Unary::kLeakyRelu:
      return x > 0 ? x : alpha * x;
    case Unary::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Unary::kTanh:
      return std::tanh(x);
    case Unary::kSilu:
      return x / (1 + std::exp(-x));
    case Unary::kHardSwish:
      return x * std::clamp(x + 3, 0.0, 6.0) / 6;
    case Unary::kGelu:
      return x * std::erfc(-x / std::sqrt(2.0)) / 2;
    case Unary::kElu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case Unary::kSelu:
      return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * std::expm1(x) : x);
    case Unary::kHardSigmoid:
      return std::clamp(alpha * x + 0.5, 0.0, 1.0);
    case Unary::kSoftplus:
      return std::max(x, 0.0) + std::log1p(t);
    case Unary::kMish:
      return x < 0 ? x * t * (t + 2) / (t * (t + 2) + 2)
                   : x * (1 + 2 * t) / (2 * t * t + 1 + 2 * t);
    case Unary::kAbs:
      return std::abs(x);
    case Unary::kNeg:
      return -x;
    case Unary::kExp:
      return std::exp(x);
    case Unary::kLog:
      return std::log(x);
    case Unary::kSqrt:
      return std::sqrt(x);
    case Unary::kFloor:
      return std::floor(x);
    case Unary::kCeil:
      return std::ceil(x);
    case Unary::kRound:
      return std::nearbyint(x);
    case Unary::kSign:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    case Unary::kReciprocal:
      return 1 / x;
    case Unary::kErf:
      return std::erf(x);
    case Unary::kSoftsign:
      return x / (1 + std::abs(x));
    case Unary::kCelu:
      return x < 0 ? alpha * std::expm1(x / alpha) : x;
  }
  return x;
}

double unary_error(Unary function, double x, double error, double alpha) {
  const bool has_alpha =
      function == Unary::kLeakyRelu || function == Unary::kElu || function == Unary::kHardSigmoid;
  const double slope =
      function == Unary::kSelu ? 1.8 : std::max(1.2, has_alpha ? 1.01 * std::abs(alpha) : 0);
  // A function adds a few roundings of its own.
  return slope * error + 8 * (std::abs(x) + std::abs(apply(function, x, alpha)));
}

}  // namespace corr2d::oracle
