// GEMM: 1x1 kernels without stride or padding, as one matrix product for each image and group:
//
//   output (Co x h*w) = weight (Co x Ci) * input (Ci x h*w)
//
// A task makes a range of columns for all output channels of one group. It copies those columns of
// the input into panels as wide as a tile, which every block of output channels then reads from
// start to end.
//
// Error bound: |error| <= K * eps * sum |x||w| with K = Ci / groups and eps = 2^-24. The order of
// the sums is that of direct, so that both give the same bits.

#include <algorithm>

#include "algorithms/packing.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// A task's panels should stay in the second-level cache beside the weights of a block.
constexpr std::int32_t kPanelFloats = 32 * 1024;

class Gemm : public Executor {
 public:
  Gemm(const Problem& problem, const Geometry& geometry)
      : p_(problem),
        clamp_(clamp_of(problem)),
        columns_(geometry.output_height * geometry.output_width) {}

  Status prepare(const Question& question) {
    if (const Status status = weights_.pack(question); status != Status::kOk) return status;
    weight_bytes_ = weights_.bytes();
    const std::int32_t affordable = kPanelFloats / kTileColumns / weights_.depth;
    block_columns_ = kTileColumns * std::clamp(affordable, 1, divide_up(columns_, kTileColumns));
    column_blocks_ = divide_up(columns_, block_columns_);
    tasks_ = p_.batch * p_.groups * column_blocks_;
    workspace_floats_ = static_cast<std::size_t>(block_columns_) * weights_.depth;
    return Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const std::int32_t first = task % column_blocks_ * block_columns_;
    const std::int32_t group = task / column_blocks_ % p_.groups;
    const std::int32_t image = task / column_blocks_ / p_.groups;
    const std::int32_t columns = std::min(block_columns_, columns_ - first);

    pack_panels(data, image, group, first, columns);
    const std::int32_t group_outputs = p_.output_channels / p_.groups;
    const std::int32_t end = (group + 1) * group_outputs;
    for (std::int32_t channel = group * group_outputs; channel < end;) {
      const std::int32_t block = channel_block(end - channel);
      const Kernel<GemmTile>& kernel = gemm_kernels().find(block, p_.deterministic == 0);
      float* out = data.output + image * p_.output_strides.n + channel * p_.output_strides.c +
                   first * p_.output_strides.w;
      for (std::int32_t x = 0; x < columns; x += kTileColumns) {
        kernel.run({data.workspace + x * weights_.depth,
                    weights_.depth,
                    weights_.weight_of(channel),
                    weights_.bias_of(channel),
                    {out + x * p_.output_strides.w, p_.output_strides.c, p_.output_strides.w,
                     clamp_.low, clamp_.high},
                    std::min(kTileColumns, columns - x)});
      }
      channel += block;
    }
  }

 private:
  static constexpr std::int32_t kTileColumns = 8;

  /// Workspace: [panel][input channel][column of the panel], zeros beyond the last column.
  void pack_panels(const TaskData& data, std::int32_t image, std::int32_t group, std::int32_t first,
                   std::int32_t columns) const {
    const float* input =
        data.input + image * p_.input_strides.n + group * weights_.depth * p_.input_strides.c;
    float* out = data.workspace;
    for (std::int32_t x = 0; x < columns; x += kTileColumns) {
      const std::int32_t width = std::min(kTileColumns, columns - x);
      for (std::int32_t c = 0; c < weights_.depth; ++c, out += kTileColumns) {
        const float* in = input + c * p_.input_strides.c + (first + x) * p_.input_strides.w;
        for (std::int32_t i = 0; i < width; ++i) out[i] = in[i * p_.input_strides.w];
        for (std::int32_t i = width; i < kTileColumns; ++i) out[i] = 0;
      }
    }
  }

  const Problem p_;
  const Clamp clamp_;
  const std::int32_t columns_;  // of the whole product: h * w
  PackedWeights weights_;
  std::int32_t block_columns_ = kTileColumns, column_blocks_ = 1;
};

/// Whether rows follow one another without a gap, so that rows and columns are one long axis.
bool is_one_axis(const Strides& strides, std::int32_t width) {
  return strides.h == width * strides.w;
}

bool can_do(const Problem& p, const Geometry& g) {
  const bool is_product = p.kind == Kind::kForward && p.kernel_height == 1 && p.kernel_width == 1 &&
                          p.stride_height == 1 && p.stride_width == 1 && p.pad_top == 0 &&
                          p.pad_bottom == 0 && p.pad_left == 0 && p.pad_right == 0 &&
                          is_clamp(p.activation);
  // A stride that leaves one row or column counts as 1, so that the widths may differ.
  return is_product && (g.output_height == 1 || (g.output_width == p.input_width &&
                                                 is_one_axis(p.input_strides, p.input_width) &&
                                                 is_one_axis(p.output_strides, g.output_width)));
}

}  // namespace

const AlgorithmEntry kGemmAlgorithm = {Algorithm::kGemm, "gemm", can_do, prepare<Gemm>};

}  // namespace corr2d
