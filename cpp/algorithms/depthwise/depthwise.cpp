// Depthwise: one output channel in each group, as depthwise layers and filters of pictures have it.
// With any kernel size, stride, dilation, padding and layout, forward and spread, straight from the
// patch (part.hpp). Where direct has tiles of channels, this has tiles of rows.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include "algorithms/depthwise/nhwc.hpp"
#include "algorithms/depthwise/nhwc_streaming.hpp"
#include "algorithms/depthwise/plane_block.hpp"
#include "algorithms/tiling/blocked.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/depthwise/stream.hpp"

namespace corr2d {
namespace {

/// The rows that a row of tiles reads should stay in the first-level cache.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 8 * 1024, 24, false};
/// Sums of three rows should stay there, and a block should make up for the two rows before it.
constexpr BlockLimits kStreamLimits = {64 * 1024, 2048, 64, 16 * 1024, DepthwiseStream::kMinColumns,
                                       false,     true};

bool can_stream(const Correlation& c) { return has_stream_kernel(c) && c.output.column == 1; }

class Depthwise : public Blocked {
 public:
  explicit Depthwise(const Correlation& correlation)
      : Blocked(correlation),
        clamp_(clamp_of(correlation.activation)),
        streams_(can_stream(correlation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    weight_bytes_ = bias_.bytes();
    const Status status = prepare_blocks(streams_ ? kStreamLimits : kLimits, weight);
    return status == Status::kOk && streams_
               ? want_scratch(StreamingBlock::scratch_floats(block_columns_, c_.rows.stride))
               : status;
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    // A patch has strides between columns taken apart.
    if (streams_ && block.columns >= DepthwiseStream::kMinColumns &&
        (!block.copied || c_.columns.stride == 1)) {
      correlate_stream(stream_of(block), scratch);
    } else {
      correlate_plane(plane_of(block));
    }
    finish(block);
  }

  StreamingBlock stream_of(const Block& block) const {
    constexpr std::int32_t kMiddle = 4;
    const PatchView& input = block.input;
    const std::int32_t stride = c_.rows.stride;
    return {input.patch + input.taps[kMiddle],
            input.row_step / stride,
            block.zero_border,
            stride,
            block.part.weights().of(block.group),
            bias_[static_cast<std::size_t>(block.group)],
            output_of(block),
            block.rows,
            block.columns};
  }

  PlaneBlock plane_of(const Block& block) const {
    const PhaseProblem& part = block.part;
    const DepthwiseTile first = {block.input.patch,
                                 block.input.row_step,
                                 block.input.taps,
                                 part.weights().depth(),
                                 part.columns().taps,
                                 part.weights().of(block.group),
                                 bias_[static_cast<std::size_t>(block.group)],
                                 output_of(block)};
    return {first,
            block.rows,
            block.columns,
            block.output_column,
            part.rows().is_dense() && c_.inputs == 1,
            c_.fusing};
  }

  TileOutput output_of(const Block& block) const {
    return {block.output, block.output_row, clamp_.low, clamp_.high};
  }

  const Clamp clamp_;
  const bool streams_;
  Buffer<float> bias_;
};

const char* refusal(const Correlation& c) {
  if (c.outputs != 1) return "as it needs groups of one output channel";
  return refusal_of_blocks(c);
}

/// Vectors along rows have much to throw away where rows are narrow, and much to sort where they
/// are read with a stride. Depthwise 5 x 5, ms along rows / across channels, V8 11.3 unfused
/// and 14.6 fused:
///
///   14 x 14, 480 channels  0.36 / 0.39  0.30 / 0.34    28 x 28, 240  0.59 / 0.71  0.45 / 0.61
///    7 x  7, 960           0.44 / 0.27  0.36 / 0.24    112 x 112, 32  1.05 / 1.37  0.78 / 1.17
///   14 x 14, 672, stride 2  0.71 / 0.23  0.53 / 0.21   56 x 56, 144, 2  0.81 / 0.50  0.65 / 0.44
///
/// and 3 x 3, where the rows are streams, of 7 x 7 0.17 / 0.17, of 14 x 14 0.13 / 0.25.
bool is_channels_last(const Correlation& c) {
  constexpr std::int32_t kNarrowStream = 7, kNarrow = 10, kFewChannels = 4;
  if (!can_use_channels_last(c) || c.groups < 2) return false;
  if (c.input.group == 1 && c.output.group == 1) return true;
  if (c.groups < kFewChannels) return false;
  const std::int32_t columns = c.columns.output;
  return can_stream(c) ? columns < kNarrowStream : columns < kNarrow || c.columns.stride > 1;
}

Status prepare_either(const Correlation& correlation, const float* weight, const float* bias,
                      std::unique_ptr<Executor>* executor) {
  if (can_stream_nhwc(correlation)) {
    return prepare_nhwc_streaming(correlation, weight, bias, executor);
  }
  if (is_channels_last(correlation)) {
    return prepare_nhwc_depthwise(correlation, weight, bias, executor);
  }
  return prepare<Depthwise>(correlation, weight, bias, executor);
}

/// Products of tiles, and of vectors across channels or streams of rows; elements of input and
/// output; rows of tiles.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes v(c);
  const float products = v.output_floats * v.depth, elements = v.input_floats + v.output_floats;
  const bool in_tiles = !can_stream_nhwc(c) && !is_channels_last(c) && !can_stream(c);
  if (!in_tiles) return {{0, products, elements, 0}};
  return {{products, 0, elements, v.groups * v.rows}};
}

}  // namespace

const AlgorithmEntry kDepthwiseAlgorithm = {Algorithm::kDepthwise, "depthwise", refusal,
                                            prepare_either,        1,           op_counts};

}  // namespace corr2d
