#pragma once

#include <memory>

#include "algorithms/algorithm.hpp"
#include "algorithms/large_kernel/low_rank.hpp"

namespace corr2d {

/// The kernel of a kFilterImage.
inline KernelsView kernel_of(const Problem& p, const float* weight) {
  return {weight, 1, p.kernel_height, p.kernel_width, p.weight_strides.h, p.weight_strides.w, 1,
          0,      0};
}

/// Makes a kFilterImage ready, by passes along columns and rows (separable_kernels.hpp) if it is to
/// be `separable`. kOk, kOutOfMemory or kTooLarge.
Status prepare_filter(const Problem& problem, const float* weight, const float* bias,
                      bool separable, std::unique_ptr<Executor>* executor);

}  // namespace corr2d
