// Winograd: 3 x 3 kernels of stride 1 by minimal filtering (kernels/winograd.hpp), with
// any dilation, padding, groups and layout, and also transposed and backward, unless the stride is
// fractional. It needs 2.25 or 4 times fewer products than the definition, and is chosen for many
// channels. A task computes a block of tiles:
//
//   1. It transforms the input, channel by channel, into panels, one for each of the 16 or 36
//      positions.
//   2. At each position a matrix product over the input channels gives sums for some output
//      channels (f32_gemm, with weights that are transformed once).
//   3. It transforms the sums back, with bias and activation.
//
// A dilated problem is divided into phases by the remainders of its outputs modulo the dilation:
// each phase is an undilated problem in every d-th row and column.
//
// Error bound, for K = 9 Ci products and unless something overflows or underflows:
// |error| <= 2 (K + 1) eps * (|bias| + sum over Ci of max |x| * sum |w|) with eps = 2^-24, where
// the maximum is that of the tile: of 6 x 6 elements of the input, which include the window. It is
// measured, not derived: over 20,000 problems of the sweep (tests/sweep), whose data lies between
// -1 and 1, the largest error is 0.7 (K + 1) eps times that sum with 1 for every maximum. The
// derived bound, 189 (Ci + 28) eps times it, would hide real mistakes.
//
// Root mean square of the errors, relative to that of direct, for F(2, 3) and F(4, 3) with 8 to 512
// input channels (tests/cpp/winograd_test.cpp):
//
//                                         F(2, 3)        F(4, 3)
//   values of mean 0                     0.56 - 0.91    0.79 - 2.04
//   images                               0.39 - 0.74    0.38 - 0.52
//   values of mean 0 after ReLU          0.64 - 1.29    0.96 - 2.46
//
// Everything in a tile is summed with everything else in it. A NaN or an infinity in the input
// therefore also makes NaN of outputs up to 3 (times the dilation) rows or columns beyond those
// whose windows hold it. Outputs whose windows hold it become NaN or infinite.

#include <algorithm>

#include "algorithms/tiling/packing.hpp"
#include "algorithms/winograd/executor.hpp"
#include "core/problem_sizes.hpp"

namespace corr2d {

WinogradExecutor::WinogradExecutor(const Correlation& correlation)
    : c_(correlation),
      epilogue_(correlation),
      planes_(phase_of(correlation.planes, 0)),
      rows_(correlation.rows),
      columns_(correlation.columns),
      tiling_(divided(best_tiling(correlation), correlation)),
      layout_(tiling_, correlation) {
  grid_ = tiling_.grid;
}

Status WinogradExecutor::prepare(const float* weight, const float* bias) {
  if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
  const std::int64_t weights =
      std::int64_t{c_.groups} * tiling_.positions() * (std::int64_t{c_.inputs} * c_.outputs + 4);
  if (weights > kMaxElements) return Status::kTooLarge;
  if (!weights_.reset(static_cast<std::size_t>(weights))) return Status::kOutOfMemory;
  pack_weights(weight);
  weight_bytes_ = bias_.bytes() + weights_.bytes();
  workspace_floats_ = layout_.floats();
  return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
}

namespace {

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "its rounding is not deterministic";
  if (c.rows.kernel != 3 || c.columns.kernel != 3) return "it needs a 3×3 kernel";
  if (c.rows.stride != 1 || c.columns.stride != 1 || has_phases(c.planes))
    return "it needs stride 1";
  if (best_tiling(c).cost == WinogradTiling::kImpossible) {
    return "it has too many channels for so small an image";
  }
  return nullptr;
}

/// Counts, at all positions of all tiles, input channels and output channels that are transformed,
/// and their products; and, at all positions of all blocks of tiles, the weights that are read.
OpCounts op_counts(const Correlation& c, Use use) {
  const ProblemSizes sizes(c);
  const WinogradTiling tiling = best_tiling(c);
  const float phases =
      static_cast<float>(DilatedAxis(c.rows).phases * DilatedAxis(c.columns).phases);
  const float blocks =
      sizes.groups * phases *
      static_cast<float>(tiling.grid.images * tiling.grid.rows * tiling.grid.columns) *
      static_cast<float>(tiling.positions());
  /// Transforming a position of a weight takes as long as this many positions of an output channel.
  constexpr float kWeights = 2;
  const float weights = use == Use::kOnce ? kWeights * sizes.groups * sizes.inputs * sizes.outputs *
                                                static_cast<float>(tiling.positions())
                                          : 0;
  const float columns = blocks * static_cast<float>(tiling.panels * kPanelColumns);
  return {{columns * sizes.inputs, columns * sizes.outputs + weights,
           columns * sizes.inputs * sizes.outputs, blocks * sizes.inputs * sizes.outputs}};
}

}  // namespace

const AlgorithmEntry kWinogradEntry = {
    .id = EntryId::kWinograd,
    .algorithm = Algorithm::kWinograd,
    .refusal = refusal,
    .prepare = prepare<WinogradExecutor>,
    .error_factor = 2,
    .competes_on_cost = false,
    .op_counts = op_counts,
};

}  // namespace corr2d
