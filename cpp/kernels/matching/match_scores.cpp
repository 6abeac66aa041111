#include "kernels/matching/match_scores.hpp"

#include <algorithm>

#include "kernels/simd.hpp"

namespace corr2d {

void add_channel(const MomentSums* sums, std::int32_t count, const ChannelTerms& terms,
                 bool has_means, const WindowRow& row) {
  const v128_t weight = wasm_f64x2_splat(terms.weight);
  const v128_t inverse_weight = wasm_f64x2_splat(1 / terms.weight);
  const auto add = [](double* to, v128_t value) {
    wasm_v128_store(to, wasm_f64x2_add(wasm_v128_load(to), value));
  };
  for (std::int32_t x = 0; x < count; x += 2) {
    const v128_t left = wasm_v128_load(sums + x), right = wasm_v128_load(sums + x + 1);
    const v128_t sum = wasm_i64x2_shuffle(left, right, 0, 2);
    v128_t mean = wasm_f64x2_mul(sum, inverse_weight);
    add(row.variance + x,
        wasm_f64x2_sub(wasm_i64x2_shuffle(left, right, 1, 3), wasm_f64x2_mul(sum, mean)));
    if (!has_means) continue;
    mean = wasm_f64x2_add(mean, wasm_f64x2_splat(terms.centre));
    add(row.energy + x, wasm_f64x2_mul(wasm_f64x2_mul(weight, mean), mean));
    const v128_t a = wasm_f64x2_mul(weight, wasm_f64x2_sub(wasm_f64x2_splat(terms.a), mean));
    const v128_t b =
        wasm_f64x2_sub(wasm_f64x2_splat(terms.b), wasm_f64x2_mul(wasm_f64x2_splat(terms.c), mean));
    add(row.offset + x, wasm_f64x2_mul(a, b));
  }
}

void score_windows(const WindowRow& row, const float* numerators, std::int32_t count,
                   const ScoreTerms& terms, float* scores) {
  const v128_t is_normed = wasm_f64x2_ne(wasm_f64x2_splat(terms.norm), wasm_f64x2_const(0, 0));
  for (std::int32_t x = 0; x < count; x += 2) {
    const v128_t n = wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(numerators + x));
    const v128_t v = wasm_v128_load(row.variance + x);
    v128_t value = wasm_f64x2_add(wasm_f64x2_splat(terms.constant),
                                  wasm_f64x2_mul(n, wasm_f64x2_splat(terms.numerator)));
    value = wasm_f64x2_add(value, wasm_f64x2_mul(v, wasm_f64x2_splat(terms.variance)));
    value = wasm_f64x2_add(
        value, wasm_f64x2_mul(wasm_v128_load(row.offset + x), wasm_f64x2_splat(terms.offset)));
    const v128_t energy = wasm_f64x2_add(v, wasm_v128_load(row.energy + x));
    const v128_t norm = wasm_f64x2_mul(wasm_f64x2_splat(terms.norm), wasm_f64x2_sqrt(energy));
    const v128_t normed =
        wasm_v128_bitselect(wasm_f64x2_div(value, norm), wasm_f64x2_splat(terms.empty),
                            wasm_f64x2_gt(energy, wasm_f64x2_const(0, 0)));
    value = wasm_v128_bitselect(normed, value, is_normed);
    // NaN stays NaN.
    value = wasm_f64x2_pmax(value, wasm_f64x2_splat(terms.low));
    value = wasm_f64x2_pmin(value, wasm_f64x2_splat(terms.high));
    const v128_t score = wasm_f32x4_demote_f64x2_zero(value);
    if (x + 1 < count) {
      wasm_v128_store64_lane(scores + x, score, 0);
    } else {
      wasm_v128_store32_lane(scores + x, score, 0);
    }
  }
}

double least_sum(const double* a, const double* b, std::int32_t count, double* sums) {
  v128_t least = wasm_f64x2_splat(a[count - 1] + b[count - 1]);
  sums[count - 1] = a[count - 1] + b[count - 1];
  for (std::int32_t x = 0; x + 2 <= count; x += 2) {
    const v128_t sum = wasm_f64x2_add(wasm_v128_load(a + x), wasm_v128_load(b + x));
    wasm_v128_store(sums + x, sum);
    least = wasm_f64x2_pmin(least, sum);
  }
  return std::min(wasm_f64x2_extract_lane(least, 0), wasm_f64x2_extract_lane(least, 1));
}

}  // namespace corr2d
