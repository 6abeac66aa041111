#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"
#include "algorithms/large_kernel/low_rank.hpp"

namespace corr2d {

/// The ways to compute a kFilterImage.
enum class FilterMethod {
  kTiles,      // in tiles, for any kernel (depthwise/single_channel_block.hpp)
  kStreaming,  // in streams along rows, for what can_stream_filter accepts
  kSeparable,  // in passes along columns and rows (large_kernel/separable_kernels.hpp)
};

/// Whether a kFilterImage can be streamed.
bool can_stream_filter(const Problem& problem);

/// The kernel of a kFilterImage.
inline KernelsView kernel_of(const Problem& p, const float* weight) {
  return {.first = weight,
          .count = 1,
          .height = p.kernel_height,
          .width = p.kernel_width,
          .row_step = p.weight_strides.h,
          .column_step = p.weight_strides.w,
          .kernels_per_group = 1,
          .kernel_step = 0,
          .group_step = 0};
}

/// Prepares a kFilterImage. Returns kOk, kOutOfMemory or kTooLarge.
Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      FilterMethod method, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
