#include "kernels/list.hpp"

namespace corr2d {
namespace {

// Names are for tests and benchmarks, which run natively.
#if defined(__wasm__)
#define CORR2D_NAME(name) nullptr
#else
#define CORR2D_NAME(name) name
#endif

// clang-format off
#define CORR2D_TILE(operation, rows, columns, madd, instructions, fused)       \
  {CORR2D_NAME(#operation "_" #rows "x" #columns "__" #instructions),          \
   rows, columns, fused, operation<madd, rows, columns / 4>}
#define CORR2D_STEP(operation, shape, parameter, madd, instructions, fused)    \
  {CORR2D_NAME(#operation "_" #shape "__" #instructions),                      \
   parameter, fused, operation<madd, parameter>}

#if CORR2D_HAS_RELAXED
#define CORR2D_TILES(operation, rows, columns)                                 \
  CORR2D_TILE(operation, rows, columns, Unfused, simd, false),                 \
  CORR2D_TILE(operation, rows, columns, Relaxed, relaxed, true)
#else
#define CORR2D_TILES(operation, rows, columns)                                 \
  CORR2D_TILE(operation, rows, columns, Unfused, simd, false)
#endif

// Steps belong to algorithms that deterministic mode never uses: the relaxed wasm binaries need
// only their fused form. Natively the tests run both.
#if !CORR2D_HAS_RELAXED
#define CORR2D_STEPS(operation, shape, parameter)                              \
  CORR2D_STEP(operation, shape, parameter, Unfused, simd, false)
#elif defined(__wasm__)
#define CORR2D_STEPS(operation, shape, parameter)                              \
  CORR2D_STEP(operation, shape, parameter, Relaxed, relaxed, true)
#else
#define CORR2D_STEPS(operation, shape, parameter)                              \
  CORR2D_STEP(operation, shape, parameter, Unfused, simd, false),              \
  CORR2D_STEP(operation, shape, parameter, Relaxed, relaxed, true)
#endif
// clang-format on

// The fastest width for each number of output channels.
constexpr TileKernel<DirectTile> kDirect[] = {
    CORR2D_TILES(f32_direct, 5, 8),  CORR2D_TILES(f32_direct, 4, 8),
    CORR2D_TILES(f32_direct, 3, 12), CORR2D_TILES(f32_direct, 2, 16),
    CORR2D_TILES(f32_direct, 1, 24),
};
constexpr TileKernel<DirectTile> kDirectNarrow[] = {
    CORR2D_TILES(f32_direct, 5, 4), CORR2D_TILES(f32_direct, 4, 4), CORR2D_TILES(f32_direct, 3, 4),
    CORR2D_TILES(f32_direct, 2, 4), CORR2D_TILES(f32_direct, 1, 4),
};

// All have the same width, so that every block of channels reads the same packed panels.
constexpr TileKernel<GemmTile> kGemm[] = {
    CORR2D_TILES(f32_gemm, 5, 8), CORR2D_TILES(f32_gemm, 4, 8), CORR2D_TILES(f32_gemm, 3, 8),
    CORR2D_TILES(f32_gemm, 2, 8), CORR2D_TILES(f32_gemm, 1, 8),
};

constexpr TileKernel<DepthwiseTile> kDepthwise[] = {
    CORR2D_TILES(f32_depthwise, 3, 8),
    CORR2D_TILES(f32_depthwise, 1, 24),
};
constexpr TileKernel<DepthwiseTile> kDepthwiseSharedRows[] = {
    CORR2D_TILES(f32_depthwise_shared_rows, 2, 16),
};
constexpr TileKernel<DepthwiseNhwcTile> kDepthwiseNhwc[] = {
    CORR2D_TILES(f32_depthwise_nhwc, 3, 8),
    CORR2D_TILES(f32_depthwise_nhwc, 1, 8),
};

constexpr Kernel<DepthwiseStream> kDepthwiseStream[] = {
    CORR2D_STEPS(f32_depthwise_stream, 3x3s1, 1),
    CORR2D_STEPS(f32_depthwise_stream, 3x3s2, 2),
};
constexpr Kernel<DepthwiseNhwcStream> kDepthwiseNhwcStream[] = {
    CORR2D_STEPS(f32_depthwise_nhwc_stream, 3x3s1, 1),
    CORR2D_STEPS(f32_depthwise_nhwc_stream, 3x3s2, 2),
};

constexpr Kernel<PassTile> kPass[] = {CORR2D_STEPS(f32_pass, 4x8, 4)};

constexpr Kernel<WinogradColumns> kWinogradColumns[] = {
    CORR2D_STEPS(f32_winograd_columns, f2x2, 2),
    CORR2D_STEPS(f32_winograd_columns, f4x4, 4),
};
constexpr Kernel<WinogradInput> kWinogradInput[] = {
    CORR2D_STEPS(f32_winograd_input, f2x2, 2),
    CORR2D_STEPS(f32_winograd_input, f4x4, 4),
};
constexpr Kernel<WinogradOutput> kWinogradOutput[] = {
    CORR2D_STEPS(f32_winograd_output, f2x2, 2),
    CORR2D_STEPS(f32_winograd_output, f4x4, 4),
};
constexpr Kernel<WinogradWeight> kWinogradWeight[] = {
    CORR2D_STEPS(f32_winograd_weight, f2x2, 2),
    CORR2D_STEPS(f32_winograd_weight, f4x4, 4),
};

constexpr Kernel<FftStep> kFftForward[] = {CORR2D_STEPS(f32_fft_forward, radix4, 4)};
constexpr Kernel<FftStep> kFftInverse[] = {CORR2D_STEPS(f32_fft_inverse, radix4, 4)};
constexpr Kernel<FftProducts> kFftMultiply[] = {CORR2D_STEPS(f32_fft_multiply, x4, 4)};

template <typename Kernel, std::int32_t kCount>
BasicKernelList<Kernel> list(const Kernel (&kernels)[kCount]) {
  return {kernels, kCount};
}

}  // namespace

TileKernelList<DirectTile> direct_kernels() { return list(kDirect); }
TileKernelList<DirectTile> direct_narrow_kernels() { return list(kDirectNarrow); }
TileKernelList<GemmTile> gemm_kernels() { return list(kGemm); }

TileKernelList<DepthwiseTile> depthwise_kernels() { return list(kDepthwise); }
TileKernelList<DepthwiseTile> depthwise_shared_rows_kernels() { return list(kDepthwiseSharedRows); }
TileKernelList<DepthwiseNhwcTile> depthwise_nhwc_kernels() { return list(kDepthwiseNhwc); }

KernelList<DepthwiseStream> depthwise_stream_kernels() { return list(kDepthwiseStream); }
KernelList<DepthwiseNhwcStream> depthwise_nhwc_stream_kernels() {
  return list(kDepthwiseNhwcStream);
}

KernelList<PassTile> pass_kernels() { return list(kPass); }

KernelList<WinogradColumns> winograd_columns_kernels() { return list(kWinogradColumns); }
KernelList<WinogradInput> winograd_input_kernels() { return list(kWinogradInput); }
KernelList<WinogradOutput> winograd_output_kernels() { return list(kWinogradOutput); }
KernelList<WinogradWeight> winograd_weight_kernels() { return list(kWinogradWeight); }

KernelList<FftStep> fft_forward_kernels() { return list(kFftForward); }
KernelList<FftStep> fft_inverse_kernels() { return list(kFftInverse); }
KernelList<FftProducts> fft_multiply_kernels() { return list(kFftMultiply); }

}  // namespace corr2d
