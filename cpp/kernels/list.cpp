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
// Of algorithms that are never deterministic, which need nothing else where it fuses.
#if CORR2D_HAS_RELAXED && defined(__wasm__)
#define CORR2D_FASTEST_MADD(kernel, channels, vectors) \
  CORR2D_KERNEL(kernel, Relaxed, channels, vectors, true)
#else
#define CORR2D_FASTEST_MADD CORR2D_BOTH_MADDS
#endif
// clang-format on

// For each block of channels the width that is fastest; see kernels/direct/tile.hpp.
constexpr Kernel<DirectTile> kDirect[] = {
    CORR2D_BOTH_MADDS(f32_direct_tile, 5, 2), CORR2D_BOTH_MADDS(f32_direct_tile, 4, 2),
    CORR2D_BOTH_MADDS(f32_direct_tile, 3, 3), CORR2D_BOTH_MADDS(f32_direct_tile, 2, 4),
    CORR2D_BOTH_MADDS(f32_direct_tile, 1, 6),
};

constexpr Kernel<DirectTile> kNarrow[] = {
    CORR2D_BOTH_MADDS(f32_direct_tile, 5, 1), CORR2D_BOTH_MADDS(f32_direct_tile, 4, 1),
    CORR2D_BOTH_MADDS(f32_direct_tile, 3, 1), CORR2D_BOTH_MADDS(f32_direct_tile, 2, 1),
    CORR2D_BOTH_MADDS(f32_direct_tile, 1, 1),
};

// All of one width, so that every block of channels reads the same packed panels.
constexpr Kernel<GemmTile> kGemm[] = {
    CORR2D_BOTH_MADDS(f32_gemm_tile, 5, 2), CORR2D_BOTH_MADDS(f32_gemm_tile, 4, 2),
    CORR2D_BOTH_MADDS(f32_gemm_tile, 3, 2), CORR2D_BOTH_MADDS(f32_gemm_tile, 2, 2),
    CORR2D_BOTH_MADDS(f32_gemm_tile, 1, 2),
};

constexpr Kernel<PlaneTile> kPlaneTaps[] = {
    CORR2D_BOTH_MADDS(f32_plane_taps, 3, 2),
    CORR2D_BOTH_MADDS(f32_plane_taps, 1, 6),
};
constexpr Kernel<PlaneTile> kPlaneRows[] = {CORR2D_BOTH_MADDS(f32_plane_rows, 2, 4)};
constexpr Kernel<PlaneStream> kStream[] = {
    CORR2D_FASTEST_MADD(f32_plane_stream3, 1, 1),
    CORR2D_FASTEST_MADD(f32_plane_stream3, 2, 1),
};

constexpr Kernel<ChannelsStream> kChannelsStream[] = {
    CORR2D_FASTEST_MADD(f32_channels_stream3, 1, 1),
    CORR2D_FASTEST_MADD(f32_channels_stream3, 2, 1),
};
constexpr Kernel<ChannelsTile> kChannels[] = {
    CORR2D_BOTH_MADDS(f32_channels_tile, 3, 2),
    CORR2D_BOTH_MADDS(f32_channels_tile, 1, 2),
};
constexpr Kernel<WinogradColumns> kWinogradColumns[] = {
    CORR2D_FASTEST_MADD(f32_winograd_columns, 2, 1),
    CORR2D_FASTEST_MADD(f32_winograd_columns, 4, 1),
};
constexpr Kernel<WinogradInput> kWinogradInput[] = {
    CORR2D_FASTEST_MADD(f32_winograd_input, 2, 1),
    CORR2D_FASTEST_MADD(f32_winograd_input, 4, 1),
};
constexpr Kernel<WinogradOutput> kWinogradOutput[] = {
    CORR2D_FASTEST_MADD(f32_winograd_output, 2, 1),
    CORR2D_FASTEST_MADD(f32_winograd_output, 4, 1),
};
constexpr Kernel<WinogradWeight> kWinogradWeight[] = {
    CORR2D_FASTEST_MADD(f32_winograd_weight, 2, 1),
    CORR2D_FASTEST_MADD(f32_winograd_weight, 4, 1),
};

constexpr Kernel<FftStep> kFftForward[] = {CORR2D_FASTEST_MADD(f32_fft_forward, 4, 1)};
constexpr Kernel<FftStep> kFftInverse[] = {CORR2D_FASTEST_MADD(f32_fft_inverse, 4, 1)};
constexpr Kernel<FftProducts> kFftMultiply[] = {CORR2D_FASTEST_MADD(f32_fft_multiply, 1, 1)};

template <typename Work, std::int32_t kCount>
KernelList<Work> list(const Kernel<Work> (&kernels)[kCount]) {
  return {kernels, kCount};
}

}  // namespace

KernelList<DirectTile> direct_kernels() { return list(kDirect); }
KernelList<DirectTile> narrow_kernels() { return list(kNarrow); }
KernelList<GemmTile> gemm_kernels() { return list(kGemm); }
KernelList<PlaneTile> plane_taps_kernels() { return list(kPlaneTaps); }
KernelList<PlaneTile> plane_rows_kernels() { return list(kPlaneRows); }
KernelList<PlaneStream> stream_kernels() { return list(kStream); }
KernelList<ChannelsStream> channels_stream_kernels() { return list(kChannelsStream); }
KernelList<ChannelsTile> channels_kernels() { return list(kChannels); }
KernelList<WinogradColumns> winograd_columns_kernels() { return list(kWinogradColumns); }
KernelList<WinogradInput> winograd_input_kernels() { return list(kWinogradInput); }
KernelList<WinogradOutput> winograd_output_kernels() { return list(kWinogradOutput); }
KernelList<WinogradWeight> winograd_weight_kernels() { return list(kWinogradWeight); }

KernelList<FftStep> fft_forward_kernels() { return list(kFftForward); }
KernelList<FftStep> fft_inverse_kernels() { return list(kFftInverse); }
KernelList<FftProducts> fft_multiply_kernels() { return list(kFftMultiply); }

}  // namespace corr2d
