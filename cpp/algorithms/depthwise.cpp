// Depthwise: one output channel in each group, as depthwise layers and filters of pictures have it.
// With any kernel size, stride, dilation, padding and layout, forward and spread, straight from the
// patch (part.hpp). Where direct has tiles of channels, this has tiles of rows.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include "algorithms/blocks.hpp"
#include "algorithms/depthwise_last.hpp"
#include "algorithms/plane_block.hpp"
#include "kernels/stream.hpp"

namespace corr2d {
namespace {

/// The rows that a row of tiles reads should stay in the first-level cache.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 8 * 1024, 24, false};
/// Sums of three rows should stay there, and a block should make up for the two rows before it.
constexpr BlockLimits kStreamLimits = {64 * 1024, 2048, 64, 16 * 1024, PlaneStream::kMinColumns,
                                       false,     true};

/// Whether the rows of the kernel read neighbouring rows of the patch, the first one first.
bool is_dense(const AxisPhase& rows) {
  return rows.stride == 1 && rows.spacing == 1 && !rows.reversed;
}

/// Whether StreamBlock has a kernel for it.
bool can_stream(const Correlation& c) {
  const auto is_plain = [](const CorrelationAxis& axis) {
    return axis.kernel == 3 && axis.dilation == 1 && axis.stride <= 2 && !axis.spread;
  };
  return c.fusing && c.inputs == 1 && is_plain(c.rows) && is_plain(c.columns) &&
         c.rows.stride == c.columns.stride && c.output.column == 1;
}

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
               ? want_scratch(StreamBlock::scratch_floats(block_columns_, c_.rows.stride))
               : status;
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    // A patch has strides between columns taken apart.
    if (streams_ && block.columns >= PlaneStream::kMinColumns &&
        (!block.copied || c_.columns.stride == 1)) {
      correlate_stream(stream_of(block), scratch);
    } else {
      correlate_plane(plane_of(block));
    }
    finish(block);
  }

  StreamBlock stream_of(const Block& block) const {
    constexpr std::int32_t kMiddle = 4;
    const PatchView& input = block.input;
    const std::int32_t stride = c_.rows.stride;
    return {input.patch + input.taps[kMiddle],
            input.row_step / stride,
            block.margin,
            stride,
            block.part.weights().of(block.group),
            bias_[static_cast<std::size_t>(block.group)],
            output_of(block),
            block.rows,
            block.columns};
  }

  PlaneBlock plane_of(const Block& block) const {
    const Part& part = block.part;
    const PlaneTile first = {block.input.patch,
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
            is_dense(part.rows()) && c_.inputs == 1,
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

Status prepare_either(const Correlation& correlation, const float* weight, const float* bias,
                      std::unique_ptr<Executor>* executor) {
  return is_depthwise_last(correlation)
             ? prepare_depthwise_last(correlation, weight, bias, executor)
             : prepare<Depthwise>(correlation, weight, bias, executor);
}

}  // namespace

const AlgorithmEntry kDepthwiseAlgorithm = {Algorithm::kDepthwise, "depthwise", refusal,
                                            prepare_either, 1};

}  // namespace corr2d
