#pragma once

#include <cstdint>

namespace corr2d {

/// A range of units, one after the other.
struct Range {
  std::int32_t first, count;
};

/// Range `index` of `shares` into which so many units are divided: as even as can be, the larger
/// ones first, so that those who come last have less to wait for.
constexpr Range range_of(std::int32_t units, std::int32_t shares, std::int32_t index) {
  const std::int32_t least = units / shares, larger = units % shares;
  return {index * least + (index < larger ? index : larger), least + (index < larger ? 1 : 0)};
}

/// Work that can be divided among workers: along an axis (rows, columns or images, whatever can be
/// cut) and by output channels. Each of the tasks does a part that others do too: it reads all
/// weights of its channels and brings what its outputs read into the form that kernels want.
struct Work {
  std::int32_t others;        // tasks that there are for each share
  std::int32_t units;         // of the axis
  std::int32_t unit_columns;  // outputs of one channel in a unit
  std::int32_t channels;
  std::int32_t depth;   // products in an output
  std::int32_t shares;  // into which the axis is divided at least, for other reasons
  // What a task does beside its products:
  std::int32_t weight_columns;  // reading weights takes as long as so many columns
  std::int32_t input_channels;  // bringing its input into form takes as long as so many channels
};

/// Into how many shares the axis and the output channels are best divided, so that all workers have
/// as much to do.
struct Split {
  std::int32_t axis, channels;
};

#if defined(CORR2D_THREADS)

constexpr bool kDivides = true;

Split divide_work(const Work& work, std::int32_t workers);

/// The output channels of share `index` of `shares`: whole blocks of channels (channel_block).
Range channels_of(std::int32_t channels, std::int32_t shares, std::int32_t index);

#else

// There is one worker, and nothing to divide: what the compiler leaves out.
constexpr bool kDivides = false;
constexpr Split divide_work(const Work& work, std::int32_t) { return {work.shares, 1}; }
constexpr Range channels_of(std::int32_t channels, std::int32_t, std::int32_t) {
  return {0, channels};
}

#endif

}  // namespace corr2d
