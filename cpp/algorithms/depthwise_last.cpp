// Depthwise where the channels are neighbours in memory, as NHWC has them: vectors lie across
// channels, so that nothing has to be turned round.
//
// A task makes a block of rows in a block of channels. It first copies the part of the padded input
// that it reads, pixel by pixel:
//
//   [row][column][channel of the block]
//
// Error bound: |error| <= (K + 1) * eps * (|bias| + sum |x||w|) with K = kh * kw and eps = 2^-24,
// where nothing overflows or underflows.

#include "algorithms/depthwise_last.hpp"

#include <algorithm>

#include "algorithms/packing.hpp"
#include "kernels/activation.hpp"
#include "kernels/list.hpp"
#include "kernels/row.hpp"

namespace corr2d {
namespace {

/// Channels of a block: a few cache lines of each pixel.
constexpr std::int32_t kBlockChannels = 32;
/// A patch should stay in the second-level cache.
constexpr std::int64_t kPatchFloats = 32 * 1024;

/// Positions that `outputs` neighbouring outputs reach over.
std::int64_t span(const CorrelationAxis& axis, std::int32_t outputs) {
  return std::int64_t{outputs - 1} * axis.stride + std::int64_t{axis.kernel - 1} * axis.dilation +
         1;
}

class DepthwiseLast : public Executor {
 public:
  explicit DepthwiseLast(const Correlation& correlation)
      : c_(correlation), clamp_(clamp_of(correlation.activation)) {}

  Status prepare(const float* weight, const float* bias) {
    step_ = kTileChannels * divide_up(std::min(c_.groups, kBlockChannels), kTileChannels);
    const std::int64_t row_floats = span(c_.columns, c_.columns.output) * step_;
    block_rows_ = c_.rows.output;
    while (block_rows_ > 1 && span(c_.rows, block_rows_) * row_floats > kPatchFloats) {
      block_rows_ = divide_up(block_rows_, 2);
    }
    row_blocks_ = divide_up(c_.rows.output, block_rows_);
    channel_blocks_ = divide_up(c_.groups, kBlockChannels);
    tasks_ = c_.images * channel_blocks_ * row_blocks_;
    // A tile reads all of its channels, beyond the last ones too.
    workspace_floats_ = span(c_.rows, block_rows_) * row_floats + kTileChannels;
    if (workspace_floats_ > kMaxElements) return Status::kTooLarge;
    pitch_ = static_cast<std::int32_t>(row_floats);
    return pack(weight, bias);
  }

  void run_task(const TaskData& data, std::int32_t task) const override {
    const std::int32_t y = task % row_blocks_ * block_rows_;
    const std::int32_t first = task / row_blocks_ % channel_blocks_ * kBlockChannels;
    const std::int32_t image = task / row_blocks_ / channel_blocks_;
    const std::int32_t rows = std::min(block_rows_, c_.rows.output - y);
    const std::int32_t channels = std::min(kBlockChannels, c_.groups - first);

    fetch(data.input_floats() + image * c_.input.image + first, y, rows, channels, data.workspace);
    float* output = data.output_floats() + image * c_.output.image + y * c_.output.row + first;
    for (std::int32_t row = 0; row < rows; ++row, output += c_.output.row) {
      for (std::int32_t c = 0; c < channels; c += kTileChannels) {
        correlate(data.workspace + row * c_.rows.stride * pitch_ + c, first + c,
                  std::min(kTileChannels, channels - c), output + c);
      }
      if (!is_clamp(c_.activation)) {
        activate(output, c_.columns.output, c_.output.column, channels, 1, c_.activation,
                 c_.activation_alpha);
      }
    }
  }

 private:
  static constexpr std::int32_t kTileChannels = 8;

  Status pack(const float* weight, const float* bias) {
    const std::int32_t taps = c_.rows.kernel * c_.columns.kernel;
    padded_ = kTileChannels * divide_up(c_.groups, kTileChannels);
    if (!weight_.reset(static_cast<std::size_t>(taps) * static_cast<std::size_t>(padded_)) ||
        !bias_.reset(static_cast<std::size_t>(padded_)) ||
        !taps_.reset(static_cast<std::size_t>(taps))) {
      return Status::kOutOfMemory;
    }
    std::fill(weight_.data(), weight_.data() + weight_.size(), 0.0f);
    std::fill(bias_.data(), bias_.data() + bias_.size(), 0.0f);
    if (c_.has_bias) std::copy(bias, bias + c_.groups, bias_.data());
    for (std::int32_t t = 0; t < taps; ++t) {
      const std::int32_t ky = t / c_.columns.kernel, kx = t % c_.columns.kernel;
      taps_[static_cast<std::size_t>(t)] =
          ky * c_.rows.dilation * pitch_ + kx * c_.columns.dilation * step_;
      const float* tap = weight + ky * c_.weight.row + kx * c_.weight.column;
      float* packed = weight_.data() + std::ptrdiff_t{t} * padded_;
      for (std::int32_t g = 0; g < c_.groups; ++g) packed[g] = tap[g * c_.weight.group];
    }
    weight_bytes_ = weight_.bytes() + bias_.bytes() + taps_.bytes();
    return Status::kOk;
  }

  /// The pixels that `rows` rows from y on read, of `channels` channels.
  void fetch(const float* input, std::int32_t y, std::int32_t rows, std::int32_t channels,
             float* patch) const {
    const auto height = static_cast<std::int32_t>(span(c_.rows, rows));
    const std::int32_t width = pitch_ / step_;
    for (std::int32_t row = 0; row < height; ++row) {
      const std::int32_t from =
          source_position(y * c_.rows.stride - c_.rows.pad + row, c_.rows.input, c_.padding_mode);
      float* out = patch + row * pitch_;
      for (std::int32_t column = 0; column < width; ++column, out += step_) {
        const std::int32_t at =
            source_position(column - c_.columns.pad, c_.columns.input, c_.padding_mode);
        if (from == kFill || at == kFill) {
          std::fill(out, out + channels, c_.fill_value);
        } else {
          copy_row(input + from * c_.input.row + at * c_.input.column, channels, out);
        }
      }
    }
  }

  /// One row of the output, of up to kTileChannels channels.
  void correlate(const float* patch, std::int32_t channel, std::int32_t channels,
                 float* output) const {
    const std::int32_t width = c_.columns.output;
    const Kernel<ChannelsTile>& kernel = channels_kernels().find(width >= 3 ? 3 : 1, c_.fusing);
    const std::int32_t pixel_step = c_.columns.stride * step_;
    for (std::int32_t next = 0; next < width; next += kernel.channels) {
      // The last tile ends with the row and makes some pixels again, to the same bits.
      const std::int32_t x = std::min(next, width - kernel.channels);
      const ChannelsTile tile = {
          patch + x * pixel_step,
          pixel_step,
          taps_.data(),
          static_cast<std::int32_t>(taps_.size()),
          weight_.data() + channel,
          padded_,
          bias_.data() + channel,
          {output + x * c_.output.column, c_.output.column, clamp_.low, clamp_.high}};
      run_tile(kernel, tile, kernel.channels, channels, 1);
    }
  }

  const Correlation c_;
  const Clamp clamp_;
  std::int32_t step_ = 0;    // floats of a pixel of the patch
  std::int32_t pitch_ = 0;   // floats of a row of the patch
  std::int32_t padded_ = 0;  // channels, up to whole tiles
  std::int32_t block_rows_ = 1, row_blocks_ = 1, channel_blocks_ = 1;
  Buffer<float> weight_, bias_;  // weight: [tap][channel]
  Buffer<std::int32_t> taps_;
};

}  // namespace

bool is_depthwise_last(const Correlation& c) {
  return c.inputs == 1 && c.outputs == 1 && c.groups > 1 && c.input.group == 1 &&
         c.output.group == 1 && !c.rows.spread && !c.columns.spread &&
         // What is far apart is better fetched tap by tap.
         span(c.rows, 1) * span(c.columns, c.columns.output) <= kMaxElements / kBlockChannels;
}

Status prepare_depthwise_last(const Correlation& correlation, const float* weight,
                              const float* bias, std::unique_ptr<Executor>* executor) {
  return prepare<DepthwiseLast>(correlation, weight, bias, executor);
}

}  // namespace corr2d
