#pragma once

#include <string>

#include "decode.hpp"

namespace corr2d::fuzz {

/// Plans and runs a case with every algorithm that supports it and compares the results with the
/// oracle. Returns a description of the first failure, or an empty string.
///
/// For every case, creating a plan must succeed exactly if `measure` accepts the problem and an
/// algorithm supports it, and must otherwise allocate nothing. Problems that are small enough are
/// also computed: only the elements of the output may be written, the inputs must not change, and
/// the result must be within its bound. NaN and infinities must be where the oracle has them; this
/// is not required of algorithms whose error bound covers several outputs, which are compared only
/// for Values::kPlain.
std::string examine(const Case& given);

/// The number of cases by outcome, which shows whether the fuzzer reaches the algorithms.
struct Counts {
  std::uint64_t rejected = 0;   // by `measure`
  std::uint64_t too_large = 0;  // valid, but too large to compute here
  std::uint64_t compared = 0;   // results that were compared with the oracle
};
const Counts& counts();

}  // namespace corr2d::fuzz
