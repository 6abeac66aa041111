#pragma once

#include <cstdint>

namespace corr2d {

constexpr std::int32_t divide_up(std::int32_t value, std::int32_t by) {
  return value / by + (value % by != 0 ? 1 : 0);
}

/// Consecutive units of an axis.
struct Range {
  std::int32_t first, count;
};

/// Part `index` of an axis of `units` that is divided into `parts`. Parts differ by at most one
/// unit; the larger ones come first, so that threads wait less for the last tasks. The largest has
/// divide_up(units, parts) units.
Range range_of(std::int32_t units, std::int32_t parts, std::int32_t index);

/// Work that can be divided among threads along one axis (rows, columns or images) and by output
/// channels. Dividing it repeats some of it: every task reads all weights of its channels and
/// brings the input of its outputs into the form that kernels read.
struct Workload {
  std::int32_t other_tasks;   // tasks for each part of the axis, by the axes that stay as they are
  std::int32_t units;         // length of the axis
  std::int32_t unit_columns;  // outputs of one channel in a unit
  std::int32_t channels;      // output channels of a group
  std::int32_t depth;         // products in an output
  std::int32_t min_parts;     // the caches need the axis divided into at least this many parts
  // The work of a task besides its products:
  std::int32_t weight_columns;  // reading the weights takes as long as this many columns
  std::int32_t input_channels;  // preparing the input takes as long as this many output channels
};

/// The number of parts that an axis and the output channels are divided into.
struct Split {
  std::int32_t axis, channels;
};

#if defined(CORR2D_THREADS)

constexpr bool kDivides = true;

/// The split that finishes first on this many threads.
Split divide_work(const Workload& work, std::int32_t threads);

/// Part `index` of output channels that are divided into `parts`: whole blocks of channels
/// (channel_block in kernels/list.hpp).
Range channels_of(std::int32_t channels, std::int32_t parts, std::int32_t index);

#else

// Without threads there is nothing to divide, and the compiler removes the calls.
constexpr bool kDivides = false;
constexpr Split divide_work(const Workload& work, std::int32_t) { return {work.min_parts, 1}; }
constexpr Range channels_of(std::int32_t channels, std::int32_t, std::int32_t) {
  return {0, channels};
}

#endif

}  // namespace corr2d
