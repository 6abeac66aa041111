#pragma once

#include <cstdint>

namespace corr2d {

/// What pools do to whole rows, `count` elements each.

/// into[i] = the greater of into[i] and row[i]; NaN is greater than everything, as in PyTorch.
void keep_greater(float* into, const float* row, std::int32_t count);

/// into[i] += row[i]
void add_row(float* into, const float* row, std::int32_t count);

}  // namespace corr2d
