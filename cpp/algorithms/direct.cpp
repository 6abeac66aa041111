// Direct: computes tiles of a few output channels straight from the patch (tiling/patch.hpp),
// without packing the input into a matrix of columns. It does every correlation: any kernel size,
// stride (fractional ones too), dilation, groups, padding and layout. It is chosen where packing
// such a matrix does not pay, mostly with few input or output channels.
//
//   output[o, y, x] = bias[o] + the sum over taps t of weight[t, o] * patch[y, x, tap_offsets[t]]
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) for K products and eps = 2^-24,
// unless something overflows or underflows.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/tiled_executor.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// A patch should stay in the second-level cache beside the weights of a block of channels. Blocks
/// are wide, so that fetching a patch is mostly copying long rows.
constexpr BlockLimits kLimits = {.patch_floats = 32 * 1024};

class Direct : public TiledExecutor {
 public:
  using TiledExecutor::TiledExecutor;

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    weight_bytes_ = bias_.bytes();
    return prepare_blocks(kLimits, weight);
  }

 private:
  void compute(const Block& block, float*) const override {
    const PackedWeights& weights = block.phase.weights;
    const OutputBlock& output = block.output;
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t channel = block.channels.first; channel < end;) {
      const std::int32_t channels = channel_block(c_.outputs - channel);
      const TileKernel<DirectTile>& wide = direct_kernels().find(channels, c_.fusing);
      const TileKernel<DirectTile>& narrow = direct_narrow_kernels().find(channels, c_.fusing);
      const std::int32_t packed = block.first_channel + channel;
      DirectTile tile = {nullptr,
                         block.input.tap_offsets,
                         weights.depth(),
                         weights.of(packed),
                         bias_.data() + packed,
                         {nullptr, c_.output.channel, epilogue_.low, epilogue_.high}};
      for (std::int32_t row = 0; row < output.rows; ++row) {
        const float* patch = block.input.patch + row * block.input.row_step;
        float* const out = output.data + channel * output.channel_step + row * output.row_step;
        for (std::int32_t x = 0; x < output.columns;) {
          const std::int32_t left = output.columns - x;
          const TileKernel<DirectTile>& kernel = left > narrow.columns ? wide : narrow;
          // The last tile ends with the row: it computes some outputs again, to the same bits.
          const std::int32_t first = std::max(0, std::min(x, output.columns - kernel.columns));
          tile.patch = patch + first;
          tile.output.data = out + first * output.column_step;
          run_tile(kernel, tile, channels, std::min(kernel.columns, output.columns - first),
                   output.column_step);
          x += kernel.columns;
        }
      }
      channel += channels;
    }
    finish(block);
  }

  Buffer<float> bias_;
};

/// Counts products, outputs, input elements that are fetched, and output rows. Infinite for single
/// channels, for which depthwise is faster.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes sizes(c);
  const bool is_single = c.inputs == 1 && c.outputs == 1;
  return {{is_single ? std::numeric_limits<float>::infinity() : sizes.output_floats * sizes.depth,
           sizes.output_floats, sizes.input_floats, sizes.groups * sizes.outputs * sizes.rows}};
}

}  // namespace

const AlgorithmEntry kDirectEntry = {
    .id = EntryId::kDirect,
    .algorithm = Algorithm::kDirect,
    .refusal = tiling_refusal,
    .prepare = prepare<Direct>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = op_counts,
};

}  // namespace corr2d
