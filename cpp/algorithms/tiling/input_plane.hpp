#pragma once

#include "core/correlation.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {

/// The input's plane whose first element is at `first`, with what stands beyond its edges.
inline PaddedPlane input_plane(const Correlation& c, const float* first) {
  return {first,          c.rows.input,   c.columns.input, c.input.row,
          c.input.column, c.padding_mode, c.fill_value};
}

}  // namespace corr2d
