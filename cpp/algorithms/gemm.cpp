// GEMM: computes a correlation as matrix products. It does every correlation: any kernel size,
// stride (fractional ones too), dilation, groups, padding and layout. It is chosen for many input
// and output channels. For each group
//
//   output (Co x columns) = weight (Co x K) * input (K x columns),   K = Ci * kh * kw
//
// The columns are the outputs of a block, row by row and image by image; row k of the input matrix
// holds what tap k reads. This matrix never exists as a whole: kDepth of its rows at a time are
// packed into panels, as many columns wide as a tile, which every block of output channels then
// reads from start to end. In between, the output holds the partial sums.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with eps = 2^-24, unless something
// overflows or underflows. The order of summation is that of direct, so that both give the same
// bits.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/tiled_executor.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/layout/panels.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A panel and the weights of one block of channels share the first-level cache.
constexpr std::int32_t kDepth = 256;
/// The panels of a block share the second-level cache with its patch and with weights that are read
/// once.
constexpr std::int32_t kPanelFloats = 32 * 1024;
constexpr std::int64_t kPatchFloats = 48 * 1024;
constexpr std::int32_t kMaxPanels = 64;
/// Each block reads all weights. For fewer outputs that costs more than a patch that is too large.
constexpr std::int32_t kMinOutputs = 128;

/// The columns of a block, panel by panel.
struct Columns {
  PanelColumns panels[kMaxPanels];
  std::int32_t panel_count = 0;

  explicit Columns(const Block& block) {
    const OutputBlock& output = block.output;
    std::int32_t column = 0;
    for (std::int32_t image = 0; image < output.images; ++image) {
      const std::int32_t from = block.input_images.offset(image);
      const std::int32_t to = output.image_steps.offset(image);
      for (std::int32_t y = 0; y < output.rows; ++y) {
        for (std::int32_t x = 0; x < output.columns; ++x, ++column) {
          PanelColumns& panel = panels[column / kPanelColumns];
          const std::int32_t lane = column % kPanelColumns;
          panel.input[lane] = from + y * block.input.row_step + x;
          panel.output[lane] = to + y * output.row_step + x * output.column_step;
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

class Gemm : public TiledExecutor {
 public:
  using TiledExecutor::TiledExecutor;

  Status prepare(const float* weight, const float* bias) {
    if (!bias_.reset(static_cast<std::size_t>(c_.groups * c_.outputs) * kPanelColumns)) {
      return Status::kOutOfMemory;
    }
    for (std::size_t i = 0; i < bias_.size(); ++i) {
      bias_[i] = c_.has_bias ? bias[i / kPanelColumns] : 0.0f;
    }
    weight_bytes_ = bias_.bytes();
    const std::int64_t depth = std::int64_t{c_.inputs} * c_.rows.kernel * c_.columns.kernel;
    // If panels were a power of two apart, they would compete for the same cache sets.
    panel_floats_ =
        static_cast<std::int32_t>(std::min<std::int64_t>(depth, kDepth) + 2) * kPanelColumns;
    const std::int32_t outputs = kPanelColumns * std::min(kPanelFloats / panel_floats_, kMaxPanels);
    const BlockLimits limits = {.max_outputs = outputs,
                                .max_columns = outputs,
                                .min_outputs = kMinOutputs,
                                .patch_floats = kPatchFloats,
                                .min_in_place_columns = 1,
                                .joins_images = true};
    if (const Status status = prepare_blocks(limits, weight); status != Status::kOk) return status;
    const std::int32_t columns = block_images_ * block_rows_ * block_columns_;
    return reserve_scratch(std::int64_t{divide_up(columns, kPanelColumns)} * panel_floats_);
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    const Columns columns(block);
    const std::int32_t depth = block.phase.weights.depth();
    for (std::int32_t first = 0;; first += kDepth) {
      const std::int32_t count = std::min(kDepth, depth - first);
      pack_panels(block.input.patch, block.input.tap_offsets + first, count, columns.panels,
                  columns.panel_count, panel_floats_, scratch);
      const bool last = first + count >= depth;
      multiply(block, columns, scratch, {first, count, first == 0, last});
      if (last) break;
    }
    finish(block);
  }

  /// Rows of the input matrix that are packed at once.
  struct Slice {
    std::int32_t first, count;
    bool is_first, is_last;
  };

  void multiply(const Block& block, const Columns& columns, const float* panels,
                const Slice& slice) const {
    const PackedWeights& weights = block.phase.weights;
    GemmTile tile = {};
    tile.depth = slice.count;
    tile.output.low = slice.is_last ? epilogue_.low : -kInfinity;
    tile.output.high = slice.is_last ? epilogue_.high : kInfinity;
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t channel = block.channels.first; channel < end;) {
      const std::int32_t channels = channel_block(c_.outputs - channel);
      const TileKernel<GemmTile>& kernel = gemm_kernels().find(channels, c_.fusing);
      const std::int32_t packed = block.first_channel + channel;
      tile.weight = weights.of(packed) + slice.first * channels;
      const float* bias = bias_.data() + packed * kPanelColumns;
      float* output = block.output.data + channel * c_.output.channel;
      for (std::int32_t p = 0; p < columns.panel_count; ++p) {
        const PanelColumns& panel = columns.panels[p];
        tile.panel = panels + p * panel_floats_;
        // Columns that are not contiguous in the output go through a temporary tile and are
        // scattered from there.
        float scratch_tile[kMaxBlock * kPanelColumns];
        tile.output.data = panel.output_is_contiguous ? output + panel.output[0] : scratch_tile;
        tile.output.row_step = panel.output_is_contiguous ? c_.output.channel : kPanelColumns;
        // The sums begin with the bias, or continue those of the slice before.
        tile.initial = slice.is_first ? bias : tile.output.data;
        tile.initial_row_step = slice.is_first ? kPanelColumns : tile.output.row_step;
        if (!panel.output_is_contiguous && !slice.is_first) {
          gather_tile(output, c_.output.channel, panel, channels, scratch_tile);
        }
        kernel.run(tile);
        if (!panel.output_is_contiguous) {
          scatter_tile(scratch_tile, channels, panel, c_.output.channel, output);
        }
      }
      channel += channels;
    }
  }

  Buffer<float> bias_;  // [channel][kPanelColumns], each the same
  std::int32_t panel_floats_ = 0;
};

/// Counts products (and those of one column more, for partial blocks of channels), packed floats,
/// stored sums, and groups.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes sizes(c);
  const float packed = sizes.input_floats > 0 ? sizes.groups * sizes.depth * sizes.columns : 0;
  return {{packed * (sizes.outputs + 1), packed, sizes.output_floats * (1 + sizes.depth / kDepth),
           sizes.groups}};
}

}  // namespace

const AlgorithmEntry kGemmEntry = {
    .id = EntryId::kGemm,
    .algorithm = Algorithm::kGemm,
    .refusal = tiling_refusal,
    .prepare = prepare<Gemm>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = op_counts,
};

}  // namespace corr2d
