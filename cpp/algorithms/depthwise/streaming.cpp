// Depthwise in streams along rows: 3 x 3 kernels without dilation and of stride 1 or 2, for groups
// of one input and one output channel whose output rows are contiguous. It reads every input row
// once, from left to right, and needs no copy of the input if that is padded by at most one zero
// (kernels/depthwise/stream.hpp). It is chosen for rows that are not too narrow.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = 9 and eps = 2^-24, unless
// something overflows or underflows.

#include "algorithms/depthwise/streaming_block.hpp"
#include "algorithms/depthwise/tiles.hpp"
#include "kernels/depthwise/stream.hpp"

namespace corr2d {
namespace {

/// The sums of three rows should stay in the first-level cache, and a block should have so many
/// rows that priming the sums with the two rows above it hardly counts.
constexpr BlockLimits kLimits = {.max_outputs = 64 * 1024,
                                 .max_columns = 2048,
                                 .patch_floats = 16 * 1024,
                                 .limits_copies_only = true,
                                 .min_in_place_columns = DepthwiseStream::kMinColumns};

class DepthwiseStreaming : public DepthwiseTiles {
 public:
  using DepthwiseTiles::DepthwiseTiles;

  Status prepare(const float* weight, const float* bias) {
    const Status status = DepthwiseTiles::prepare(kLimits, weight, bias);
    if (status != Status::kOk) return status;
    return reserve_scratch(StreamingBlock::scratch_floats(block_columns_, c_.rows.stride));
  }

 private:
  bool can_read_in_place(const Patch& patch) const override {
    return patch.in_place_with_zero_border();
  }

  void compute(const Block& block, float* scratch) const override {
    // A copied patch separates the slots of strided columns, which streams want interleaved.
    if (block.output.columns >= DepthwiseStream::kMinColumns &&
        (!block.is_copied || c_.columns.stride == 1)) {
      correlate_stream(stream_of(block), scratch);
    } else {
      correlate_tiles(block);
    }
    finish(block);
  }

  StreamingBlock stream_of(const Block& block) const {
    constexpr std::int32_t kMiddleTap = 4;
    const PatchView& input = block.input;
    const OutputBlock& output = block.output;
    return {.input = input.patch + input.tap_offsets[kMiddleTap],
            .row_step = input.row_step / c_.rows.stride,
            .zero_border = block.is_copied
                               ? ZeroBorder{}
                               : block.phase.patch.zero_border(block.first_row, output.rows,
                                                               block.first_column, output.columns),
            .stride = c_.rows.stride,
            .weight = block.phase.weights.of(block.group),
            .bias = bias(block),
            .output = tile_output(block),
            .rows = output.rows,
            .columns = output.columns};
  }
};

const char* refusal(const Correlation& c) {
  return c.outputs == 1 && can_stream_rows(c) ? nullptr : kSpecialCase;
}

}  // namespace

const AlgorithmEntry kDepthwiseStreamingEntry = {
    .id = EntryId::kDepthwiseStreaming,
    .algorithm = Algorithm::kDepthwise,
    .refusal = refusal,
    .prepare = prepare<DepthwiseStreaming>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = depthwise_op_counts,
};

}  // namespace corr2d
