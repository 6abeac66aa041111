#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// One channel of one image, and how its padding is defined.
struct PaddedPlane {
  const float* data;
  std::int32_t height, width;
  std::int32_t row_stride, column_stride;  // elements
  PaddingMode mode;
  float fill;
};

/// The index for positions in constant padding, whose value is the fill value.
constexpr std::int32_t kNoSource = -1;

/// Returns the index, 0 to `size` - 1, of the element from which position `i` of a padded axis
/// takes its value, or kNoSource. `i` may lie any distance outside the axis. This function alone
/// defines the padding modes.
std::int32_t source_index(std::int32_t i, std::int32_t size, PaddingMode mode);

/// out[i] = in[i]. The rows may overlap if `out` begins at least four elements before `in`.
void copy_row(const float* in, std::int32_t count, float* out);

/// out[i] = value
void fill_row(float value, std::int32_t count, float* out);

/// Copies `rows` rows of `count` elements. The steps are in floats.
void copy_rows(const float* in, std::int32_t in_step, std::int32_t rows, std::int32_t count,
               float* out, std::int32_t out_step);

/// out[c * out_step + r] = in[r * in_step + c]
void transpose(const float* in, std::int32_t in_step, std::int32_t rows, std::int32_t columns,
               float* out, std::int32_t out_step);

/// `count` columns of a padded plane: first, first + step, … Negative columns and those from the
/// plane's width on are padding. The `begin`-th to the (`end` - 1)-th of them lie inside the plane.
struct ColumnRange {
  ColumnRange(const PaddedPlane& plane, std::int32_t first, std::int32_t step, std::int32_t count);
  std::int32_t first, step, count, begin, end;
};

/// Copies these columns of row `row`, which may be in the padding, to `out`.
void fetch_row(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns, float* out);

/// fetch_row for the rows first, first + step, … (`count` rows), to rows `out_step` floats apart.
void fetch_rows(const PaddedPlane& plane, std::int32_t first, std::int32_t step, std::int32_t count,
                const ColumnRange& columns, float* out, std::int32_t out_step);

/// fetch_row for four contiguous channels (NHWC), of which `plane` is the first, to four rows
/// `out_step` floats apart.
void fetch_row_nhwc4(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                     float* out, std::int32_t out_step);

/// fetch_row for neighbouring columns (step 1) that are contiguous in memory, split in one pass:
/// the range's columns 0, 2, … go to `even`, its columns 1, 3, … to `odd`.
void fetch_row_deinterleaved(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                             float* even, float* odd);

}  // namespace corr2d
