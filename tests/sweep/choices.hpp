#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "random.hpp"

namespace corr2d::sweep {

/// Decodes a number into a sequence of choices, as digits of a mixed-radix number, the lowest
/// first. If the same choices are made for every number from 0 to `size()` - 1, each combination
/// occurs exactly once.
class Choices {
 public:
  explicit Choices(std::uint64_t number) : rest_(number), random_(number) {}

  /// From 0 to `count` - 1.
  std::int32_t below(std::size_t count) {
    const std::uint64_t digit = rest_ % count;
    rest_ /= count;
    size_ *= count;
    return static_cast<std::int32_t>(digit);
  }

  /// From `low` to `high`, inclusive.
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + below(static_cast<std::size_t>(high - low + 1));
  }

  std::int32_t one_of(std::initializer_list<std::int32_t> values) {
    return values.begin()[below(values.size())];
  }

  std::int32_t one_of(const std::vector<std::int32_t>& values) {
    return values[static_cast<std::size_t>(below(values.size()))];
  }

  /// Picks a value at random instead of enumerating all, for options that would multiply the number
  /// of combinations. The same number always picks the same value.
  std::int32_t at_random(std::initializer_list<std::int32_t> values) {
    return values.begin()[random_.below(values.size())];
  }

  /// The number of combinations of the choices made so far, except the random ones.
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t rest_;
  std::uint64_t size_ = 1;
  Random random_;
};

}  // namespace corr2d::sweep
