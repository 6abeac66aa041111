#pragma once

#include <cstdint>

namespace corr2d {

// Sums over windows that slide over an image, for template matching. Elements are float32, sums are
// float64: exact for images of integers.

/// The sum of a number of elements, and the sum of their squares.
struct MomentSums {
  double sum, squares;
};

/// Moves the sums of `count` columns down by one row: adds the elements of `next` and subtracts
/// those of `last`.
void slide_down(const float* next, const float* last, std::int32_t count, MomentSums* columns);

/// sums[i] = the sum of columns[i] to columns[i + window - 1]
void sum_windows(const MomentSums* columns, std::int32_t window, std::int32_t count,
                 MomentSums* sums);

/// The largest |x| of a row, infinite if an element is, and the sum. It is not finite if an element
/// is not, or if float32 cannot hold the sums of its parts.
struct RowRange {
  float largest;
  double sum;
};
RowRange range_of_row(const float* row, std::int32_t count);

/// out[i] = scale * row[i] - centre. Returns the sum of out[i]^2.
double centre_row(const float* row, std::int32_t count, float scale, float centre, float* out);

/// Continues, for `count` windows side by side, the number of rows above each other that hold one
/// and the same number in all columns of the window. `previous` is the row above, or null.
void count_flat_rows(const float* row, const float* previous, std::int32_t window,
                     std::int32_t count, std::int32_t* flat_rows);

/// One channel of a window, and weights for its elements, which are contiguous. Up to three
/// elements beyond the last one of all of them are read.
struct Window {
  const float* data;
  std::int32_t row_step, rows, columns;
  float reference;
  const float* first;
  const float* second;
};

/// With d the differences of a window's elements from the reference: sum first d, sum second d, and
/// sum second d^2.
struct WindowSums {
  double first, second, squares;
};
WindowSums sum_window(const Window& window);

}  // namespace corr2d
