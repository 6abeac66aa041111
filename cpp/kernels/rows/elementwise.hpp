#pragma once

#include <cstdint>

#include "corr2d/problem.hpp"

namespace corr2d {

/// An operand of a row: contiguous elements, or one element that is repeated.
struct RowOperand {
  const float* data;
  bool repeats;
};

/// Computes out[i] = operation(operands[0][i], operands[1][i], operands[2][i]) for `count`
/// elements. Operands that the operation does not have are not read. `out` may be an operand. The
/// bits are the same on every machine; kPow, which is the C library's, has at most 1 ulp of error.
void combine_row(Operation operation, const RowOperand (&operands)[3], float* out,
                 std::int32_t count);

/// combine_row for an operation with two operands.
void combine_row(Operation operation, RowOperand a, RowOperand b, float* out, std::int32_t count);

}  // namespace corr2d
