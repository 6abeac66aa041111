#pragma once

#include <limits>

#include "kernels/tile.hpp"

namespace corr2d {

/// Element-wise functions on rows of `count` or `columns` contiguous elements.

/// A row of maxima, and the places that they come from: int32 numbers, stored as their bits.
struct MaximumRow {
  float* values;
  float* places;
};

/// The place of a maximum of no elements. Its bits are those of -0.
constexpr std::int32_t kNoPlace = std::numeric_limits<std::int32_t>::min();

/// For `begin` <= i < `end`: replaces the maximum i by row[i], and its place by `place`, if row[i]
/// is greater, if it is NaN, or if the maximum has no place yet.
void update_maximum(const MaximumRow& maximum, const float* row, std::int32_t begin,
                    std::int32_t end, std::int32_t place);

/// into[i] += row[i]
void add_row(float* into, const float* row, std::int32_t count);

/// Raises cells[i], which must not be negative, to the largest |x| of columns 8 i to 8 i + 7 of
/// four rows; NaN counts as infinite. `columns` is a multiple of 8. Returns whether any element is
/// a fraction or NaN.
bool inspect_rows(const float* rows, std::int32_t row_step, std::int32_t columns, float* cells);

/// Adds the bias to `rows` rows of `columns` elements and clamps them, in place. Completes the
/// output of kernels that have no register left for it.
void add_bias_and_clamp(const TileOutput& output, float bias, std::int32_t rows,
                        std::int32_t columns);

}  // namespace corr2d
