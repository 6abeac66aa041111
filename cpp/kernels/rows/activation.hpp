#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// Computes out[i] = function(in[i]) for `count` contiguous elements. `in` and `out` must be the
/// same or not overlap. `alpha` is that of kLeakyRelu, kElu, kHardSigmoid and kCelu; the other
/// functions ignore it.
///
/// Results have the same bits on every machine, in every engine and natively, except for the
/// payload of a NaN: no operation is fused, and exp, log, tanh and erf are implemented here.
///
/// Largest errors against float64, over every 7th float32, or over every 17th (from kElu on):
///
///   function       formula                           error, ulp of the result
///   kRelu          max(x, 0)                         exact
///   kRelu6         min(max(x, 0), 6)                 exact
///   kLeakyRelu     x > 0 ? x : alpha x               0.5
///   kSigmoid       1 / (1 + exp(-x))                 2.41 (x >= 0: 1.50)
///   kTanh          tanh(x)                           2.60
///   kSilu          x / (1 + exp(-x))                 3.20 (x >= 0: 3.00)
///   kHardSwish     x min(max(x + 3, 0), 6) / 6       1.92, for x up to 5.67e37
///   kGelu          x Phi(x), by erf                  7.82 (x >= 0: 2.42), and 2^-23 |x|
///   kElu           x < 0 ? alpha (exp(x) - 1) : x    1.70
///   kSelu          1.0507 kElu, alpha 1.6733         1.90 (x >= 0: 1.07)
///   kCelu          alpha kElu(x / alpha), alpha 1    2.5
///   kHardSigmoid   min(max(alpha x + 1/2, 0), 1)     2^-24, not in ulp; 1.5 for alpha = 1/6
///   kSoftplus      log(1 + exp(x))                   1.66
///   kMish          x tanh(log(1 + exp(x)))           4.60 (x >= 0: 3.00)
///   kExp           exp(x)                            1.02
///   kLog           log(x)                            0.81
///   kErf           erf(x)                            1.36
///   kSoftsign      x / (1 + |x|)                     1.5
///   kReciprocal    1 / x                             0.5
///   kSqrt          sqrt(x)                           0.5
///
/// kAbs, kNeg, kFloor, kCeil, kRound and kSign are exact. The bounds include denormal results,
/// whose ulp is 1.4e-45.
///
/// Special values match PyTorch. NaN stays NaN, except for kSign. -0 stays -0, except for kSigmoid,
/// kHardSigmoid, kSoftplus, kExp, kLog, kAbs, kNeg, kSign, kReciprocal and for kLeakyRelu with
/// alpha below 0. kSilu, kHardSwish, kGelu and kMish of -infinity are NaN. kHardSwish overflows
/// from 5.68e37 on. PyTorch is less accurate for some arguments: its kSigmoid and kSilu are 0 below
/// -88.8, and its kGelu below about -5.6.
void apply_unary(Unary function, const float* in, float* out, std::int32_t count, float alpha);

/// Adds the elements of `add`, unless it is null, to `rows` rows of `columns` elements, and applies
/// an activation to the sums, in place. Element (r, c) is data[r * row_stride + c * column_stride],
/// and likewise in `add`; nothing else is read or written. The function is fastest if one of the
/// strides is 1. For the activations see apply_unary.
void activate(float* data, const float* add, std::int32_t rows, std::int32_t row_stride,
              std::int32_t columns, std::int32_t column_stride, Activation activation, float alpha);

}  // namespace corr2d
