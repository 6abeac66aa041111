// Depthwise with vectors of neighbouring channels, for groups of one input and one output channel.
// It wastes no lanes on narrow rows, and strides between columns cost nothing. It is chosen where
// channels are neighbours in memory, as in NHWC, and for small planes in NCHW.
//
// A task computes a block of rows in a block of channels. It first copies the part of the padded
// input that it reads, and transposes it unless channels are neighbours already:
//
//   [row][column][channel of the block]
//
// It transposes the output back row by row.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = kh * kw and eps = 2^-24,
// unless something overflows or underflows.

#include <algorithm>
#include <limits>

#include "algorithms/algorithm.hpp"
#include "algorithms/depthwise/nhwc_weights.hpp"
#include "algorithms/depthwise/streaming_block.hpp"
#include "algorithms/depthwise/tiles.hpp"
#include "algorithms/tiling/epilogue.hpp"
#include "algorithms/tiling/partition.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

constexpr std::int32_t kTileChannels = 8;
/// Channels of a block: a few cache lines of each pixel. Where planes are transposed, a block has
/// the channels of one tile.
constexpr std::int32_t kBlockChannels = 32;
/// The patch of an output row may be at most this many times as large as what the taps read of it.
constexpr std::int64_t kMaxFetchedPerRead = 8;
/// The most floats of one channel in the patch of an output row. Other algorithms divide rows.
constexpr std::int64_t kMaxFetched = 128 * 1024;
/// A patch should stay in the second-level cache.
constexpr std::int64_t kPatchFloats = 32 * 1024;

/// Positions of the padded input from the first to the last one that `outputs` neighbouring outputs
/// read.
std::int64_t span(const CorrelationAxis& axis, std::int32_t outputs) {
  return std::int64_t{outputs - 1} * axis.stride + std::int64_t{axis.kernel - 1} * axis.dilation +
         1;
}

class NhwcDepthwise : public Executor {
 public:
  explicit NhwcDepthwise(const Correlation& correlation)
      : c_(correlation),
        epilogue_(correlation),
        transposes_input_(c_.input.group != 1),
        transposes_output_(c_.output.group != 1),
        block_channels_(transposes_input_ || transposes_output_ ? kTileChannels : kBlockChannels) {}

  Status prepare(const float* weight, const float* bias) {
    pixel_step_ = kTileChannels * divide_up(std::min(c_.groups, block_channels_), kTileChannels);
    const std::int64_t row_floats = span(c_.columns, c_.columns.output) * pixel_step_;
    std::int32_t block_rows = c_.rows.output;
    while (block_rows > 1 && span(c_.rows, block_rows) * row_floats > kPatchFloats) {
      block_rows = divide_up(block_rows, 2);
    }
    grid_.rows = divide_up(c_.rows.output, block_rows);
    grid_.groups = divide_up(c_.groups, block_channels_);
    grid_.images = c_.images;
    // A tile reads all of its channels, even beyond the last one.
    patch_floats_ = span(c_.rows, block_rows) * row_floats + kTileChannels;
    workspace_floats_ =
        patch_floats_ + (transposes_output_ ? std::int64_t{c_.columns.output} * kTileChannels : 0);
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    row_step_ = static_cast<std::int32_t>(row_floats);
    const auto taps =
        static_cast<std::size_t>(c_.rows.kernel) * static_cast<std::size_t>(c_.columns.kernel);
    if (!tap_offsets_.reset(taps)) return Status::kOutOfMemory;
    fill_tap_offsets();
    const Status status = weights_.pack(c_, weight, bias, kTileChannels);
    weight_bytes_ = weights_.bytes() + tap_offsets_.bytes();
    return status;
  }

 private:
  void run(const TaskData& data, const TaskIndex& task) const override {
    const Range rows = range_of(c_.rows.output, grid_.rows, task.rows);
    const std::int32_t first = task.group * block_channels_;
    const std::int32_t channels = std::min(block_channels_, c_.groups - first);

    fetch(data.input_floats() + task.image * c_.input.image + first * c_.input.group, rows,
          channels, data.workspace);
    float* output = data.output_floats() + task.image * c_.output.image +
                    rows.first * c_.output.row + first * c_.output.group;
    float* row_of_pixels = data.workspace + patch_floats_;
    for (std::int32_t row = 0; row < rows.count; ++row, output += c_.output.row) {
      const float* patch = data.workspace + row * c_.rows.stride * row_step_;
      if (transposes_output_) {
        correlate(patch, first, kTileChannels, row_of_pixels, kTileChannels);
        transpose(row_of_pixels, kTileChannels, c_.columns.output, channels, output,
                  c_.output.group);
      } else {
        for (std::int32_t c = 0; c < channels; c += kTileChannels) {
          correlate(patch + c, first + c, std::min(kTileChannels, channels - c), output + c,
                    c_.output.column);
        }
      }
      epilogue_.apply(output, data.second_at(output), channels, c_.output.group, c_.columns.output,
                      c_.output.column);
    }
  }

  void fill_tap_offsets() {
    for (std::int32_t t = 0; t < static_cast<std::int32_t>(tap_offsets_.size()); ++t) {
      const std::int32_t ky = t / c_.columns.kernel, kx = t % c_.columns.kernel;
      tap_offsets_[static_cast<std::size_t>(t)] =
          ky * c_.rows.dilation * row_step_ + kx * c_.columns.dilation * pixel_step_;
    }
  }

  /// Copies the pixels that these output rows read, in the first `channels` channels of `input`.
  void fetch(const float* input, const Range& rows, std::int32_t channels, float* patch) const {
    const auto height = static_cast<std::int32_t>(span(c_.rows, rows.count));
    const std::int32_t width = row_step_ / pixel_step_;
    const std::int32_t begin = std::clamp(c_.columns.pad, 0, width);
    const std::int32_t end = std::clamp(c_.columns.input + c_.columns.pad, begin, width);
    for (std::int32_t row = 0; row < height; ++row, patch += row_step_) {
      const std::int32_t from = source_index(rows.first * c_.rows.stride - c_.rows.pad + row,
                                             c_.rows.input, c_.padding_mode);
      if (from == kNoSource) {
        fill_row(c_.fill_value, row_step_, patch);
        continue;
      }
      const float* in = input + from * c_.input.row;
      const auto outside = [&](std::int32_t column) {
        const std::int32_t at =
            source_index(column - c_.columns.pad, c_.columns.input, c_.padding_mode);
        float* pixel = patch + column * pixel_step_;
        if (at == kNoSource) {
          fill_row(c_.fill_value, pixel_step_, pixel);
        } else {
          copy_pixels(in + at * c_.input.column, 1, channels, pixel);
        }
      };
      for (std::int32_t column = 0; column < begin; ++column) outside(column);
      if (begin < end) {
        copy_pixels(in + (begin - c_.columns.pad) * c_.input.column, end - begin, channels,
                    patch + begin * pixel_step_);
      }
      for (std::int32_t column = end; column < width; ++column) outside(column);
    }
  }

  void copy_pixels(const float* in, std::int32_t pixels, std::int32_t channels, float* out) const {
    if (transposes_input_) {
      transpose(in, c_.input.group, channels, pixels, out, pixel_step_);
    } else {
      copy_rows(in, c_.input.column, pixels, channels, out, pixel_step_);
    }
  }

  /// Computes one output row of at most kTileChannels channels. Neighbouring outputs of a channel
  /// are `output_step` floats apart.
  void correlate(const float* patch, std::int32_t channel, std::int32_t channels, float* output,
                 std::int32_t output_step) const {
    const std::int32_t width = c_.columns.output;
    const TileKernel<DepthwiseNhwcTile>& kernel =
        depthwise_nhwc_kernels().find(width >= 3 ? 3 : 1, c_.fusing);
    const std::int32_t pixel_step = c_.columns.stride * pixel_step_;
    for (std::int32_t next = 0; next < width; next += kernel.rows) {
      // The last tile ends with the row: it computes some pixels again, to the same bits.
      const std::int32_t x = std::min(next, width - kernel.rows);
      const DepthwiseNhwcTile tile = {
          patch + x * pixel_step,
          pixel_step,
          tap_offsets_.data(),
          static_cast<std::int32_t>(tap_offsets_.size()),
          weights_.of(channel),
          weights_.step(),
          weights_.bias(channel),
          {output + x * output_step, output_step, epilogue_.low, epilogue_.high}};
      run_tile(kernel, tile, kernel.rows, channels, 1);
    }
  }

  const Correlation c_;
  const ActivationEpilogue epilogue_;
  const bool transposes_input_, transposes_output_;
  const std::int32_t block_channels_;
  std::int64_t patch_floats_ = 0;
  std::int32_t pixel_step_ = 0;  // floats of a pixel of the patch
  std::int32_t row_step_ = 0;    // floats of a row of the patch
  NhwcWeights weights_;
  Buffer<std::int32_t> tap_offsets_;
};

const char* refusal(const Correlation& c) {
  const auto is_dense = [](const GroupedStrides& strides) {
    return strides.group == 1 || strides.column == 1;
  };
  // If taps are far from each other, most of the patch is never read.
  const std::int64_t fetched = span(c.rows, 1) * span(c.columns, c.columns.output);
  const std::int64_t read = std::int64_t{c.rows.kernel} * c.columns.kernel * c.columns.output;
  const bool can = c.is_flat && c.groups > 1 && c.inputs == 1 && c.outputs == 1 &&
                   !c.rows.fractional_stride && !c.columns.fractional_stride && is_dense(c.input) &&
                   is_dense(c.output) &&
                   fetched <= std::min(kMaxFetchedPerRead * read, kMaxFetched);
  return can ? nullptr : kSpecialCase;
}

/// Whether it is faster than algorithms with vectors along rows, which waste lanes on narrow rows
/// and have to deinterleave rows that are read with a stride. Depthwise 5 x 5, ms along rows /
/// across channels, V8 11.3 unfused and 14.6 fused:
///
///   14 x 14, 480 channels  0.36 / 0.39  0.30 / 0.34    28 x 28, 240  0.59 / 0.71  0.45 / 0.61
///    7 x  7, 960           0.44 / 0.27  0.36 / 0.24    112 x 112, 32  1.05 / 1.37  0.78 / 1.17
///   14 x 14, 672, stride 2  0.71 / 0.23  0.53 / 0.21   56 x 56, 144, 2  0.81 / 0.50  0.65 / 0.44
///
/// and 3 x 3, where rows are streams: 7 x 7 0.17 / 0.17, 14 x 14 0.13 / 0.25.
bool is_worthwhile(const Correlation& c) {
  constexpr std::int32_t kNarrowStream = 7, kNarrow = 10, kFewChannels = 4;
  if (c.input.group == 1 && c.output.group == 1) return true;
  if (c.groups < kFewChannels) return false;
  const std::int32_t columns = c.columns.output;
  return can_stream_rows(c) ? columns < kNarrowStream : columns < kNarrow || c.columns.stride > 1;
}

OpCounts op_counts(const Correlation& c, Use use) {
  OpCounts op_counts = depthwise_op_counts(c, use);
  if (!is_worthwhile(c)) op_counts.counts[0] = std::numeric_limits<float>::infinity();
  return op_counts;
}

}  // namespace

const AlgorithmEntry kDepthwiseNhwcEntry = {
    .id = EntryId::kDepthwiseNhwc,
    .algorithm = Algorithm::kDepthwise,
    .refusal = refusal,
    .prepare = prepare<NhwcDepthwise>,
    .error_factor = 1,
    .competes_on_cost = true,
    .op_counts = op_counts,
};

}  // namespace corr2d
