#pragma once

#include "algorithms/algorithm.hpp"

namespace corr2d {

/// How kFftAlgorithm cuts the outputs of a problem into tiles, and what that makes of it.
struct FftCut {
  std::int32_t rows, columns;  // of the input, that a tile reads
  OpCounts op_counts;
  float cost;
};

/// The best one for a problem that it can do.
FftCut cut_for_fft(const Correlation& correlation);

}  // namespace corr2d
