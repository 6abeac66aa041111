#include "kernels/rows/elementwise.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;
/// Elements of a block: the loops compute four vectors at a time.
constexpr std::int32_t kBlock = 4 * kLanes;

/// The operands of whole blocks: each advances by `step` elements from one block to the next.
struct Blocks {
  const float* data[3];
  std::int32_t steps[3];
};

/// Computes `count` blocks of the output.
using BlockLoop = void (*)(const Blocks& operands, float* out, std::int32_t count);

/// `combine` takes as many vectors as the operation has operands.
template <int kOperands, typename Combine>
void combine_blocks(const Blocks& operands, float* out, std::int32_t count, Combine combine) {
  const float* a = operands.data[0];
  const float* b = operands.data[1];
  const float* c = operands.data[2];
  const std::int32_t a_step = operands.steps[0], b_step = operands.steps[1];
  const std::int32_t c_step = operands.steps[2];
  for (; count > 0; --count, a += a_step, b += b_step, out += kBlock) {
    v128_t results[4];
    for (int i = 0; i < 4; ++i) {
      const v128_t x = wasm_v128_load(a + i * kLanes), y = wasm_v128_load(b + i * kLanes);
      if constexpr (kOperands == 2) {
        results[i] = combine(x, y);
      } else {
        results[i] = combine(x, y, wasm_v128_load(c + i * kLanes));
      }
    }
    for (int i = 0; i < 4; ++i) wasm_v128_store(out + i * kLanes, results[i]);
    if (kOperands == 3) c += c_step;
  }
}

v128_t power(v128_t a, v128_t b) {
  float bases[kLanes], exponents[kLanes];
  wasm_v128_store(bases, a);
  wasm_v128_store(exponents, b);
  for (std::int32_t i = 0; i < kLanes; ++i) bases[i] = std::pow(bases[i], exponents[i]);
  return wasm_v128_load(bases);
}

#define CORR2D_TWO(expression)                                                             \
  [](const Blocks& operands, float* out, std::int32_t count) {                             \
    combine_blocks<2>(operands, out, count,                                                \
                      [](v128_t a, v128_t b) CORR2D_INLINE_LAMBDA { return expression; }); \
  }
#define CORR2D_THREE(expression)                                        \
  [](const Blocks& operands, float* out, std::int32_t count) {          \
    combine_blocks<3>(operands, out, count,                             \
                      [](v128_t a, v128_t b, v128_t c)                  \
                          CORR2D_INLINE_LAMBDA { return expression; }); \
  }

/// The loops of the operations after kFirst, in their order.
constexpr BlockLoop kLoops[] = {
    CORR2D_TWO(wasm_f32x4_add(a, b)),
    CORR2D_TWO(wasm_f32x4_sub(a, b)),
    CORR2D_TWO(wasm_f32x4_mul(a, b)),
    CORR2D_TWO(wasm_f32x4_div(a, b)),
    CORR2D_TWO(power(a, b)),
    CORR2D_TWO(wasm_f32x4_max(a, b)),
    CORR2D_TWO(wasm_f32x4_min(a, b)),
    CORR2D_TWO(wasm_v128_bitselect(a, wasm_f32x4_mul(a, b), wasm_f32x4_gt(a, wasm_f32x4_splat(0)))),
    CORR2D_THREE(wasm_v128_bitselect(b, c, wasm_f32x4_ne(a, wasm_f32x4_splat(0)))),
    // pmax(a, b) is a < b ? b : a, and pmin likewise, so that a NaN in a stays.
    CORR2D_THREE(wasm_f32x4_pmin(wasm_f32x4_pmax(a, b), c)),
    CORR2D_THREE(Unfused::madd(a, b, c)),
};

#undef CORR2D_TWO
#undef CORR2D_THREE

}  // namespace

void combine_row(Operation operation, const RowOperand (&operands)[3], float* out,
                 std::int32_t count) {
  const BlockLoop loop = kLoops[static_cast<std::int32_t>(operation) - 1];
  const std::int32_t used = operands_of(operation), rest = count % kBlock;
  float repeated[3][kBlock], ends[3][kBlock], end[kBlock];
  Blocks blocks = {}, last = {};
  for (std::int32_t i = 0; i < used; ++i) {
    const float* data = operands[i].data;
    const bool repeats = operands[i].repeats;
    if (repeats) {
      std::fill(repeated[i], repeated[i] + kBlock, *data);
    } else if (rest > 0) {
      std::fill(ends[i], ends[i] + kBlock, 0.0f);
      std::copy_n(data + count - rest, rest, ends[i]);
    }
    blocks.data[i] = repeats ? repeated[i] : data;
    blocks.steps[i] = repeats ? 0 : kBlock;
    last.data[i] = repeats ? repeated[i] : ends[i];
  }
  loop(blocks, out, count / kBlock);
  if (rest == 0) return;
  loop(last, end, 1);
  std::copy_n(end, rest, out + count - rest);
}

void combine_row(Operation operation, RowOperand a, RowOperand b, float* out, std::int32_t count) {
  combine_row(operation, {a, b, {nullptr, false}}, out, count);
}

}  // namespace corr2d
