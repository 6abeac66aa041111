#pragma once

#include "kernels/plane.hpp"

namespace corr2d {

/// Correlates a block of one output channel, by the fastest kernel that can. `block` is a tile of
/// any size; `dense` says that there is one input channel and that the rows of the kernel read
/// neighbouring rows of the patch, the first one first. With `fusing` the order of summation may be
/// another one than that of the taps.
void correlate_plane(const PlaneTile& block, bool dense, bool fusing);

}  // namespace corr2d
