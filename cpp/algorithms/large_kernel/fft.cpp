// FFT: correlations of stride 1 by the convolution theorem (overlap-save), with any dilation,
// padding, groups and layout, and also transposed and backward. It is chosen for large kernels. The
// outputs are divided into tiles, each of which reads as many rows and columns of the padded input
// as a transform has numbers. Tiles and kernels are real, so that two tiles make one complex tile,
// whose result is the outputs of both, as real and imaginary parts. A task computes such a pair in
// all channels of a group:
//
//   1. It transforms the rows of each input channel, four at a time.
//   2. It transforms four columns at a time, multiplies them by the spectra of the kernels, which
//      are computed once, sums over the input channels and transforms back, for each output
//      channel.
//   3. It transforms the rows of each output channel back, with bias and activation.
//
// Lanes are rows in steps 1 and 3, and columns in step 2: in between, squares of 4 x 4 are
// transposed. Frequencies are never sorted (kernels/fft.hpp).
//
// Error bound, for K = Ci kh kw products and unless a sum over a tile overflows:
// |error| <= 2 (K + 1) eps * (|bias| + sum over Ci of max |x| * sum |w|) with eps = 2^-24, where
// the maximum is that of the pair of tiles. It is measured, not derived: over 20,000 problems of
// the sweep (tests/sweep), whose data lies between -1 and 1, the largest error is 0.9 (K + 1) eps
// times that sum with 1 for every |x| and |w|.
//
// Root mean square of the errors, relative to that of direct (tests/cpp/fft_test.cpp):
//
//                                         5 x 5 of 1   11 x 11      25 x 25      5 x 5 of 32
//   values of mean 0                      1.9 - 2.0    0.9          0.4 - 0.5    0.4
//   images                                1.3 - 2.1    0.6 - 1.1    0.2 - 0.4    0.3
//   values of mean 0 after ReLU           1.8 - 2.7    0.8 - 1.3    0.4 - 0.7    0.4 - 0.5
//
// Everything in a pair of tiles is summed with everything else in it. A NaN or an infinity in its
// input therefore makes NaN of all its outputs. The two tiles are neighbours in a row of tiles, or
// the last of one row and the first of the next, or the last of one image and the first of the
// next. A kernel that holds a NaN or an infinity makes NaN of all outputs of its output channel.
//
// If errors must be local (Problem::local_accuracy), FftGuard bounds them and confines NaN to the
// outputs whose windows contain it.

#include <limits>

#include "algorithms/large_kernel/fft_executor.hpp"
#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "its rounding is not deterministic";
  if (c.rows.stride != 1 || c.columns.stride != 1 || has_phases(c.planes))
    return "it needs stride 1";
  if (std::max(reach_of(c.rows), reach_of(c.columns)) >= kMaxFftSize) {
    return "its kernel reaches over more than 1024 rows or columns";
  }
  // FftGuard supports only one channel, and each window must contain a whole cell.
  if (c.local_accuracy &&
      (std::min(reach_of(c.rows), reach_of(c.columns)) < 2 * kFftCell - 2 ||
       c.images * c.groups > 1 || c.inputs * c.outputs > 1 || c.has_bias || c.has_add ||
       c.activation != Activation::kNone || c.output.column != 1)) {
    return "its errors would not be local";
  }
  return nullptr;
}

/// The most floats of spectra, which are larger than kernels, that `auto` keeps.
constexpr float kMaxSpectraFloats = 1 << 22;

/// The counts of op_counts_of in fft_tiling.cpp, and those of the kernels if they serve once.
OpCounts op_counts(const Correlation& c, Use use) {
  const FftTiling tiling = best_fft_tiling(c);
  const ProblemSizes sizes(c);
  const float spectra = sizes.groups * sizes.inputs * sizes.outputs *
                        static_cast<float>(tiling.rows * tiling.columns);
  OpCounts op_counts = tiling.op_counts;
  // Inspecting a float takes about as long as transforming it.
  if (c.local_accuracy) op_counts.counts[0] += sizes.input_floats;
  if (use == Use::kOnce) {
    op_counts.counts[0] += spectra;
    op_counts.counts[1] += spectra * steps_of(tiling.rows, tiling.columns);
  }
  if (2 * spectra > kMaxSpectraFloats) {
    op_counts.counts[0] = std::numeric_limits<float>::infinity();
  }
  return op_counts;
}

}  // namespace

const AlgorithmEntry kFftEntry = {
    .id = EntryId::kFft,
    .algorithm = Algorithm::kFft,
    .refusal = refusal,
    .prepare = prepare<FftExecutor>,
    .error_factor = 2,
    .competes_on_cost = false,
    .op_counts = op_counts,
};

}  // namespace corr2d
