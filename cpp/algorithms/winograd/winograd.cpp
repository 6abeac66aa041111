// Winograd: 3x3 kernels of stride 1 by minimal filtering (kernels/winograd.hpp), with
// any dilation, padding, groups and layout; transposed and backward too, if they are not spread.
// For each block of tiles
//
//   1. the input is transformed, channel by channel, into panels for each of the 16 or 36
//   positions;
//   2. at each position a matrix product over the input channels makes sums for some output
//      channels (f32_gemm, with weights that were transformed once);
//   3. the sums are transformed back, with bias and activation.
//
// A dilated problem falls apart by the remainders of its outputs modulo the dilation: each phase is
// an undilated problem in every d-th row and column.
//
// Error bound, for K = 9 Ci products and where nothing overflows or underflows:
// |error| <= 2 (K + 1) eps * (|bias| + sum over Ci of max |x| * sum |w|) with eps = 2^-24, where
// the maximum is that of the tile: of 6 x 6 elements of the input, among them the window's. It is
// measured, not derived: of 20,000 problems of the sweep (tests/sweep), whose data lies between -1
// and 1, the largest error is 0.7 (K + 1) eps times that sum with 1 for every maximum. The derived
// bound, 189 (Ci + 28) eps times it, would let real mistakes pass.
//
// The root mean square of the errors, by that of direct's, for F(2, 3) and F(4, 3) with 8 to 512
// input channels (tests/cpp/winograd_test.cpp):
//
//                                         F(2, 3)        F(4, 3)
//   values of mean 0                     0.56 - 0.91    0.79 - 2.04
//   pictures                             0.39 - 0.74    0.38 - 0.52
//   values of mean 0, below 0 made 0     0.64 - 1.29    0.96 - 2.46
//
// Everything in a tile is summed with everything else in it, so that a NaN or an infinity in the
// input makes NaN of outputs that are up to 3 (times the dilation) rows or columns beyond those
// whose windows hold it. Those whose windows do hold it become NaN or infinite.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/input_plane.hpp"
#include "algorithms/tiling/packing.hpp"
#include "algorithms/tiling/partition.hpp"
#include "algorithms/tiling/phase.hpp"
#include "core/problem_sizes.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The panels of a block share the second-level cache with the sums.
constexpr std::int64_t kPanelFloats = 72 * 1024;
constexpr std::int64_t kSumFloats = 32 * 1024;
constexpr std::int32_t kMaxPanels = 8;
constexpr std::int32_t kMaxTiles = kMaxPanels * kPanelColumns;
/// So that the same place of every position does not meet in the cache.
constexpr std::int32_t kPositionGap = 16;
/// Weights stream past every block: as long as it takes to multiply so many columns.
constexpr std::int32_t kColumnsOfWeights = 6;

constexpr std::int64_t kTooMuch = std::numeric_limits<std::int64_t>::max();

/// One axis of the outputs, taken apart by the dilation.
struct TiledAxis {
  explicit TiledAxis(const CorrelationAxis& axis)
      : phase(phase_of(axis, 0)), phases(std::min(phase.spacing, axis.output)) {}

  /// Outputs of one phase; the first has the most.
  std::int32_t outputs(std::int32_t index) const {
    return (phase.outputs - 1 - index) / phase.spacing + 1;
  }

  AxisPhase phase;
  std::int32_t phases;
};

/// The transform of a tile of one input channel takes as long as its products for so many outputs.
constexpr std::int32_t kChannelsOfInput = 15;

/// How the outputs are cut into tiles, and these into blocks.
struct Cut {
  std::int32_t outputs;                // n: of a tile along each axis
  std::int32_t images, rows, columns;  // of the largest block: images, and tiles of each
  std::int32_t image_blocks, row_blocks, column_blocks, channel_blocks;
  std::int32_t panels;  // of a block
  std::int64_t cost;    // of all blocks, in products for each pair of channels

  std::int32_t positions() const {
    return winograd_positions(outputs) * winograd_positions(outputs);
  }
};

/// Floats of the workspace, by what they hold.
struct WorkspaceLayout {
  WorkspaceLayout(const Cut& cut, const Correlation& c) {
    const std::int32_t n = cut.outputs;
    position_floats = cut.panels * kPanelColumns * c.inputs + kPositionGap;
    const std::int64_t channel_floats = std::int64_t{cut.panels} * kPanelColumns * cut.positions();
    sum_channels = static_cast<std::int32_t>(std::clamp<std::int64_t>(
        kSumFloats / channel_floats, kMaxBlock, std::max(c.outputs, kMaxBlock)));
    // Channels that are neighbours in memory, as NHWC has them, are fetched four at a time.
    lanes = c.input.channel == 1 && c.input.column != 1 && c.inputs >= 4 ? 4 : 1;
    vectors = divide_up(cut.columns * n + 2, 4);
    patch_floats = (cut.rows * n + 2) * vectors * 4;
    column_floats = cut.images * cut.rows * vectors * winograd_positions(n) * 4;
    panels = std::int64_t{cut.positions()} * position_floats;
    sums = sum_channels * channel_floats;
  }

  std::int64_t all() const {
    return panels + sums + std::int64_t{lanes} * (patch_floats + column_floats);
  }

  std::int32_t position_floats;              // between positions of the panels
  std::int32_t sum_channels;                 // output channels whose sums there is room for
  std::int32_t lanes;                        // channels that are fetched at once
  std::int32_t vectors;                      // of a row of the patch
  std::int32_t patch_floats, column_floats;  // of one channel
  std::int64_t panels, sums;
};

/// The workspace may be four times as large as the larger of input and output, or 1 MiB.
std::int64_t most_floats(const Correlation& c) {
  const std::int64_t planes = std::int64_t{c.images} * c.groups;
  const auto floats = [planes](std::int32_t channels, std::int32_t rows, std::int32_t columns) {
    return planes * channels * rows * columns;
  };
  return std::max<std::int64_t>(1 << 18,
                                4 * std::max(floats(c.inputs, c.rows.input, c.columns.input),
                                             floats(c.outputs, c.rows.output, c.columns.output)));
}

/// The best blocks of tiles of n x n outputs.
Cut cut_into(std::int32_t n, const Correlation& c) {
  const std::int32_t height = divide_up(TiledAxis(c.rows).outputs(0), n);
  const std::int32_t width = divide_up(TiledAxis(c.columns).outputs(0), n);
  Cut cut = {};
  cut.outputs = n;
  // The gradient of a weight over no images has no inputs.
  const std::int64_t panel_floats =
      std::int64_t{cut.positions()} * std::max(c.inputs, 1) * kPanelColumns;
  const std::int64_t limit = most_floats(c);
  // Two panels to each weight that is read, if there is room.
  const std::int64_t affordable = std::max(kPanelFloats / panel_floats,
                                           std::min<std::int64_t>(2, limit * 3 / 4 / panel_floats));
  const auto most = kPanelColumns *
                    static_cast<std::int32_t>(std::clamp<std::int64_t>(affordable, 1, kMaxPanels));
  cut.column_blocks = divide_up(width, most);
  cut.columns = divide_up(width, cut.column_blocks);
  cut.column_blocks = divide_up(width, cut.columns);
  cut.cost = kTooMuch;
  // Whichever count of rows fills the panels best.
  for (std::int32_t rows = std::min(height, most / cut.columns); rows > 0; --rows) {
    const std::int32_t row_blocks = divide_up(height, rows);
    const bool whole = row_blocks == 1 && cut.column_blocks == 1;
    const std::int32_t images =
        whole ? std::clamp(most / (rows * cut.columns), 1, std::max(c.images, 1)) : 1;
    const std::int32_t image_blocks = divide_up(c.images, images);
    const std::int32_t panels = divide_up(images * rows * cut.columns, kPanelColumns);
    const std::int64_t blocks = std::int64_t{image_blocks} * row_blocks * cut.column_blocks;
    const std::int64_t cost =
        blocks * cut.positions() * (panels * kPanelColumns + kColumnsOfWeights);
    if (cost >= cut.cost) continue;
    cut.cost = cost;
    cut.images = images;
    cut.image_blocks = image_blocks;
    cut.rows = rows;
    cut.row_blocks = row_blocks;
    cut.panels = panels;
  }
  if (WorkspaceLayout(cut, c).all() > limit) cut.cost = kTooMuch;
  return cut;
}

/// F(4 x 4, 3 x 3) has 4 times fewer products than the definition and F(2 x 2, 3 x 3) 2.25 times,
/// but its tiles may hang over the edge of a small image, or not fill a panel.
Cut best_cut(const Correlation& c) {
  const Cut small = cut_into(2, c), large = cut_into(4, c);
  return small.cost < large.cost ? small : large;
}

/// The same tiles in more blocks, where there would be too few for the workers.
Cut divided(Cut cut, const Correlation& c) {
  cut.channel_blocks = 1;
  if (!kDivides) return cut;
  const TiledAxis rows(c.rows), columns(c.columns);
  const std::int32_t height = divide_up(rows.outputs(0), cut.outputs);
  const bool joins_images = cut.images > 1;
  std::int32_t* axis = joins_images ? &cut.image_blocks : &cut.row_blocks;
  Work work = {};
  work.others = c.groups * rows.phases * columns.phases * cut.column_blocks *
                (joins_images ? 1 : cut.image_blocks);
  work.units = joins_images ? c.images : height;
  work.unit_columns = joins_images ? cut.rows * cut.columns : cut.columns;
  work.channels = c.outputs;
  work.depth = c.inputs * cut.positions();
  work.shares = *axis;
  work.weight_columns = kColumnsOfWeights;
  work.input_channels = kChannelsOfInput;
  const Split shares = divide_work(work, c.workers);
  *axis = shares.axis;
  cut.channel_blocks = shares.channels;
  cut.images = divide_up(c.images, cut.image_blocks);
  cut.rows = divide_up(height, cut.row_blocks);
  cut.panels = divide_up(cut.images * cut.rows * cut.columns, kPanelColumns);
  return cut;
}

class Winograd : public Executor {
 public:
  explicit Winograd(const Correlation& correlation)
      : c_(correlation),
        clamp_(clamp_of(correlation.activation)),
        rows_(correlation.rows),
        columns_(correlation.columns),
        cut_(divided(best_cut(correlation), correlation)),
        layout_(cut_, correlation) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    const std::int64_t weights =
        std::int64_t{c_.groups} * cut_.positions() * (std::int64_t{c_.inputs} * c_.outputs + 4);
    if (weights > kMaxElements) return Status::kTooLarge;
    if (!weights_.reset(static_cast<std::size_t>(weights))) return Status::kOutOfMemory;
    pack_weights(weight);
    weight_bytes_ = bias_.bytes() + weights_.bytes();
    workspace_floats_ = layout_.all();
    tasks_ = cut_.image_blocks * c_.groups * rows_.phases * columns_.phases * cut_.row_blocks *
             cut_.column_blocks * cut_.channel_blocks;
    return workspace_floats_ > kMaxElements ? Status::kTooLarge : Status::kOk;
  }

  void run_task(const TaskData& data, std::int32_t task) const override;

 private:
  /// Outputs of one phase that a task makes, and where.
  struct Block {
    const float* input;  // channel 0 of the group in the first image
    float* output;       // channel 0, row 0 and column 0 of the block in the first image
    std::int32_t first_row, first_column;    // of the input, for the first tile
    std::int32_t output_row, output_column;  // floats between neighbours
    std::int32_t images, tile_rows, tile_columns;
    std::int32_t rows, columns;  // outputs
    std::int32_t group;
    Range channels;  // of the group

    std::int32_t tiles() const { return images * tile_rows * tile_columns; }
  };

  /// A tile of a block.
  struct Tile {
    std::int32_t leading, trailing;  // offsets of its columns; see WinogradInput
    std::int32_t output;
    std::int32_t rows, columns;  // outputs that there are
  };

  void pack_weights(const float* weight);
  void list_tiles(const Block& block, Tile* tiles) const;
  void fetch(const Block& block, std::int32_t image, std::int32_t channel, std::int32_t lanes,
             float* patch) const;
  void transform_input(const Block& block, const Tile* tiles, float* panels, float* columns,
                       float* patch) const;
  void multiply(const Block& block, std::int32_t channel, std::int32_t channels,
                const float* panels, float* sums) const;
  void transform_output(const Block& block, const Tile* tiles, std::int32_t channel,
                        std::int32_t channels, const float* sums) const;
  void finish(const Block& block) const;

  /// Floats of the weights of one position of one group. Vectors are stored whole: what is beyond
  /// the last channel of a block is overwritten by the next one, or lies behind the last of all.
  std::int32_t weight_step() const { return c_.inputs * c_.outputs + 4; }

  const Correlation c_;
  const Clamp clamp_;
  const TiledAxis rows_, columns_;
  const Cut cut_;
  const WorkspaceLayout layout_;
  Buffer<float> bias_;
  Buffer<float> weights_;  // [group][position][block of channels][input channel][channel of block]
};

void Winograd::pack_weights(const float* weight) {
  const std::int32_t step = weight_step();
  const std::int32_t positions = cut_.positions();
  const Kernel<WinogradWeight>& kernel = winograd_weight_kernels().find(cut_.outputs, c_.fusing);
  WinogradWeight work = {};
  const bool flip_rows = rows_.phase.reversed, flip_columns = columns_.phase.reversed;
  work.channel_step = c_.weight.image;
  work.row_step = flip_rows ? -c_.weight.row : c_.weight.row;
  work.column_step = flip_columns ? -c_.weight.column : c_.weight.column;
  work.position_step = step;
  const std::int32_t first_tap =
      (flip_rows ? 2 * c_.weight.row : 0) + (flip_columns ? 2 * c_.weight.column : 0);
  for (std::int32_t group = 0; group < c_.groups; ++group) {
    float* packed = weights_.data() + group * positions * step;
    for (std::int32_t first = 0; first < c_.outputs;) {
      const std::int32_t block = channel_block(c_.outputs - first);
      for (std::int32_t i = 0; i < c_.inputs; ++i) {
        for (std::int32_t o = 0; o < block; o += 4) {
          work.weight = weight + group * c_.weight.group + (first + o) * c_.weight.image +
                        i * c_.weight.channel + first_tap;
          work.channels = std::min(block - o, 4);
          work.output = packed + first * c_.inputs + i * block + o;
          kernel.run(work);
        }
      }
      first += block;
    }
  }
}

void Winograd::run_task(const TaskData& data, std::int32_t task) const {
  const auto next = [&task](std::int32_t count) {
    const std::int32_t index = task % count;
    task /= count;
    return index;
  };
  const std::int32_t n = cut_.outputs;
  const std::int32_t channel_share = next(cut_.channel_blocks);
  const std::int32_t x = next(cut_.column_blocks) * cut_.columns * n;
  const std::int32_t row_block = next(cut_.row_blocks);
  const std::int32_t column_phase = next(columns_.phases);
  const std::int32_t row_phase = next(rows_.phases);
  const std::int32_t height = rows_.outputs(row_phase);
  const Range tile_rows = range_of(divide_up(height, n), cut_.row_blocks, row_block);
  const std::int32_t y = tile_rows.first * n;
  Block block = {};
  block.group = next(c_.groups);
  block.channels = channels_of(c_.outputs, cut_.channel_blocks, channel_share);
  const Range images = range_of(c_.images, cut_.image_blocks, task);
  const std::int32_t image = images.first;
  block.images = images.count;
  block.rows = std::min(tile_rows.count * n, height - y);
  block.columns = std::min(cut_.columns * n, columns_.outputs(column_phase) - x);
  if (block.rows <= 0 || block.columns <= 0) return;  // the blocks are those of the largest phase
  block.tile_rows = tile_rows.count;
  block.tile_columns = divide_up(block.columns, n);
  const std::int32_t row = row_phase + y * rows_.phase.spacing;
  const std::int32_t column = column_phase + x * columns_.phase.spacing;
  block.first_row = rows_.phase.origin + row;
  block.first_column = columns_.phase.origin + column;
  block.output_row = rows_.phase.spacing * c_.output.row;
  block.output_column = columns_.phase.spacing * c_.output.column;
  block.input = data.input_floats() + image * c_.input.image + block.group * c_.input.group;
  block.output = data.output_floats() + image * c_.output.image + block.group * c_.output.group +
                 row * c_.output.row + column * c_.output.column;

  float* panels = data.workspace;
  float* sums = panels + layout_.panels;
  float* columns = sums + layout_.sums;
  float* patch = columns + layout_.lanes * layout_.column_floats;
  Tile tiles[kMaxTiles];
  list_tiles(block, tiles);
  transform_input(block, tiles, panels, columns, patch);
  const std::int32_t last = block.channels.first + block.channels.count;
  for (std::int32_t channel = block.channels.first; channel < last;) {
    std::int32_t end = channel;
    do {
      end += channel_block(c_.outputs - end);
    } while (end < last && end - channel + channel_block(c_.outputs - end) <= layout_.sum_channels);
    multiply(block, channel, end, panels, sums);
    transform_output(block, tiles, channel, end, sums);
    channel = end;
  }
  finish(block);
}

void Winograd::list_tiles(const Block& block, Tile* tiles) const {
  const std::int32_t n = cut_.outputs;
  const std::int32_t vector_floats = 4 * winograd_positions(n);
  for (std::int32_t image = 0; image < block.images; ++image) {
    for (std::int32_t y = 0; y < block.tile_rows; ++y) {
      const std::int32_t row = (image * cut_.rows + y) * layout_.vectors * vector_floats;
      for (std::int32_t x = 0; x < block.tile_columns; ++x) {
        const auto at = [&](std::int32_t column) {
          return row + column / 4 * vector_floats + column % 4;
        };
        *tiles++ = {
            at(x * n), at(x * n + n),
            image * c_.output.image + n * y * block.output_row + n * x * block.output_column,
            std::min(n, block.rows - n * y), std::min(n, block.columns - n * x)};
      }
    }
  }
}

/// Copies what the block reads of `lanes` channels of one image. What only outputs beyond the edge
/// would read becomes 0, so that nothing of it disturbs the others of its tile.
void Winograd::fetch(const Block& block, std::int32_t image, std::int32_t channel,
                     std::int32_t lanes, float* patch) const {
  const PaddedPlane plane =
      input_plane(c_, block.input + image * c_.input.image + channel * c_.input.channel);
  const std::int32_t pitch = layout_.vectors * 4;
  const std::int32_t rows = block.rows + 2, columns = block.columns + 2;
  const std::int32_t step = rows_.phase.spacing;
  const ColumnRange range(plane, block.first_column, columns_.phase.spacing, columns);
  if (lanes == 4) {
    for (std::int32_t row = 0; row < rows; ++row) {
      fetch_row_nhwc4(plane, block.first_row + row * step, range, patch + row * pitch,
                      layout_.patch_floats);
    }
  } else {
    fetch_rows(plane, block.first_row, step, rows, range, patch, pitch);
  }
  const std::int32_t whole_rows = block.tile_rows * cut_.outputs + 2;
  for (std::int32_t lane = 0; lane < lanes; ++lane, patch += layout_.patch_floats) {
    for (std::int32_t row = 0; row < rows; ++row) {
      std::fill(patch + row * pitch + columns, patch + (row + 1) * pitch, 0.0f);
    }
    std::fill(patch + rows * pitch, patch + whole_rows * pitch, 0.0f);
  }
}

void Winograd::transform_input(const Block& block, const Tile* tiles, float* panels, float* columns,
                               float* patch) const {
  const std::int32_t n = cut_.outputs;
  const auto& along_rows = winograd_columns_kernels().find(n, c_.fusing);
  const auto& along_columns = winograd_input_kernels().find(n, c_.fusing);
  const std::int32_t vector_floats = 4 * winograd_positions(n);
  const std::int32_t row_floats = layout_.vectors * vector_floats;
  const std::int32_t pitch = layout_.vectors * 4;
  const std::int32_t vectors = divide_up(block.tile_columns * n + 2, 4);
  const std::int32_t count = block.tiles();
  for (std::int32_t channel = 0; channel < c_.inputs;) {
    const std::int32_t lanes = channel + layout_.lanes <= c_.inputs ? layout_.lanes : 1;
    for (std::int32_t image = 0; image < block.images; ++image) {
      fetch(block, image, channel, lanes, patch);
      for (std::int32_t lane = 0; lane < lanes; ++lane) {
        for (std::int32_t y = 0; y < block.tile_rows; ++y) {
          along_rows.run(
              {patch + lane * layout_.patch_floats + y * n * pitch, pitch,
               columns + lane * layout_.column_floats + (image * cut_.rows + y) * row_floats,
               vectors});
        }
      }
    }
    for (std::int32_t lane = 0; lane < lanes; ++lane, ++channel) {
      const float* from = columns + lane * layout_.column_floats;
      for (std::int32_t tile = 0; tile < count; tile += 4) {
        WinogradInput work = {};
        for (std::int32_t t = 0; t < 4; ++t) {
          const Tile& one = tiles[std::min(tile + t, count - 1)];
          work.leading[t] = from + one.leading;
          work.trailing[t] = from + one.trailing;
        }
        work.output = panels + (tile / kPanelColumns * c_.inputs + channel) * kPanelColumns +
                      tile % kPanelColumns;
        work.position_step = layout_.position_floats;
        along_columns.run(work);
      }
    }
  }
}

/// The sums of channels `channel` to `end` - 1: for each block of channels
/// [panel][position][channel of the block][column].
void Winograd::multiply(const Block& block, std::int32_t channel, std::int32_t end,
                        const float* panels, float* sums) const {
  static constexpr float kZeros[kPanelColumns] = {};
  const std::int32_t positions = cut_.positions();
  const std::int32_t panel_count = divide_up(block.tiles(), kPanelColumns);
  const float* weights = weights_.data() + block.group * positions * weight_step();
  GemmTile tile = {};
  tile.depth = c_.inputs;
  tile.initial = kZeros;
  tile.output = {nullptr, kPanelColumns, -kInfinity, kInfinity};
  for (std::int32_t position = 0; position < positions; ++position) {
    for (std::int32_t first = channel; first < end;) {
      const std::int32_t channels = channel_block(c_.outputs - first);
      const TileKernel<GemmTile>& kernel = gemm_kernels().find(channels, c_.fusing);
      tile.weight = weights + position * weight_step() + first * c_.inputs;
      float* output = sums + (first - channel) * cut_.panels * positions * kPanelColumns +
                      position * channels * kPanelColumns;
      for (std::int32_t panel = 0; panel < panel_count; ++panel) {
        tile.panel =
            panels + position * layout_.position_floats + panel * c_.inputs * kPanelColumns;
        tile.output.data = output + panel * positions * channels * kPanelColumns;
        kernel.run(tile);
      }
      first += channels;
    }
  }
}

void Winograd::transform_output(const Block& block, const Tile* tiles, std::int32_t channel,
                                std::int32_t end, const float* sums) const {
  const std::int32_t n = cut_.outputs, positions = cut_.positions();
  const Kernel<WinogradOutput>& kernel = winograd_output_kernels().find(n, c_.fusing);
  const std::int32_t count = block.tiles();
  WinogradOutput work = {};
  work.low = clamp_.low;
  work.high = clamp_.high;
  for (std::int32_t first = channel; first < end;) {
    const std::int32_t channels = channel_block(c_.outputs - first);
    work.position_step = channels * kPanelColumns;
    for (std::int32_t o = first; o < first + channels; ++o) {
      const float* of_channel = sums + (first - channel) * cut_.panels * positions * kPanelColumns +
                                (o - first) * kPanelColumns;
      float* output = block.output + o * c_.output.channel;
      work.bias = bias_[static_cast<std::size_t>(block.group * c_.outputs + o)];
      for (std::int32_t tile = 0; tile < count; tile += 4) {
        work.sums = of_channel + tile / kPanelColumns * positions * channels * kPanelColumns +
                    tile % kPanelColumns;
        // What is not whole rows in memory goes by way of a tile of its own.
        float apart[4][16];
        std::int32_t apart_count = 0;
        std::int32_t copied[4];
        for (std::int32_t t = 0; t < 4; ++t) {
          const Tile* one = tile + t < count ? tiles + tile + t : nullptr;
          if (one != nullptr && one->rows == n && one->columns == n && block.output_column == 1) {
            work.output[t] = output + one->output;
            work.row_step[t] = block.output_row;
          } else {
            work.output[t] = apart[t];
            work.row_step[t] = n;
            if (one != nullptr) copied[apart_count++] = t;
          }
        }
        kernel.run(work);
        for (std::int32_t i = 0; i < apart_count; ++i) {
          const Tile& one = tiles[tile + copied[i]];
          for (std::int32_t r = 0; r < one.rows; ++r) {
            float* row = output + one.output + r * block.output_row;
            for (std::int32_t col = 0; col < one.columns; ++col) {
              row[col * block.output_column] = apart[copied[i]][r * n + col];
            }
          }
        }
      }
    }
    first += channels;
  }
}

/// Applies what a kernel cannot: activations that are not clamps.
void Winograd::finish(const Block& block) const {
  if (is_clamp(c_.activation)) return;
  for (std::int32_t image = 0; image < block.images; ++image) {
    for (std::int32_t row = 0; row < block.rows; ++row) {
      activate(block.output + image * c_.output.image + row * block.output_row +
                   block.channels.first * c_.output.channel,
               block.channels.count, c_.output.channel, block.columns, block.output_column,
               c_.activation, c_.activation_alpha);
    }
  }
}

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "as its rounding is not deterministic";
  if (c.rows.kernel != 3 || c.columns.kernel != 3) return "as it needs a 3×3 kernel";
  if (c.rows.stride != 1 || c.columns.stride != 1) return "as it needs stride 1";
  if (best_cut(c).cost == kTooMuch) return "as it has too many channels for so small an image";
  return nullptr;
}

/// At all positions of all tiles: input channels and output channels that are transformed, and
/// their products; with each block of tiles, weights that are read.
OpCounts op_counts(const Correlation& c, Use use) {
  const ProblemSizes v(c);
  const Cut cut = best_cut(c);
  const float phases = static_cast<float>(TiledAxis(c.rows).phases * TiledAxis(c.columns).phases);
  const float blocks = v.groups * phases *
                       static_cast<float>(cut.image_blocks * cut.row_blocks * cut.column_blocks) *
                       static_cast<float>(cut.positions());
  /// So many positions of an output channel, to transform one of a weight.
  constexpr float kWeights = 2;
  const float weights = use == Use::kOnce ? kWeights * v.groups * v.inputs * v.outputs *
                                                static_cast<float>(cut.positions())
                                          : 0;
  const float columns = blocks * static_cast<float>(cut.panels * kPanelColumns);
  return {{columns * v.inputs, columns * v.outputs + weights, columns * v.inputs * v.outputs,
           blocks * v.inputs * v.outputs}};
}

}  // namespace

const AlgorithmEntry kWinogradAlgorithm = {Algorithm::kWinograd, "winograd", refusal,
                                           prepare<Winograd>,    2,          op_counts};

}  // namespace corr2d
