#pragma once

#include <cstdint>

namespace corr2d {

/// An axis of a tensor: elements between neighbours, and its length.
struct StridedAxis {
  std::int64_t stride, count;
};

/// The number of elements from the first to the last element of a tensor, both included.
std::int64_t span_of(const StridedAxis* axes, std::int32_t rank);

/// True if no two elements share a place: the stride of each axis exceeds the span of all axes with
/// shorter strides. Other interleaved layouts without overlap exist, but are not supported.
/// Overwrites the counts.
bool is_one_to_one(StridedAxis* axes, std::int32_t rank);

}  // namespace corr2d
