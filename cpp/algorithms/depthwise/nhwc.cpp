// Depthwise with vectors that lie across channels. No row is too narrow for it, and no stride lies
// in its way: it is for channels that are neighbours in memory, as NHWC has them, and for planes
// that are small.
//
// A task makes a block of rows in a block of channels. It first copies the part of the padded input
// that it reads, turned round where channels are not neighbours:
//
//   [row][column][channel of the block]
//
// and turns what it has made back, row by row.
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = kh * kw and eps = 2^-24,
// where nothing overflows or underflows.

#include "algorithms/depthwise/nhwc.hpp"

#include <algorithm>

#include "algorithms/depthwise/nhwc_weights.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/activation.hpp"
#include "kernels/rows/padded_row.hpp"

namespace corr2d {
namespace {

/// Channels of a block: a few cache lines of each pixel; of planes those of a tile.
constexpr std::int32_t kBlockChannels = 32;
constexpr std::int32_t kTileChannels = 8;
/// Times as much as is read that is fetched at most.
constexpr std::int64_t kMostUnread = 8;
/// What is fetched for a row of the output, of each channel: longer rows others take part by part.
constexpr std::int64_t kMostFetched = 128 * 1024;
/// A patch should stay in the second-level cache.
constexpr std::int64_t kPatchFloats = 32 * 1024;

/// Positions that `outputs` neighbouring outputs reach over.
std::int64_t span(const CorrelationAxis& axis, std::int32_t outputs) {
  return std::int64_t{outputs - 1} * axis.stride + std::int64_t{axis.kernel - 1} * axis.dilation +
         1;
}

class NhwcDepthwise : public Executor {
 public:
  explicit NhwcDepthwise(const Correlation& correlation)
      : c_(correlation),
        clamp_(clamp_of(correlation.activation)),
        transposes_input_(c_.input.group != 1),
        transposes_output_(c_.output.group != 1),
        block_channels_(transposes_input_ || transposes_output_ ? kTileChannels : kBlockChannels) {}

  Status prepare(const float* weight, const float* bias) {
    step_ = kTileChannels * divide_up(std::min(c_.groups, block_channels_), kTileChannels);
    const std::int64_t row_floats = span(c_.columns, c_.columns.output) * step_;
    block_rows_ = c_.rows.output;
    while (block_rows_ > 1 && span(c_.rows, block_rows_) * row_floats > kPatchFloats) {
      block_rows_ = divide_up(block_rows_, 2);
    }
    row_blocks_ = divide_up(c_.rows.output, block_rows_);
    channel_blocks_ = divide_up(c_.groups, block_channels_);
    tasks_ = c_.images * channel_blocks_ * row_blocks_;
    // A tile reads all of its channels, beyond the last ones too.
    patch_floats_ = span(c_.rows, block_rows_) * row_floats + kTileChannels;
    workspace_floats_ =
        patch_floats_ + (transposes_output_ ? std::int64_t{c_.columns.output} * kTileChannels : 0);
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    pitch_ = static_cast<std::int32_t>(row_floats);
    const auto taps =
        static_cast<std::size_t>(c_.rows.kernel) * static_cast<std::size_t>(c_.columns.kernel);
    if (!taps_.reset(taps)) return Status::kOutOfMemory;
    make_taps();
    const Status status = weights_.pack(c_, weight, bias, kTileChannels);
    weight_bytes_ = weights_.bytes() + taps_.bytes();
    return status;
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const std::int32_t y = task % row_blocks_ * block_rows_;
    const std::int32_t first = task / row_blocks_ % channel_blocks_ * block_channels_;
    const std::int32_t image = task / row_blocks_ / channel_blocks_;
    const std::int32_t rows = std::min(block_rows_, c_.rows.output - y);
    const std::int32_t channels = std::min(block_channels_, c_.groups - first);

    fetch(data.input_floats() + image * c_.input.image + first * c_.input.group, y, rows, channels,
          data.workspace);
    float* output = data.output_floats() + image * c_.output.image + y * c_.output.row +
                    first * c_.output.group;
    float* row_of_pixels = data.workspace + patch_floats_;
    for (std::int32_t row = 0; row < rows; ++row, output += c_.output.row) {
      const float* patch = data.workspace + row * c_.rows.stride * pitch_;
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
      if (is_clamp(c_.activation)) continue;
      if (transposes_output_) {
        activate(output, channels, c_.output.group, c_.columns.output, 1, c_.activation,
                 c_.activation_alpha);
      } else {
        activate(output, c_.columns.output, c_.output.column, channels, 1, c_.activation,
                 c_.activation_alpha);
      }
    }
  }

 private:
  void make_taps() {
    for (std::int32_t t = 0; t < static_cast<std::int32_t>(taps_.size()); ++t) {
      const std::int32_t ky = t / c_.columns.kernel, kx = t % c_.columns.kernel;
      taps_[static_cast<std::size_t>(t)] =
          ky * c_.rows.dilation * pitch_ + kx * c_.columns.dilation * step_;
    }
  }

  /// The pixels that `rows` rows from y on read, of `channels` channels.
  void fetch(const float* input, std::int32_t y, std::int32_t rows, std::int32_t channels,
             float* patch) const {
    const auto height = static_cast<std::int32_t>(span(c_.rows, rows));
    const std::int32_t width = pitch_ / step_;
    const std::int32_t begin = std::clamp(c_.columns.pad, 0, width);
    const std::int32_t end = std::clamp(c_.columns.input + c_.columns.pad, begin, width);
    for (std::int32_t row = 0; row < height; ++row, patch += pitch_) {
      const std::int32_t from =
          source_index(y * c_.rows.stride - c_.rows.pad + row, c_.rows.input, c_.padding_mode);
      if (from == kNoSource) {
        fill_row(c_.fill_value, pitch_, patch);
        continue;
      }
      const float* in = input + from * c_.input.row;
      const auto outside = [&](std::int32_t column) {
        const std::int32_t at =
            source_index(column - c_.columns.pad, c_.columns.input, c_.padding_mode);
        float* pixel = patch + column * step_;
        if (at == kNoSource) {
          fill_row(c_.fill_value, step_, pixel);
        } else {
          copy_pixels(in + at * c_.input.column, 1, channels, pixel);
        }
      };
      for (std::int32_t column = 0; column < begin; ++column) outside(column);
      if (begin < end) {
        copy_pixels(in + (begin - c_.columns.pad) * c_.input.column, end - begin, channels,
                    patch + begin * step_);
      }
      for (std::int32_t column = end; column < width; ++column) outside(column);
    }
  }

  void copy_pixels(const float* in, std::int32_t pixels, std::int32_t channels, float* out) const {
    if (transposes_input_) {
      transpose(in, c_.input.group, channels, pixels, out, step_);
    } else {
      copy_rows(in, c_.input.column, pixels, channels, out, step_);
    }
  }

  /// One row of the output, of up to kTileChannels channels, to pixels `output_step` floats apart.
  void correlate(const float* patch, std::int32_t channel, std::int32_t channels, float* output,
                 std::int32_t output_step) const {
    const std::int32_t width = c_.columns.output;
    const TileKernel<DepthwiseNhwcTile>& kernel =
        depthwise_nhwc_kernels().find(width >= 3 ? 3 : 1, c_.fusing);
    const std::int32_t pixel_step = c_.columns.stride * step_;
    for (std::int32_t next = 0; next < width; next += kernel.rows) {
      // The last tile ends with the row and makes some pixels again, to the same bits.
      const std::int32_t x = std::min(next, width - kernel.rows);
      const DepthwiseNhwcTile tile = {
          patch + x * pixel_step, pixel_step,
          taps_.data(),           static_cast<std::int32_t>(taps_.size()),
          weights_.of(channel),   weights_.step(),
          weights_.bias(channel), {output + x * output_step, output_step, clamp_.low, clamp_.high}};
      run_tile(kernel, tile, kernel.rows, channels, 1);
    }
  }

  const Correlation c_;
  const Clamp clamp_;
  const bool transposes_input_, transposes_output_;
  const std::int32_t block_channels_;
  std::int64_t patch_floats_ = 0;
  std::int32_t step_ = 0;   // floats of a pixel of the patch
  std::int32_t pitch_ = 0;  // floats of a row of the patch
  std::int32_t block_rows_ = 1, row_blocks_ = 1, channel_blocks_ = 1;
  NhwcWeights weights_;
  Buffer<std::int32_t> taps_;
};

}  // namespace

bool can_use_channels_last(const Correlation& c) {
  const auto is_dense = [](const GroupedStrides& strides) {
    return strides.group == 1 || strides.column == 1;
  };
  // What is far apart is better fetched tap by tap.
  const std::int64_t fetched = span(c.rows, 1) * span(c.columns, c.columns.output);
  const std::int64_t read = std::int64_t{c.rows.kernel} * c.columns.kernel * c.columns.output;
  return c.inputs == 1 && c.outputs == 1 && !c.rows.fractional_stride &&
         !c.columns.fractional_stride && is_dense(c.input) && is_dense(c.output) &&
         fetched <= std::min(kMostUnread * read, kMostFetched);
}

Status prepare_nhwc_depthwise(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor) {
  return prepare<NhwcDepthwise>(correlation, weight, bias, executor);
}

}  // namespace corr2d
