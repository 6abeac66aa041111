// Padding: pad, whose pads may be negative and crop, and its adjoint. Both are exact, except for
// the sums of kPadBackward where the padding mode reads an element more than once.

#include "algorithms/plane_executor.hpp"
#include "algorithms/plane_operators.hpp"

namespace corr2d {
namespace {

class Pad : public PlaneExecutor {
 public:
  using PlaneExecutor::PlaneExecutor;

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const PaddedPlane plane = input_plane(data.input_floats(), plane_index, p_.fill_value);
    for (std::int32_t y = first_row; y < end_row; ++y) {
      fetch_row(plane, y - p_.pad_top, {plane, -p_.pad_left, 1, g_.output_width}, data.workspace);
      store(data.workspace,
            output_plane(data.output_floats(), plane_index) + y * p_.output_strides.h);
    }
  }
};

/// The gradient of what Pad was given. It reads what the problem calls its output, and writes what
/// the problem calls its input.
class PadBackward : public PlaneExecutor {
 public:
  PadBackward(const Problem& problem, const Geometry& geometry)
      : PlaneExecutor(problem, geometry, false) {}

  void run_rows(const TaskData& data, std::int32_t plane_index, std::int32_t first_row,
                std::int32_t end_row) const override {
    const float* from = data.input_floats() + offset(p_.output_strides, plane_index);
    float* to = cleared_plane(data.output_floats(), plane_index);
    for (std::int32_t y = first_row; y < end_row; ++y) {
      const std::int32_t row = source_index(y - p_.pad_top, p_.input_height, p_.padding_mode);
      if (row == kNoSource) continue;
      for (std::int32_t x = 0; x < g_.output_width; ++x) {
        const std::int32_t column = source_index(x - p_.pad_left, p_.input_width, p_.padding_mode);
        if (column == kNoSource) continue;
        to[row * p_.input_strides.h + column * p_.input_strides.w] +=
            from[y * p_.output_strides.h + x * p_.output_strides.w];
      }
    }
  }
};

}  // namespace

Executor* new_padding(const Problem& problem, const Geometry& geometry) {
  if (problem.kind == Kind::kPad) return new Pad(problem, geometry);
  return new PadBackward(problem, geometry);
}

}  // namespace corr2d
