#pragma once

#include <cstdint>
#include <vector>

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// One channel of a pixel: the result before it is rounded to a byte lies between these numbers.
struct ByteRange {
  double low, high;

  bool contains(std::uint8_t byte) const { return byte >= low - 0.5 && byte <= high + 0.5; }
};

/// Computes a kFilterImage in float64, directly from the definition. The ranges allow for an error
/// of `roundings` * 2^-24 * sum |x||w| in each sum. `input`, `weight` and `bias` are the operands
/// of Plan::create and Plan::run. Shares no code with the library.
std::vector<ByteRange> filter_image(const Problem& problem, const std::uint8_t* input,
                                    const float* weight, const float* bias, double roundings);

}  // namespace corr2d::oracle
