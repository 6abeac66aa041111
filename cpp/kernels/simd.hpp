#pragma once

#include <cstdint>

// The kernels are written in the intrinsics of wasm_simd128.h. Natively the same source compiles
// through SIMDe, so that sanitizers and debuggers see the very code that ships. This header holds
// the few names that SIMDe lacks or has under another name, and nothing else.

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#if defined(__wasm_relaxed_simd__)
#define CORR2D_HAS_RELAXED 1
#else
#define CORR2D_HAS_RELAXED 0
#endif
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/relaxed-simd.h>
#include <simde/wasm/simd128.h>
#define CORR2D_HAS_RELAXED 1
#define wasm_f32x4_relaxed_madd(a, b, c) simde_wasm_f32x4_fma(c, a, b)
#define wasm_f32x4_relaxed_nmadd(a, b, c) simde_wasm_f32x4_fms(c, a, b)
#endif

/// For what runs inside a kernel's loop. A call there would make accumulators live in memory, and
/// neither LLVM nor every engine inlines by itself.
#define CORR2D_INLINE inline __attribute__((always_inline))
#define CORR2D_INLINE_LAMBDA __attribute__((always_inline))

/// For functions whose loops copy, where memcpy would be slower.
#if defined(__clang__)
#define CORR2D_NO_MEMCPY __attribute__((no_builtin("memcpy", "memmove")))
#else
#define CORR2D_NO_MEMCPY
#endif

/// Before the one loop of a kernel. Its body is as long as registers allow; doubled it spills. V8
/// unrolls too, and the more the deeper loops are nested: so a kernel makes one tile, and the loops
/// over tiles are their callers'.
#if defined(__clang__)
#define CORR2D_NO_UNROLL _Pragma("clang loop unroll(disable)")
/// For what gains too little by it, in a file that is compiled for speed.
#define CORR2D_SMALL __attribute__((minsize))
#else
#define CORR2D_NO_UNROLL
#define CORR2D_SMALL
#endif

namespace corr2d {

/// a * b + c with two roundings: the same bits on every machine.
struct Unfused {
  static CORR2D_INLINE v128_t madd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
  }
  /// c - a * b
  static CORR2D_INLINE v128_t nmadd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_sub(c, wasm_f32x4_mul(a, b));
  }
};

#if CORR2D_HAS_RELAXED
/// a * b + c with one rounding or two, whichever this machine does faster.
struct Relaxed {
  static CORR2D_INLINE v128_t madd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_relaxed_madd(a, b, c);
  }
  static CORR2D_INLINE v128_t nmadd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_relaxed_nmadd(a, b, c);
  }
};
#endif

/// columns[j] gets lane j of each of the four rows.
CORR2D_INLINE void transpose(v128_t a, v128_t b, v128_t c, v128_t d, v128_t* columns) {
  const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5);
  const v128_t ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
  const v128_t cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  columns[0] = wasm_i64x2_shuffle(ab_low, cd_low, 0, 2);
  columns[1] = wasm_i64x2_shuffle(ab_low, cd_low, 1, 3);
  columns[2] = wasm_i64x2_shuffle(ab_high, cd_high, 0, 2);
  columns[3] = wasm_i64x2_shuffle(ab_high, cd_high, 1, 3);
}

/// The same of four rows in memory, `step` floats apart.
CORR2D_INLINE void transpose(const float* rows, std::int32_t step, v128_t (&columns)[4]) {
  transpose(wasm_v128_load(rows), wasm_v128_load(rows + step), wasm_v128_load(rows + 2 * step),
            wasm_v128_load(rows + 3 * step), columns);
}

}  // namespace corr2d
