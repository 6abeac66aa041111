#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// Applies an activation in place to `rows` rows of `columns` elements. Element (r, c) is
/// data[r * row_stride + c * column_stride]; nothing else is read or written. The function is
/// fastest if one of the strides is 1. `alpha` is the slope of kLeakyRelu below 0; the other
/// activations ignore it.
///
/// Results have the same bits on every machine, in every engine and natively, except for the
/// payload of a NaN: no operation is fused, and exp, tanh and erf are implemented here.
///
/// Largest errors against float64, over every float32 with 2^-13 <= |x| < 108 and every 16th
/// other float32:
///
///   activation   formula                           error, ulp of the result
///   kRelu        max(x, 0)                         exact
///   kRelu6       min(max(x, 0), 6)                 exact
///   kLeakyRelu   x > 0 ? x : alpha x               0.5
///   kSigmoid     1 / (1 + exp(-x))                 2.41 (x >= 0: 1.50)
///   kTanh        tanh(x)                           2.43
///   kSilu        x / (1 + exp(-x))                 2.73 (x >= 0: 1.50)
///   kHardSwish   x min(max(x + 3, 0), 6) / 6       1.92, for x up to 5.67e37
///   kGelu        x Phi(x), by erf                  7.82 (x >= 0: 2.42), and 2^-23 |x|
///
/// The bounds include denormal results, whose ulp is 1.4e-45.
///
/// Special values match PyTorch. NaN stays NaN. -0 stays -0, except for kSigmoid and for kLeakyRelu
/// with alpha below 0. kSilu, kHardSwish and kGelu of -infinity are NaN. kHardSwish overflows from
/// 5.68e37 on. PyTorch is less accurate for some arguments: its kSigmoid and kSilu are 0 below
/// -88.8, and its kGelu below about -5.6.
void activate(float* data, std::int32_t rows, std::int32_t row_stride, std::int32_t columns,
              std::int32_t column_stride, Activation activation, float alpha);

}  // namespace corr2d
