#pragma once

#include <cstdint>

// Kernels use the intrinsics of wasm_simd128.h. Natively the same source compiles through SIMDe, so
// sanitizers and debuggers run the code that ships. This header adds the names that SIMDe lacks,
// the multiply-add policies and the attributes that kernels need.

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

/// For functions called in a kernel's loop. A call there would keep the accumulators in memory, and
/// neither LLVM nor all engines inline reliably on their own.
#define CORR2D_INLINE inline __attribute__((always_inline))
#define CORR2D_INLINE_LAMBDA __attribute__((always_inline))

/// Keeps LLVM from replacing a copying loop with memcpy, which is slower on short rows.
#if defined(__clang__)
#define CORR2D_NO_MEMCPY __attribute__((no_builtin("memcpy", "memmove")))
#else
#define CORR2D_NO_MEMCPY
#endif

/// Goes before a kernel's loop, whose body already uses all registers and would spill if it were
/// unrolled. V8 also unrolls loops, nested ones most of all, until they spill. A kernel therefore
/// computes one tile, and its callers loop over the tiles.
#if defined(__clang__)
#define CORR2D_NO_UNROLL _Pragma("clang loop unroll(disable)")
/// Optimises a function for size in a file that is compiled for speed.
#define CORR2D_SMALL __attribute__((minsize))
#else
#define CORR2D_NO_UNROLL
#define CORR2D_SMALL
#endif

namespace corr2d {

/// Four float32 lanes.
struct F32x4 {
  using Number = float;
  static CORR2D_INLINE v128_t splat(const float* at) { return wasm_v128_load32_splat(at); }
  static CORR2D_INLINE v128_t add(v128_t a, v128_t b) { return wasm_f32x4_add(a, b); }
  static CORR2D_INLINE v128_t sub(v128_t a, v128_t b) { return wasm_f32x4_sub(a, b); }
  static CORR2D_INLINE v128_t mul(v128_t a, v128_t b) { return wasm_f32x4_mul(a, b); }
};

/// Two float64 lanes.
struct F64x2 {
  using Number = double;
  static CORR2D_INLINE v128_t splat(const double* at) { return wasm_v128_load64_splat(at); }
  static CORR2D_INLINE v128_t add(v128_t a, v128_t b) { return wasm_f64x2_add(a, b); }
  static CORR2D_INLINE v128_t sub(v128_t a, v128_t b) { return wasm_f64x2_sub(a, b); }
  static CORR2D_INLINE v128_t mul(v128_t a, v128_t b) { return wasm_f64x2_mul(a, b); }
};

/// a * b + c with two roundings: the same bits on every machine.
struct Unfused : F32x4 {
  static CORR2D_INLINE v128_t madd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
  }
  /// c - a * b
  static CORR2D_INLINE v128_t nmadd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_sub(c, wasm_f32x4_mul(a, b));
  }
};

/// Unfused, in float64.
struct UnfusedF64 : F64x2 {
  static CORR2D_INLINE v128_t madd(v128_t a, v128_t b, v128_t c) { return add(mul(a, b), c); }
  static CORR2D_INLINE v128_t nmadd(v128_t a, v128_t b, v128_t c) { return sub(c, mul(a, b)); }
};

#if CORR2D_HAS_RELAXED
/// a * b + c with one rounding or two: the engine uses whichever is faster on its machine.
struct Relaxed : F32x4 {
  static CORR2D_INLINE v128_t madd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_relaxed_madd(a, b, c);
  }
  static CORR2D_INLINE v128_t nmadd(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_relaxed_nmadd(a, b, c);
  }
};
#endif

/// Transposes 4 x 4: columns[j] gets lane j of the rows a, b, c and d.
CORR2D_INLINE void transpose(v128_t a, v128_t b, v128_t c, v128_t d, v128_t* columns) {
  const v128_t a0b0a1b1 = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5);
  const v128_t a2b2a3b3 = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t c0d0c1d1 = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
  const v128_t c2d2c3d3 = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  columns[0] = wasm_i64x2_shuffle(a0b0a1b1, c0d0c1d1, 0, 2);
  columns[1] = wasm_i64x2_shuffle(a0b0a1b1, c0d0c1d1, 1, 3);
  columns[2] = wasm_i64x2_shuffle(a2b2a3b3, c2d2c3d3, 0, 2);
  columns[3] = wasm_i64x2_shuffle(a2b2a3b3, c2d2c3d3, 1, 3);
}

/// Transposes four rows in memory, `step` floats apart.
CORR2D_INLINE void transpose(const float* rows, std::int32_t step, v128_t (&columns)[4]) {
  transpose(wasm_v128_load(rows), wasm_v128_load(rows + step), wasm_v128_load(rows + 2 * step),
            wasm_v128_load(rows + 3 * step), columns);
}

}  // namespace corr2d
