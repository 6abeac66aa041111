// Depthwise: which implementation is chosen, and the edges of its blocks, of which only some have
// the zero border of the input.

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "algorithms/algorithm.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;

Problem plane(std::int32_t height, std::int32_t width, std::int32_t stride) {
  Problem p;
  p.input_height = height;
  p.input_width = width;
  p.kernel_height = p.kernel_width = 3;
  p.stride_height = p.stride_width = stride;
  p.algorithm = Algorithm::kDepthwise;
  return p;
}

/// Pads each side whose bit is set in `sides` by one.
void pad(Problem* p, std::int32_t sides) {
  p->pad_top = sides & 1;
  p->pad_bottom = sides >> 1 & 1;
  p->pad_left = sides >> 2 & 1;
  p->pad_right = sides >> 3;
}

TEST(Depthwise, StreamsBlocksOfRowsAndColumns) {
  std::mt19937 random(1);
  // One column or row less than a block, a whole block, one more, and last blocks that are too
  // narrow for a stream.
  const struct {
    std::int32_t height, width, stride;
  } shapes[] = {{40, 2047, 1}, {40, 2048, 1}, {40, 2049, 1}, {64, 2056, 1}, {65, 2060, 1},
                {20, 4097, 1}, {260, 260, 1}, {35, 4095, 2}, {33, 4096, 2}, {32, 4097, 2},
                {31, 4103, 2}, {30, 4112, 2}, {519, 521, 2}};
  for (const auto& shape : shapes) {
    for (std::int32_t sides = 0; sides < 16; ++sides) {
      Problem p = plane(shape.height, shape.width, shape.stride);
      pad(&p, sides);
      p.has_bias = sides % 2;
      p.activation = sides % 3 == 0 ? Activation::kRelu : Activation::kNone;
      const Case data = testing::with_random_data(p, random);
      ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
    }
  }
}

/// Calls `check` for depthwise problems with every second side or all sides padded, and with
/// activations that are clamps or not.
template <typename Check>
void for_each_layer(std::int32_t channels, std::int32_t height, std::int32_t width, Check check) {
  for (const std::int32_t stride : {1, 2}) {
    for (const std::int32_t sides : {5, 10, 15}) {
      Problem p = plane(height, width, stride);
      p.groups = p.input_channels = p.output_channels = channels;
      pad(&p, sides);
      p.has_bias = width % 2;
      p.activation = height % 2 == 0 ? Activation::kSilu : Activation::kRelu;
      Geometry geometry;
      if (measure(p, &geometry) == Status::kOk) check(p, geometry);
    }
  }
}

/// Blocks of rows, columns and channels.
TEST(Depthwise, StreamsNhwc) {
  std::mt19937 random(3);
  for (const std::int32_t channels : {4, 6, 12, 64, 67}) {
    for (const std::int32_t width : {1, 2, 33, 70}) {
      for (const std::int32_t height : {1, 2, 5, 131}) {
        for_each_layer(channels, height, width, [&](Problem p, const Geometry& geometry) {
          p.input_strides = {height * width * channels, 1, width * channels, channels};
          p.output_strides = {geometry.output_height * geometry.output_width * channels, 1,
                              geometry.output_width * channels, channels};
          const Case data = testing::with_random_data(p, random);
          ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
        });
      }
    }
  }
}

/// Small planes, which are transposed to pixels in blocks of channels, and planes that are just too
/// large; also planes of one pixel, of which only the input or the output is transposed.
TEST(Depthwise, StreamsTransposedPlanes) {
  std::mt19937 random(4);
  for (const std::int32_t channels : {3, 4, 16, 20, 32}) {
    for (const std::int32_t width : {1, 2, 3, 4, 7, 13, 14, 15}) {
      for (const std::int32_t height : {1, 2, 3, 14, 15}) {
        for_each_layer(channels, height, width, [&](Problem p, const Geometry&) {
          p.batch = 2;
          const Case data = testing::with_random_data(p, random);
          ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
        });
      }
    }
  }
}

/// Padding other than one zero is copied before it is streamed. Copies of strided rows are not
/// streamed.
TEST(Depthwise, StreamsCopiedPatches) {
  std::mt19937 random(2);
  for (const PaddingMode mode : {PaddingMode::kConstant, PaddingMode::kReflect,
                                 PaddingMode::kReplicate, PaddingMode::kCircular}) {
    for (const std::int32_t pad : {1, 2}) {
      for (const std::int32_t width : {5, 8, 301, 2050}) {
        for (const std::int32_t stride : {1, 2}) {
          Problem p = plane(20, width, stride);
          p.padding_mode = mode;
          p.fill_value = mode == PaddingMode::kConstant ? 0.5f : 0;
          p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = pad;
          const Case data = testing::with_random_data(p, random);
          ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
        }
      }
    }
  }
}

/// The elements between the taps are not fetched.
TEST(Depthwise, NeedsLittleWorkspaceForDistantTaps) {
  std::mt19937 random(5);
  Problem p = plane(4, 3, 1);
  p.groups = p.input_channels = p.output_channels = 8;
  p.dilation_height = p.dilation_width = 224;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 224;
  for (const bool is_nhwc : {false, true}) {
    if (is_nhwc) p.input_strides = p.output_strides = {96, 1, 24, 8};
    const Case data = testing::with_random_data(p, random);
    ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
    std::unique_ptr<Plan> plan;
    ASSERT_EQ(Plan::create(p, data.weight.data(), nullptr, 1, &plan), Status::kOk);
    EXPECT_LT(plan->workspace_bytes(), 16 * 1024) << is_nhwc;
  }
}

/// The entry that a plan takes for a depthwise problem without padding.
EntryId cheapest(Problem p, bool is_nhwc) {
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kOk);
  if (is_nhwc) {
    const auto strides = [&p](std::int32_t height, std::int32_t width) {
      const std::int32_t channels = p.input_channels;
      return Strides{height * width * channels, 1, width * channels, channels};
    };
    p.input_strides = strides(p.input_height, p.input_width);
    p.output_strides = strides(geometry.output_height, geometry.output_width);
  }
  const Correlation c = correlation_of(normalised(p, geometry), geometry);
  const AlgorithmEntry* chosen = nullptr;
  float least = std::numeric_limits<float>::infinity();
  for (const AlgorithmEntry* entry : kAlgorithms) {
    if (entry->algorithm != Algorithm::kDepthwise || !entry->can_do(c)) continue;
    const float cost = cost_of(entry->id, entry->op_counts(c, Use::kOften));
    if (cost >= least) continue;
    least = cost;
    chosen = entry;
  }
  return chosen->id;
}

TEST(Depthwise, HasAnImplementationForEachShape) {
  const auto problem = [](std::int32_t size, std::int32_t channels, std::int32_t kernel,
                          std::int32_t stride) {
    Problem p = plane(size, size, stride);
    p.groups = p.input_channels = p.output_channels = channels;
    p.kernel_height = p.kernel_width = kernel;
    return p;
  };
  for (const std::int32_t stride : {1, 2}) {
    EXPECT_EQ(cheapest(problem(15, 8, 3, stride), false), EntryId::kDepthwiseStreaming);
    EXPECT_EQ(cheapest(problem(14, 8, 3, stride), false), EntryId::kDepthwiseNhwcStreaming);
    EXPECT_EQ(cheapest(problem(56, 8, 3, stride), true), EntryId::kDepthwiseNhwcStreaming);
  }
  // Six channels are no multiple of four lanes: the width decides.
  EXPECT_EQ(cheapest(problem(9, 6, 3, 1), false), EntryId::kDepthwiseStreaming);
  EXPECT_EQ(cheapest(problem(8, 6, 3, 1), false), EntryId::kDepthwiseNhwc);
  EXPECT_EQ(cheapest(problem(56, 6, 3, 1), true), EntryId::kDepthwiseNhwc);
  // Outputs of 10 and 9 columns.
  EXPECT_EQ(cheapest(problem(14, 8, 5, 1), false), EntryId::kDepthwise);
  EXPECT_EQ(cheapest(problem(13, 8, 5, 1), false), EntryId::kDepthwiseNhwc);
  EXPECT_EQ(cheapest(problem(56, 8, 5, 2), false), EntryId::kDepthwiseNhwc);
  EXPECT_EQ(cheapest(problem(56, 3, 5, 2), false), EntryId::kDepthwise);
  EXPECT_EQ(cheapest(problem(56, 8, 5, 1), true), EntryId::kDepthwiseNhwc);
  // Streams are fused, so that deterministic problems cannot use them.
  Problem deterministic = problem(56, 8, 3, 1);
  deterministic.deterministic = 1;
  EXPECT_EQ(cheapest(deterministic, false), EntryId::kDepthwise);
  EXPECT_EQ(cheapest(deterministic, true), EntryId::kDepthwiseNhwc);
}

}  // namespace
}  // namespace corr2d
