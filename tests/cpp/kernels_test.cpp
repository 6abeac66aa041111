// Every kernel in the list, one short of, at and one past every edge of its tile.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/depthwise/streaming_block.hpp"
#include "kernels/layout/panels.hpp"
#include "kernels/list.hpp"
#include "kernels/rows/row_ops.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::kEpsilon;

constexpr float kUntouched = -777;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

/// A tile's output with a gap behind each row that has to stay untouched.
class Output {
 public:
  Output(std::int32_t rows, std::int32_t columns)
      : row_step_(columns + 2), data_(static_cast<std::size_t>(rows * row_step_), kUntouched) {}

  TileOutput tile(float low = -kInfinity, float high = kInfinity) {
    return {data_.data(), row_step_, low, high};
  }

  /// Takes an element out; what is left has to be untouched.
  float take(std::int32_t row, std::int32_t column) {
    return std::exchange(data_[static_cast<std::size_t>(row * row_step_ + column)], kUntouched);
  }

  void expect_nothing_left(const std::string& where) const {
    for (const float value : data_) ASSERT_EQ(value, kUntouched) << where;
  }

 private:
  std::int32_t row_step_;
  std::vector<float> data_;
};

/// Checks one element against the sum in float64 of `products` pairs.
template <typename Pair>
void expect_sum(float found, float bias, std::int32_t products, Pair pair,
                const std::string& where) {
  double sum = bias;
  double magnitude = std::abs(sum);
  for (std::int32_t k = 0; k < products; ++k) {
    const double product = pair(k);
    sum += product;
    magnitude += std::abs(product);
  }
  ASSERT_LE(std::abs(found - sum), (products + 1) * kEpsilon * magnitude) << where;
}

TEST(Kernels, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  each_kernel_list([&](const auto& kernels) {
    for (const auto& kernel : kernels) {
      EXPECT_TRUE(names.insert(kernel.name).second) << kernel.name;
    }
  });
}

TEST(Kernels, ThereIsOneForEachBlockOfChannels) {
  for (std::int32_t left = 1; left <= 40; ++left) {
    const std::int32_t block = channel_block(left);
    ASSERT_LE(block, left);
    ASSERT_LE(block, kMaxBlock);
    const auto expect_one = [&](const auto& kernels) {
      for (const bool fusing : {false, true}) {
        EXPECT_EQ(kernels.find(block, fusing).rows, block);
        EXPECT_EQ(kernels.find(block, fusing).fused, fusing);
      }
    };
    expect_one(direct_kernels());
    expect_one(direct_narrow_kernels());
    expect_one(gemm_kernels());
  }
}

/// Threes and smaller blocks are slower: only where fours and fives do not add up.
TEST(Kernels, BlocksOfChannelsAreFoursAndFives) {
  for (const std::int32_t channels : {4, 5, 8, 9, 10, 12, 13, 32, 64, 127, 320}) {
    for (std::int32_t left = channels; left > 0; left -= channel_block(left)) {
      EXPECT_GE(channel_block(left), 4) << channels;
    }
  }
}

void check_direct(const TileKernelList<DirectTile>& kernels) {
  std::mt19937 random(1);
  for (const auto& kernel : kernels) {
    for (const std::int32_t taps : {0, 1, 2, 7, 18}) {
      const auto channels = static_cast<std::size_t>(kernel.rows);
      // Each tap reads a row of its own, the last one up to the very end of the patch.
      const auto patch = random_values(static_cast<std::size_t>(taps * kernel.columns), random);
      std::vector<std::int32_t> offsets;
      for (std::int32_t t = 0; t < taps; ++t) offsets.push_back(t * kernel.columns);
      const auto weight = random_values(static_cast<std::size_t>(taps) * channels, random);
      const auto bias = random_values(channels, random);
      Output output(kernel.rows, kernel.columns);
      kernel.run({patch.data(), offsets.data(), taps, weight.data(), bias.data(), output.tile()});
      const std::string where = std::string(kernel.name) + ", " + std::to_string(taps) + " taps";
      for (std::int32_t c = 0; c < kernel.rows; ++c) {
        for (std::int32_t x = 0; x < kernel.columns; ++x) {
          expect_sum(
              output.take(c, x), bias[static_cast<std::size_t>(c)], taps,
              [&](std::int32_t t) {
                return static_cast<double>(
                           patch[static_cast<std::size_t>(t * kernel.columns + x)]) *
                       weight[static_cast<std::size_t>(t * kernel.rows + c)];
              },
              where);
        }
      }
      output.expect_nothing_left(where);
    }
  }
}

TEST(Kernels, DirectTiles) {
  check_direct(direct_kernels());
  check_direct(direct_narrow_kernels());
}

/// Tiles of rows: a kernel of kernel_height x kernel_width over a patch of neighbouring rows.
void check_planes(const TileKernelList<DepthwiseTile>& kernels, std::int32_t kernel_height,
                  std::int32_t kernel_width) {
  std::mt19937 random(4);
  for (const auto& kernel : kernels) {
    const std::int32_t rows = kernel.rows;
    const std::int32_t pitch = kernel.columns + kernel_width - 1;
    const auto patch =
        random_values(static_cast<std::size_t>((rows + kernel_height - 1) * pitch), random);
    std::vector<std::int32_t> taps;
    for (std::int32_t y = 0; y < kernel_height; ++y) {
      for (std::int32_t x = 0; x < kernel_width; ++x) taps.push_back(y * pitch + x);
    }
    const std::int32_t count = kernel_height * kernel_width;
    const auto weight = random_values(taps.size(), random);
    Output output(rows, kernel.columns);
    kernel.run({patch.data(), pitch, taps.data(), count, kernel_width, weight.data(), 0.75f,
                output.tile()});
    const std::string where = std::string(kernel.name) + ", " + std::to_string(rows) + " rows";
    for (std::int32_t r = 0; r < rows; ++r) {
      for (std::int32_t x = 0; x < kernel.columns; ++x) {
        expect_sum(
            output.take(r, x), 0.75f, count,
            [&](std::int32_t t) {
              const auto at = r * pitch + x + taps[static_cast<std::size_t>(t)];
              return static_cast<double>(patch[static_cast<std::size_t>(at)]) *
                     weight[static_cast<std::size_t>(t)];
            },
            where);
      }
    }
    output.expect_nothing_left(where);
  }
}

TEST(Kernels, PlaneTiles) {
  for (const std::int32_t height : {1, 2, 3, 6}) {
    for (const std::int32_t width : {1, 2, 5}) {
      check_planes(depthwise_kernels(), height, width);
      if (height > 1) check_planes(depthwise_shared_rows_kernels(), height, width);
    }
  }
}

/// Blocks of every width around whole vectors, with and without zero_borders, against their own
/// sums: nothing is read but the input, and nothing is written but the output.
TEST(Kernels, Streams) {
  std::mt19937 random(7);
  const auto weight = random_values(9, random);
  for (const auto& kernel : depthwise_stream_kernels()) {
    const std::int32_t stride = kernel.parameter;
    for (std::int32_t columns = DepthwiseStream::kMinColumns; columns <= 21; ++columns) {
      for (std::int32_t zero_borders = 0; zero_borders < 16; ++zero_borders) {
        const ZeroBorder zero_border = {(zero_borders & 1) != 0, (zero_borders & 2) != 0,
                                        (zero_borders & 4) != 0, (zero_borders & 8) != 0};
        for (std::int32_t rows = 1; rows <= 5; ++rows) {
          // The input, and no float more: one row or column before the first tap in the middle and
          // one after the last, but where there is a zero_border.
          const std::int32_t left = zero_border.left ? 0 : 1, top = zero_border.top ? 0 : 1;
          const std::int32_t reached_rows = stride * (rows - 1) + 1 + (zero_border.bottom ? 0 : 1);
          const std::int32_t reached = stride * (columns - 1) + 1 + (zero_border.right ? 0 : 1);
          const std::int32_t pitch = left + reached, height = top + reached_rows;
          const auto input = random_values(static_cast<std::size_t>(pitch * height), random);
          Output output(rows, columns);
          TileOutput out = output.tile();
          out.low = -0.5f;
          std::vector<float> scratch(
              static_cast<std::size_t>(StreamingBlock::scratch_floats(columns, stride)));
          correlate_stream({input.data() + top * pitch + left, pitch, zero_border, stride,
                            weight.data(), 0.75f, out, rows, columns},
                           scratch.data());
          const std::string where = std::string(kernel.name) + ", " + std::to_string(rows) + " x " +
                                    std::to_string(columns) + ", zero_borders " +
                                    std::to_string(zero_borders);
          for (std::int32_t r = 0; r < rows; ++r) {
            for (std::int32_t x = 0; x < columns; ++x) {
              const auto product = [&](std::int32_t t) {
                const std::int32_t row = top + stride * r + t / 3 - 1;
                const std::int32_t column = left + stride * x + t % 3 - 1;
                if (row < 0 || row >= height || column < 0 || column >= pitch) return 0.0;
                return static_cast<double>(input[static_cast<std::size_t>(row * pitch + column)]) *
                       weight[static_cast<std::size_t>(t)];
              };
              double sum = 0.75;
              for (std::int32_t t = 0; t < 9; ++t) sum += product(t);
              const float found = output.take(r, x);
              if (sum < -0.5) {
                ASSERT_NEAR(found, -0.5, 1e-5) << where;
              } else {
                expect_sum(found, 0.75f, 9, product, where);
              }
            }
          }
          output.expect_nothing_left(where);
        }
      }
    }
  }
}

/// One row of pixels after the rows above it, with and without what stands beside it.
TEST(Kernels, ChannelsStreams) {
  std::mt19937 random(8);
  for (const auto& kernel : depthwise_nhwc_stream_kernels()) {
    const std::int32_t stride = kernel.parameter;
    for (std::int32_t columns = 1; columns <= 6; ++columns) {
      for (std::int32_t ends = 0; ends < 4; ++ends) {
        const bool ends_left = (ends & 1) != 0, ends_right = (ends & 2) != 0;
        // Three rows of pixels of five floats, four of which are read.
        const std::int32_t left = ends_left ? 0 : 1, step = 5;
        const std::int32_t pixels = left + stride * (columns - 1) + 1 + (ends_right ? 0 : 1);
        const std::int32_t pitch = pixels * step;
        const auto input = random_values(static_cast<std::size_t>(3 * pitch), random);
        const auto weight = random_values(9 * 4, random);
        const auto bias = random_values(4, random);
        std::vector<float> sums(static_cast<std::size_t>(8 * columns));
        std::vector<float> nowhere(static_cast<std::size_t>(4 * columns));
        Output output(columns, 4);
        const auto run = [&](std::int32_t middle, std::int32_t next, const TileOutput& to) {
          kernel.run({input.data() + next * pitch + left * step,
                      input.data() + middle * pitch + left * step,
                      step,
                      step,
                      weight.data(),
                      4,
                      bias.data(),
                      {sums.data(), sums.data() + 4 * columns},
                      to.data,
                      to.row_step,
                      columns,
                      ends_left,
                      ends_right});
        };
        run(0, 0, {nowhere.data(), 4, 0, 0});
        if (stride == 1) run(1, 1, {nowhere.data(), 4, 0, 0});
        run(1, 2, output.tile());
        const std::string where =
            std::string(kernel.name) + ", " + std::to_string(columns) + ", " + std::to_string(ends);
        for (std::int32_t x = 0; x < columns; ++x) {
          for (std::int32_t c = 0; c < 4; ++c) {
            expect_sum(
                output.take(x, c), bias[static_cast<std::size_t>(c)], 9,
                [&](std::int32_t t) {
                  const std::int32_t column = left + stride * x + t % 3 - 1;
                  if (column < 0 || column >= pixels) return 0.0;
                  const std::int32_t at = t / 3 * pitch + column * step + c;
                  return static_cast<double>(input[static_cast<std::size_t>(at)]) *
                         weight[static_cast<std::size_t>(4 * t + c)];
                },
                where);
          }
        }
        output.expect_nothing_left(where);
      }
    }
  }
}

/// Each pixel of a tile against its own sum, in each of its channels.
TEST(Kernels, ChannelsTiles) {
  std::mt19937 random(5);
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    for (const std::int32_t taps : {1, 2, 9}) {
      const std::int32_t pixels = kernel.rows, pitch = kernel.columns + 1;
      std::vector<std::int32_t> offsets;
      for (std::int32_t t = 0; t < taps; ++t) offsets.push_back(t * pitch);
      const auto patch = random_values(static_cast<std::size_t>((taps + pixels) * pitch), random);
      const auto weight = random_values(static_cast<std::size_t>(taps * pitch), random);
      const auto bias = random_values(static_cast<std::size_t>(kernel.columns), random);
      Output output(pixels, kernel.columns);
      kernel.run({patch.data(), pitch, offsets.data(), taps, weight.data(), pitch, bias.data(),
                  output.tile()});
      const std::string where = std::string(kernel.name) + ", " + std::to_string(taps) + " taps";
      for (std::int32_t p = 0; p < pixels; ++p) {
        for (std::int32_t c = 0; c < kernel.columns; ++c) {
          expect_sum(
              output.take(p, c), bias[static_cast<std::size_t>(c)], taps,
              [&](std::int32_t t) {
                return static_cast<double>(patch[static_cast<std::size_t>((t + p) * pitch + c)]) *
                       weight[static_cast<std::size_t>(t * pitch + c)];
              },
              where);
        }
      }
      output.expect_nothing_left(where);
    }
  }
}

/// Parts of tiles, and tiles whose columns lie apart, are parts of whole tiles.
TEST(Kernels, TilesThatAreNotWhole) {
  std::mt19937 random(6);
  for (const auto& kernel : direct_kernels()) {
    ASSERT_LE(kernel.rows * kernel.columns, kMaxTileFloats);
    const auto patch = random_values(static_cast<std::size_t>(kernel.columns + 1), random);
    const auto weight = random_values(2 * static_cast<std::size_t>(kernel.rows), random);
    const std::vector<float> bias(static_cast<std::size_t>(kernel.rows), 1);
    const std::int32_t taps[] = {1, 0};
    Output whole(kernel.rows, kernel.columns);
    DirectTile tile = {patch.data(), taps, 2, weight.data(), bias.data(), whole.tile()};
    kernel.run(tile);
    for (std::int32_t columns = 1; columns <= kernel.columns; ++columns) {
      for (const std::int32_t column_step : {1, 3}) {
        Output part(kernel.rows, columns * column_step);
        Output expected = whole;
        tile.output = part.tile();
        run_tile(kernel, tile, kernel.rows, columns, column_step);
        for (std::int32_t c = 0; c < kernel.rows; ++c) {
          for (std::int32_t x = 0; x < columns; ++x) {
            ASSERT_EQ(part.take(c, x * column_step), expected.take(c, x)) << kernel.name;
          }
        }
        part.expect_nothing_left(kernel.name);
      }
    }
  }
}

/// Tiles to where their columns lie and back, with neighbouring channels and with channels apart.
TEST(Kernels, ScatterAndGatherTiles) {
  std::vector<float> tile(5 * kPanelColumns);
  for (std::size_t i = 0; i < tile.size(); ++i) tile[i] = static_cast<float>(i + 1);
  for (const std::int32_t channel_step : {1, 100}) {
    for (std::int32_t channels = 1; channels <= 5; ++channels) {
      for (std::int32_t count = 1; count <= kPanelColumns; ++count) {
        PanelColumns columns = {count, false, false, {}, {}};
        for (std::int32_t lane = 0; lane < count; ++lane) columns.output[lane] = 90 - 6 * lane;
        std::vector<float> output(600, kUntouched), back(tile.size(), kUntouched);
        scatter_tile(tile.data(), channels, columns, channel_step, output.data());
        gather_tile(output.data(), channel_step, columns, channels, back.data());
        for (std::int32_t c = 0; c < channels; ++c) {
          for (std::int32_t lane = 0; lane < kPanelColumns; ++lane) {
            const auto at = static_cast<std::size_t>(c * kPanelColumns + lane);
            ASSERT_EQ(back[at], lane < count ? tile[at] : 0);
            if (lane >= count) continue;
            float& found = output[static_cast<std::size_t>(c * channel_step + 90 - 6 * lane)];
            ASSERT_EQ(found, tile[at]);
            found = kUntouched;
          }
        }
        for (const float value : output) ASSERT_EQ(value, kUntouched);
      }
    }
  }
}

TEST(Kernels, GemmTiles) {
  std::mt19937 random(2);
  for (const auto& kernel : gemm_kernels()) {
    ASSERT_EQ(kernel.columns, kPanelColumns);
    for (const std::int32_t depth : {0, 1, 2, 3, 31}) {
      const auto channels = static_cast<std::size_t>(kernel.rows);
      const auto panel = random_values(static_cast<std::size_t>(depth * kernel.columns), random);
      const auto weight = random_values(static_cast<std::size_t>(depth) * channels, random);
      const auto start = random_values(channels * 11, random);
      Output output(kernel.rows, kernel.columns);
      kernel.run({panel.data(), depth, weight.data(), start.data(), 11, output.tile()});
      const std::string where = std::string(kernel.name) + ", depth " + std::to_string(depth);
      for (std::int32_t c = 0; c < kernel.rows; ++c) {
        for (std::int32_t x = 0; x < kernel.columns; ++x) {
          expect_sum(
              output.take(c, x), start[static_cast<std::size_t>(c * 11 + x)], depth,
              [&](std::int32_t k) {
                return static_cast<double>(
                           panel[static_cast<std::size_t>(k * kernel.columns + x)]) *
                       weight[static_cast<std::size_t>(k * kernel.rows + c)];
              },
              where);
        }
      }
      output.expect_nothing_left(where);
    }
  }
}

/// All four of Winograd's kernels, one after the other, on one row of tiles of one input channel
/// and `channels` output channels: against the definition, with 4 tiles in another order than they
/// lie.
void check_winograd(std::int32_t n, bool fusing, std::int32_t channels, std::mt19937& random) {
  const std::int32_t side = winograd_positions(n), positions = side * side;
  const std::int32_t width = 4 * n + 2, vectors = (width + 3) / 4, pitch = 4 * vectors;
  const auto input = random_values(static_cast<std::size_t>(side * pitch), random);
  std::vector<float> columns(static_cast<std::size_t>(vectors * side * 4));
  winograd_columns_kernels().find(n, fusing).run({input.data(), pitch, columns.data(), vectors});

  const std::int32_t tiles[4] = {2, 0, 3, 1};
  WinogradInput gather = {};
  for (std::size_t t = 0; t < 4; ++t) {
    const auto at = [&](std::int32_t column) {
      return columns.data() + column / 4 * side * 4 + column % 4;
    };
    gather.leading[t] = at(tiles[t] * n);
    gather.trailing[t] = at(tiles[t] * n + n);
  }
  std::vector<float> transformed(static_cast<std::size_t>(positions * 4));
  gather.output = transformed.data();
  gather.position_step = 4;
  winograd_input_kernels().find(n, fusing).run(gather);

  // The taps lie backwards, and channels have a gap between them.
  const auto weight = random_values(static_cast<std::size_t>(channels * 10), random);
  const std::int32_t weight_step = 5;
  std::vector<float> weights(static_cast<std::size_t>(positions * weight_step), kUntouched);
  winograd_weight_kernels().find(n, fusing).run(
      {weight.data() + 8, 10, -3, -1, channels, weights.data(), weight_step});

  for (std::int32_t c = 0; c < 4; ++c) {
    std::vector<float> sums(static_cast<std::size_t>(positions * 4));
    for (std::int32_t i = 0; i < positions * 4; ++i) {
      sums[static_cast<std::size_t>(i)] =
          transformed[static_cast<std::size_t>(i)] *
          weights[static_cast<std::size_t>(i / 4 * weight_step + c)];
    }
    if (c >= channels) {
      for (const float sum : sums) ASSERT_EQ(sum, 0) << "a lane that is no channel";
      continue;
    }
    Output output(n, 4 * n);
    const TileOutput rows = output.tile();
    WinogradOutput work = {sums.data(), 4, 0.5f, -0.25f, 0.75f, {}, {}};
    for (std::size_t t = 0; t < 4; ++t) {
      work.output[t] = rows.data + tiles[t] * n;
      work.row_step[t] = rows.row_step;
    }
    winograd_output_kernels().find(n, fusing).run(work);
    const std::string where = "F(" + std::to_string(n) + ", 3), channel " + std::to_string(c);
    for (std::int32_t y = 0; y < n; ++y) {
      for (std::int32_t x = 0; x < 4 * n; ++x) {
        double sum = 0.5, taps = 0.5;
        for (std::int32_t k = 0; k < 9; ++k) {
          const double w = weight[static_cast<std::size_t>(10 * c + 8 - k)];
          sum += w * input[static_cast<std::size_t>((y + k / 3) * pitch + x + k % 3)];
          taps += std::abs(w);
        }
        const double bound = 40 * kEpsilon * taps;
        ASSERT_NEAR(output.take(y, x), std::clamp(sum, -0.25, 0.75), bound) << where;
      }
    }
    output.expect_nothing_left(where);
  }
  for (std::int32_t p = 0; p < positions; ++p) {
    ASSERT_EQ(weights[static_cast<std::size_t>(p * weight_step + 4)], kUntouched);
  }
}

TEST(Kernels, WinogradTiles) {
  std::mt19937 random(5);
  for (const std::int32_t n : {2, 4}) {
    for (const bool fusing : {false, true}) {
      EXPECT_EQ(winograd_columns_kernels().find(n, fusing).fused, fusing);
      for (std::int32_t channels = 1; channels <= 4; ++channels) {
        for (int i = 0; i < 50; ++i) check_winograd(n, fusing, channels, random);
      }
    }
  }
}

/// The frequency that a forward transform of n numbers leaves in place p.
std::int32_t frequency(std::int32_t p, std::int32_t n) {
  if (n <= 2) return p;
  return p / (n / 4) + 4 * frequency(p % (n / 4), n / 4);
}

/// [j < quarter], see FftStep.
std::vector<float> twiddles(std::int32_t quarter) {
  std::vector<float> all;
  for (std::int32_t j = 0; j < quarter; ++j) {
    for (std::int32_t k = 1; k < 4; ++k) {
      const double angle = std::acos(-1.0) * j * k / (2 * quarter);
      all.push_back(static_cast<float>(std::cos(angle)));
      all.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  return all;
}

/// Number i in a lane of a strip.
std::complex<double> number(const std::vector<float>& strip, std::int32_t i, std::size_t lane) {
  const std::size_t at = static_cast<std::size_t>(i * kStripFloats) + lane;
  return {strip[at], strip[at + 4]};
}

/// Every step of a transform, forward against the definition and then back.
void check_fft(std::int32_t n, bool fusing, std::mt19937& random) {
  const auto& forward = fft_forward_kernels().find(4, fusing);
  const auto& inverse = fft_inverse_kernels().find(4, fusing);
  EXPECT_EQ(forward.fused, fusing);
  const auto input = random_values(static_cast<std::size_t>(n * kStripFloats), random);
  std::vector<float> strip = input;
  strip.resize(input.size() + 4, kUntouched);
  std::vector<std::int32_t> quarters;
  std::int32_t left = n;
  for (; left > 4; left /= 4) quarters.push_back(left / 4);
  for (const std::int32_t quarter : quarters) {
    forward.run({strip.data(), n / 4, quarter, twiddles(quarter).data()});
  }
  left == 4 ? fft_radix4_without_twiddles(strip.data(), n / 4, false)
            : fft_radix2(strip.data(), n / 2);
  const double bound = 4 * kEpsilon * n;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    for (std::int32_t p = 0; p < n; ++p) {
      std::complex<double> sum = 0;
      for (std::int32_t i = 0; i < n; ++i) {
        sum += number(input, i, lane) *
               std::polar(1.0, -2 * std::acos(-1.0) * frequency(p, n) * i / n);
      }
      ASSERT_LE(std::abs(number(strip, p, lane) - sum), bound)
          << n << ", frequency " << frequency(p, n);
    }
  }
  left == 4 ? fft_radix4_without_twiddles(strip.data(), n / 4, true)
            : fft_radix2(strip.data(), n / 2);
  std::reverse(quarters.begin(), quarters.end());
  for (const std::int32_t quarter : quarters) {
    inverse.run({strip.data(), n / 4, quarter, twiddles(quarter).data()});
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    ASSERT_NEAR(strip[i] / n, input[i], 4 * bound / n) << n << ", and back";
  }
  for (std::size_t i = input.size(); i < strip.size(); ++i) ASSERT_EQ(strip[i], kUntouched);
}

TEST(Kernels, FourierTransforms) {
  std::mt19937 random(7);
  for (const bool fusing : {false, true}) {
    for (std::int32_t n = 4; n <= 256; n *= 2) check_fft(n, fusing, random);
  }
}

TEST(Kernels, ProductsOfSpectra) {
  std::mt19937 random(8);
  for (const auto& kernel : fft_multiply_kernels()) {
    for (const std::int32_t channels : {0, 1, 2, 5}) {
      for (const std::int32_t count : {1, 4, 7}) {
        const auto floats = static_cast<std::size_t>(channels * count * kStripFloats);
        const auto input = random_values(floats, random), weight = random_values(floats, random);
        std::vector<float> output(static_cast<std::size_t>(count * kStripFloats + 4), kUntouched);
        kernel.run({input.data(), weight.data(), output.data(), count, channels});
        for (std::int32_t i = 0; i < count; ++i) {
          for (std::size_t lane = 0; lane < 4; ++lane) {
            std::complex<double> sum = 0;
            for (std::int32_t c = 0; c < channels; ++c) {
              sum += number(input, c * count + i, lane) * number(weight, c * count + i, lane);
            }
            ASSERT_LE(std::abs(number(output, i, lane) - sum), 10 * (channels + 1) * kEpsilon);
          }
        }
        EXPECT_EQ(output[static_cast<std::size_t>(count * kStripFloats)], kUntouched);
      }
    }
  }
}

/// ComplexBlocks from lines of real and of imaginary parts to a strip, and back to lines further
/// apart.
TEST(Kernels, TransposeSquares) {
  constexpr std::int32_t kCount = 3, kPitch = 17;
  std::vector<float> lines(8 * kPitch);
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = static_cast<float>(i);
  std::vector<float> strip(kCount * 32, kUntouched), back(8 * 30, kUntouched);
  const ComplexBlocks in_strip = {strip.data(), kStripFloats, 4, 32};
  transpose_complex_blocks({lines.data(), kPitch, 4 * kPitch, 4}, in_strip, kCount);
  transpose_complex_blocks(in_strip, {back.data(), 30, 4 * 30, 4}, kCount);
  for (std::int32_t row = 0; row < 4; ++row) {
    for (std::int32_t x = 0; x < 30; ++x) {
      for (std::int32_t part = 0; part < 2; ++part) {
        const float found = back[static_cast<std::size_t>((4 * part + row) * 30 + x)];
        if (x >= 4 * kCount) {
          ASSERT_EQ(found, kUntouched);
          continue;
        }
        const auto expected = static_cast<float>((4 * part + row) * kPitch + x);
        ASSERT_EQ(found, expected);
        ASSERT_EQ(strip[static_cast<std::size_t>(x * kStripFloats + 4 * part + row)], expected);
      }
    }
  }
}

/// Panels of columns that lie in a row and of columns that do not, with and without all of them.
TEST(Kernels, PackPanels) {
  std::vector<float> input(200);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i);
  const std::int32_t taps[] = {5, 0, 60};
  const PanelColumns columns[] = {
      {8, true, false, {10, 11, 12, 13, 14, 15, 16, 17}, {}},
      {8, false, false, {1, 2, 3, 40, 41, 42, 43, 99}, {}},
      {3, false, false, {7, 8, 9, 7, 7, 7, 7, 7}, {}},
  };
  std::vector<float> panels(3 * 30, kUntouched);
  pack_panels(input.data(), taps, 3, columns, 3, 30, panels.data());
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t lane = 0; lane < 8; ++lane) {
        EXPECT_EQ(panels[p * 30 + k * 8 + lane],
                  static_cast<float>(taps[k] + columns[p].input[lane]));
      }
    }
    for (std::size_t i = 24; i < 30; ++i) EXPECT_EQ(panels[p * 30 + i], kUntouched);
  }
}

/// Clamping is in the kernels; NaN passes through it, and infinities are clamped.
TEST(Kernels, ClampButKeepNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> input = {nan, -2, 3, 9, kInfinity, -kInfinity, 0, 6};
  const std::vector<float> expected = {nan, 0, 3, 6, 6, 0, 0, 6};
  const std::vector<float> ones(8, 1), zeros(5 * 8, 0);
  const std::int32_t tap = 0;
  const auto check = [&](const char* name, std::int32_t rows, std::int32_t columns,
                         Output* output) {
    for (std::int32_t r = 0; r < rows; ++r) {
      for (std::int32_t x = 0; x < std::min(columns, 8); ++x) {
        const float found = output->take(r, x);
        const float wanted = expected[static_cast<std::size_t>(x)];
        EXPECT_TRUE(found == wanted || (std::isnan(found) && std::isnan(wanted)))
            << name << ", column " << x << ": " << found;
      }
    }
  };
  std::vector<float> patch(32, 0);
  std::copy(input.begin(), input.end(), patch.begin());
  for (const auto& kernels : {direct_kernels(), direct_narrow_kernels()}) {
    for (const auto& kernel : kernels) {
      Output output(kernel.rows, kernel.columns);
      kernel.run({patch.data(), &tap, 1, ones.data(), zeros.data(), output.tile(0, 6)});
      check(kernel.name, kernel.rows, kernel.columns, &output);
    }
  }
  for (const auto& kernel : gemm_kernels()) {
    Output output(kernel.rows, 8);
    kernel.run({input.data(), 1, ones.data(), zeros.data(), 8, output.tile(0, 6)});
    check(kernel.name, kernel.rows, 8, &output);
  }
  for (const auto& kernel : depthwise_kernels()) {
    Output output(kernel.rows, kernel.columns);
    kernel.run({patch.data(), 0, &tap, 1, 1, ones.data(), 0, output.tile(0, 6)});
    check(kernel.name, kernel.rows, kernel.columns, &output);
  }
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    Output output(kernel.rows, kernel.columns);
    kernel.run({patch.data(), 0, &tap, 1, ones.data(), 8, zeros.data(), output.tile(0, 6)});
    check(kernel.name, kernel.rows, kernel.columns, &output);
  }
  Output output(1, 8);
  const TileOutput tile = output.tile(0, 6);
  std::copy(input.begin(), input.end(), tile.data);
  add_bias_and_clamp(tile, 0, 1, 8);
  check("add_bias_and_clamp", 1, 8, &output);
}

#if defined(__FMA__)
/// One rounding instead of two: x * x - round(x * x) is what the second one would have lost.
TEST(Kernels, FusedRoundsOnce) {
  const float x = 1 + 0x1p-12f;
  const float rounded = x * x;
  const std::vector<float> input(32, x), weight(8, x), start(5 * 8, -rounded);
  const std::int32_t tap = 0;
  const auto expected = [](bool fused) { return fused ? 0x1p-24f : 0.0f; };
  for (const auto& kernels : {direct_kernels(), direct_narrow_kernels()}) {
    for (const auto& kernel : kernels) {
      Output output(kernel.rows, kernel.columns);
      kernel.run({input.data(), &tap, 1, weight.data(), start.data(), output.tile()});
      EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
    }
  }
  for (const auto& kernel : gemm_kernels()) {
    Output output(kernel.rows, 8);
    kernel.run({input.data(), 1, weight.data(), start.data(), 8, output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
  for (const auto& kernel : depthwise_kernels()) {
    Output output(kernel.rows, kernel.columns);
    kernel.run({input.data(), 0, &tap, 1, 1, weight.data(), -rounded, output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    Output output(kernel.rows, kernel.columns);
    kernel.run({input.data(), 0, &tap, 1, weight.data(), 8, start.data(), output.tile()});
    EXPECT_EQ(output.take(0, 0), expected(kernel.fused)) << kernel.name;
  }
}
#endif

}  // namespace
}  // namespace corr2d
