// GEMM: matrix products, for any kernel size, stride, dilation, groups, padding and layout, forward
// and spread. For each group
//
//   output (Co x columns) = weight (Co x K) * input (K x columns),   K = Ci * kh * kw
//
// where the columns are the outputs of a block, rows and images one after the other, and the rows
// of the input matrix are what each tap of the kernel reads. That matrix is never there as a whole:
// of kDepth taps at a time it is packed into panels of as many columns as a tile has, which every
// block of output channels then reads from start to end. Sums wait in the output from one depth to
// the next.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with eps = 2^-24, where nothing
// overflows or underflows. The order of the sums is that of direct, so that both give the same
// bits.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/blocked.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/layout/panels.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A panel and the weights of one block of channels share the first-level cache.
constexpr std::int32_t kDepth = 256;
/// The panels of a block share the second-level cache with its patch and the weights that pass by.
constexpr std::int32_t kPanelFloats = 32 * 1024;
constexpr std::int64_t kPatchFloats = 48 * 1024;
constexpr std::int32_t kMaxPanels = 64;
/// All weights pass by for each block, which costs more than a patch that is too large.
constexpr std::int32_t kMinOutputs = 128;

/// The columns of a block, panel by panel.
struct Columns {
  PanelColumns panels[kMaxPanels];
  std::int32_t panel_count = 0;

  explicit Columns(const Block& block) {
    std::int32_t column = 0;
    for (std::int32_t image = 0; image < block.images; ++image) {
      for (std::int32_t y = 0; y < block.rows; ++y) {
        for (std::int32_t x = 0; x < block.columns; ++x, ++column) {
          PanelColumns& panel = panels[column / kPanelColumns];
          const std::int32_t lane = column % kPanelColumns;
          panel.input[lane] = image * block.input_image + y * block.input.row_step + x;
          panel.output[lane] =
              image * block.output_image + y * block.output_row + x * block.output_column;
          panel.count = lane + 1;
        }
      }
    }
    panel_count = divide_up(column, kPanelColumns);
    for (std::int32_t p = 0; p < panel_count; ++p) {
      PanelColumns& panel = panels[p];
      panel.input_is_contiguous = panel.output_is_contiguous = panel.count == kPanelColumns;
      for (std::int32_t lane = 1; lane < panel.count; ++lane) {
        panel.input_is_contiguous =
            panel.input_is_contiguous && panel.input[lane] == panel.input[0] + lane;
        panel.output_is_contiguous =
            panel.output_is_contiguous && panel.output[lane] == panel.output[0] + lane;
      }
      for (std::int32_t lane = panel.count; lane < kPanelColumns; ++lane) {
        panel.input[lane] = panel.input[0];
      }
    }
  }
};

class Gemm : public Blocked {
 public:
  explicit Gemm(const Correlation& correlation)
      : Blocked(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (!bias_.reset(static_cast<std::size_t>(c_.groups * c_.outputs) * kPanelColumns)) {
      return Status::kOutOfMemory;
    }
    for (std::size_t i = 0; i < bias_.size(); ++i) {
      bias_[i] = c_.has_bias ? bias[i / kPanelColumns] : 0.0f;
    }
    weight_bytes_ = bias_.bytes();
    const std::int64_t depth = std::int64_t{c_.inputs} * c_.rows.kernel * c_.columns.kernel;
    // Panels a power of two apart would meet in the cache.
    panel_floats_ =
        static_cast<std::int32_t>(std::min<std::int64_t>(depth, kDepth) + 2) * kPanelColumns;
    const std::int32_t outputs = kPanelColumns * std::min(kPanelFloats / panel_floats_, kMaxPanels);
    const BlockLimits limits = {outputs, outputs, kMinOutputs, kPatchFloats, 1, true};
    if (const Status status = prepare_blocks(limits, weight); status != Status::kOk) return status;
    const std::int32_t columns = block_images_ * block_rows_ * block_columns_;
    return want_scratch(std::int64_t{divide_up(columns, kPanelColumns)} * panel_floats_);
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    const Columns columns(block);
    const std::int32_t depth = block.part.weights().depth();
    for (std::int32_t first = 0;; first += kDepth) {
      const std::int32_t count = std::min(kDepth, depth - first);
      pack_panels(block.input.patch, block.input.taps + first, count, columns.panels,
                  columns.panel_count, panel_floats_, scratch);
      const bool last = first + count >= depth;
      multiply(block, columns, scratch, {first, count, first == 0, last});
      if (last) break;
    }
    finish(block);
  }

  struct Slice {
    std::int32_t first, count;  // taps
    bool is_first, is_last;
  };

  void multiply(const Block& block, const Columns& columns, const float* panels,
                const Slice& slice) const {
    const PackedWeights& weights = block.part.weights();
    GemmTile tile = {};
    tile.depth = slice.count;
    tile.output.low = slice.is_last ? clamp_.low : -kInfinity;
    tile.output.high = slice.is_last ? clamp_.high : kInfinity;
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t channel = block.channels.first; channel < end;) {
      const std::int32_t channels = channel_block(c_.outputs - channel);
      const TileKernel<GemmTile>& kernel = gemm_kernels().find(channels, c_.fusing);
      const std::int32_t packed = block.first_channel + channel;
      tile.weight = weights.of(packed) + slice.first * channels;
      const float* bias = bias_.data() + packed * kPanelColumns;
      float* output = block.output + channel * c_.output.channel;
      for (std::int32_t p = 0; p < columns.panel_count; ++p) {
        const PanelColumns& panel = columns.panels[p];
        tile.panel = panels + p * panel_floats_;
        // What is not a row in memory goes by way of a tile of its own.
        float apart[kMaxBlock * kPanelColumns];
        tile.output.data = panel.output_is_contiguous ? output + panel.output[0] : apart;
        tile.output.row_step = panel.output_is_contiguous ? c_.output.channel : kPanelColumns;
        // The sums begin with the bias, or go on from where the slice before has left them.
        tile.initial = slice.is_first ? bias : tile.output.data;
        tile.initial_row_step = slice.is_first ? kPanelColumns : tile.output.row_step;
        if (!panel.output_is_contiguous && !slice.is_first) {
          gather_tile(output, c_.output.channel, panel, channels, apart);
        }
        kernel.run(tile);
        if (!panel.output_is_contiguous) {
          scatter_tile(apart, channels, panel, c_.output.channel, output);
        }
      }
      channel += channels;
    }
  }

  const Clamp clamp_;
  Buffer<float> bias_;  // [channel][kPanelColumns], each the same
  std::int32_t panel_floats_ = 0;
};

/// Products, a column of them more for what is left of a block of channels; floats packed; sums
/// stored; groups.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes v(c);
  const float packed = v.input_floats > 0 ? v.groups * v.depth * v.columns : 0;
  return {{packed * (v.outputs + 1), packed, v.output_floats * (1 + v.depth / kDepth), v.groups}};
}

}  // namespace

const AlgorithmEntry kGemmAlgorithm = {Algorithm::kGemm, "gemm", refusal_of_blocks,
                                       prepare<Gemm>,    1,      op_counts};

}  // namespace corr2d
