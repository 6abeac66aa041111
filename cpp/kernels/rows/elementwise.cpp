#include "kernels/rows/elementwise.hpp"

#include <cmath>

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

/// The operands of whole vectors: each advances by `step` elements from one vector to the next.
struct Vectors {
  const float* data[3];
  std::int32_t steps[3];
};

/// Computes `vectors` vectors of the output.
using VectorLoop = void (*)(const Vectors& operands, float* out, std::int32_t vectors);

template <typename Combine>
void combine_two(const Vectors& operands, float* out, std::int32_t vectors, Combine combine) {
  const float* a = operands.data[0];
  const float* b = operands.data[1];
  const std::int32_t a_step = operands.steps[0], b_step = operands.steps[1];
  for (; vectors > 0; --vectors, a += a_step, b += b_step, out += kLanes) {
    wasm_v128_store(out, combine(wasm_v128_load(a), wasm_v128_load(b)));
  }
}

template <typename Combine>
void combine_three(const Vectors& operands, float* out, std::int32_t vectors, Combine combine) {
  const float* a = operands.data[0];
  const float* b = operands.data[1];
  const float* c = operands.data[2];
  const std::int32_t a_step = operands.steps[0], b_step = operands.steps[1];
  const std::int32_t c_step = operands.steps[2];
  for (; vectors > 0; --vectors, a += a_step, b += b_step, c += c_step, out += kLanes) {
    wasm_v128_store(out, combine(wasm_v128_load(a), wasm_v128_load(b), wasm_v128_load(c)));
  }
}

v128_t power(v128_t a, v128_t b) {
  float bases[kLanes], exponents[kLanes];
  wasm_v128_store(bases, a);
  wasm_v128_store(exponents, b);
  for (std::int32_t i = 0; i < kLanes; ++i) bases[i] = std::pow(bases[i], exponents[i]);
  return wasm_v128_load(bases);
}

#define CORR2D_TWO(expression)                                                       \
  [](const Vectors& operands, float* out, std::int32_t vectors) {                    \
    combine_two(operands, out, vectors,                                              \
                [](v128_t a, v128_t b) CORR2D_INLINE_LAMBDA { return expression; }); \
  }
#define CORR2D_THREE(expression)                                                                 \
  [](const Vectors& operands, float* out, std::int32_t vectors) {                                \
    combine_three(operands, out, vectors,                                                        \
                  [](v128_t a, v128_t b, v128_t c) CORR2D_INLINE_LAMBDA { return expression; }); \
  }

/// The loops of the operations after kFirst, in their order.
constexpr VectorLoop kLoops[] = {
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
  const VectorLoop loop = kLoops[static_cast<std::int32_t>(operation) - 1];
  const std::int32_t used = operands_of(operation), rest = count % kLanes;
  float repeated[3][kLanes], ends[3][kLanes] = {}, end[kLanes];
  Vectors vectors = {}, last = {};
  for (std::int32_t i = 0; i < used; ++i) {
    const float* data = operands[i].data;
    const bool repeats = operands[i].repeats;
    if (repeats) {
      for (float& element : repeated[i]) element = *data;
    } else {
      for (std::int32_t j = 0; j < rest; ++j) ends[i][j] = data[count - rest + j];
    }
    vectors.data[i] = repeats ? repeated[i] : data;
    vectors.steps[i] = repeats ? 0 : kLanes;
    last.data[i] = repeats ? repeated[i] : ends[i];
  }
  loop(vectors, out, count / kLanes);
  if (rest == 0) return;
  loop(last, end, 1);
  for (std::int32_t j = 0; j < rest; ++j) out[count - rest + j] = end[j];
}

void combine_row(Operation operation, RowOperand a, RowOperand b, float* out, std::int32_t count) {
  combine_row(operation, {a, b, {nullptr, false}}, out, count);
}

}  // namespace corr2d
