#include "algorithms/tiling/phase_problem.hpp"

#include "algorithms/tiling/input_plane.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

/// The first and the last position that these outputs of the phase read.
struct Reach {
  Reach(const AxisPhase& phase, std::int32_t begin, std::int32_t outputs)
      : first(phase.origin + std::int64_t{begin} * phase.stride),
        last(first + std::int64_t{outputs - 1} * phase.stride +
             std::int64_t{phase.taps - 1} * phase.spacing) {}
  std::int64_t first, last;
};

/// Whether all positions that the phase reads lie inside the input, or at most `zero_border`
/// beyond.
bool is_inside(const AxisPhase& phase, const CorrelationAxis& axis, std::int32_t zero_border) {
  const Reach reach(phase, 0, phase.outputs);
  return reach.first >= -zero_border && reach.last < std::int64_t{axis.input} + zero_border;
}

}  // namespace

PhaseProblem::PhaseProblem(const Correlation& c, std::int32_t row_index, std::int32_t column_index)
    : c_(c),
      row_phase_(phase_of(c.rows, row_index)),
      column_phase_(phase_of(c.columns, column_index)) {
  const auto inside = [&](std::int32_t zero_border) {
    return is_inside(row_phase_, c.rows, zero_border) &&
           is_inside(column_phase_, c.columns, zero_border) && c.input.column == 1;
  };
  in_place_ = inside(0) && column_phase_.stride == 1;
  in_place_with_zero_border_ =
      inside(0) || (inside(1) && c.padding_mode == PaddingMode::kConstant && c.fill_value == 0);
}

ZeroBorder PhaseProblem::zero_border(std::int32_t y, std::int32_t rows, std::int32_t x,
                                     std::int32_t columns) const {
  const Reach of_rows(row_phase_, y, rows), of_columns(column_phase_, x, columns);
  return {of_rows.first < 0, of_rows.last >= c_.rows.input, of_columns.first < 0,
          of_columns.last >= c_.columns.input};
}

void PhaseProblem::shape_patch(std::int32_t block_rows, std::int32_t block_columns) {
  rows_ = PatchAxis(row_phase_, block_rows);
  columns_ = PatchAxis(column_phase_, block_columns);
  slot_rows_ = rows_.length(block_rows);
  pitch_ = columns_.length(block_columns);
}

std::int64_t PhaseProblem::patch_floats() const {
  return std::int64_t{c_.inputs} * rows_.slots() * slot_rows_ * columns_.slots() * pitch_;
}

std::int32_t PhaseProblem::row_offset(std::int32_t channel, std::int32_t slot,
                                      std::int32_t row) const {
  return ((channel * rows_.slots() + slot) * slot_rows_ + row) * columns_.slots() * pitch_;
}

Status PhaseProblem::prepare(const float* weight, bool views, bool fetches) {
  const AxisPhase& rows = row_phase_;
  const AxisPhase& columns = column_phase_;
  if (weight != nullptr) {
    const Status status = weights_.pack(c_, weight, {rows.first_tap, rows.tap_step, rows.taps},
                                        {columns.first_tap, columns.tap_step, columns.taps});
    if (status != Status::kOk) return status;
  }
  const auto depth = static_cast<std::size_t>(c_.inputs * rows.taps * columns.taps);
  if (fetches && !patch_taps_.reset(depth)) return Status::kOutOfMemory;
  if (views && !in_place_taps_.reset(depth)) return Status::kOutOfMemory;
  std::size_t tap = 0;
  for (std::int32_t i = 0; i < c_.inputs; ++i) {
    for (std::int32_t y = 0; y < rows.taps; ++y) {
      for (std::int32_t x = 0; x < columns.taps; ++x, ++tap) {
        if (fetches) {
          patch_taps_[tap] = row_offset(i, rows_.slot(y), rows_.shift(y)) +
                             columns_.slot(x) * pitch_ + columns_.shift(x);
        }
        if (views) {
          in_place_taps_[tap] = i * c_.input.channel + rows.place(y) * rows.spacing * c_.input.row +
                                columns.place(x) * columns.spacing;
        }
      }
    }
  }
  return Status::kOk;
}

PatchView PhaseProblem::view(const float* input, std::int32_t y, std::int32_t x) const {
  return {input + (row_phase_.origin + y * row_phase_.stride) * c_.input.row +
              column_phase_.origin + x * column_phase_.stride,
          in_place_taps_.data(), row_phase_.stride * c_.input.row};
}

PatchView PhaseProblem::fetch(const float* input, std::int32_t y, std::int32_t rows, std::int32_t x,
                              std::int32_t columns, float* patch) const {
  const std::int32_t length = columns_.length(columns);
  for (std::int32_t channel = 0; channel < c_.inputs;) {
    const PaddedPlane plane = input_plane(c_, input + channel * c_.input.channel);
    const std::int32_t out_step = columns_.slots() * pitch_;
    // Channels that are neighbours in memory, as NHWC has them, go four at a time.
    const bool four = c_.input.channel == 1 && c_.input.column != 1 && channel + 4 <= c_.inputs;
    for (std::int32_t row_slot = 0; row_slot < rows_.slots(); ++row_slot) {
      const std::int32_t first = rows_.position(row_slot, y);
      const std::int32_t count = rows_.length(rows);
      float* out = patch + row_offset(channel, row_slot, 0);
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
  return {patch, patch_taps_.data(), columns_.slots() * pitch_};
}

}  // namespace corr2d
