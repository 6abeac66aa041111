// GEMM: 1x1 kernels without stride or padding, as one matrix product for each image and group:
//
//   output (Co x h*w) = weight (Co x Ci) * input (Ci x h*w)
//
// A task makes a range of columns for all output channels of one group. It copies those columns of
// the input into panels as wide as a tile, which every block of output channels then reads from
// start to end.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = Ci / groups and eps =
// 2^-24, where nothing overflows or underflows. The order of the sums is that of direct, so that
// both give the same bits.

#include <algorithm>

#include "algorithms/packing.hpp"
#include "kernels/activation.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// A task's panels should stay in the second-level cache beside the weights of a block.
constexpr std::int32_t kPanelFloats = 32 * 1024;

class Gemm : public Executor {
 public:
  explicit Gemm(const Correlation& correlation)
      : c_(correlation),
        clamp_(clamp_of(correlation.activation)),
        columns_(correlation.rows.output * correlation.columns.output) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    const Status status = weights_.pack(c_, weight, {0, 1, 1}, {0, 1, 1});
    if (status != Status::kOk) return status;
    weight_bytes_ = weights_.bytes() + bias_.bytes();
    const std::int32_t affordable = kPanelFloats / kTileColumns / std::max(c_.inputs, 1);
    block_columns_ = kTileColumns * std::clamp(affordable, 1, divide_up(columns_, kTileColumns));
    column_blocks_ = divide_up(columns_, block_columns_);
    tasks_ = c_.images * c_.groups * column_blocks_;
    workspace_floats_ = std::int64_t{block_columns_} * c_.inputs;
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const std::int32_t first = task % column_blocks_ * block_columns_;
    const std::int32_t group = task / column_blocks_ % c_.groups;
    const std::int32_t image = task / column_blocks_ / c_.groups;
    const std::int32_t columns = std::min(block_columns_, columns_ - first);

    pack_panels(data, image, group, first, columns);
    float* out = data.output_floats() + image * c_.output.image + group * c_.output.group +
                 first * c_.output.column;
    for (std::int32_t channel = 0; channel < c_.outputs;) {
      const std::int32_t block = channel_block(c_.outputs - channel);
      const Kernel<GemmTile>& kernel = gemm_kernels().find(block, c_.fusing);
      const std::int32_t packed = group * c_.outputs + channel;
      float* row = out + channel * c_.output.channel;
      for (std::int32_t x = 0; x < columns; x += kTileColumns) {
        kernel.run({data.workspace + x * c_.inputs,
                    c_.inputs,
                    weights_.of(packed),
                    bias_.data() + packed,
                    {row + x * c_.output.column, c_.output.channel, c_.output.column, clamp_.low,
                     clamp_.high},
                    std::min(kTileColumns, columns - x)});
      }
      if (!is_clamp(c_.activation)) {
        activate(row, block, c_.output.channel, columns, c_.output.column, c_.activation,
                 c_.activation_alpha);
      }
      channel += block;
    }
  }

 private:
  static constexpr std::int32_t kTileColumns = 8;

  /// Workspace: [panel][input channel][column of the panel]. What is beyond the last column is left
  /// as it is; those sums are never stored.
  void pack_panels(const TaskData& data, std::int32_t image, std::int32_t group, std::int32_t first,
                   std::int32_t columns) const {
    const float* input = data.input_floats() + image * c_.input.image + group * c_.input.group;
    float* out = data.workspace;
    for (std::int32_t x = 0; x < columns; x += kTileColumns) {
      const std::int32_t width = std::min(kTileColumns, columns - x);
      for (std::int32_t i = 0; i < c_.inputs; ++i, out += kTileColumns) {
        const float* in = input + i * c_.input.channel + (first + x) * c_.input.column;
        for (std::int32_t j = 0; j < width; ++j) out[j] = in[j * c_.input.column];
      }
    }
  }

  const Correlation c_;
  const Clamp clamp_;
  const std::int32_t columns_;  // of the whole product: h * w
  PackedWeights weights_;
  Buffer<float> bias_;
  std::int32_t block_columns_ = kTileColumns, column_blocks_ = 1;
};

/// Whether every output reads the one position that has its own number.
bool is_identity(const CorrelationAxis& axis) {
  return axis.kernel == 1 && axis.stride == 1 && axis.pad == 0 && axis.output <= axis.input;
}

/// Whether rows follow one another without a gap, so that rows and columns are one long axis.
bool is_one_axis(const GroupedStrides& strides, std::int32_t width) {
  return strides.row == width * strides.column;
}

bool can_do(const Correlation& c) {
  return is_identity(c.rows) && is_identity(c.columns) &&
         (c.rows.output == 1 ||
          (c.columns.output == c.columns.input && is_one_axis(c.input, c.columns.input) &&
           is_one_axis(c.output, c.columns.output)));
}

}  // namespace

const AlgorithmEntry kGemmAlgorithm = {Algorithm::kGemm, "gemm", can_do, prepare<Gemm>};

}  // namespace corr2d
