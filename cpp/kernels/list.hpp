#pragma once

#include "kernels/depthwise/nhwc.hpp"
#include "kernels/depthwise/streaming.hpp"
#include "kernels/depthwise/tile.hpp"
#include "kernels/direct/tile.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/gemm/tile.hpp"
#include "kernels/rows/padded_row.hpp"
#include "kernels/winograd/transforms.hpp"

namespace corr2d {

/// The one list of kernels. Algorithms find theirs in it, and tests walk it, so that a kernel that
/// is added is tested around every edge of its tile without anyone remembering.
template <typename Work>
struct Kernel {
  const char* name;  // null in wasm binaries
  // Output channels of a tile; of a PlaneTile, rows; of a ChannelsTile, pixels; of streams
  // their stride; of Winograd's, n.
  std::int32_t channels;
  std::int32_t columns;  // output columns of a tile; of streams and Winograd's, lanes
  bool fused;            // multiplies and adds by relaxed_madd
  void (*run)(const Work&);
};

template <typename Work>
struct KernelList {
  const Kernel<Work>* first;
  std::int32_t count;

  const Kernel<Work>* begin() const { return first; }
  const Kernel<Work>* end() const { return first + count; }

  /// The first kernel for tiles of so many channels: fused where `fusing` and the binary has it.
  const Kernel<Work>& find(std::int32_t channels, bool fusing) const {
    const Kernel<Work>* found = nullptr;
    for (const Kernel<Work>& kernel : *this) {
      if (kernel.channels == channels &&
          (found == nullptr || (kernel.fused == fusing && found->fused != fusing))) {
        found = &kernel;
      }
    }
    return *found;
  }
};

constexpr std::int32_t kMaxTileFloats = 64;

/// Lets a kernel make a tile of which `columns` columns are wanted, `column_step` floats apart, in
/// a buffer of `kMaxTileFloats`, and copies them. The input is read as if the tile were whole.
template <typename Work>
void run_partial_tile(const Kernel<Work>& kernel, Work tile, std::int32_t rows,
                      std::int32_t columns, std::int32_t column_step) {
  float apart[kMaxTileFloats];
  const TileOutput output = tile.output;
  tile.output.data = apart;
  tile.output.row_step = kernel.columns;
  kernel.run(tile);
  if (column_step == 1) {
    copy_rows(apart, kernel.columns, rows, columns, output.data, output.row_step);
  } else if (output.row_step == 1) {
    transpose(apart, kernel.columns, rows, columns, output.data, column_step);
  } else {
    for (std::int32_t i = 0; i < rows * columns; ++i) {
      const std::int32_t r = i / columns, x = i % columns;
      output.data[r * output.row_step + x * column_step] = apart[r * kernel.columns + x];
    }
  }
}

/// The same for any tile: whole ones of neighbours go straight to the output.
template <typename Work>
inline void run_tile(const Kernel<Work>& kernel, const Work& tile, std::int32_t rows,
                     std::int32_t columns, std::int32_t column_step) {
  if (columns == kernel.columns && column_step == 1) {
    kernel.run(tile);
  } else {
    run_partial_tile(kernel, tile, rows, columns, column_step);
  }
}

/// The most output channels of a tile.
constexpr std::int32_t kMaxBlock = 5;

/// These hold a kernel for each count of channels that `channel_block` answers.
KernelList<DirectTile> direct_kernels();
KernelList<DirectTile> narrow_kernels();  // direct, of 4 columns
KernelList<GemmTile> gemm_kernels();

/// By the rows of their tile. What each can do stands in kernels/depthwise/tile.hpp.
KernelList<PlaneTile> plane_taps_kernels();  // 1 and 3
KernelList<PlaneTile> plane_rows_kernels();  // 2

/// By their stride, 1 and 2.
KernelList<PlaneStream> stream_kernels();
KernelList<ChannelsStream> channels_stream_kernels();

/// By the pixels of their tile, 1 and 3; its columns are channels.
KernelList<ChannelsTile> channels_kernels();

/// By the outputs along one axis of their tile, n of F(n x n, 3 x 3): 2 and 4.
KernelList<WinogradColumns> winograd_columns_kernels();
KernelList<WinogradInput> winograd_input_kernels();
KernelList<WinogradOutput> winograd_output_kernels();
KernelList<WinogradWeight> winograd_weight_kernels();

/// By the radix, 4; its columns are lanes. The products have no radix.
KernelList<FftStep> fft_forward_kernels();
KernelList<FftStep> fft_inverse_kernels();
KernelList<FftProducts> fft_multiply_kernels();

/// Calls visit(kernels) for every list there is.
template <typename Visit>
void each_kernel_list(Visit visit) {
  visit(direct_kernels());
  visit(narrow_kernels());
  visit(gemm_kernels());
  visit(plane_taps_kernels());
  visit(plane_rows_kernels());
  visit(stream_kernels());
  visit(channels_stream_kernels());
  visit(channels_kernels());
  visit(winograd_columns_kernels());
  visit(winograd_input_kernels());
  visit(winograd_output_kernels());
  visit(winograd_weight_kernels());
  visit(fft_forward_kernels());
  visit(fft_inverse_kernels());
  visit(fft_multiply_kernels());
}

/// Output channels are worked on in blocks; this is the size of the next one when so many are left.
/// As many fives as there can be, beside fours; threes and less only where there is no other way.
constexpr std::int32_t channel_block(std::int32_t channels_left) {
  if (channels_left % kMaxBlock == 0) return kMaxBlock;
  if (channels_left == 6) return 3;
  return channels_left < 4 ? channels_left : 4;
}

}  // namespace corr2d
