#include "algorithms/large_kernel/fft_executor.hpp"

#include "algorithms/tiling/packing.hpp"
#include "algorithms/tiling/patch.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/row_ops.hpp"

namespace corr2d {
namespace {

/// A gap between rows, so that the same element of all rows does not fall into the same cache set.
constexpr std::int32_t kGap = 16;
/// Adding this number to one of at most 2^22 and subtracting it again rounds to an integer.
constexpr float kRounding = 0x3p+22f;

}  // namespace

FftExecutor::FftExecutor(const Correlation& correlation, const FftTiling& tiling)
    : c_(correlation),
      epilogue_(correlation),
      phase_(c_, 0, 0, 0),
      rows_(correlation.rows, tiling.rows),
      columns_(correlation.columns, tiling.columns),
      plane_pitch_(columns_.size * kStripFloats + kGap),
      plane_floats_(rows_.size / kLanes * plane_pitch_),
      strip_floats_(rows_.size * kStripFloats),
      line_pitch_(columns_.size + kGap),
      tile_grid_{.columns = columns_.tiles, .rows = rows_.tiles, .images = c_.images},
      guard_(c_, rows_, columns_, phase_) {
  // The columns of the grid are pairs of tiles, which may lie in different rows and images.
  grid_.columns = divide_up(tile_grid_.tasks(), 2);
  grid_.groups = c_.groups;
}

Status FftExecutor::prepare(const float* weight, const float* bias) {
  if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
  const std::int64_t kernels = std::int64_t{c_.groups} * c_.inputs * c_.outputs;
  const std::int64_t spectra = 2 * kernels * rows_.size * columns_.size;
  const std::int64_t planes = std::int64_t{plane_floats_} * std::max(c_.inputs, c_.outputs);
  workspace_floats_ =
      planes + std::int64_t{strip_floats_} * (c_.inputs + 1) + 2 * kLanes * line_pitch_;
  if (c_.local_accuracy) workspace_floats_ += 2 * guard_.cells();
  if (spectra > kMaxElements || workspace_floats_ > kMaxElements) return Status::kTooLarge;
  if (c_.local_accuracy) {
    phase_.patch.set_block(kFftCell, columns_.tile);
    if (phase_.pack(c_, weight) != Status::kOk ||
        phase_.patch.prepare(false, true) != Status::kOk) {
      return Status::kOutOfMemory;
    }
    guard_.prepare();
  }
  Buffer<float> plane;
  if (!transform_.prepare(std::max(rows_.size, columns_.size)) ||
      !spectra_.reset(static_cast<std::size_t>(spectra)) ||
      !plane.reset(static_cast<std::size_t>(plane_floats_))) {
    return Status::kOutOfMemory;
  }
  transform_weights(weight, plane.data());
  weight_bytes_ = bias_.bytes() + spectra_.bytes() + transform_.bytes() + phase_.bytes();
  return Status::kOk;
}

/// Stores the conjugates of the spectra: multiplying by these is correlation.
void FftExecutor::transform_weights(const float* weight, float* plane) {
  const float scale = 1.0f / static_cast<float>(rows_.size * columns_.size);
  const std::int32_t kernels_per_group = c_.outputs * c_.inputs;
  for (std::int32_t index = 0; index < c_.groups * kernels_per_group; ++index) {
    const std::int32_t group = index / kernels_per_group, kernel = index % kernels_per_group;
    const float* taps = weight + group * c_.weight.group + kernel / c_.inputs * c_.weight.image +
                        c_.weight_offset(kernel % c_.inputs);
    std::fill(plane, plane + plane_floats_, 0.0f);
    for (std::int32_t y = 0; y < c_.rows.kernel; ++y) {
      const std::int32_t row = phase_.rows.place(y) * phase_.rows.spacing;
      float* strip = plane + row / kLanes * plane_pitch_ + row % kLanes;
      for (std::int32_t x = 0; x < c_.columns.kernel; ++x) {
        strip[phase_.columns.place(x) * phase_.columns.spacing * kStripFloats] =
            scale * taps[y * c_.weight.row + x * c_.weight.column];
      }
    }
    for (std::int32_t row = 0; row <= rows_.reach; row += kLanes) {
      transform_.forward(plane + row / kLanes * plane_pitch_, columns_.size);
    }
    for (std::int32_t column = 0; column < columns_.size / kLanes; ++column) {
      const std::int32_t place =
          (group * columns_.size / kLanes + column) * kernels_per_group + kernel;
      float* spectrum = spectra_.data() + std::ptrdiff_t{place} * strip_floats_;
      transpose_complex_blocks(squares_of_columns(plane + column * kLanes * kStripFloats),
                               squares_of_strip(spectrum), rows_.size / 4);
      transform_.forward(spectrum, rows_.size);
      for (std::int32_t i = 0; i < strip_floats_; ++i) {
        if (i % kStripFloats >= kLanes) spectrum[i] = -spectrum[i];
      }
    }
  }
}

FftExecutor::Tile FftExecutor::tile_at(std::int32_t number) const {
  if (number == tile_grid_.tasks()) return {};
  const TaskIndex index = tile_grid_.decode(number);
  const std::int32_t row = index.rows * rows_.tile, column = index.columns * columns_.tile;
  return {index.image, row, column, std::min(rows_.tile, c_.rows.output - row),
          std::min(columns_.tile, c_.columns.output - column)};
}

/// Copies four rows of the input of a tile, from its row `first` on. Elements that only outputs
/// beyond the edge would read become 0, as everything in a tile affects all of its outputs.
void FftExecutor::fetch(const Tile& tile, const float* input, std::int32_t channel,
                        std::int32_t first, float* lines) const {
  const PaddedPlane plane = input_plane(c_, phase_.planes, input, tile.image, channel);
  const std::int32_t rows =
      tile.rows == 0 ? 0 : std::clamp(tile.rows + rows_.reach - first, 0, kLanes);
  const std::int32_t columns = tile.columns + columns_.reach;
  fetch_rows(plane, phase_.rows.origin + tile.row + first, 1, rows,
             {plane, phase_.columns.origin + tile.column, 1, columns}, lines, line_pitch_);
  for (std::int32_t row = 0; row < kLanes; ++row, lines += line_pitch_) {
    std::fill(lines + (row < rows ? columns : 0), lines + columns_.size, 0.0f);
  }
}

/// Stores those of four rows, from row `first` of a tile on, that are outputs.
void FftExecutor::store(const Tile& tile, float bias, std::int32_t first, float* lines,
                        const TaskData& data, float* output) const {
  const std::int32_t rows = std::min(tile.rows - first, kLanes);
  if (rows <= 0) return;
  const TileOutput sums = {lines, line_pitch_, epilogue_.low, epilogue_.high};
  add_bias_and_clamp(sums, bias, rows, tile.columns);
  // With local errors, the bias is 0 or kRounding; adding and subtracting the latter rounds.
  if (c_.local_accuracy && bias != 0) add_bias_and_clamp(sums, -bias, rows, tile.columns);
  output += c_.output_offset(tile.image) + (tile.row + first) * c_.output.row +
            tile.column * c_.output.column;
  float* out = output;
  for (std::int32_t row = 0; row < rows; ++row, lines += line_pitch_, out += c_.output.row) {
    if (c_.output.column == 1) {
      copy_row(lines, tile.columns, out);
    } else {
      for (std::int32_t x = 0; x < tile.columns; ++x) out[x * c_.output.column] = lines[x];
    }
  }
  epilogue_.apply(output, data.second_at(output), rows, c_.output.row, tile.columns,
                  c_.output.column);
}

void FftExecutor::run(const TaskData& data, const TaskIndex& task) const {
  // Each channel has a plane: [four rows][column][real parts, imaginary parts].
  float* const planes = data.workspace;
  float* const strips = planes + std::ptrdiff_t{plane_floats_} * std::max(c_.inputs, c_.outputs);
  float* const sum = strips + std::ptrdiff_t{strip_floats_} * c_.inputs;
  float* const lines = sum + strip_floats_;
  float* const second_lines = lines + kLanes * line_pitch_;
  float* const cells = second_lines + kLanes * line_pitch_;
  float* const second_cells = cells + (c_.local_accuracy ? guard_.cells() : 0);
  bool has_fraction = false;
  if (c_.local_accuracy) std::fill(cells, second_cells + guard_.cells(), 0.0f);
  const std::int32_t group = task.group;
  const Tile tile = tile_at(2 * task.columns), second = tile_at(2 * task.columns + 1);

  const float* input = data.input_floats() + group * c_.input.group;
  for (std::int32_t i = 0; i < c_.inputs; ++i) {
    float* strip = planes + std::ptrdiff_t{i} * plane_floats_;
    for (std::int32_t row = 0; row < rows_.size; row += kLanes, strip += plane_pitch_) {
      fetch(tile, input, i, row, lines);
      fetch(second, input, i, row, second_lines);
      if (c_.local_accuracy) {
        const std::int32_t at = guard_.cell_index(row, 0);
        has_fraction |= inspect_rows(lines, line_pitch_, columns_.size, cells + at);
        has_fraction |= inspect_rows(second_lines, line_pitch_, columns_.size, second_cells + at);
      }
      transpose_complex_blocks(squares_of_lines(lines), squares_of_strip(strip), columns_.size / 4);
      transform_.forward(strip, columns_.size);
    }
  }

  const Kernel<FftProducts>& multiply = fft_multiply_kernels().find(4, true);
  const float* spectra = spectra_.data() + std::ptrdiff_t{group} * columns_.size / kLanes *
                                               c_.outputs * c_.inputs * strip_floats_;
  const std::int32_t squares = rows_.size / 4;
  for (std::int32_t column = 0; column < columns_.size; column += kLanes) {
    float* const first = planes + column * kStripFloats;
    for (std::int32_t i = 0; i < c_.inputs; ++i) {
      float* strip = strips + i * strip_floats_;
      transpose_complex_blocks(squares_of_columns(first + std::ptrdiff_t{i} * plane_floats_),
                               squares_of_strip(strip), squares);
      transform_.forward(strip, rows_.size);
    }
    for (std::int32_t o = 0; o < c_.outputs; ++o, spectra += c_.inputs * strip_floats_) {
      multiply.run({strips, spectra, sum, rows_.size, c_.inputs});
      transform_.inverse(sum, rows_.size);
      // The input channels no longer need these columns.
      transpose_complex_blocks(squares_of_strip(sum),
                               squares_of_columns(first + std::ptrdiff_t{o} * plane_floats_),
                               squares);
    }
  }

  const float limit = c_.local_accuracy ? guard_.limit_of(cells, has_fraction) : 1;
  float* output = data.output_floats() + group * c_.output.group;
  for (std::int32_t o = 0; o < c_.outputs; ++o, output += c_.output.channel) {
    float* strip = planes + std::ptrdiff_t{o} * plane_floats_;
    const float bias =
        limit == 0 ? kRounding : bias_[static_cast<std::size_t>(group * c_.outputs + o)];
    for (std::int32_t row = 0; row < rows_.tile; row += kLanes, strip += plane_pitch_) {
      transform_.inverse(strip, columns_.size);
      transpose_complex_blocks(squares_of_strip(strip), squares_of_lines(lines), columns_.size / 4);
      store(tile, bias, row, lines, data, output);
      store(second, bias, row, second_lines, data, output);
    }
  }
  if (c_.local_accuracy) {
    guard_.correct(data, tile, cells, limit);
    guard_.correct(data, second, second_cells, limit);
  }
}

}  // namespace corr2d
