#pragma once

#include <cstdint>

namespace corr2d {

/// `count` rows of `columns` contiguous elements, `step` floats apart.
struct RowBlock {
  const float* data;
  std::int32_t step, count, columns;
};

// Sums are in float64, except that up to eight elements are added in float32 first:
// |error| <= 3 eps sum |x| with eps = 2^-24.

/// Adds the elements of each column to sums[column].
void add_columns(const RowBlock& rows, double* sums);

/// The sum of a row and the sum of its squares, entirely in float64, where squares of float32 are
/// exact.
struct RowSums {
  double sum, squares;
};
RowSums sums_of_row(const float* row, std::int32_t count);

/// Replaces extremes[column] by the largest element of each column, or by the smallest if
/// `minimum`, where that is beyond it. NaN is beyond everything.
void extend_columns(const RowBlock& rows, bool minimum, float* extremes);

/// The sum of a row.
double sum_of_row(const float* row, std::int32_t count);

/// The largest element of a row, or the smallest if `minimum`; NaN if there is one.
float extreme_of_row(const float* row, std::int32_t count, bool minimum);

/// The number of the first element that equals `value`, or that is NaN if `value` is NaN. There
/// must be one.
std::int32_t find_in_row(const float* row, std::int32_t count, float value);

/// Writes `index` to places[i] wherever row[i] equals values[i], or both are NaN.
void mark_equal(const float* row, const float* values, float index, float* places,
                std::int32_t count);

}  // namespace corr2d
