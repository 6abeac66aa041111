#pragma once

#include "kernels/direct.hpp"
#include "kernels/gemm.hpp"

namespace corr2d {

/// The one list of kernels. Algorithms find theirs in it, and tests walk it, so that a kernel that
/// is added is tested around every edge of its tile without anyone remembering.
template <typename Work>
struct Kernel {
  const char* name;       // null in wasm binaries
  std::int32_t channels;  // output channels of a tile
  std::int32_t columns;   // output columns of a tile
  bool fused;             // multiplies and adds by relaxed_madd
  void (*run)(const Work&);
};

template <typename Work>
struct KernelList {
  const Kernel<Work>* first;
  std::int32_t count;

  const Kernel<Work>* begin() const { return first; }
  const Kernel<Work>* end() const { return first + count; }

  /// The kernel for tiles of so many channels: fused where `fusing` and the binary has it.
  const Kernel<Work>& find(std::int32_t channels, bool fusing) const {
    const Kernel<Work>* found = nullptr;
    for (const Kernel<Work>& kernel : *this) {
      if (kernel.channels == channels && (found == nullptr || kernel.fused == fusing)) {
        found = &kernel;
      }
    }
    return *found;
  }
};

/// Both hold a kernel for each count of channels that `channel_block` answers.
KernelList<DirectRow> direct_kernels();
KernelList<GemmTile> gemm_kernels();

/// Output channels are worked on in blocks; this is the size of the next one when so many are left.
constexpr std::int32_t channel_block(std::int32_t channels_left) {
  return channels_left >= 4 ? 4 : channels_left >= 2 ? 2 : 1;
}

}  // namespace corr2d
