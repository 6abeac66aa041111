#pragma once

#include <cstdint>

namespace corr2d {

/// The block that one task computes, as an index along each axis of a TaskGrid, in the same order.
struct TaskIndex {
  std::int32_t channels, columns, rows, phase, group, image;
};

/// The division of a problem into tasks: the number of blocks along each axis. An axis that an
/// algorithm does not divide is one block.
struct TaskGrid {
  std::int32_t channels = 1;  // blocks of the output channels of a group
  std::int32_t columns = 1;   // blocks of output columns
  std::int32_t rows = 1;      // blocks of output rows
  std::int32_t phases = 1;    // phases (phase.hpp) of rows times those of columns
  std::int32_t groups = 1;    // groups, or blocks of groups
  std::int32_t images = 1;    // images, or blocks of images

  std::int32_t tasks() const;

  /// Decodes a task number, 0 to tasks() - 1. Consecutive tasks differ in channels first, then in
  /// columns, rows, phases, groups and images: tasks that run side by side read the same input.
  TaskIndex decode(std::int32_t task) const;
};

}  // namespace corr2d
