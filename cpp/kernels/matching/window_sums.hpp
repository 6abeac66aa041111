#pragma once

#include <cstdint>

namespace corr2d {

// Sums over windows that slide over an image, for template matching. Elements are float32, sums are
// float64: exact for images of integers.

/// The sum of some elements, and the sum of their squares.
struct MomentSums {
  double sum, squares;
};

/// Moves the sums of `count` columns down by one row: adds the elements of `next` and subtracts
/// those of `last`.
void slide_down(const float* next, const float* last, std::int32_t count, MomentSums* columns);

/// sums[i] = the sum of columns[i] to columns[i + window - 1]
void sum_windows(const MomentSums* columns, std::int32_t window, std::int32_t count,
                 MomentSums* sums);

/// The largest |x| of a row, and the sum, which is not finite if an element is not or if a partial
/// sum exceeds float32. `largest` is infinite if an element is.
struct RowRange {
  float largest;
  double sum;
};
RowRange range_of_row(const float* row, std::int32_t count);

/// out[i] = scale * row[i] - centre. Returns the sum of out[i]^2.
double centre_row(const float* row, std::int32_t count, float scale, float centre, float* out);

/// Counts, for `count` windows side by side, the consecutive rows down to `row` whose elements in
/// the window's columns all equal one number. `flat_rows` holds the counts down to `previous`, the
/// row above; null starts anew.
void count_flat_rows(const float* row, const float* previous, std::int32_t window,
                     std::int32_t count, std::int32_t* flat_rows);

/// Bytes past the last one that or_bytes may read and write.
constexpr std::int32_t kBytesSlack = 15;
/// into[i] |= from[i]
void or_bytes(const std::uint8_t* from, std::int32_t count, std::uint8_t* into);

/// One channel of a window, and two contiguous sets of weights for its elements. Up to three
/// weights past the end of each set are read.
struct Window {
  const float* data;
  std::int32_t row_step, rows, columns;
  float scale, reference;
  const float* first;
  const float* second;
};

/// With d = scale * element - reference, or 0 if that is not finite: the sums of first * d,
/// second * d and second * d^2.
struct WindowSums {
  double first, second, squares;
};
WindowSums sum_window(const Window& window);

}  // namespace corr2d
