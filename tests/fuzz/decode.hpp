#pragma once

#include <cstddef>
#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d::fuzz {

/// The values of a case's tensors.
enum class Values : std::int32_t {
  kPlain = 0,  // uniform between -1 and 1, with full mantissas
  kScaled,     // kPlain times a power of two for which sums neither overflow nor become denormal
  kDenormal,   // mostly denormal
  kSpecial,    // kPlain with some NaN, infinities and zeros of both signs
  kHuge,       // up to the largest float32, so that sums overflow
};
constexpr Values kLastValues = Values::kHuge;

/// One input of the fuzzer. Every sequence of bytes decodes to one.
struct Case {
  Problem problem;
  Values values = Values::kPlain;
  std::uint64_t seed = 0;
  /// The number of allocations that succeed before one fails while a plan is created; none fails if
  /// it is negative.
  std::int32_t successes = -1;
};

/// Decodes a case; missing bytes count as zeros. Most problems are small and valid or nearly valid;
/// some have numbers near the limits of 32 bits.
Case decode(const std::uint8_t* data, std::size_t size);

}  // namespace corr2d::fuzz
