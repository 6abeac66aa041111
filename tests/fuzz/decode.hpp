#pragma once

#include <cstddef>
#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d::fuzz {

/// What a case's tensors hold.
enum class Values : std::int32_t {
  kPlain = 0,  // between -1 and 1, full mantissas
  kScaled,     // of any size whose sums neither overflow nor are lost
  kDenormal,   // most of them too small to be normal numbers
  kSpecial,    // NaN, infinities and both zeros among plain ones
  kHuge,       // up to the largest number there is: sums overflow
};
constexpr Values kLastValues = Values::kHuge;

/// One input of the fuzzer: any bytes are one.
struct Case {
  Problem problem;
  Values values = Values::kPlain;
  std::uint64_t seed = 0;
  /// Which allocation of a plan is to fail; none where it is negative.
  std::int32_t failing = -1;
};

/// Reads a case from bytes; where they end, zeros follow. Most problems are small and nearly legal,
/// some are at the edges of what 32 bits hold.
Case decode(const std::uint8_t* data, std::size_t size);

}  // namespace corr2d::fuzz
