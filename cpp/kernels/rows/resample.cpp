#include "kernels/rows/resample.hpp"

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

/// Element `lane` of the result is in[at[lane]].
CORR2D_INLINE v128_t gather(const float* in, const std::int32_t* at) {
  v128_t x = wasm_v128_load32_splat(in + at[0]);
  x = wasm_v128_load32_lane(in + at[1], x, 1);
  x = wasm_v128_load32_lane(in + at[2], x, 2);
  return wasm_v128_load32_lane(in + at[3], x, 3);
}

/// Two neighbours from a and two from b.
CORR2D_INLINE v128_t load_pairs(const float* a, const float* b) {
  return wasm_v128_load64_lane(b, wasm_v128_load64_zero(a), 1);
}

/// Computes blocks with kTaps taps, or any number if kTaps is 0, as long as they have a base.
/// Returns their number.
template <std::int32_t kTaps>
std::int32_t resample_near(const float* in, const BlockWeights& w, std::int32_t first,
                           std::int32_t blocks, float* out) {
  const std::int32_t taps = kTaps > 0 ? kTaps : w.taps;
  const std::int32_t* bases = w.bases;
  const std::int32_t* lanes = w.lanes;
  const float* weights = w.weights;
  std::int32_t i = first;
  for (; i < blocks && bases[i] >= 0; ++i) {
    const float* from = in + bases[i];
    const v128_t choice = wasm_v128_load(lanes + i * kLanes);
    const float* weight = weights + i * taps * kLanes;
    v128_t sum =
        wasm_f32x4_mul(wasm_i8x16_swizzle(wasm_v128_load(from), choice), wasm_v128_load(weight));
    for (std::int32_t tap = 1; tap < taps; ++tap) {
      sum = Unfused::madd(wasm_i8x16_swizzle(wasm_v128_load(from + tap), choice),
                          wasm_v128_load(weight + tap * kLanes), sum);
    }
    wasm_v128_store(out + i * kLanes, sum);
  }
  return i - first;
}

/// Computes kVectors vectors of add_weighted_rows from `taps` rows; row(t) and weight(t) give those
/// of tap t.
template <std::int32_t kVectors, typename Row, typename Weight>
CORR2D_INLINE void add_weighted(std::int32_t taps, Row row, Weight weight, float* out) {
  v128_t sums[kVectors];
  for (std::int32_t i = 0; i < kVectors; ++i) {
    sums[i] = wasm_f32x4_mul(wasm_v128_load(row(0) + i * kLanes), weight(0));
  }
  for (std::int32_t tap = 1; tap < taps; ++tap) {
    for (std::int32_t i = 0; i < kVectors; ++i) {
      sums[i] = Unfused::madd(wasm_v128_load(row(tap) + i * kLanes), weight(tap), sums[i]);
    }
  }
  for (std::int32_t i = 0; i < kVectors; ++i) wasm_v128_store(out + i * kLanes, sums[i]);
}

/// Computes the whole vectors of add_weighted_rows for kTaps rows. Returns their elements.
template <std::int32_t kTaps>
CORR2D_INLINE std::int32_t add_few(const float* in, const std::int32_t* offsets,
                                   const float* weights, float* out, std::int32_t count) {
  const float* rows[kTaps];
  v128_t splats[kTaps];
  for (std::int32_t tap = 0; tap < kTaps; ++tap) {
    rows[tap] = in + offsets[tap];
    splats[tap] = wasm_v128_load32_splat(weights + tap);
  }
  constexpr std::int32_t kVectors = 8 / kTaps, kBlock = kVectors * kLanes;
  std::int32_t i = 0;
  const auto row = [&](std::int32_t tap) CORR2D_INLINE_LAMBDA { return rows[tap] + i; };
  const auto weight = [&](std::int32_t tap) CORR2D_INLINE_LAMBDA { return splats[tap]; };
  for (; i + kBlock <= count; i += kBlock) add_weighted<kVectors>(kTaps, row, weight, out + i);
  for (; i + kLanes <= count; i += kLanes) add_weighted<1>(kTaps, row, weight, out + i);
  return i;
}

/// The same for any number of rows.
CORR2D_INLINE std::int32_t add_many(const float* in, const std::int32_t* offsets,
                                    const float* weights, std::int32_t taps, float* out,
                                    std::int32_t count) {
  constexpr std::int32_t kVectors = 4, kBlock = kVectors * kLanes;
  std::int32_t i = 0;
  const auto row = [&](std::int32_t tap) CORR2D_INLINE_LAMBDA { return in + offsets[tap] + i; };
  const auto weight = [&](std::int32_t tap)
                          CORR2D_INLINE_LAMBDA { return wasm_v128_load32_splat(weights + tap); };
  for (; i + kBlock <= count; i += kBlock) add_weighted<kVectors>(taps, row, weight, out + i);
  for (; i + kLanes <= count; i += kLanes) add_weighted<1>(taps, row, weight, out + i);
  return i;
}

}  // namespace

void resample_row(const float* in, const BlockWeights& w, std::int32_t blocks, float* out) {
  for (std::int32_t i = 0; i < blocks; ++i) {
    i += w.taps == 2 ? resample_near<2>(in, w, i, blocks, out)
                     : resample_near<0>(in, w, i, blocks, out);
    if (i == blocks) return;
    const std::int32_t* at = w.indices + i * w.taps * kLanes;
    const float* weights = w.weights + i * w.taps * kLanes;
    v128_t sum;
    if (w.bases[i] == kPairs) {
      const v128_t ab = load_pairs(in + at[0], in + at[1]), cd = load_pairs(in + at[2], in + at[3]);
      sum = wasm_f32x4_mul(wasm_i32x4_shuffle(ab, cd, 0, 2, 4, 6), wasm_v128_load(weights));
      sum = Unfused::madd(wasm_i32x4_shuffle(ab, cd, 1, 3, 5, 7), wasm_v128_load(weights + kLanes),
                          sum);
    } else {
      sum = wasm_f32x4_mul(gather(in, at), wasm_v128_load(weights));
      for (std::int32_t tap = 1; tap < w.taps; ++tap) {
        sum = Unfused::madd(gather(in, at + tap * kLanes), wasm_v128_load(weights + tap * kLanes),
                            sum);
      }
    }
    wasm_v128_store(out + i * kLanes, sum);
  }
}

void double_row(const float* in, std::int32_t count, float* out) {
  std::int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const v128_t x = wasm_v128_load(in + i);
    wasm_v128_store(out + 2 * i, wasm_i32x4_shuffle(x, x, 0, 0, 1, 1));
    wasm_v128_store(out + 2 * i + kLanes, wasm_i32x4_shuffle(x, x, 2, 2, 3, 3));
  }
  for (; i < count; ++i) out[2 * i] = out[2 * i + 1] = in[i];
}

void add_weighted_rows(const float* in, const std::int32_t* offsets, const float* weights,
                       std::int32_t taps, float* out, std::int32_t count) {
  std::int32_t i = taps == 2 ? add_few<2>(in, offsets, weights, out, count)
                             : add_many(in, offsets, weights, taps, out, count);
  for (; i < count; ++i) {
    float sum = in[offsets[0] + i] * weights[0];
    for (std::int32_t tap = 1; tap < taps; ++tap) sum += in[offsets[tap] + i] * weights[tap];
    out[i] = sum;
  }
}

}  // namespace corr2d
