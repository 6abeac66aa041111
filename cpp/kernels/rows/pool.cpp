#include "kernels/rows/pool.hpp"

#include <limits>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

/// The greatest of `kVectors` vectors at a time. `greatest` ignores NaN, or not, depending on the
/// order; `nans` has all bits set in the lanes in which there was one.
template <int kVectors>
struct Maximum {
  static constexpr bool kIsSum = false;
  v128_t greatest[kVectors], nans[kVectors];

  CORR2D_INLINE Maximum() {
    for (int i = 0; i < kVectors; ++i) {
      greatest[i] = wasm_f32x4_splat(-std::numeric_limits<float>::infinity());
      nans[i] = wasm_i32x4_splat(0);
    }
  }
  CORR2D_INLINE void add(int i, v128_t value) {
    greatest[i] = wasm_f32x4_pmax(greatest[i], value);
    nans[i] = wasm_v128_or(nans[i], wasm_f32x4_ne(value, value));
  }
  CORR2D_INLINE v128_t result(int i) const { return wasm_v128_or(greatest[i], nans[i]); }
};

/// The sums of `kVectors` vectors at a time.
template <int kVectors>
struct Sum {
  static constexpr bool kIsSum = true;
  v128_t sums[kVectors];

  CORR2D_INLINE Sum() {
    for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  }
  CORR2D_INLINE void add(int i, v128_t value) { sums[i] = wasm_f32x4_add(sums[i], value); }
  CORR2D_INLINE v128_t result(int i) const { return sums[i]; }
};

/// Combines kVectors vectors of each tap. `load(at, i)` reads vector i of the tap at `at`.
template <template <int> class Operation, int kVectors, typename Load, typename Store>
CORR2D_INLINE void pool_tile(const PoolTaps& taps, const float* plane, Load load, Store store) {
  Operation<kVectors> result;
  CORR2D_NO_UNROLL
  for (std::int32_t z = 0; z < taps.counts[0]; ++z, plane += taps.steps[0]) {
    const float* row = plane;
    CORR2D_NO_UNROLL
    for (std::int32_t y = 0; y < taps.counts[1]; ++y, row += taps.steps[1]) {
      Operation<kVectors> of_row;
      const float* tap = row;
      CORR2D_NO_UNROLL
      for (std::int32_t x = 0; x < taps.counts[2]; ++x, tap += taps.steps[2]) {
        for (int i = 0; i < kVectors; ++i) {
          (Operation<kVectors>::kIsSum ? of_row : result).add(i, load(tap, i));
        }
      }
      if (Operation<kVectors>::kIsSum) {
        for (int i = 0; i < kVectors; ++i) result.add(i, of_row.result(i));
      }
    }
  }
  for (int i = 0; i < kVectors; ++i) store(i, result.result(i));
}

/// `load` for pool_tile: neighbouring vectors, and one element in all lanes.
CORR2D_INLINE v128_t load_vector(const float* at, int i) { return wasm_v128_load(at + i * kLanes); }
CORR2D_INLINE v128_t load_splat(const float* at, int) { return wasm_v128_load32_splat(at); }

template <template <int> class Operation>
[[gnu::noinline]] void pool_rows(const PoolTaps& taps, std::int32_t count, float divisor,
                                 float* out) {
  const v128_t divisors = wasm_f32x4_splat(divisor);
  const auto divided = [&](v128_t sums) CORR2D_INLINE_LAMBDA {
    return divisor == 1 ? sums : wasm_f32x4_div(sums, divisors);
  };
  std::int32_t x = 0;
  const auto store = [&](int i, v128_t value) CORR2D_INLINE_LAMBDA {
    wasm_v128_store(out + x + i * kLanes, divided(value));
  };
  CORR2D_NO_UNROLL
  for (; x + 4 * kLanes <= count; x += 4 * kLanes) {
    pool_tile<Operation, 4>(taps, taps.first + x, load_vector, store);
  }
  CORR2D_NO_UNROLL
  for (; x + kLanes <= count; x += kLanes) {
    pool_tile<Operation, 1>(taps, taps.first + x, load_vector, store);
  }
  CORR2D_NO_UNROLL
  for (; x < count; ++x) {
    pool_tile<Operation, 1>(taps, taps.first + x, load_splat,
                            [&](int, v128_t value) CORR2D_INLINE_LAMBDA {
                              wasm_v128_store32_lane(out + x, divided(value), 0);
                            });
  }
}

/// Eight outputs at a time. With three columns a fifth vector ends with the last window, so that
/// nothing is read behind it.
template <template <int> class Operation, bool kThree>
void pool_pairs(const PoolTaps& taps, std::int32_t count, float* out) {
  constexpr std::int32_t kOutputs = 2 * kLanes, kLastVector = 13;
  PoolTaps rows = taps;
  rows.counts[2] = 1;
  CORR2D_NO_UNROLL
  for (std::int32_t next = 0; next < count && count >= kOutputs; next += kOutputs) {
    // The last tile ends with the row: it computes some outputs again, to the same bits.
    const std::int32_t x = next + kOutputs <= count ? next : count - kOutputs;
    v128_t columns[5];
    pool_tile<Operation, kThree ? 5 : 4>(
        rows, taps.first + 2 * x,
        [](const float* at, int i) CORR2D_INLINE_LAMBDA {
          return wasm_v128_load(at + (i == 4 ? kLastVector : i * kLanes));
        },
        [&](int i, v128_t value) CORR2D_INLINE_LAMBDA { columns[i] = value; });
    for (int half = 0; half < 2; ++half) {
      const v128_t left = columns[2 * half], right = columns[2 * half + 1];
      const v128_t even = wasm_i32x4_shuffle(left, right, 0, 2, 4, 6);
      Operation<1> result;
      result.add(0, even);
      result.add(0, wasm_i32x4_shuffle(left, right, 1, 3, 5, 7));
      if (kThree) {
        result.add(0, half == 0 ? wasm_i32x4_shuffle(even, columns[2], 1, 2, 3, 4)
                                : wasm_i32x4_shuffle(even, columns[4], 1, 2, 3, 7));
      }
      wasm_v128_store(out + x + half * kLanes, result.result(0));
    }
  }
  if (count >= kOutputs) return;
  PoolTaps window = taps;
  CORR2D_NO_UNROLL
  for (std::int32_t x = 0; x < count; ++x, window.first += 2) {
    pool_rows<Operation>(window, 1, 1, out + x);
  }
}

template <template <int> class Operation>
void pool_pairs(const PoolTaps& taps, std::int32_t count, float* out) {
  if (taps.counts[2] == 3) {
    pool_pairs<Operation, true>(taps, count, out);
  } else {
    pool_pairs<Operation, false>(taps, count, out);
  }
}

template <template <int> class Operation>
void pool_columns(const PoolColumns& columns, std::int32_t count, float* out) {
  std::int32_t x = 0;
  const auto run = [&](std::int32_t lanes, auto load) CORR2D_INLINE_LAMBDA {
    CORR2D_NO_UNROLL
    for (; x + lanes <= count; x += lanes) {
      const float* at = columns.in + x * columns.stride;
      Operation<1> result;
      CORR2D_NO_UNROLL
      for (std::int32_t k = 0; k < columns.taps; ++k, at += columns.dilation) {
        result.add(0, load(at));
      }
      if (lanes == kLanes) {
        wasm_v128_store(out + x, result.result(0));
      } else {
        wasm_v128_store32_lane(out + x, result.result(0), 0);
      }
    }
  };
  if (columns.stride == 1) {
    run(kLanes, [](const float* at) CORR2D_INLINE_LAMBDA { return wasm_v128_load(at); });
  }
  run(1, [](const float* at) CORR2D_INLINE_LAMBDA { return wasm_v128_load32_splat(at); });
}

}  // namespace

void pool_rows(PoolOperation operation, const PoolTaps& taps, std::int32_t count, float divisor,
               float* out) {
  if (operation == PoolOperation::kMaximum) {
    pool_rows<Maximum>(taps, count, 1, out);
  } else {
    pool_rows<Sum>(taps, count, divisor, out);
  }
}

void pool_columns(PoolOperation operation, const PoolColumns& columns, std::int32_t count,
                  float* out) {
  if (operation == PoolOperation::kMaximum) {
    pool_columns<Maximum>(columns, count, out);
  } else {
    pool_columns<Sum>(columns, count, out);
  }
}

void pool_pairs(PoolOperation operation, const PoolTaps& taps, std::int32_t count, float* out) {
  if (operation == PoolOperation::kMaximum) {
    pool_pairs<Maximum>(taps, count, out);
  } else {
    pool_pairs<Sum>(taps, count, out);
  }
}

void divide_row(float* row, float factor, const float* divisors, std::int32_t count) {
  const v128_t factors = wasm_f32x4_splat(factor);
  std::int32_t x = 0;
  CORR2D_NO_UNROLL
  for (; x + kLanes <= count; x += kLanes) {
    const v128_t by = wasm_f32x4_mul(factors, wasm_v128_load(divisors + x));
    wasm_v128_store(row + x, wasm_f32x4_div(wasm_v128_load(row + x), by));
  }
  CORR2D_NO_UNROLL
  for (; x < count; ++x) row[x] /= factor * divisors[x];
}

}  // namespace corr2d
