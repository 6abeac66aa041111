#include "kernels/rows/reduction.hpp"

#include <limits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;
/// Rows that stay in the first-level cache while one column after the other reads them.
constexpr std::int32_t kRowGroup = 32;

/// Calls use(rows) for groups of at most kRowGroup of `rows`.
template <typename Use>
CORR2D_INLINE void for_each_group(RowBlock rows, Use use) {
  std::int32_t left = rows.count;
  for (; left > 0; left -= kRowGroup, rows.data += kRowGroup * rows.step) {
    rows.count = left < kRowGroup ? left : kRowGroup;
    use(rows);
  }
}

/// Vectors that are added in float32 before float64 takes over.
constexpr int kTree = 8;

/// A sum of vectors in float64.
struct Sum {
  v128_t low = wasm_f64x2_splat(0), high = low;

  CORR2D_INLINE void add(v128_t x) {
    low = wasm_f64x2_add(low, wasm_f64x2_promote_low_f32x4(x));
    high = wasm_f64x2_add(high, wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(x, x, 1, 0)));
  }
  /// Adds kTree vectors, `step` floats apart.
  CORR2D_INLINE void add_tree(const float* data, std::int32_t step) {
    v128_t x[kTree];
    for (int i = 0; i < kTree; ++i) x[i] = wasm_v128_load(data + i * step);
    for (int width = kTree / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; ++i) x[i] = wasm_f32x4_add(x[i], x[i + width]);
    }
    add(x[0]);
  }
  double total() const {
    const v128_t both = wasm_f64x2_add(low, high);
    return wasm_f64x2_extract_lane(both, 0) + wasm_f64x2_extract_lane(both, 1);
  }
};

/// The largest elements so far, or the smallest, and the lanes that have been NaN.
template <bool kMinimum>
struct Extreme {
  v128_t found = wasm_f32x4_splat(kMinimum ? std::numeric_limits<float>::infinity()
                                           : -std::numeric_limits<float>::infinity());
  v128_t nan = wasm_i32x4_splat(0);

  /// The extreme of both; any of them if x is NaN.
  static CORR2D_INLINE v128_t choose(v128_t found, v128_t x) {
    return kMinimum ? wasm_f32x4_pmin(found, x) : wasm_f32x4_pmax(found, x);
  }
  CORR2D_INLINE void add(v128_t x) {
    found = choose(found, x);
    nan = wasm_v128_or(nan, wasm_f32x4_ne(x, x));
  }
  CORR2D_INLINE v128_t result() const { return wasm_v128_or(found, nan); }
};

template <typename Accumulator>
void extend(const RowBlock& all_rows, float* extremes) {
  for_each_group(all_rows, [&](const RowBlock& rows) {
    std::int32_t i = 0;
    for (; i + 2 * kLanes <= rows.columns; i += 2 * kLanes) {
      Accumulator first, second;
      first.add(wasm_v128_load(extremes + i));
      second.add(wasm_v128_load(extremes + i + kLanes));
      const float* data = rows.data + i;
      CORR2D_NO_UNROLL
      for (std::int32_t row = 0; row < rows.count; ++row, data += rows.step) {
        first.add(wasm_v128_load(data));
        second.add(wasm_v128_load(data + kLanes));
      }
      wasm_v128_store(extremes + i, first.result());
      wasm_v128_store(extremes + i + kLanes, second.result());
    }
    for (; i < rows.columns; ++i) {
      Accumulator one;
      one.add(wasm_v128_load32_splat(extremes + i));
      const float* data = rows.data + i;
      for (std::int32_t row = 0; row < rows.count; ++row, data += rows.step) {
        one.add(wasm_v128_load32_splat(data));
      }
      wasm_v128_store32_lane(extremes + i, one.result(), 0);
    }
  });
}

/// The largest lane, or the smallest; NaN if one is NaN.
template <typename Accumulator>
float extreme_lane(Accumulator all) {
  const v128_t halves = all.result();
  all.add(wasm_i64x2_shuffle(halves, halves, 1, 0));
  const v128_t pairs = all.result();
  all.add(wasm_i32x4_shuffle(pairs, pairs, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(all.result(), 0);
}

template <typename Accumulator>
float extreme_of(const float* row, std::int32_t count) {
  // A sum that is not NaN shows that no element is, with one instruction per vector instead of two.
  constexpr std::int32_t kVectors = 4;
  Accumulator all;
  v128_t found[kVectors], sums[kVectors];
  for (std::int32_t v = 0; v < kVectors; ++v) {
    found[v] = all.found;
    sums[v] = wasm_f32x4_splat(0);
  }
  std::int32_t i = 0;
  CORR2D_NO_UNROLL
  for (; i + kVectors * kLanes <= count; i += kVectors * kLanes) {
    for (std::int32_t v = 0; v < kVectors; ++v) {
      const v128_t x = wasm_v128_load(row + i + v * kLanes);
      found[v] = Accumulator::choose(found[v], x);
      sums[v] = wasm_f32x4_add(sums[v], x);
    }
  }
  const v128_t sum =
      wasm_f32x4_add(wasm_f32x4_add(sums[0], sums[1]), wasm_f32x4_add(sums[2], sums[3]));
  if (wasm_v128_any_true(wasm_f32x4_ne(sum, sum))) {
    i = 0;
  } else {
    for (std::int32_t v = 0; v < kVectors; ++v) all.add(found[v]);
  }
  CORR2D_NO_UNROLL
  for (; i + kLanes <= count; i += kLanes) all.add(wasm_v128_load(row + i));
  CORR2D_NO_UNROLL
  for (; i < count; ++i) all.add(wasm_v128_load32_splat(row + i));
  return extreme_lane(all);
}

}  // namespace

void add_columns(const RowBlock& all_rows, double* sums) {
  for_each_group(all_rows, [&](const RowBlock& rows) {
    std::int32_t i = 0;
    for (; i + kLanes <= rows.columns; i += kLanes) {
      Sum sum = {wasm_v128_load(sums + i), wasm_v128_load(sums + i + 2)};
      const float* data = rows.data + i;
      std::int32_t row = 0;
      CORR2D_NO_UNROLL
      for (; row + kTree <= rows.count; row += kTree, data += kTree * rows.step) {
        sum.add_tree(data, rows.step);
      }
      CORR2D_NO_UNROLL
      for (; row < rows.count; ++row, data += rows.step) sum.add(wasm_v128_load(data));
      wasm_v128_store(sums + i, sum.low);
      wasm_v128_store(sums + i + 2, sum.high);
    }
    for (; i < rows.columns; ++i) {
      for (std::int32_t row = 0; row < rows.count; ++row) sums[i] += rows.data[row * rows.step + i];
    }
  });
}

double sum_of_row(const float* row, std::int32_t count) {
  Sum sum;
  std::int32_t i = 0;
  CORR2D_NO_UNROLL
  for (; i + kTree * kLanes <= count; i += kTree * kLanes) sum.add_tree(row + i, kLanes);
  CORR2D_NO_UNROLL
  for (; i + kLanes <= count; i += kLanes) sum.add(wasm_v128_load(row + i));
  double total = sum.total();
  for (; i < count; ++i) total += row[i];
  return total;
}

RowSums sums_of_row(const float* row, std::int32_t count) {
  Sum sum;
  v128_t squares[2] = {wasm_f64x2_splat(0), wasm_f64x2_splat(0)};
  std::int32_t i = 0;
  CORR2D_NO_UNROLL
  for (; i + kLanes <= count; i += kLanes) {
    const v128_t x = wasm_v128_load(row + i);
    const v128_t low = wasm_f64x2_promote_low_f32x4(x);
    const v128_t high = wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(x, x, 1, 0));
    sum.low = wasm_f64x2_add(sum.low, low);
    sum.high = wasm_f64x2_add(sum.high, high);
    squares[0] = wasm_f64x2_add(squares[0], wasm_f64x2_mul(low, low));
    squares[1] = wasm_f64x2_add(squares[1], wasm_f64x2_mul(high, high));
  }
  RowSums result = {sum.total(), Sum{squares[0], squares[1]}.total()};
  for (; i < count; ++i) {
    const double x = row[i];
    result.sum += x;
    result.squares += x * x;
  }
  return result;
}

void extend_columns(const RowBlock& rows, bool minimum, float* extremes) {
  if (minimum) {
    extend<Extreme<true>>(rows, extremes);
  } else {
    extend<Extreme<false>>(rows, extremes);
  }
}

float extreme_of_row(const float* row, std::int32_t count, bool minimum) {
  return minimum ? extreme_of<Extreme<true>>(row, count) : extreme_of<Extreme<false>>(row, count);
}

std::int32_t find_in_row(const float* row, std::int32_t count, float value) {
  const v128_t wanted = wasm_f32x4_splat(value);
  const auto equals = [&](v128_t x) CORR2D_INLINE_LAMBDA {
    return value == value ? wasm_f32x4_eq(x, wanted) : wasm_f32x4_ne(x, x);
  };
  std::int32_t i = 0;
  while (i + kLanes <= count && !wasm_v128_any_true(equals(wasm_v128_load(row + i)))) i += kLanes;
  while (i < count - 1 && !wasm_v128_any_true(equals(wasm_v128_load32_splat(row + i)))) ++i;
  return i;
}

void mark_equal(const float* row, const float* values, float index, float* places,
                std::int32_t count) {
  const v128_t indices = wasm_f32x4_splat(index);
  const auto mark = [&](v128_t x, v128_t value, v128_t place) CORR2D_INLINE_LAMBDA {
    const v128_t both_nan = wasm_v128_and(wasm_f32x4_ne(x, x), wasm_f32x4_ne(value, value));
    return wasm_v128_bitselect(indices, place, wasm_v128_or(wasm_f32x4_eq(x, value), both_nan));
  };
  std::int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    wasm_v128_store(places + i, mark(wasm_v128_load(row + i), wasm_v128_load(values + i),
                                     wasm_v128_load(places + i)));
  }
  for (; i < count; ++i) {
    wasm_v128_store32_lane(places + i,
                           mark(wasm_v128_load32_splat(row + i), wasm_v128_load32_splat(values + i),
                                wasm_v128_load32_splat(places + i)),
                           0);
  }
}

}  // namespace corr2d
