#include "algorithms/tiling/partition.hpp"

#include <algorithm>

#include "algorithms/algorithm.hpp"
#include "kernels/list.hpp"

namespace corr2d {

namespace {

/// With so many tasks for each worker, it is no matter who does the last one.
constexpr std::int32_t kTasksOfWorker = 8;
/// In products: what handing out a task costs, and waking the workers.
constexpr double kTaskProducts = 10e3;
constexpr double kWakingProducts = 100e3;
/// Workers do not begin at once, nor do they run as fast as each other: about so much of a task is
/// waited for in the end.
constexpr double kRaggedness = 0.15;

/// The time that it takes, in products of a single worker.
double time_of(const Work& work, const Split& shares, std::int32_t workers) {
  const auto cost = [&work](double columns, double channels) {
    return (columns + work.weight_columns) * (channels + work.input_channels) * work.depth +
           kTaskProducts;
  };
  // The columns of a panel are computed whether they are there or not.
  const auto columns_of = [&work](std::int32_t units) {
    const std::int64_t columns = std::int64_t{units} * work.unit_columns;
    return static_cast<double>((columns + kPanelColumns - 1) / kPanelColumns * kPanelColumns);
  };
  const std::int32_t larger = work.units % shares.axis;  // as many shares have one unit more
  const std::int32_t least = work.units / shares.axis;
  const double channels = static_cast<double>(work.channels) / shares.channels;
  const double total = (larger * cost(columns_of(least + 1), channels) +
                        (shares.axis - larger) * cost(columns_of(least), channels)) *
                       shares.channels * work.others;
  const double tasks = static_cast<double>(shares.axis) * shares.channels * work.others;
  if (tasks == 1) return total;
  const double rounds =
      static_cast<double>((static_cast<std::int64_t>(tasks) + workers - 1) / workers);
  return total * rounds / tasks +
         kRaggedness * cost(columns_of(divide_up(work.units, shares.axis)), channels) +
         kWakingProducts;
}

}  // namespace

Range channels_of(std::int32_t channels, std::int32_t shares, std::int32_t index) {
  const Range wanted = range_of(channels, shares, index);
  const auto next_block = [channels](std::int32_t from) {
    std::int32_t at = 0;
    while (at < from) at += channel_block(channels - at);
    return at;
  };
  const std::int32_t first = next_block(wanted.first);
  return {first, next_block(wanted.first + wanted.count) - first};
}

Split divide_work(const Work& work, std::int32_t workers) {
  Split best = {work.shares, 1};
  if (workers == 1) return best;
  const std::int64_t most = std::int64_t{kTasksOfWorker} * workers;
  double least = time_of(work, best, workers);
  for (Split shares = best; shares.axis <= work.units; ++shares.axis) {
    const std::int64_t of_axis = std::int64_t{work.others} * shares.axis;
    if (of_axis > most) break;
    for (shares.channels = 1;
         shares.channels == 1 ||
         (shares.channels * of_axis <= most && shares.channels * kMaxBlock <= work.channels);
         ++shares.channels) {
      const double time = time_of(work, shares, workers);
      if (time >= least) continue;
      least = time;
      best = shares;
    }
  }
  return best;
}

}  // namespace corr2d
