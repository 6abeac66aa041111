// Chooses the tiles of Winograd and the blocks of tiles that tasks compute, by the products they
// take and the workspace they need.

#include "algorithms/winograd/tiling.hpp"

namespace corr2d {
namespace {

/// The panels of a block share the second-level cache with the sums.
constexpr std::int64_t kPanelFloats = 72 * 1024;
constexpr std::int64_t kSumFloats = 32 * 1024;
/// A gap between positions, so that the same element of all positions does not fall into the same
/// cache set.
constexpr std::int32_t kPositionGap = 16;
/// Every block reads all weights, which takes as long as multiplying this many columns.
constexpr std::int32_t kWeightColumns = 6;
/// Transforming a tile of one input channel takes as long as its products for this many output
/// channels.
constexpr std::int32_t kTransformChannels = 15;

/// The largest workspace: four times the larger of input and output, or 1 MiB.
std::int64_t max_workspace_floats(const Correlation& c) {
  const std::int64_t planes = std::int64_t{c.images} * c.groups;
  const auto floats = [planes](std::int32_t channels, std::int32_t rows, std::int32_t columns) {
    return planes * channels * rows * columns;
  };
  return std::max<std::int64_t>(1 << 18,
                                4 * std::max(floats(c.inputs, c.rows.input, c.columns.input),
                                             floats(c.outputs, c.rows.output, c.columns.output)));
}

/// The best blocks of tiles of n x n outputs.
WinogradTiling tiling_of(std::int32_t n, const Correlation& c) {
  const std::int32_t height = divide_up(DilatedAxis(c.rows).outputs(0), n);
  const std::int32_t width = divide_up(DilatedAxis(c.columns).outputs(0), n);
  WinogradTiling tiling = {};
  tiling.n = n;
  // The gradient of a weight over no images has no inputs.
  const std::int64_t panel_floats =
      std::int64_t{tiling.positions()} * std::max(c.inputs, 1) * kPanelColumns;
  const std::int64_t limit = max_workspace_floats(c);
  // At least two panels for each reading of the weights, if the workspace allows.
  const std::int64_t affordable = std::max(kPanelFloats / panel_floats,
                                           std::min<std::int64_t>(2, limit * 3 / 4 / panel_floats));
  const auto most = kPanelColumns * static_cast<std::int32_t>(std::clamp<std::int64_t>(
                                        affordable, 1, WinogradTiling::kMaxPanels));
  tiling.tile_columns = divide_up(width, divide_up(width, most));
  const std::int32_t column_blocks = divide_up(width, tiling.tile_columns);
  tiling.grid.columns = column_blocks;
  tiling.cost = WinogradTiling::kImpossible;
  // Try all numbers of rows, to find the one that fills the panels best.
  for (std::int32_t rows = std::min(height, most / tiling.tile_columns); rows > 0; --rows) {
    const std::int32_t row_blocks = divide_up(height, rows);
    const bool whole = row_blocks == 1 && column_blocks == 1;
    const std::int32_t images =
        whole ? std::clamp(most / (rows * tiling.tile_columns), 1, std::max(c.images, 1)) : 1;
    const std::int32_t image_blocks = divide_up(c.images, images);
    const std::int32_t panels = divide_up(images * rows * tiling.tile_columns, kPanelColumns);
    const std::int64_t blocks = std::int64_t{image_blocks} * row_blocks * column_blocks;
    const std::int64_t cost =
        blocks * tiling.positions() * (panels * kPanelColumns + kWeightColumns);
    if (cost >= tiling.cost) continue;
    tiling.cost = cost;
    tiling.images = images;
    tiling.grid.images = image_blocks;
    tiling.tile_rows = rows;
    tiling.grid.rows = row_blocks;
    tiling.panels = panels;
  }
  if (WorkspaceLayout(tiling, c).floats() > limit) tiling.cost = WinogradTiling::kImpossible;
  return tiling;
}

}  // namespace

/// F(4 x 4, 3 x 3) needs 4 times fewer products than the definition and F(2 x 2, 3 x 3) 2.25 times
/// fewer. But larger tiles may extend further beyond the edges of a small image, or fill panels
/// less.
WinogradTiling best_tiling(const Correlation& c) {
  const WinogradTiling small = tiling_of(2, c), large = tiling_of(4, c);
  return small.cost < large.cost ? small : large;
}

WinogradTiling divided(WinogradTiling tiling, const Correlation& c) {
  const DilatedAxis rows(c.rows), columns(c.columns);
  tiling.grid.groups = c.groups;
  tiling.grid.phases = rows.phases * columns.phases;
  if (!kDivides) return tiling;
  const std::int32_t height = divide_up(rows.outputs(0), tiling.n);
  const bool joins_images = tiling.images > 1;
  std::int32_t* axis = joins_images ? &tiling.grid.images : &tiling.grid.rows;
  Workload work = {};
  work.other_tasks =
      c.groups * tiling.grid.phases * tiling.grid.columns * (joins_images ? 1 : tiling.grid.images);
  work.units = joins_images ? c.images : height;
  work.unit_columns = joins_images ? tiling.tile_rows * tiling.tile_columns : tiling.tile_columns;
  work.channels = c.outputs;
  work.depth = c.inputs * tiling.positions();
  work.min_parts = *axis;
  work.weight_columns = kWeightColumns;
  work.input_channels = kTransformChannels;
  const Split split = divide_work(work, c.threads);
  *axis = split.axis;
  tiling.grid.channels = split.channels;
  tiling.images = divide_up(c.images, tiling.grid.images);
  tiling.tile_rows = divide_up(height, tiling.grid.rows);
  tiling.panels = divide_up(tiling.images * tiling.tile_rows * tiling.tile_columns, kPanelColumns);
  return tiling;
}

WorkspaceLayout::WorkspaceLayout(const WinogradTiling& tiling, const Correlation& c) {
  const std::int32_t n = tiling.n;
  position_floats = tiling.panels * kPanelColumns * c.inputs + kPositionGap;
  const std::int64_t channel_floats =
      std::int64_t{tiling.panels} * kPanelColumns * tiling.positions();
  sum_channels = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      kSumFloats / channel_floats, kMaxBlock, std::max(c.outputs, kMaxBlock)));
  // Channels that are neighbours in memory, as in NHWC, are fetched four at a time.
  lanes = c.input.channel == 1 && c.input.column != 1 && c.channels >= 4 ? 4 : 1;
  vectors = divide_up(tiling.tile_columns * n + 2, 4);
  patch_floats = (tiling.tile_rows * n + 2) * vectors * 4;
  column_floats = tiling.images * tiling.tile_rows * vectors * winograd_positions(n) * 4;
  panels = std::int64_t{tiling.positions()} * position_floats;
  sums = sum_channels * channel_floats;
}

}  // namespace corr2d
