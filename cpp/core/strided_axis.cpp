#include "core/strided_axis.hpp"

#include <algorithm>
#include <cstdlib>

namespace corr2d {

std::int64_t span_of(const StridedAxis* axes, std::int32_t rank) {
  std::int64_t span = 1;
  for (std::int32_t i = 0; i < rank; ++i) {
    span += (std::max(axes[i].count, std::int64_t{1}) - 1) * std::abs(axes[i].stride);
  }
  return span;
}

bool is_one_to_one(StridedAxis* axes, std::int32_t rank) {
  // Visits the axes in the order of their strides. std::sort would enlarge the binary by a tenth.
  std::int64_t reached = 0;
  for (;;) {
    StridedAxis* shortest = nullptr;
    for (std::int32_t i = 0; i < rank; ++i) {
      if (axes[i].count <= 1) continue;
      if (shortest == nullptr || std::abs(axes[i].stride) < std::abs(shortest->stride)) {
        shortest = &axes[i];
      }
    }
    if (shortest == nullptr) return true;
    if (std::abs(shortest->stride) <= reached) return false;
    reached += (shortest->count - 1) * std::abs(shortest->stride);
    shortest->count = 1;
  }
}

}  // namespace corr2d
