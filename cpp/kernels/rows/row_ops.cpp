#include "kernels/rows/row_ops.hpp"

#include "kernels/simd.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kLanes = 4;

/// `combine` on vectors, and on the rest by way of a vector of its own.
template <typename Combine>
void each(float* into, const float* row, std::int32_t count, Combine combine) {
  std::int32_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    wasm_v128_store(into + i, combine(wasm_v128_load(into + i), wasm_v128_load(row + i)));
  }
  for (; i < count; ++i) {
    const v128_t both = combine(wasm_v128_load32_splat(into + i), wasm_v128_load32_splat(row + i));
    wasm_v128_store32_lane(into + i, both, 0);
  }
}

}  // namespace

void keep_greater(float* into, const float* row, std::int32_t count) {
  each(into, row, count, [](v128_t a, v128_t b) {
    // b takes a's place unless it is known to be no greater: so does NaN. A NaN in a stays.
    const v128_t stays = wasm_v128_or(wasm_f32x4_ge(a, b), wasm_f32x4_ne(a, a));
    return wasm_v128_bitselect(a, b, stays);
  });
}

void add_row(float* into, const float* row, std::int32_t count) {
  each(into, row, count, [](v128_t a, v128_t b) { return wasm_f32x4_add(a, b); });
}

}  // namespace corr2d
