// Depthwise in tiles of rows: for groups of one output channel, as in depthwise layers and in
// filters of single-channel images. It does every such correlation: any kernel size, stride
// (fractional ones too), dilation, padding and layout, straight from the patch (tiling/patch.hpp).
// Its tiles span rows, as those of direct span channels. The other depthwise algorithms are faster
// for some problems.
//
//   output[g, y, x] = bias[g] + the sum over taps t of weight[g, t] * patch[y, x, tap_offsets[t]]
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) for K products and eps = 2^-24,
// unless something overflows or underflows.

#include "algorithms/depthwise/tiles.hpp"

#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

/// The rows that a row of tiles reads should stay in the first-level cache.
constexpr BlockLimits kLimits = {.patch_floats = 8 * 1024};

const char* refusal(const Correlation& c) {
  if (c.outputs != 1) return "it needs groups of one output channel";
  return tiling_refusal(c);
}

/// Counts output rows, too.
OpCounts op_counts(const Correlation& c, Use use) {
  const ProblemSizes sizes(c);
  OpCounts op_counts = depthwise_op_counts(c, use);
  op_counts.counts[2] = sizes.groups * sizes.rows;
  return op_counts;
}

}  // namespace

OpCounts depthwise_op_counts(const Correlation& c, Use) {
  const ProblemSizes sizes(c);
  return {{sizes.output_floats * sizes.depth, sizes.input_floats + sizes.output_floats, 0, 0}};
}

Status DepthwiseTiles::prepare(const float* weight, const float* bias) {
  return prepare(kLimits, weight, bias);
}

Status DepthwiseTiles::prepare(const BlockLimits& limits, const float* weight, const float* bias) {
  if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
  weight_bytes_ = bias_.bytes();
  return prepare_blocks(limits, weight);
}

void DepthwiseTiles::compute(const Block& block, float*) const {
  correlate_tiles(block);
  finish(block);
}

void DepthwiseTiles::correlate_tiles(const Block& block) const {
  const PhaseProblem& phase = block.phase;
  const OutputBlock& output = block.output;
  correlate_single_channel(
      {.tile = {block.input.patch, block.input.row_step, block.input.tap_offsets,
                phase.weights.depth(), phase.columns.taps, phase.weights.of(block.group),
                bias(block), tile_output(block)},
       .rows = output.rows,
       .columns = output.columns,
       .column_step = output.column_step,
       .dense = phase.rows.is_dense() && c_.inputs == 1,
       .fusing = c_.fusing});
}

const AlgorithmEntry kDepthwiseEntry = {
    .id = EntryId::kDepthwise,
    .algorithm = Algorithm::kDepthwise,
    .refusal = refusal,
    .prepare = prepare<DepthwiseTiles>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = op_counts,
};

}  // namespace corr2d
