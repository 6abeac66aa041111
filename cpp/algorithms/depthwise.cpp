// Depthwise: one output channel in each group, as depthwise layers and filters of pictures have it.
// With any kernel size, stride, dilation, padding and layout, forward and spread, straight from the
// patch (part.hpp). Where direct has tiles of channels, this has tiles of rows.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K the products summed and
// eps = 2^-24, where nothing overflows or underflows.

#include <algorithm>

#include "algorithms/blocks.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

/// The rows that a row of tiles reads should stay in the first-level cache.
constexpr BlockLimits kLimits = {1 << 20, 512, 64, 8 * 1024, 24, false};

/// Whether the rows of the kernel read neighbouring rows of the patch, the first one first.
bool is_dense(const AxisPhase& rows) {
  return rows.stride == 1 && rows.spacing == 1 && !rows.reversed;
}

/// Covers `block` with tiles of so many rows and columns; the last ones end with it and make some
/// elements again, to the same bits. It has as many rows as a tile at least; if it is narrower than
/// one, what is beyond is read and not stored.
void for_each_tile(const PlaneTile& block, std::int32_t rows, std::int32_t columns,
                   void (*run)(const PlaneTile&)) {
  PlaneTile tile = block;
  tile.rows = rows;
  tile.columns = std::min(columns, block.columns);
  for (std::int32_t y = 0; y < block.rows; y += rows) {
    const std::int32_t row = std::min(y, block.rows - rows);
    for (std::int32_t x = 0; x < block.columns; x += columns) {
      const std::int32_t column = std::max(0, std::min(x, block.columns - columns));
      tile.patch = block.patch + row * block.row_step + column;
      tile.output.data = block.output.data + row * block.output.channel_stride +
                         column * block.output.column_stride;
      run(tile);
    }
  }
}

class Depthwise : public Blocked {
 public:
  explicit Depthwise(const Correlation& correlation)
      : Blocked(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    if (const Status status = pack_bias(c_, bias, &bias_); status != Status::kOk) return status;
    weight_bytes_ = bias_.bytes();
    return prepare_blocks(kLimits, weight);
  }

 private:
  void compute(const Block& block, float*) const override {
    const Part& part = block.part;
    PlaneTile plane = {
        block.input.patch,
        block.input.row_step,
        block.input.taps,
        part.weights().depth(),
        part.columns().taps,
        part.weights().of(block.group),
        bias_[static_cast<std::size_t>(block.group)],
        {block.output, block.output_row, block.output_column, clamp_.low, clamp_.high},
        block.rows,
        block.columns};
    const std::int32_t kernel_height = part.rows().taps;
    const bool dense = is_dense(part.rows()) && c_.inputs == 1;
    // Its order of summation is another one.
    if (dense && c_.fusing && kernel_height == 3 && plane.kernel_width == 3) {
      const Kernel<PlaneTile>& kernel = plane_roll_kernels().find(1, true);
      for_each_tile(plane, plane.rows, kernel.columns, kernel.run);
      if (c_.has_bias || clamp_.low > -clamp_.high) finish_plane(plane);
    } else if (dense && kernel_height > 1 && plane.rows > 1 && plane.columns > 8) {
      const Kernel<PlaneTile>& kernel = plane_rows_kernels().find(2, c_.fusing);
      for_each_tile(plane, kernel.channels, kernel.columns, kernel.run);
    } else {
      const Kernel<PlaneTile>& kernel =
          plane_taps_kernels().find(plane.rows >= 3 ? 3 : 1, c_.fusing);
      for_each_tile(plane, kernel.channels, kernel.columns, kernel.run);
    }
    finish(block);
  }

  const Clamp clamp_;
  Buffer<float> bias_;
};

const char* refusal(const Correlation& c) {
  if (c.outputs != 1) return "as it needs groups of one output channel";
  return refusal_of_blocks(c);
}

}  // namespace

const AlgorithmEntry kDepthwiseAlgorithm = {Algorithm::kDepthwise, "depthwise", refusal,
                                            prepare<Depthwise>};

}  // namespace corr2d
