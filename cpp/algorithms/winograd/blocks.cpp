// Computes the blocks of Winograd: transforms the input, multiplies, transforms the sums.

#include <algorithm>
#include <limits>

#include "algorithms/tiling/patch.hpp"
#include "algorithms/winograd/executor.hpp"

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

void WinogradExecutor::list_tiles(const Block& block, Tile* tiles) const {
  const std::int32_t n = tiling_.n;
  const std::int32_t vector_floats = 4 * winograd_positions(n);
  for (std::int32_t image = 0; image < block.output.images; ++image) {
    for (std::int32_t y = 0; y < block.tile_rows; ++y) {
      const std::int32_t row = (image * tiling_.tile_rows + y) * layout_.vectors * vector_floats;
      for (std::int32_t x = 0; x < block.tile_columns; ++x) {
        const auto at = [&](std::int32_t column) {
          return row + column / 4 * vector_floats + column % 4;
        };
        *tiles++ = {at(x * n), at(x * n + n),
                    block.output.image_steps.offset(image) + n * y * block.output.row_step +
                        n * x * block.output.column_step,
                    std::min(n, block.output.rows - n * y),
                    std::min(n, block.output.columns - n * x)};
      }
    }
  }
}

/// Copies the input of a block in `lanes` channels of one image. Elements that only outputs beyond
/// the edge would read become 0, as everything in a tile affects all of its outputs.
void WinogradExecutor::fetch(const Block& block, std::int32_t image, std::int32_t channel,
                             std::int32_t lanes, float* patch) const {
  const PaddedPlane plane =
      input_plane(c_, planes_, block.input, block.output.image_steps.first + image, channel);
  const std::int32_t pitch = layout_.vectors * 4;
  const std::int32_t rows = block.output.rows + 2, columns = block.output.columns + 2;
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
  const std::int32_t whole_rows = block.tile_rows * tiling_.n + 2;
  for (std::int32_t lane = 0; lane < lanes; ++lane, patch += layout_.patch_floats) {
    for (std::int32_t row = 0; row < rows; ++row) {
      std::fill(patch + row * pitch + columns, patch + (row + 1) * pitch, 0.0f);
    }
    std::fill(patch + rows * pitch, patch + whole_rows * pitch, 0.0f);
  }
}

void WinogradExecutor::transform_input(const Block& block, const Tile* tiles, float* panels,
                                       float* columns, float* patch) const {
  const std::int32_t n = tiling_.n;
  const auto& along_rows = winograd_columns_kernels().find(n, c_.fusing);
  const auto& along_columns = winograd_input_kernels().find(n, c_.fusing);
  const std::int32_t vector_floats = 4 * winograd_positions(n);
  const std::int32_t row_floats = layout_.vectors * vector_floats;
  const std::int32_t pitch = layout_.vectors * 4;
  const std::int32_t vectors = divide_up(block.tile_columns * n + 2, 4);
  const std::int32_t count = block.tiles();
  for (std::int32_t channel = 0; channel < c_.inputs;) {
    const std::int32_t lanes =
        channel % c_.channels + layout_.lanes <= c_.channels ? layout_.lanes : 1;
    for (std::int32_t image = 0; image < block.output.images; ++image) {
      fetch(block, image, channel, lanes, patch);
      for (std::int32_t lane = 0; lane < lanes; ++lane) {
        for (std::int32_t y = 0; y < block.tile_rows; ++y) {
          along_rows.run({patch + lane * layout_.patch_floats + y * n * pitch, pitch,
                          columns + lane * layout_.column_floats +
                              (image * tiling_.tile_rows + y) * row_floats,
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

/// Computes the sums of output channels `channel` to `end` - 1, for each block of channels
/// [panel][position][channel of the block][column].
void WinogradExecutor::multiply(const Block& block, std::int32_t channel, std::int32_t end,
                                const float* panels, float* sums) const {
  static constexpr float kZeros[kPanelColumns] = {};
  const std::int32_t positions = tiling_.positions();
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
      float* output = sums + (first - channel) * tiling_.panels * positions * kPanelColumns +
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

void WinogradExecutor::transform_output(const Block& block, const Tile* tiles, std::int32_t channel,
                                        std::int32_t end, const float* sums) const {
  const std::int32_t n = tiling_.n, positions = tiling_.positions();
  const Kernel<WinogradOutput>& kernel = winograd_output_kernels().find(n, c_.fusing);
  const std::int32_t count = block.tiles();
  WinogradOutput work = {};
  work.low = epilogue_.low;
  work.high = epilogue_.high;
  for (std::int32_t first = channel; first < end;) {
    const std::int32_t channels = channel_block(c_.outputs - first);
    work.position_step = channels * kPanelColumns;
    for (std::int32_t o = first; o < first + channels; ++o) {
      const float* channel_sums = sums +
                                  (first - channel) * tiling_.panels * positions * kPanelColumns +
                                  (o - first) * kPanelColumns;
      float* output = block.output.data + o * c_.output.channel;
      work.bias = bias_[static_cast<std::size_t>(block.group * c_.outputs + o)];
      for (std::int32_t tile = 0; tile < count; tile += 4) {
        work.sums = channel_sums + tile / kPanelColumns * positions * channels * kPanelColumns +
                    tile % kPanelColumns;
        // Tiles that are not whole or whose columns are not contiguous go through temporary tiles
        // and are copied from there.
        float scratch_tiles[4][16];
        std::int32_t copies = 0;
        std::int32_t copied[4];
        for (std::int32_t t = 0; t < 4; ++t) {
          const Tile* one = tile + t < count ? tiles + tile + t : nullptr;
          if (one != nullptr && one->rows == n && one->columns == n &&
              block.output.column_step == 1) {
            work.output[t] = output + one->output;
            work.row_step[t] = block.output.row_step;
          } else {
            work.output[t] = scratch_tiles[t];
            work.row_step[t] = n;
            if (one != nullptr) copied[copies++] = t;
          }
        }
        kernel.run(work);
        for (std::int32_t i = 0; i < copies; ++i) {
          const Tile& one = tiles[tile + copied[i]];
          for (std::int32_t r = 0; r < one.rows; ++r) {
            float* row = output + one.output + r * block.output.row_step;
            for (std::int32_t col = 0; col < one.columns; ++col) {
              row[col * block.output.column_step] = scratch_tiles[copied[i]][r * n + col];
            }
          }
        }
      }
    }
    first += channels;
  }
}

void WinogradExecutor::run(const TaskData& data, const TaskIndex& task) const {
  const std::int32_t n = tiling_.n;
  const std::int32_t column_phase = task.phase % columns_.phases;
  const std::int32_t row_phase = task.phase / columns_.phases;
  const std::int32_t height = rows_.outputs(row_phase);
  const std::int32_t x = task.columns * tiling_.tile_columns * n;
  const Range tile_rows = range_of(divide_up(height, n), grid_.rows, task.rows);
  const std::int32_t y = tile_rows.first * n;
  const std::int32_t rows = std::min(tile_rows.count * n, height - y);
  const std::int32_t columns =
      std::min(tiling_.tile_columns * n, columns_.outputs(column_phase) - x);
  // Phases with fewer outputs than the first may have fewer blocks.
  if (rows <= 0 || columns <= 0) return;
  const Range images = range_of(c_.images, grid_.images, task.image);
  const std::int32_t row = row_phase + y * rows_.phase.spacing;
  const std::int32_t column = column_phase + x * columns_.phase.spacing;
  const float* input = data.input_floats() + task.group * c_.input.group;
  float* output = data.output_floats() + c_.output_offset(images.first) +
                  task.group * c_.output.group + row * c_.output.row + column * c_.output.column;
  const Block block = {
      .input = input,
      .output = {.data = output,
                 .add = data.second_at(output),
                 .images = images.count,
                 .rows = rows,
                 .columns = columns,
                 .image_steps = {images.first, c_.planes.output, c_.output.image, c_.output.plane},
                 .channel_step = c_.output.channel,
                 .row_step = rows_.phase.spacing * c_.output.row,
                 .column_step = columns_.phase.spacing * c_.output.column},
      .first_row = rows_.phase.origin + row,
      .first_column = columns_.phase.origin + column,
      .tile_rows = tile_rows.count,
      .tile_columns = divide_up(columns, n),
      .group = task.group,
      .channels = channels_of(c_.outputs, grid_.channels, task.channels)};

  float* panels = data.workspace;
  float* sums = panels + layout_.panels;
  float* input_columns = sums + layout_.sums;
  float* patch = input_columns + layout_.lanes * layout_.column_floats;
  Tile tiles[WinogradTiling::kMaxTiles];
  list_tiles(block, tiles);
  transform_input(block, tiles, panels, input_columns, patch);
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
  epilogue_.apply(block.output, block.channels);
}

}  // namespace corr2d
