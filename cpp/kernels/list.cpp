#include "kernels/list.hpp"

namespace corr2d {
namespace {

// Names are for tests and benches, which run natively.
#if defined(__wasm__)
#define CORR2D_NAME(name) nullptr
#else
#define CORR2D_NAME(name) name
#endif

// clang-format off
#define CORR2D_KERNEL(kernel, madd, channels, vectors, fused)                       \
  {CORR2D_NAME(#kernel "_" #channels "x" #vectors "v_" #madd), channels, 4 * vectors, \
   fused, kernel<madd, channels, vectors>}
#if CORR2D_HAS_RELAXED
#define CORR2D_BOTH_MADDS(kernel, channels, vectors)          \
  CORR2D_KERNEL(kernel, Unfused, channels, vectors, false),   \
  CORR2D_KERNEL(kernel, Relaxed, channels, vectors, true)
#else
#define CORR2D_BOTH_MADDS(kernel, channels, vectors) \
  CORR2D_KERNEL(kernel, Unfused, channels, vectors, false)
#endif
// clang-format on

// Eight accumulators each: what fits into the 15 registers that engines have for vectors, beside
// the input and a weight.
constexpr Kernel<DirectRow> kDirect[] = {
    CORR2D_BOTH_MADDS(f32_direct_row, 4, 2),
    CORR2D_BOTH_MADDS(f32_direct_row, 2, 4),
    CORR2D_BOTH_MADDS(f32_direct_row, 1, 8),
};

// All of one width, so that every block of channels reads the same packed panels.
constexpr Kernel<GemmTile> kGemm[] = {
    CORR2D_BOTH_MADDS(f32_gemm_tile, 4, 2),
    CORR2D_BOTH_MADDS(f32_gemm_tile, 2, 2),
    CORR2D_BOTH_MADDS(f32_gemm_tile, 1, 2),
};

template <typename Work, std::int32_t kCount>
KernelList<Work> list(const Kernel<Work> (&kernels)[kCount]) {
  return {kernels, kCount};
}

}  // namespace

KernelList<DirectRow> direct_kernels() { return list(kDirect); }
KernelList<GemmTile> gemm_kernels() { return list(kGemm); }

}  // namespace corr2d
