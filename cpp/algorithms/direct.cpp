// Direct: any kernel size, stride, dilation, groups, padding and layout, forward and spread,
// straight from the patch (part.hpp): no matrix of columns is made. It is for few output channels,
// where the packing of such a matrix would not pay.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/blocked.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// A patch should stay in the second-level cache beside the weights of a block of channels; its
/// rows are wide enough for the fetching of one to be mostly copying.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 32 * 1024, 24, false};

class Direct : public Blocked {
 public:
  explicit Direct(const Correlation& correlation)
      : Blocked(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    weight_bytes_ = bias_.bytes();
    return prepare_blocks(kLimits, weight);
  }

 private:
  void compute(const Block& block, float*) const override {
    const PackedWeights& weights = block.part.weights();
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t channel = block.channels.first; channel < end;) {
      const std::int32_t channels = channel_block(c_.outputs - channel);
      const TileKernel<DirectTile>& wide = direct_kernels().find(channels, c_.fusing);
      const TileKernel<DirectTile>& narrow = direct_narrow_kernels().find(channels, c_.fusing);
      const std::int32_t packed = block.first_channel + channel;
      DirectTile tile = {nullptr,
                         block.input.taps,
                         weights.depth(),
                         weights.of(packed),
                         bias_.data() + packed,
                         {nullptr, c_.output.channel, clamp_.low, clamp_.high}};
      for (std::int32_t row = 0; row < block.rows; ++row) {
        const float* patch = block.input.patch + row * block.input.row_step;
        float* output = block.output + channel * c_.output.channel + row * block.output_row;
        for (std::int32_t x = 0; x < block.columns;) {
          const std::int32_t left = block.columns - x;
          const TileKernel<DirectTile>& kernel = left > narrow.columns ? wide : narrow;
          // The last tile ends with the row and makes some elements again, to the same bits.
          const std::int32_t first = std::max(0, std::min(x, block.columns - kernel.columns));
          tile.patch = patch + first;
          tile.output.data = output + first * block.output_column;
          run_tile(kernel, tile, channels, std::min(kernel.columns, block.columns - first),
                   block.output_column);
          x += kernel.columns;
        }
      }
      channel += channels;
    }
    finish(block);
  }

  const Clamp clamp_;
  Buffer<float> bias_;
};

/// Products; outputs; input elements that are fetched; rows of outputs. Infinite for planes, of
/// which depthwise makes more.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes v(c);
  const bool is_plane = c.inputs == 1 && c.outputs == 1;
  return {{is_plane ? std::numeric_limits<float>::infinity() : v.output_floats * v.depth,
           v.output_floats, v.input_floats, v.groups * v.outputs * v.rows}};
}

}  // namespace

const AlgorithmEntry kDirectAlgorithm = {Algorithm::kDirect, "direct", refusal_of_blocks,
                                         prepare<Direct>,    1,        op_counts};

}  // namespace corr2d
