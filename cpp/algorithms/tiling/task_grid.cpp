#include "algorithms/tiling/task_grid.hpp"

#include <array>
#include <bit>

namespace corr2d {
namespace {

/// The members of a TaskGrid or a TaskIndex, from the fastest axis to the slowest.
using Axes = std::array<std::int32_t, 6>;

}  // namespace

std::int32_t TaskGrid::tasks() const {
  return channels * columns * rows * phases * groups * images;
}

TaskIndex TaskGrid::decode(std::int32_t task) const {
  Axes axes = std::bit_cast<Axes>(*this);
  for (std::int32_t& axis : axes) {
    const std::int32_t blocks = axis;
    axis = 0;
    // Most axes have one block, and divisions are slow.
    if (blocks == 1) continue;
    axis = task % blocks;
    task /= blocks;
  }
  return std::bit_cast<TaskIndex>(axes);
}

}  // namespace corr2d
