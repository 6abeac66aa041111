#pragma once

#include <algorithm>
#include <cstdint>

#include "algorithms/tiling/partition.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {

/// The windows of a pool along one axis.
struct PoolAxis {
  std::int32_t input, kernel, stride, dilation, pad;
  std::int32_t counted_before, counted_after;  // the padding that averages count

  /// The position that tap `tap` of window `i` reads.
  std::int32_t position(std::int32_t i, std::int32_t tap) const {
    return i * stride - pad + tap * dilation;
  }

  /// Floats between neighbouring taps, from those between neighbouring positions; 0 if no two taps
  /// can read the input.
  std::int32_t step(std::int32_t floats) const { return dilation < input ? dilation * floats : 0; }

  /// The taps of window `i` that read the input and not the padding.
  Range taps(std::int32_t i) const { return taps_between(i, 0, 0); }

  /// The number of taps of window `i` that an average divides by, at least 1.
  float divisor(std::int32_t i) const {
    return static_cast<float>(std::max(taps_between(i, counted_before, counted_after).count, 1));
  }

  /// Whether the only window of an axis is the whole input.
  bool covers_input(std::int32_t outputs) const {
    return outputs == 1 && pad == 0 && kernel == input && dilation == 1;
  }

 private:
  /// The taps of window `i` between `before` elements before the input and `after` behind it.
  Range taps_between(std::int32_t i, std::int32_t before, std::int32_t after) const {
    const std::int32_t begin = position(i, 0);
    const std::int32_t missing = std::max(0, -before - begin);
    // Divisions are slow.
    const std::int32_t first = dilation == 1 ? missing : divide_up(missing, dilation);
    const std::int32_t last = input + after - 1 - begin;
    const std::int32_t most = (dilation == 1 ? last : last / dilation) + 1;
    const std::int32_t end = last < 0 ? 0 : std::min(kernel, most);
    return {first, std::max(end - first, 0)};
  }
};

inline PoolAxis pool_axis(const Problem& p, std::int32_t input, std::int32_t kernel,
                          std::int32_t stride, std::int32_t dilation, std::int32_t before,
                          std::int32_t after) {
  const bool counts = p.count_include_pad != 0;
  return {input, kernel, stride, dilation, before, counts ? before : 0, counts ? after : 0};
}
inline PoolAxis planes_of_pool(const Problem& p) {
  return pool_axis(p, p.input_depth, p.kernel_depth, p.stride_depth, p.dilation_depth, p.pad_front,
                   p.pad_back);
}
inline PoolAxis rows_of_pool(const Problem& p) {
  return pool_axis(p, p.input_height, p.kernel_height, p.stride_height, p.dilation_height,
                   p.pad_top, p.pad_bottom);
}
inline PoolAxis columns_of_pool(const Problem& p) {
  return pool_axis(p, p.input_width, p.kernel_width, p.stride_width, p.dilation_width, p.pad_left,
                   p.pad_right);
}

}  // namespace corr2d
