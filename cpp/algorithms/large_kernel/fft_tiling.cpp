// Chooses the transform sizes of FFT by what they cost.

#include "algorithms/large_kernel/fft_tiling.hpp"

#include <limits>

#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kMinFftSize = 4;

/// Counts the numbers of all pairs of tiles and channels that are transformed; the same times the
/// radix-2 steps of a transform; the products of spectra; and those of them whose kernel spectra
/// are not in a cache.
OpCounts op_counts_of(const Correlation& c, std::int32_t rows, std::int32_t columns) {
  constexpr float kCacheFloats = 1 << 19;
  /// Reading or writing a float that is no neighbour of the one before takes as long as
  /// transforming this many numbers.
  constexpr float kGather = 2;
  const ProblemSizes sizes(c);
  const std::int64_t tiles =
      std::int64_t{c.images} * FftAxis(c.rows, rows).tiles * FftAxis(c.columns, columns).tiles;
  const auto size = static_cast<float>(rows * columns);
  const float numbers = size * sizes.groups * static_cast<float>((tiles + 1) / 2);
  const float transformed = numbers * (sizes.inputs + sizes.outputs);
  const float gathered = c.input.column == 1 && c.output.column == 1
                             ? 0
                             : kGather * (sizes.input_floats + sizes.output_floats);
  const float products = numbers * sizes.inputs * sizes.outputs;
  const float spectra = 2 * size * sizes.groups * sizes.inputs * sizes.outputs;
  return {{transformed + gathered, transformed * steps_of(rows, columns), products,
           spectra > kCacheFloats ? products : 0}};
}

}  // namespace

float steps_of(std::int32_t rows, std::int32_t columns) {
  return static_cast<float>(__builtin_ctz(static_cast<unsigned>(rows * columns)));
}

FftTiling best_fft_tiling(const Correlation& c) {
  FftTiling best = {};
  best.cost = std::numeric_limits<float>::infinity();
  for (std::int32_t rows = kMinFftSize; rows <= kMaxFftSize; rows *= 2) {
    if (rows <= reach_of(c.rows)) continue;
    for (std::int32_t columns = kMinFftSize; columns <= kMaxFftSize; columns *= 2) {
      if (columns <= reach_of(c.columns)) continue;
      const OpCounts op_counts = op_counts_of(c, rows, columns);
      const float cost = cost_of(EntryId::kFft, op_counts);
      if (cost < best.cost) best = {rows, columns, op_counts, cost};
    }
  }
  return best;
}

}  // namespace corr2d
