#include "kernels/rows/padded_row.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

/// In 64 bits: the period, up to twice the longest axis, may overflow 32 bits.
std::int64_t modulo(std::int64_t i, std::int64_t period) {
  const std::int64_t remainder = i % period;
  return remainder < 0 ? remainder + period : remainder;
}

constexpr std::int32_t kLanes = 4;
constexpr std::int32_t kShort = 32;  // up to this length, copying costs no more than a call

/// From this length on, the engine's memory.copy is faster: it has wider vectors, but it is a call.
constexpr std::int32_t kLong = 1024;

// These loops end with a vector that overlaps the previous one. They do not call memmove: most rows
// are short, and a call would cost more than the copying.

/// out[i] = in[2 * i]; reads nothing beyond in[2 * (count - 1)].
void copy_stride_2(const float* in, std::int32_t count, float* out) {
  if (count < kLanes) {
    for (std::int32_t i = 0; i < count; ++i) out[i] = in[2 * i];
    return;
  }
  for (std::int32_t i = 0; i < count - kLanes; i += kLanes) {
    const v128_t in0123 = wasm_v128_load(in + 2 * i);
    const v128_t in4567 = wasm_v128_load(in + 2 * i + kLanes);
    wasm_v128_store(out + i, wasm_i32x4_shuffle(in0123, in4567, 0, 2, 4, 6));
  }
  const float* last = in + 2 * (count - kLanes);
  const v128_t in0123 = wasm_v128_load(last);
  const v128_t in3456 = wasm_v128_load(last + 3);
  wasm_v128_store(out + count - kLanes, wasm_i32x4_shuffle(in0123, in3456, 0, 2, 5, 7));
}

/// out[i] = in[i * step]
void copy_strided(const float* in, std::int32_t step, std::int32_t count, float* out) {
  std::int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes, in += kLanes * step) {
    v128_t values = wasm_v128_load32_zero(in);
    values = wasm_v128_load32_lane(in + step, values, 1);
    values = wasm_v128_load32_lane(in + 2 * step, values, 2);
    values = wasm_v128_load32_lane(in + 3 * step, values, 3);
    wasm_v128_store(out + i, values);
  }
  for (; i < count; ++i, in += step) out[i] = *in;
}

/// even[i] = in[2 * i], odd[i] = in[2 * i + 1]
void deinterleave(const float* in, std::int32_t pairs, float* even, float* odd) {
  if (pairs < kLanes) {
    for (std::int32_t i = 0; i < pairs; ++i) {
      even[i] = in[2 * i];
      odd[i] = in[2 * i + 1];
    }
    return;
  }
  const auto four_pairs = [&](std::int32_t i) CORR2D_INLINE_LAMBDA {
    const v128_t in0123 = wasm_v128_load(in + 2 * i);
    const v128_t in4567 = wasm_v128_load(in + 2 * i + kLanes);
    wasm_v128_store(even + i, wasm_i32x4_shuffle(in0123, in4567, 0, 2, 4, 6));
    wasm_v128_store(odd + i, wasm_i32x4_shuffle(in0123, in4567, 1, 3, 5, 7));
  };
  for (std::int32_t i = 0; i < pairs - kLanes; i += kLanes) four_pairs(i);
  four_pairs(pairs - kLanes);
}

}  // namespace

// Rows outside the plane and single columns are rare. Inlining these functions would make the
// binary 1 kB larger but no faster.

[[gnu::noinline]] void fill_row(float value, std::int32_t count, float* out) {
  if (count < kLanes) {
    for (std::int32_t i = 0; i < count; ++i) out[i] = value;
    return;
  }
  const v128_t values = wasm_f32x4_splat(value);
  for (std::int32_t i = 0; i < count - kLanes; i += kLanes) wasm_v128_store(out + i, values);
  wasm_v128_store(out + count - kLanes, values);
}

CORR2D_NO_MEMCPY void copy_row(const float* in, std::int32_t count, float* out) {
  if (count < kLanes) {
    for (std::int32_t i = 0; i < count; ++i) out[i] = in[i];
    return;
  }
  if (count >= kLong) {
    std::memmove(out, in, static_cast<std::size_t>(count) * sizeof(float));
    return;
  }
  std::int32_t i = 0;
  for (; i < count - 4 * kLanes; i += 4 * kLanes) {
    v128_t values[4];
    for (int v = 0; v < 4; ++v) values[v] = wasm_v128_load(in + i + v * kLanes);
    for (int v = 0; v < 4; ++v) wasm_v128_store(out + i + v * kLanes, values[v]);
  }
  for (; i < count - kLanes; i += kLanes) wasm_v128_store(out + i, wasm_v128_load(in + i));
  wasm_v128_store(out + count - kLanes, wasm_v128_load(in + count - kLanes));
}

CORR2D_NO_MEMCPY void copy_rows(const float* in, std::int32_t in_step, std::int32_t rows,
                                std::int32_t count, float* out, std::int32_t out_step) {
  if (in_step == count && out_step == count) {
    copy_row(in, rows * count, out);
    return;
  }
  for (; rows > 0; --rows, in += in_step, out += out_step) {
    if (count < kLanes || count >= kLong) {
      copy_row(in, count, out);
      continue;
    }
    for (std::int32_t i = 0; i < count - kLanes; i += kLanes) {
      wasm_v128_store(out + i, wasm_v128_load(in + i));
    }
    wasm_v128_store(out + count - kLanes, wasm_v128_load(in + count - kLanes));
  }
}

void transpose(const float* in, std::int32_t in_step, std::int32_t rows, std::int32_t columns,
               float* out, std::int32_t out_step) {
  std::int32_t row = 0;
  for (; row + kLanes <= rows && columns >= kLanes; row += kLanes) {
    const auto four_columns = [&](std::int32_t column) CORR2D_INLINE_LAMBDA {
      v128_t transposed[kLanes];
      transpose(in + row * in_step + column, in_step, transposed);
      for (std::int32_t i = 0; i < kLanes; ++i) {
        wasm_v128_store(out + (column + i) * out_step + row, transposed[i]);
      }
    };
    for (std::int32_t column = 0; column < columns - kLanes; column += kLanes) four_columns(column);
    four_columns(columns - kLanes);
  }
  // A few dense columns, such as the channels of pixels: vectors of four rows read the beginning of
  // the rows that follow.
  if (in_step == columns && columns < kLanes) {
    for (; row + 2 * kLanes <= rows; row += kLanes) {
      v128_t transposed[kLanes];
      transpose(in + row * in_step, in_step, transposed);
      for (std::int32_t i = 0; i < columns; ++i) {
        wasm_v128_store(out + i * out_step + row, transposed[i]);
      }
    }
  }
  // A few rows that become dense columns: vectors of four columns write beyond their rows, what the
  // columns that follow overwrite.
  std::int32_t first = 0;
  if (out_step == rows && rows < kLanes) {
    for (; first + 2 * kLanes <= columns; first += kLanes) {
      const float* last = in + (rows - 1) * in_step + first;
      const float* middle = rows > 1 ? in + in_step + first : last;
      v128_t transposed[kLanes];
      transpose(wasm_v128_load(in + first), wasm_v128_load(middle), wasm_v128_load(last),
                wasm_v128_load(last), transposed);
      for (std::int32_t i = 0; i < kLanes; ++i) {
        wasm_v128_store(out + (first + i) * out_step, transposed[i]);
      }
    }
  }
  for (; row < rows; ++row) {
    for (std::int32_t column = first; column < columns; ++column) {
      out[column * out_step + row] = in[row * in_step + column];
    }
  }
}

[[gnu::noinline]] std::int32_t source_index(std::int32_t i, std::int32_t size, PaddingMode mode) {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case PaddingMode::kConstant:
      return kNoSource;
    case PaddingMode::kReplicate:
      return i < 0 ? 0 : size - 1;
    case PaddingMode::kCircular:
      return static_cast<std::int32_t>(modulo(i, size));
    case PaddingMode::kReflect: {
      // A fast path: padding is usually narrower than the plane.
      if (i < 0 && -i < size) return -i;
      if (size == 1) return 0;
      const std::int64_t period = 2 * (std::int64_t{size} - 1);
      const std::int64_t at = modulo(i, period);
      return static_cast<std::int32_t>(std::min(at, period - at));
    }
    case PaddingMode::kSymmetric: {
      const std::int64_t period = 2 * std::int64_t{size};
      const std::int64_t at = modulo(i, period);
      return static_cast<std::int32_t>(std::min(at, period - 1 - at));
    }
  }
  return kNoSource;
}

namespace {

/// The value of the range's column `i`, which lies outside the plane. The row begins at `data`.
float outside(const PaddedPlane& plane, const float* data, const ColumnRange& columns,
              std::int32_t i) {
  if (plane.mode == PaddingMode::kConstant) return plane.fill;
  return data[source_index(columns.first + i * columns.step, plane.width, plane.mode) *
              plane.column_stride];
}

}  // namespace

ColumnRange::ColumnRange(const PaddedPlane& plane, std::int32_t first_column,
                         std::int32_t column_step, std::int32_t columns)
    : first(first_column), step(column_step), count(columns) {
  begin = std::clamp(first >= 0 ? 0 : (-first - 1) / step + 1, 0, count);
  end = first >= plane.width ? begin : std::clamp((plane.width - 1 - first) / step + 1, 0, count);
}

CORR2D_SMALL void fetch_row(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                            float* out) {
  const std::int32_t source_row = source_index(row, plane.height, plane.mode);
  if (source_row == kNoSource) {
    fill_row(plane.fill, columns.count, out);
    return;
  }
  const float* data = plane.data + source_row * plane.row_stride;
  const std::int32_t begin = columns.begin, inside = columns.end - begin;
  for (std::int32_t i = 0; i < begin; ++i) out[i] = outside(plane, data, columns, i);
  // If no column lies inside, the products below could overflow 32 bits.
  if (inside > 0) {
    const float* in = data + (columns.first + begin * columns.step) * plane.column_stride;
    const std::int32_t step = inside > 1 ? columns.step * plane.column_stride : 1;
    if (step == 1) {
      copy_row(in, inside, out + begin);
    } else if (step == 2) {
      copy_stride_2(in, inside, out + begin);
    } else {
      copy_strided(in, step, inside, out + begin);
    }
  }
  for (std::int32_t i = std::max(begin, columns.end); i < columns.count; ++i) {
    out[i] = outside(plane, data, columns, i);
  }
}

CORR2D_NO_MEMCPY void fetch_rows(const PaddedPlane& plane, std::int32_t first, std::int32_t step,
                                 std::int32_t count, const ColumnRange& columns, float* out,
                                 std::int32_t out_step) {
  const std::int32_t begin = columns.begin, inside = columns.end - begin;
  const std::int32_t after = columns.count - columns.end;
  // The usual case has its own path because many rows are short.
  const bool is_plain = columns.step == 1 && plane.column_stride == 1 && inside > 0 &&
                        (plane.mode == PaddingMode::kConstant || inside == columns.count);
  for (std::int32_t i = 0; i < count; ++i, out += out_step) {
    const std::int32_t row = first + i * step;
    if (!is_plain || row < 0 || row >= plane.height) {
      fetch_row(plane, row, columns, out);
      continue;
    }
    for (std::int32_t j = 0; j < begin; ++j) out[j] = plane.fill;
    const float* in = plane.data + row * plane.row_stride + columns.first + begin;
    if (inside >= kLanes && inside <= kShort) {
      for (std::int32_t j = 0; j < inside - kLanes; j += kLanes) {
        wasm_v128_store(out + begin + j, wasm_v128_load(in + j));
      }
      wasm_v128_store(out + columns.end - kLanes, wasm_v128_load(in + inside - kLanes));
    } else {
      copy_row(in, inside, out + begin);
    }
    for (std::int32_t j = 0; j < after; ++j) out[columns.end + j] = plane.fill;
  }
}

namespace {

/// The columns `i` to `end` - 1 of fetch_row_nhwc4, one by one. The row begins at `data`.
[[gnu::noinline]] CORR2D_SMALL void fetch_columns_nhwc4(const PaddedPlane& plane, const float* data,
                                                        const ColumnRange& columns, std::int32_t i,
                                                        std::int32_t end, float* out,
                                                        std::int32_t out_step) {
  for (; i < end; ++i) {
    const bool inside = i >= columns.begin && i < columns.end;
    for (std::int32_t c = 0; c < 4; ++c) {
      out[c * out_step + i] =
          inside ? data[(columns.first + i * columns.step) * plane.column_stride + c]
                 : outside(plane, data + c, columns, i);
    }
  }
}

/// The columns `i` to `end` - 1 of fetch_row_deinterleaved, one by one.
[[gnu::noinline]] CORR2D_SMALL void fetch_columns_deinterleaved(const PaddedPlane& plane,
                                                                const float* data,
                                                                const ColumnRange& columns,
                                                                std::int32_t i, std::int32_t end,
                                                                float* even, float* odd) {
  for (; i < end; ++i) {
    const bool inside = i >= columns.begin && i < columns.end;
    float* half = i % 2 == 0 ? even : odd;
    half[i / 2] = inside ? data[columns.first + i] : outside(plane, data, columns, i);
  }
}

}  // namespace

void fetch_row_nhwc4(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                     float* out, std::int32_t out_step) {
  const std::int32_t source_row = source_index(row, plane.height, plane.mode);
  if (source_row == kNoSource) {
    for (std::int32_t c = 0; c < 4; ++c) fill_row(plane.fill, columns.count, out + c * out_step);
    return;
  }
  const float* data = plane.data + source_row * plane.row_stride;
  std::int32_t i = columns.begin;
  fetch_columns_nhwc4(plane, data, columns, 0, i, out, out_step);
  const std::int32_t step = columns.step * plane.column_stride;
  for (; i + kLanes <= columns.end; i += kLanes) {
    const float* in = data + (columns.first + i * columns.step) * plane.column_stride;
    v128_t channels[4];
    transpose(in, step, channels);
    for (std::int32_t c = 0; c < 4; ++c) wasm_v128_store(out + c * out_step + i, channels[c]);
  }
  fetch_columns_nhwc4(plane, data, columns, i, columns.count, out, out_step);
}

void fetch_row_deinterleaved(const PaddedPlane& plane, std::int32_t row, const ColumnRange& columns,
                             float* even, float* odd) {
  const std::int32_t source_row = source_index(row, plane.height, plane.mode);
  if (source_row == kNoSource) {
    fill_row(plane.fill, (columns.count + 1) / 2, even);
    fill_row(plane.fill, columns.count / 2, odd);
    return;
  }
  const float* data = plane.data + source_row * plane.row_stride;
  // Splits pairs of columns inside the plane in one pass; the first column may be even or odd.
  const std::int32_t begin = columns.begin;
  const std::int32_t pairs = (columns.end - begin) / 2;
  fetch_columns_deinterleaved(plane, data, columns, 0, begin, even, odd);
  if (pairs > 0) {
    const bool swapped = begin % 2 != 0;
    deinterleave(data + columns.first + begin, pairs, (swapped ? odd : even) + begin / 2,
                 swapped ? even + begin / 2 + 1 : odd + begin / 2);
  }
  fetch_columns_deinterleaved(plane, data, columns, begin + 2 * pairs, columns.count, even, odd);
}

}  // namespace corr2d
