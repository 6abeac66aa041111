#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace corr2d::sweep {

/// A stream of well mixed numbers (SplitMix64), the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// From 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

/// A number taken apart into digits, each of a radix of its own, the lowest first. Whoever takes
/// the same digits of every number gets every combination of them once, for the numbers from 0 to
/// `size()` - 1.
class Digits {
 public:
  explicit Digits(std::uint64_t number) : rest_(number), random_(number) {}

  std::int32_t below(std::size_t radix) {
    const std::uint64_t digit = rest_ % radix;
    rest_ /= radix;
    size_ *= radix;
    return static_cast<std::int32_t>(digit);
  }

  /// From `low` to `high`, both included.
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + below(static_cast<std::size_t>(high - low + 1));
  }

  std::int32_t of(std::initializer_list<std::int32_t> choices) {
    return choices.begin()[below(choices.size())];
  }

  std::int32_t of(const std::vector<std::int32_t>& choices) {
    return choices[static_cast<std::size_t>(below(choices.size()))];
  }

  /// Not a digit, but drawn by lot, always the same for the same number: so options vary that would
  /// make too many combinations.
  std::int32_t draw(std::initializer_list<std::int32_t> choices) {
    return choices.begin()[random_.below(choices.size())];
  }

  /// How many numbers the digits taken so far can tell apart.
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t rest_;
  std::uint64_t size_ = 1;
  Random random_;
};

}  // namespace corr2d::sweep
