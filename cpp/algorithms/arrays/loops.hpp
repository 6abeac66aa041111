#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// The arrays of a loop: up to three operands, then the output.
constexpr std::int32_t kArrays = 4;
constexpr std::int32_t kOutputArray = kArrays - 1;

/// A loop over one axis of all arrays.
struct Loop {
  std::int32_t size;
  std::int32_t steps[kArrays];  // elements between neighbours
};

/// A nest of loops over the elements of arrays, outermost first.
struct Loops {
  std::int32_t rank = 0;
  Loop at[kMaxAxes];

  const Loop& last() const { return at[rank - 1]; }
  /// The product of the sizes of the loops `first` to `end` - 1.
  std::int32_t count(std::int32_t first, std::int32_t end) const;
  /// Adds up the steps of iteration `index` of the loops 0 to `end` - 1.
  void locate(std::int32_t index, std::int32_t end, std::int32_t (&offsets)[kArrays]) const;
  /// Removes a loop and returns it.
  Loop remove(std::int32_t i);
  /// Drops loops of size 1, and joins neighbours that are one loop for all arrays. At least one
  /// loop stays.
  void simplify();
};

/// The loops of an array problem that `measure` accepts and that has elements, in the order of its
/// axes. Steps of operands and of the output are those of the kind: kReduce has steps of 0 in the
/// output.
Loops loops_of(const Problem& problem);

}  // namespace corr2d
