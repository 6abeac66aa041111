#pragma once

#include "kernels/depthwise/nhwc_stream.hpp"
#include "kernels/depthwise/nhwc_tile.hpp"
#include "kernels/depthwise/stream.hpp"
#include "kernels/depthwise/tile.hpp"
#include "kernels/direct.hpp"
#include "kernels/fft.hpp"
#include "kernels/gemm.hpp"
#include "kernels/pass.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/winograd.hpp"

// The list of micro-kernels: SIMD inner loops, each a template over its tile and its multiply-add.
// Algorithms look their kernel up in it, and the tests iterate over it, so a kernel that is added
// to the list is tested around every edge of its tile.
//
// Names follow XNNPACK's convention (doc/microkernel-naming-conventions.md):
//
//     f32_<operation>_<shape>__<instructions>      f32_gemm_5x8__relaxed
//
//   f32             the data type
//   operation       direct, gemm, depthwise, depthwise_shared_rows, depthwise_nhwc,
//                   depthwise_stream, depthwise_nhwc_stream, pass, winograd_columns,
//                   winograd_input, winograd_output, winograd_weight, fft_forward, fft_inverse,
//                   fft_multiply
//   shape           5x8      a tile of 5 rows and 8 columns; each operation states its rows
//                   3x3s2    a 3 x 3 kernel with stride 2
//                   f4x4     Winograd's F(4 x 4, 3 x 3)
//                   radix4   an FFT step of radix 4
//                   x4       four numbers at a time
//   instructions    simd     128-bit SIMD: a multiplication, then an addition, two roundings
//                   relaxed  relaxed SIMD: relaxed_madd, one rounding or two
//
// The C++ templates have the operation's name: f32_gemm<Relaxed, 5, 2> has 5 rows of 2 vectors.
//
// The folders group the code by its optimisation level:
//
//   kernels/            micro-kernels; -O3. depthwise/ holds headers only.
//   kernels/rows/       functions on whole rows: copying with padding, activations; -O2
//   kernels/layout/     changes of layout: packed panels, RGBA pixels; -Os

namespace corr2d {

/// A micro-kernel that computes one tile of the output; `Tile` holds its arguments.
template <typename Tile>
struct TileKernel {
  const char* name;  // null in wasm binaries
  std::int32_t rows, columns;
  bool fused;  // uses relaxed_madd
  void (*run)(const Tile&);

  std::int32_t key() const { return rows; }
};

/// A micro-kernel that is not selected by the rows of a tile; `Arguments` holds its arguments.
template <typename Arguments>
struct Kernel {
  static constexpr std::int32_t columns = 4;  // one in each lane of a vector

  const char* name;        // null in wasm binaries
  std::int32_t parameter;  // documented at the functions below
  bool fused;              // uses relaxed_madd
  void (*run)(const Arguments&);

  std::int32_t key() const { return parameter; }
};

template <typename Kernel>
struct BasicKernelList {
  const Kernel* first;
  std::int32_t count;

  const Kernel* begin() const { return first; }
  const Kernel* end() const { return first + count; }

  /// The kernel with these rows or this parameter, which must exist. `fused` is a preference:
  /// without such a kernel, find returns the other one.
  const Kernel& find(std::int32_t key, bool fused) const {
    const Kernel* found = nullptr;
    for (const Kernel& kernel : *this) {
      if (kernel.key() == key &&
          (found == nullptr || (kernel.fused == fused && found->fused != fused))) {
        found = &kernel;
      }
    }
    return *found;
  }
};

template <typename Tile>
using TileKernelList = BasicKernelList<TileKernel<Tile>>;
template <typename Arguments>
using KernelList = BasicKernelList<Kernel<Arguments>>;

constexpr std::int32_t kMaxTileFloats = 64;

/// Runs the kernel into a temporary tile and copies its first `rows` rows and `columns` columns to
/// the output, whose columns are `column_step` floats apart. The kernel reads the input of the
/// whole tile.
template <typename Tile>
void run_partial_tile(const TileKernel<Tile>& kernel, Tile tile, std::int32_t rows,
                      std::int32_t columns, std::int32_t column_step) {
  float whole_tile[kMaxTileFloats];
  const TileOutput output = tile.output;
  tile.output.data = whole_tile;
  tile.output.row_step = kernel.columns;
  kernel.run(tile);
  if (column_step == 1) {
    copy_rows(whole_tile, kernel.columns, rows, columns, output.data, output.row_step);
  } else if (output.row_step == 1) {
    transpose(whole_tile, kernel.columns, rows, columns, output.data, column_step);
  } else {
    for (std::int32_t i = 0; i < rows * columns; ++i) {
      const std::int32_t r = i / columns, x = i % columns;
      output.data[r * output.row_step + x * column_step] = whole_tile[r * kernel.columns + x];
    }
  }
}

/// Runs the kernel. A whole tile with contiguous columns is written to the output directly, any
/// other through a temporary tile.
template <typename Tile>
inline void run_tile(const TileKernel<Tile>& kernel, const Tile& tile, std::int32_t rows,
                     std::int32_t columns, std::int32_t column_step) {
  if (columns == kernel.columns && column_step == 1) {
    kernel.run(tile);
  } else {
    run_partial_tile(kernel, tile, rows, columns, column_step);
  }
}

/// The largest number of output channels that channel_block returns.
constexpr std::int32_t kMaxBlock = 5;

/// Tiles of output channels x output columns, one for each number of channels that channel_block
/// returns.
TileKernelList<DirectTile> direct_kernels();
TileKernelList<DirectTile> direct_narrow_kernels();  // 4 columns
TileKernelList<GemmTile> gemm_kernels();

/// Tiles of output rows x output columns of one channel: 1 and 3 rows, and 2 rows that share loads.
TileKernelList<DepthwiseTile> depthwise_kernels();
TileKernelList<DepthwiseTile> depthwise_shared_rows_kernels();

/// Tiles of output pixels x channels: 1 and 3 pixels.
TileKernelList<DepthwiseNhwcTile> depthwise_nhwc_kernels();

/// Parameter: the stride, 1 or 2.
KernelList<DepthwiseStream> depthwise_stream_kernels();
KernelList<DepthwiseNhwcStream> depthwise_nhwc_stream_kernels();

/// Parameter: the rows of a tile, 4.
KernelList<PassTile> pass_kernels();

/// Parameter: n of F(n x n, 3 x 3), 2 or 4.
KernelList<WinogradColumns> winograd_columns_kernels();
KernelList<WinogradInput> winograd_input_kernels();
KernelList<WinogradOutput> winograd_output_kernels();
KernelList<WinogradWeight> winograd_weight_kernels();

/// Parameter: the radix, 4.
KernelList<FftStep> fft_forward_kernels();
KernelList<FftStep> fft_inverse_kernels();

/// Parameter: the complex numbers multiplied at a time, 4.
KernelList<FftProducts> fft_multiply_kernels();

/// Calls visit(list) for every list.
template <typename Visit>
void each_kernel_list(Visit visit) {
  visit(direct_kernels());
  visit(direct_narrow_kernels());
  visit(gemm_kernels());
  visit(depthwise_kernels());
  visit(depthwise_shared_rows_kernels());
  visit(depthwise_nhwc_kernels());
  visit(depthwise_stream_kernels());
  visit(depthwise_nhwc_stream_kernels());
  visit(pass_kernels());
  visit(winograd_columns_kernels());
  visit(winograd_input_kernels());
  visit(winograd_output_kernels());
  visit(winograd_weight_kernels());
  visit(fft_forward_kernels());
  visit(fft_inverse_kernels());
  visit(fft_multiply_kernels());
}

/// Algorithms process output channels in blocks. Returns the size of the next block when
/// `channels_left` channels are left: blocks of 5 if they divide the channels, otherwise of 4 where
/// possible. Blocks of 3 and fewer are slower; they are used only for counts that are not a sum
/// of fours and fives.
constexpr std::int32_t channel_block(std::int32_t channels_left) {
  if (channels_left % kMaxBlock == 0) return kMaxBlock;
  if (channels_left == 6) return 3;
  return channels_left < 4 ? channels_left : 4;
}

}  // namespace corr2d
