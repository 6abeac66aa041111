#include "core/root_of_unity.hpp"

#include <utility>

namespace corr2d {

Root root_of_unity(std::int64_t k, std::int64_t n) {
  // Reduces the angle to its distance from the nearest multiple of a quarter turn.
  const auto octant = static_cast<std::int32_t>(8 * k / n);
  const std::int64_t rest = 8 * k - octant * n;
  constexpr double kEighthTurn = 0.78539816339744830962;
  const double x =
      kEighthTurn * static_cast<double>(octant % 2 == 0 ? rest : n - rest) / static_cast<double>(n);
  // The Taylor series up to x^18 and x^19, in Horner's form; x is at most pi / 4.
  const double square = x * x;
  double cosine = 1, sine = 1;
  for (std::int32_t term = 18; term > 0; term -= 2) {
    cosine = 1 - square / (term * (term - 1)) * cosine;
    sine = 1 - square / (term * (term + 1)) * sine;
  }
  sine *= x;
  if (((octant + 1) & 2) != 0) std::swap(cosine, sine);
  return {((octant + 2) & 4) != 0 ? -cosine : cosine, (octant & 4) != 0 ? -sine : sine};
}

}  // namespace corr2d
