#pragma once

#include <string>

#include "decode.hpp"

namespace corr2d::fuzz {

/// Plans and runs a case by every algorithm that can do it, and holds what comes out against the
/// reference. What is wrong; nothing where all is right, or where there is nothing to compute.
///
/// Any case: a plan is made where `measure` accepts the problem and an algorithm can do it, and
/// else nothing is made and nothing held. What is small enough is computed: nothing is written but
/// the output's elements, nothing given is changed, and the answer is within its bound. NaN and
/// infinities are where the reference has them, but for algorithms whose errors are relative to
/// more than one sum; these are held to their bound where values are plain.
std::string examine(const Case& given);

/// What became of cases: so that one sees whether the fuzzer reaches what it is for.
struct Counts {
  std::uint64_t refused = 0;  // by `measure`
  std::uint64_t large = 0;    // legal, and too large to compute here
  std::uint64_t answers = 0;  // computed and judged
};
const Counts& counts();

}  // namespace corr2d::fuzz
