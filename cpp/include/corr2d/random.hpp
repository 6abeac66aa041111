#pragma once

#include <cstdint>

namespace corr2d {

/// Fills `out` with `count` samples of the normal distribution with this mean and standard
/// deviation. The same seed gives the same bits on every machine and in every engine.
void fill_normal(float* out, std::int32_t count, double mean, double deviation, std::uint64_t seed);

}  // namespace corr2d
