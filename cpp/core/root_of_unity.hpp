#pragma once

#include <cstdint>

namespace corr2d {

/// The cosine and sine of an angle.
struct Root {
  double cosine, sine;
};

/// exp(2 pi i k / n) for 0 <= k < n < 2^60, with an error below 2^-52. The same bits on every
/// machine: it uses only operations that IEEE 754 rounds correctly, and integers where the angle is
/// reduced.
Root root_of_unity(std::int64_t k, std::int64_t n);

}  // namespace corr2d
