#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "algorithms/depthwise/streaming_block.hpp"
#include "kernel_support.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

using testing::expect_sum;
using testing::OutputBuffer;
using testing::random_values;

/// Tests a kernel_height x kernel_width kernel on a patch of neighbouring rows.
void expect_float64_sums(const TileKernelList<DepthwiseTile>& kernels, std::int32_t kernel_height,
                         std::int32_t kernel_width) {
  std::mt19937 random(4);
  for (const auto& kernel : kernels) {
    const std::int32_t rows = kernel.rows;
    const std::int32_t pitch = kernel.columns + kernel_width - 1;
    const auto patch =
        random_values(static_cast<std::size_t>((rows + kernel_height - 1) * pitch), random);
    std::vector<std::int32_t> tap_offsets;
    for (std::int32_t y = 0; y < kernel_height; ++y) {
      for (std::int32_t x = 0; x < kernel_width; ++x) tap_offsets.push_back(y * pitch + x);
    }
    const std::int32_t count = kernel_height * kernel_width;
    const auto weight = random_values(tap_offsets.size(), random);
    OutputBuffer output(rows, kernel.columns);
    kernel.run({patch.data(), pitch, tap_offsets.data(), count, kernel_width, weight.data(), 0.75f,
                output.tile()});
    const std::string context = std::string(kernel.name) + ", " + std::to_string(rows) + " rows";
    for (std::int32_t r = 0; r < rows; ++r) {
      for (std::int32_t x = 0; x < kernel.columns; ++x) {
        expect_sum(
            output.take(r, x), 0.75f, count,
            [&](std::int32_t t) {
              const auto at = r * pitch + x + tap_offsets[static_cast<std::size_t>(t)];
              return static_cast<double>(patch[static_cast<std::size_t>(at)]) *
                     weight[static_cast<std::size_t>(t)];
            },
            context);
      }
    }
    output.expect_all_taken(context);
  }
}

TEST(DepthwiseKernels, MatchFloat64Sums) {
  for (const std::int32_t height : {1, 2, 3, 6}) {
    for (const std::int32_t width : {1, 2, 5}) {
      expect_float64_sums(depthwise_kernels(), height, width);
      if (height > 1) expect_float64_sums(depthwise_shared_rows_kernels(), height, width);
    }
  }
}

TEST(DepthwiseNhwcKernels, MatchFloat64Sums) {
  std::mt19937 random(5);
  for (const auto& kernel : depthwise_nhwc_kernels()) {
    for (const std::int32_t taps : {1, 2, 9}) {
      const std::int32_t pixels = kernel.rows, pitch = kernel.columns + 1;
      std::vector<std::int32_t> offsets;
      for (std::int32_t t = 0; t < taps; ++t) offsets.push_back(t * pitch);
      const auto patch = random_values(static_cast<std::size_t>((taps + pixels) * pitch), random);
      const auto weight = random_values(static_cast<std::size_t>(taps * pitch), random);
      const auto bias = random_values(static_cast<std::size_t>(kernel.columns), random);
      OutputBuffer output(pixels, kernel.columns);
      kernel.run({patch.data(), pitch, offsets.data(), taps, weight.data(), pitch, bias.data(),
                  output.tile()});
      const std::string context = std::string(kernel.name) + ", " + std::to_string(taps) + " taps";
      for (std::int32_t p = 0; p < pixels; ++p) {
        for (std::int32_t c = 0; c < kernel.columns; ++c) {
          expect_sum(
              output.take(p, c), bias[static_cast<std::size_t>(c)], taps,
              [&](std::int32_t t) {
                return static_cast<double>(patch[static_cast<std::size_t>((t + p) * pitch + c)]) *
                       weight[static_cast<std::size_t>(t * pitch + c)];
              },
              context);
        }
      }
      output.expect_all_taken(context);
    }
  }
}

/// Covers every width around whole vectors, with every combination of zero borders. The input and
/// output are exactly as large as needed, so that sanitizers detect other accesses.
TEST(DepthwiseStreamKernels, MatchFloat64Sums) {
  std::mt19937 random(7);
  const auto weight = random_values(9, random);
  for (const auto& kernel : depthwise_stream_kernels()) {
    const std::int32_t stride = kernel.parameter;
    for (std::int32_t columns = DepthwiseStream::kMinColumns; columns <= 21; ++columns) {
      for (std::int32_t zero_borders = 0; zero_borders < 16; ++zero_borders) {
        const ZeroBorder zero_border = {(zero_borders & 1) != 0, (zero_borders & 2) != 0,
                                        (zero_borders & 4) != 0, (zero_borders & 8) != 0};
        for (std::int32_t rows = 1; rows <= 5; ++rows) {
          // One row or column before the first middle input and one after the last, except at a
          // zero border.
          const std::int32_t left = zero_border.left ? 0 : 1, top = zero_border.top ? 0 : 1;
          const std::int32_t reached_rows = stride * (rows - 1) + 1 + (zero_border.bottom ? 0 : 1);
          const std::int32_t reached = stride * (columns - 1) + 1 + (zero_border.right ? 0 : 1);
          const std::int32_t pitch = left + reached, height = top + reached_rows;
          const auto input = random_values(static_cast<std::size_t>(pitch * height), random);
          OutputBuffer output(rows, columns);
          TileOutput out = output.tile();
          out.low = -0.5f;
          std::vector<float> scratch(
              static_cast<std::size_t>(StreamingBlock::scratch_floats(columns, stride)));
          correlate_stream({input.data() + top * pitch + left, pitch, zero_border, stride,
                            weight.data(), 0.75f, out, rows, columns},
                           scratch.data());
          const std::string context = std::string(kernel.name) + ", " + std::to_string(rows) +
                                      " x " + std::to_string(columns) + ", zero_borders " +
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
              const float actual = output.take(r, x);
              if (sum < -0.5) {
                ASSERT_NEAR(actual, -0.5, 1e-5) << context;
              } else {
                expect_sum(actual, 0.75f, 9, product, context);
              }
            }
          }
          output.expect_all_taken(context);
        }
      }
    }
  }
}

/// Tests one output row, primed with the rows above it, with and without a zero on either side.
TEST(DepthwiseNhwcStreamKernels, MatchFloat64Sums) {
  std::mt19937 random(8);
  for (const auto& kernel : depthwise_nhwc_stream_kernels()) {
    const std::int32_t stride = kernel.parameter;
    for (std::int32_t columns = 1; columns <= 6; ++columns) {
      for (std::int32_t zeros = 0; zeros < 4; ++zeros) {
        const bool zero_left = (zeros & 1) != 0, zero_right = (zeros & 2) != 0;
        // Three rows of pixels. Pixels are five floats, of which the kernel reads four.
        const std::int32_t left = zero_left ? 0 : 1, step = 5;
        const std::int32_t pixels = left + stride * (columns - 1) + 1 + (zero_right ? 0 : 1);
        const std::int32_t pitch = pixels * step;
        const auto input = random_values(static_cast<std::size_t>(3 * pitch), random);
        const auto weight = random_values(9 * 4, random);
        const auto bias = random_values(4, random);
        std::vector<float> sums(static_cast<std::size_t>(8 * columns));
        std::vector<float> scratch_row(static_cast<std::size_t>(4 * columns));
        OutputBuffer output(columns, 4);
        const auto run = [&](std::int32_t middle, std::int32_t bottom, const TileOutput& to) {
          kernel.run({input.data() + bottom * pitch + left * step,
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
                      zero_left,
                      zero_right});
        };
        run(0, 0, {scratch_row.data(), 4, 0, 0});
        if (stride == 1) run(1, 1, {scratch_row.data(), 4, 0, 0});
        run(1, 2, output.tile());
        const std::string context = std::string(kernel.name) + ", " + std::to_string(columns) +
                                    ", " + std::to_string(zeros);
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
                context);
          }
        }
        output.expect_all_taken(context);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
