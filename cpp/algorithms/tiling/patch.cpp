#include "algorithms/tiling/patch.hpp"

namespace corr2d {
namespace {

/// The first and the last position that `outputs` outputs from `begin` on read.
struct Reach {
  Reach(const AxisPhase& phase, std::int32_t begin, std::int32_t outputs)
      : first(phase.origin + std::int64_t{begin} * phase.stride),
        last(first + std::int64_t{outputs - 1} * phase.stride +
             std::int64_t{phase.taps - 1} * phase.spacing) {}
  std::int64_t first, last;
};

/// Whether the phase reads no position that lies more than `border` beyond the input.
bool is_inside(const AxisPhase& phase, const CorrelationAxis& axis, std::int32_t border) {
  const Reach reach(phase, 0, phase.outputs);
  return reach.first >= -border && reach.last < std::int64_t{axis.input} + border;
}

}  // namespace

PaddedPlane input_plane(const Correlation& c, const AxisPhase& planes, const float* input,
                        std::int32_t image, std::int32_t channel) {
  std::int32_t height = c.rows.input, width = c.columns.input;
  if (c.is_flat) {
    input += image * c.input.image + channel * c.input.channel;
  } else {
    const std::int32_t plane = source_index(planes.origin + image % planes.outputs * planes.stride +
                                                planes.place(channel / c.channels) * planes.spacing,
                                            c.planes.input, c.padding_mode);
    if (plane == kNoSource) {
      height = width = 0;
    } else {
      input += image / planes.outputs * c.input.image + channel % c.channels * c.input.channel +
               plane * c.input.plane;
    }
  }
  return {input, height, width, c.input.row, c.input.column, c.padding_mode, c.fill_value};
}

Patch::Patch(const Correlation& c, const AxisPhase& plane_phase, const AxisPhase& row_phase,
             const AxisPhase& column_phase)
    : c_(c),
      plane_phase_(plane_phase),
      row_phase_(row_phase),
      column_phase_(column_phase),
      inputs_(c.channels * plane_phase.taps) {
  const auto inside = [&](std::int32_t border) {
    return is_inside(row_phase, c.rows, border) && is_inside(column_phase, c.columns, border) &&
           c.input.column == 1;
  };
  const bool has_planes = is_inside(plane_phase, c.planes, 0);
  in_place_ = has_planes && inside(0) && column_phase.stride == 1;
  in_place_with_zero_border_ =
      has_planes &&
      (inside(0) || (inside(1) && c.padding_mode == PaddingMode::kConstant && c.fill_value == 0));
}

ZeroBorder Patch::zero_border(std::int32_t y, std::int32_t rows, std::int32_t x,
                              std::int32_t columns) const {
  const Reach row_reach(row_phase_, y, rows), column_reach(column_phase_, x, columns);
  return {row_reach.first < 0, row_reach.last >= c_.rows.input, column_reach.first < 0,
          column_reach.last >= c_.columns.input};
}

void Patch::set_block(std::int32_t block_rows, std::int32_t block_columns) {
  rows_ = PatchAxis(row_phase_, block_rows);
  columns_ = PatchAxis(column_phase_, block_columns);
  slot_rows_ = rows_.length(block_rows);
  pitch_ = columns_.length(block_columns);
}

std::int64_t Patch::floats() const {
  return std::int64_t{inputs_} * rows_.slots() * slot_rows_ * columns_.slots() * pitch_;
}

std::int32_t Patch::row_offset(std::int32_t channel, std::int32_t slot, std::int32_t row) const {
  return ((channel * rows_.slots() + slot) * slot_rows_ + row) * row_floats();
}

Status Patch::prepare(bool views, bool fetches) {
  const AxisPhase& rows = row_phase_;
  const AxisPhase& columns = column_phase_;
  const auto depth = static_cast<std::size_t>(inputs_ * rows.taps * columns.taps);
  if (fetches && !copy_offsets_.reset(depth)) return Status::kOutOfMemory;
  if (views && !view_offsets_.reset(depth)) return Status::kOutOfMemory;
  std::size_t tap = 0;
  for (std::int32_t i = 0; i < inputs_; ++i) {
    for (std::int32_t y = 0; y < rows.taps; ++y) {
      for (std::int32_t x = 0; x < columns.taps; ++x, ++tap) {
        if (fetches) {
          copy_offsets_[tap] = row_offset(i, rows_.slot(y), rows_.shift(y)) +
                               columns_.slot(x) * pitch_ + columns_.shift(x);
        }
        if (views) {
          view_offsets_[tap] =
              i % c_.channels * c_.input.channel +
              plane_phase_.place(i / c_.channels) * plane_phase_.spacing * c_.input.plane +
              rows.place(y) * rows.spacing * c_.input.row + columns.place(x) * columns.spacing;
        }
      }
    }
  }
  return Status::kOk;
}

PatchView Patch::view(const float* input, std::int32_t y, std::int32_t x) const {
  return {input + (row_phase_.origin + y * row_phase_.stride) * c_.input.row +
              column_phase_.origin + x * column_phase_.stride,
          view_offsets_.data(), row_phase_.stride * c_.input.row};
}

PatchView Patch::fetch(const float* input, std::int32_t image, std::int32_t y, std::int32_t rows,
                       std::int32_t x, std::int32_t columns, float* copy) const {
  const std::int32_t length = columns_.length(columns);
  for (std::int32_t channel = 0; channel < inputs_;) {
    const PaddedPlane plane = input_plane(c_, plane_phase_, input, image, channel);
    const std::int32_t out_step = row_floats();
    // Channels that are neighbours in memory, as in NHWC, are fetched four at a time.
    const bool four =
        c_.input.channel == 1 && c_.input.column != 1 && channel % c_.channels + 4 <= c_.channels;
    for (std::int32_t row_slot = 0; row_slot < rows_.slots(); ++row_slot) {
      const std::int32_t first = rows_.position(row_slot, y);
      const std::int32_t count = rows_.length(rows);
      float* out = copy + row_offset(channel, row_slot, 0);
      const auto each_row = [&](auto fetch) {
        for (std::int32_t row = 0; row < count; ++row) {
          fetch(first + row * rows_.stride(), out + row * out_step);
        }
      };
      if (columns_.in_pairs() && c_.input.column == 1) {
        const ColumnRange range(plane, columns_.position(0, x), 1, 2 * length);
        each_row([&](std::int32_t row, float* to) {
          fetch_row_deinterleaved(plane, row, range, to, to + pitch_);
        });
        continue;
      }
      for (std::int32_t slot = 0; slot < columns_.slots(); ++slot, out += pitch_) {
        const ColumnRange range(plane, columns_.position(slot, x), columns_.stride(), length);
        if (four) {
          each_row([&](std::int32_t row, float* to) {
            fetch_row_nhwc4(plane, row, range, to, row_offset(1, 0, 0));
          });
        } else {
          fetch_rows(plane, first, rows_.stride(), count, range, out, out_step);
        }
      }
    }
    channel += four ? 4 : 1;
  }
  return {copy, copy_offsets_.data(), row_floats()};
}

}  // namespace corr2d
