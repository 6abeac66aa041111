// Separable: correlates kernels of low rank in passes along columns and along rows. It writes each
// kernel of a group of one input channel as a sum of outer products of a column and a row
// (low_rank.hpp),
//
//   weight[ky, kx] = the sum over products p of column_p[ky] * row_p[kx],
//
// so that an output takes kh + kw multiply-adds for each product instead of kh * kw. It does any
// kernel, with any stride, dilation, padding and layout, straight from the patch
// (tiling/patch.hpp), but no fractional stride. It is chosen for large kernels whose rank is low.
//
// Error bound, for K = kh kw products and unless something overflows or underflows:
// |error| <= 2 (K + 1) eps * (|bias| + max |x| * sum |w|) with eps = 2^-24, where the maximum is
// that of the window. The products differ from the kernel by at most 2 eps of it, by Frobenius
// norms, and columns and rows are rounded. Measured over 20,000 problems of the sweep
// (tests/sweep), whose data lies between -1 and 1, the largest error is 0.4 (K + 1) eps times that
// sum with 1 for every |x| and |w|.
//
// Root mean square of the errors, relative to that of direct (tests/cpp/separable_test.cpp), for
// Gaussians, their derivatives, disks, boxes and random sums of up to four products:
//
//                                         5 x 5          9 x 9          25 x 25
//   values of mean 0                      0.6 - 1.3      0.5 - 0.8      0.3 - 0.7
//   images                                0.5 - 2.3      0.3 - 1.0      0.1 - 0.8
//   values of mean 0 after ReLU           0.7 - 1.5      0.5 - 1.2      0.3 - 1.0
//
// NaN and infinity in the input reach the outputs whose windows hold them, and no others.

#include <limits>

#include "algorithms/large_kernel/separable_kernels.hpp"
#include "algorithms/tiling/tiled_executor.hpp"
#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kAlwaysCopied = std::numeric_limits<std::int32_t>::max();

/// Blocks are wide, as the sums of columns are computed for the margins on both sides, too. A patch
/// should stay in the second-level cache beside these sums. It is always copied: rows of the input
/// itself may compete for the same sets of the first-level cache.
constexpr BlockLimits kLimits = {.patch_floats = 32 * 1024, .min_in_place_columns = kAlwaysCopied};

class Separable : public TiledExecutor {
 public:
  using TiledExecutor::TiledExecutor;

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    if (const Status status = prepare_blocks(kLimits, nullptr); status != Status::kOk) {
      return status;
    }
    const PhaseProblem& phase = *phases_[0];
    const Status status =
        kernels_.prepare(kernels_of(c_, weight), phase.patch.row_floats(), block_rows_);
    if (status != Status::kOk) return status;
    // The offset of a tap is the sum of the offsets of its row and its column from the tap that
    // reads the first element of the patch.
    const std::int32_t* first_column = phase.patch.copy_offsets() + phase.columns.place(0);
    const std::int32_t* first_row =
        phase.patch.copy_offsets() + phase.rows.place(0) * c_.columns.kernel;
    kernels_.set_tap_offsets([&](std::int32_t y) { return first_column[y * c_.columns.kernel]; },
                             [&](std::int32_t x) { return first_row[x]; });
    weight_bytes_ += bias_.bytes() + kernels_.bytes();
    return reserve_scratch(kernels_.plane_floats());
  }

 private:
  void compute(const Block& block, float* scratch) const override {
    const OutputBlock& output = block.output;
    const std::int32_t end = block.channels.first + block.channels.count;
    for (std::int32_t o = block.channels.first; o < end; ++o) {
      const std::int32_t channel = block.first_channel + o;
      kernels_.correlate(channel,
                         {.patch = block.input.patch,
                          .row_step = block.input.row_step,
                          .dense_rows = block.phase.rows.is_dense(),
                          .dense_columns = block.phase.columns.is_dense(),
                          .bias = bias_[static_cast<std::size_t>(channel)],
                          .output = {output.data + o * output.channel_step, output.row_step,
                                     epilogue_.low, epilogue_.high},
                          .rows = output.rows,
                          .columns = output.columns,
                          .column_step = output.column_step},
                         scratch);
    }
    finish(block);
  }

  Buffer<float> bias_;
  SeparableKernels kernels_;
};

const char* refusal(const Correlation& c) {
  if (!c.fusing) return "its rounding is not deterministic";
  if (c.inputs != 1) return "it needs groups of one input channel";
  return has_phases(c.planes) || has_phases(c.rows) || has_phases(c.columns)
             ? "its strides divide the output into phases"
             : nullptr;
}

/// Counts, for kernels of rank 1, outputs, products along columns and rows, and output rows.
/// Infinite unless neighbours in a row are neighbours in memory.
OpCounts op_counts(const Correlation& c, Use) {
  const ProblemSizes sizes(c);
  const bool is_dense = c.input.column == 1 && c.output.column == 1;
  return {{is_dense ? sizes.output_floats : std::numeric_limits<float>::infinity(),
           sizes.output_floats * static_cast<float>(c.rows.kernel + c.columns.kernel),
           sizes.groups * sizes.outputs * sizes.rows, 0}};
}

}  // namespace

const AlgorithmEntry kSeparableEntry = {
    .id = EntryId::kSeparable,
    .algorithm = Algorithm::kSeparable,
    .refusal = refusal,
    .prepare = prepare<Separable>,
    .error_factor = 2,
    .competes_on_cost = false,
    .op_counts = op_counts,
};

}  // namespace corr2d
