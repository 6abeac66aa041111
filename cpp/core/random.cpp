#include "corr2d/random.hpp"

#include <cmath>

namespace corr2d {
namespace {

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  /// Returns a multiple of 2^-52 that is uniform in [-1, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-52 - 1.0; }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

/// The natural logarithm of a positive normal number. std::log differs between libraries in the
/// last bit; this function uses only operations that IEEE 754 rounds correctly.
double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  // log m = 2 artanh f with |f| <= 0.172. The omitted terms of the series are below 2^-54.
  const double f = (mantissa - 1) / (mantissa + 1);
  const double square = f * f;
  double series = 0;
  for (int n = 23; n >= 1; n -= 2) series = series * square + 1.0 / n;
  return exponent * 0.69314718055994531 + 2 * f * series;
}

}  // namespace

void fill_normal(float* out, std::int32_t count, double mean, double deviation,
                 std::uint64_t seed) {
  Generator generator(seed);
  for (std::int32_t i = 0; i < count;) {
    // Marsaglia's polar method: a point in the unit disc gives two independent samples.
    const double x = generator.uniform();
    const double y = generator.uniform();
    const double square = x * x + y * y;
    if (square >= 1 || square < 0x1p-100) continue;
    const double factor = deviation * std::sqrt(-2 * portable_log(square) / square);
    out[i++] = static_cast<float>(mean + factor * x);
    if (i < count) out[i++] = static_cast<float>(mean + factor * y);
  }
}

}  // namespace corr2d
