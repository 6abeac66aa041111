#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// One channel of one image, and what stands around it.
struct PaddedPlane {
  const float* data;
  std::int32_t height, width;
  std::int32_t row_stride, column_stride;  // elements
  PaddingMode mode;
  float fill;
};

constexpr std::int32_t kNoSource = -1;

/// Where position `i`, inside or beyond an axis of `size` elements, finds its element: an index
/// below `size`, or kNoSource. This is the one place that knows what the padding modes mean; none
/// has a limit to its width.
std::int32_t source_index(std::int32_t i, std::int32_t size, PaddingMode mode);

/// out[i] = in[i]
void copy_row(const float* in, std::int32_t count, float* out);

/// out[i] = value
void fill_row(float value, std::int32_t count, float* out);

/// `rows` rows of `count` elements, whose beginnings lie so many floats apart.
void copy_rows(const float* in, std::int32_t in_step, std::int32_t rows, std::int32_t count,
               float* out, std::int32_t out_step);

/// Rows become columns: out[c * out_step + r] = in[r * in_step + c].
void transpose(const float* in, std::int32_t in_step, std::int32_t rows, std::int32_t columns,
               float* out, std::int32_t out_step);

/// Columns of a plane: `count` of them, every `step`-th from `first` on; -1 is the first one of the
/// padding. Those from `begin` to `end` - 1 of them lie inside.
struct ColumnRange {
  ColumnRange(const PaddedPlane& plane, std::int32_t first, std::int32_t step, std::int32_t count);
  std::int32_t first, step, count, begin, end;
};

/// Copies what these columns hold in row `row`, which may be one of the padding, to `out`.
void fetch_row(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns, float* out);

/// The same for `count` rows, every `step`-th from `first` on, to rows `out_step` floats apart.
void fetch_rows(const PaddedPlane& plane, std::int32_t first, std::int32_t step, std::int32_t count,
                const ColumnRange& columns, float* out, std::int32_t out_step);

/// The same as fetch_row for four channels that are neighbours in memory, of which `plane` is the
/// first, to four rows `out_step` floats apart.
void fetch_row_nhwc4(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                     float* out, std::int32_t out_step);

/// The same as fetch_row for columns that are neighbours, also in memory, in one pass: those of
/// even number, counted within the range, to `even`, the others to `odd`.
void fetch_row_deinterleaved(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                             float* even, float* odd);

}  // namespace corr2d
