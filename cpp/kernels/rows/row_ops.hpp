#pragma once

#include "kernels/tile.hpp"

namespace corr2d {

/// Element-wise functions on rows of `count` or `columns` contiguous elements.

/// into[i] = the greater of into[i] and row[i]; NaN counts as greater than any number, as in
/// PyTorch.
void max_row(float* into, const float* row, std::int32_t count);

/// into[i] += row[i]
void add_row(float* into, const float* row, std::int32_t count);

/// Adds the bias to `rows` rows of `columns` elements and clamps them, in place. Completes the
/// output of kernels that have no register left for it.
void add_bias_and_clamp(const TileOutput& output, float bias, std::int32_t rows,
                        std::int32_t columns);

}  // namespace corr2d
