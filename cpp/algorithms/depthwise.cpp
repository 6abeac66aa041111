// Depthwise: one output channel in each group, as depthwise layers and filters of pictures have it.
// With any kernel size, stride, dilation, padding and layout, forward and spread, straight from the
// patch (part.hpp). Where direct has tiles of channels, this has tiles of rows.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include "algorithms/blocks.hpp"
#include "algorithms/depthwise_last.hpp"
#include "algorithms/plane_block.hpp"

namespace corr2d {
namespace {

/// The rows that a row of tiles reads should stay in the first-level cache.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 8 * 1024, 24, false};

/// Whether the rows of the kernel read neighbouring rows of the patch, the first one first.
bool is_dense(const AxisPhase& rows) {
  return rows.stride == 1 && rows.spacing == 1 && !rows.reversed;
}

class Depthwise : public Blocked {
 public:
  explicit Depthwise(const Correlation& correlation)
      : Blocked(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    weight_bytes_ = bias_.bytes();
    return prepare_blocks(kLimits, weight);
  }

 private:
  void compute(const Block& block, float*) const override {
    const Part& part = block.part;
    const PlaneTile first = {block.input.patch,
                             block.input.row_step,
                             block.input.taps,
                             part.weights().depth(),
                             part.columns().taps,
                             part.weights().of(block.group),
                             bias_[static_cast<std::size_t>(block.group)],
                             {block.output, block.output_row, clamp_.low, clamp_.high},
                             0};
    correlate_plane({first, block.rows, block.columns, block.output_column,
                     is_dense(part.rows()) && c_.inputs == 1, c_.fusing});
    finish(block);
  }

  const Clamp clamp_;
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
