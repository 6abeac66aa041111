// Separable: kernels of one input channel as sums of products of a column and a row (low_rank.hpp),
// by passes along columns and along rows: kernels of low rank, but any can be asked for. With any
// stride, dilation, padding and layout, straight from the patch (part.hpp); transposed and backward
// too, if they are not spread.
//
// Error bound, for K = kh kw products and where nothing overflows or underflows:
// |error| <= 2 (K + 1) eps * (|bias| + max |x| * sum |w|) with eps = 2^-24, where the maximum is
// that of the window. What products leave out of a kernel is at most 2 eps of it, by their
// Frobenius norms, and columns and rows are rounded. Of 20,000 problems of the sweep (tests/sweep),
// whose data lies between -1 and 1, the largest error is 0.4 (K + 1) eps times that sum with 1 for
// every |x| and |w|.
//
// The root mean square of the errors, by that of direct's (tests/cpp/separable_test.cpp), for
// Gaussians, their derivatives, disks, boxes and random sums of up to four products:
//
//                                         5 x 5          9 x 9          25 x 25
//   values of mean 0                      0.6 - 1.3      0.5 - 0.8      0.3 - 0.7
//   pictures                              0.5 - 2.3      0.3 - 1.0      0.1 - 0.8
//   values of mean 0, below 0 made 0      0.7 - 1.5      0.5 - 1.2      0.3 - 1.0
//
// NaN and infinity in the input reach the outputs whose windows hold them, and no others.

#include <limits>

#include "algorithms/large_kernel/separable_kernels.hpp"
#include "algorithms/tiling/blocked.hpp"
#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kAlwaysCopied = std::numeric_limits<std::int32_t>::max();

/// Blocks are wide, as sums of columns are made beyond them on either side. A patch should stay in
/// the second-level cache beside these; rows of an image itself may meet in the first-level one.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 32 * 1024, kAlwaysCopied, false};

class Separable : public Blocked {
 public:
  explicit Separable(const Correlation& correlation)
      : Blocked(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    if (const Status status = prepare_blocks(kLimits, nullptr); status != Status::kOk) {
      return status;
    }
    const PhaseProblem& part = *parts_[0];
    const Status status =
        kernels_.prepare(kernels_of(c_, weight), part.patch_columns(), block_rows_);
    if (status != Status::kOk) return status;
    // Of a tap it is the sum of what its row and its column are from those that are read first.
    const std::int32_t* first_column = part.patch_taps() + part.columns().place(0);
    const std::int32_t* first_row = part.patch_taps() + part.rows().place(0) * c_.columns.kernel;
    kernels_.place_taps([&](std::int32_t y) { return first_column[y * c_.columns.kernel]; },
                        [&](std::int32_t x) { return first_row[x]; });
    weight_bytes_ += bias_.bytes() + kernels_.bytes();
    return want_scratch(kernels_.plane_floats());
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t o = block.channels.first; o < end; ++o) {
      const std::int32_t channel = block.first_channel + o;
      kernels_.correlate(
          channel,
          {block.input.patch,
           block.input.row_step,
           block.part.rows().is_dense(),
           bias_[static_cast<std::size_t>(channel)],
           {block.output + o * c_.output.channel, block.output_row, clamp_.low, clamp_.high},
           block.rows,
           block.columns,
           block.output_column},
          scratch);
    }
    finish(block);
  }

  const Clamp clamp_;
  Buffer<float> bias_;
  SeparableKernels kernels_;
};

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "as its rounding is not deterministic";
  if (c.inputs != 1) return "as it needs groups of one input channel";
  const auto spreads = [](const CorrelationAxis& axis) {
    return axis.fractional_stride && axis.stride > 1;
  };
  return spreads(c.rows) || spreads(c.columns) ? "as its strides part the output into phases"
                                               : nullptr;
}

/// Of a kernel that is one product: outputs, products along columns and rows, and rows of outputs.
/// Infinite where neighbours in a row are not neighbours in memory.
OpCounts op_counts(const Correlation& c, Use) {
  const float infinity = std::numeric_limits<float>::infinity();
  const ProblemSizes v(c);
  const bool is_apart = c.input.column != 1 || c.output.column != 1;
  return {{is_apart ? infinity : v.output_floats,
           v.output_floats * static_cast<float>(c.rows.kernel + c.columns.kernel),
           v.groups * v.outputs * v.rows, 0}};
}

}  // namespace

const AlgorithmEntry kSeparableAlgorithm = {Algorithm::kSeparable, "separable", refusal,
                                            prepare<Separable>,    2,           op_counts};

}  // namespace corr2d
