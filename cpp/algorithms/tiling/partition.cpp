#include "algorithms/tiling/partition.hpp"

#include <algorithm>

#include "kernels/list.hpp"

namespace corr2d {

Range range_of(std::int32_t units, std::int32_t parts, std::int32_t index) {
  const std::int32_t least = units / parts, larger = units % parts;
  return {index * least + std::min(index, larger), least + (index < larger ? 1 : 0)};
}

#if defined(CORR2D_THREADS)

namespace {

/// With this many tasks for each thread, the last task no longer matters.
constexpr std::int32_t kTasksPerThread = 8;
/// The costs, in products, of handing out a task and of waking the workers.
constexpr double kTaskProducts = 10e3;
constexpr double kWakingProducts = 100e3;
/// Threads neither start at once nor run at the same speed: the last one finishes about this
/// fraction of a task after the others.
constexpr double kRaggedness = 0.15;

/// Estimates the time of a split, in products of a single thread.
double time_of(const Workload& work, const Split& split, std::int32_t threads) {
  const auto cost = [&work](double columns, double channels) {
    return (columns + work.weight_columns) * (channels + work.input_channels) * work.depth +
           kTaskProducts;
  };
  // Panels are computed whole.
  const auto columns_of = [&work](std::int32_t units) {
    const std::int64_t columns = std::int64_t{units} * work.unit_columns;
    return static_cast<double>((columns + kPanelColumns - 1) / kPanelColumns * kPanelColumns);
  };
  const std::int32_t larger = work.units % split.axis;  // parts that have one unit more
  const std::int32_t least = work.units / split.axis;
  const double channels = static_cast<double>(work.channels) / split.channels;
  const double total = (larger * cost(columns_of(least + 1), channels) +
                        (split.axis - larger) * cost(columns_of(least), channels)) *
                       split.channels * work.other_tasks;
  const double tasks = static_cast<double>(split.axis) * split.channels * work.other_tasks;
  if (tasks == 1) return total;
  const double rounds =
      static_cast<double>((static_cast<std::int64_t>(tasks) + threads - 1) / threads);
  return total * rounds / tasks +
         kRaggedness * cost(columns_of(divide_up(work.units, split.axis)), channels) +
         kWakingProducts;
}

}  // namespace

Range channels_of(std::int32_t channels, std::int32_t parts, std::int32_t index) {
  const Range wanted = range_of(channels, parts, index);
  const auto next_block = [channels](std::int32_t from) {
    std::int32_t at = 0;
    while (at < from) at += channel_block(channels - at);
    return at;
  };
  const std::int32_t first = next_block(wanted.first);
  return {first, next_block(wanted.first + wanted.count) - first};
}

Split divide_work(const Workload& work, std::int32_t threads) {
  Split best = {work.min_parts, 1};
  if (threads == 1) return best;
  const std::int64_t most = std::int64_t{kTasksPerThread} * threads;
  double least = time_of(work, best, threads);
  for (Split split = best; split.axis <= work.units; ++split.axis) {
    const std::int64_t axis_tasks = std::int64_t{work.other_tasks} * split.axis;
    if (axis_tasks > most) break;
    for (split.channels = 1; split.channels == 1 || (split.channels * axis_tasks <= most &&
                                                     split.channels * kMaxBlock <= work.channels);
         ++split.channels) {
      const double time = time_of(work, split, threads);
      if (time >= least) continue;
      least = time;
      best = split;
    }
  }
  return best;
}

#endif

}  // namespace corr2d
