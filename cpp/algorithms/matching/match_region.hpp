#pragma once

#include "algorithms/tiling/partition.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {

/// The part of an image that a block of windows covers, in the form that step 2 of template
/// matching (match_template.cpp) reads: planes of the same size, centred and scaled.
struct MatchRegion {
  std::int32_t rows, columns;  // of a plane
  float* planes;               // channels x rows x columns
  double* centres;             // the number subtracted from each channel after scaling
  float* bad;                  // rows x columns: 1 where a channel is not finite; only if has_bad

  // Written by read:
  double scale = 1;           // a power of two
  double mean_square = 0;     // of the planes' elements, summed over the channels
  double largest_centre = 0;  // the largest magnitude of a centre
  bool has_bad = false;       // an element is not finite, or a sum of a row overflowed

  /// Reads the rows `height` and the columns `width` of an image. Elements that are not finite, and
  /// those of the planes beyond these rows and columns, become 0.
  void read(const Problem& problem, const float* image, const Range& height, const Range& width);

  std::int64_t plane_floats() const { return std::int64_t{rows} * columns; }
  const float* plane(std::int32_t c) const { return planes + c * plane_floats(); }
};

}  // namespace corr2d
