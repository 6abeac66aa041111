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

/// A row of elements in numbers: the smallest, the largest, the sum and whether all are finite.
struct RowRange {
  float low, high;
  double sum;
  bool is_finite;
};
RowRange range_of_row(const float* row, std::int32_t count);

/// out[i] = scale * row[i] - centre. Returns the sum of out[i]^2.
double centre_row(const float* row, std::int32_t count, float scale, float centre, float* out);

/// Continues, for `count` windows side by side, the number of rows above each other that hold one
/// and the same number in all columns of the window. `previous` is the row above, or null.
void count_flat_rows(const float* row, const float* previous, std::int32_t window,
                     std::int32_t count, std::int32_t* flat_rows);

/// The sums over one window of what it differs from a reference by, d: with the weights q and the
/// numerators' weights w, sum w d, sum q d, sum q d^2, and with the weights m, sum m d.
struct WindowSums {
  double numerator, sum, squares, linear;
};

/// One channel of a window. Weights are contiguous.
struct Window {
  const float* data;
  std::int32_t row_step, rows, columns;
  float reference;
  const float* numerator_weights;
  const float* weights;         // null for ones
  const float* linear_weights;  // null if `linear` is not wanted
};
WindowSums sum_window(const Window& window);

}  // namespace corr2d
