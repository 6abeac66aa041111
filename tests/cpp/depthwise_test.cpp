// What depthwise alone has to be asked: streams that are cut into blocks of rows and of columns,
// with the zeros around the input in some of them only.

#include <gtest/gtest.h>

#include <random>

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

/// One zero on each side that has a bit in `sides`.
void pad(Problem* p, std::int32_t sides) {
  p->pad_top = sides & 1;
  p->pad_bottom = sides >> 1 & 1;
  p->pad_left = sides >> 2 & 1;
  p->pad_right = sides >> 3;
}

TEST(Depthwise, StreamsInBlocks) {
  std::mt19937 random(1);
  // One column and one row short of, at and past the ends of blocks, and last blocks that are too
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

/// Problems of `channels` layers, with every second and all sides padded, activations that are
/// clamps and others.
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

/// Layers whose channels are neighbours: streams of pixels in blocks of rows, columns and channels.
TEST(Depthwise, StreamsOfChannels) {
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

/// Layers of small planes, which are turned into pixels in blocks of channels, and those that are
/// just too large for it; also planes of which one side only is turned, as they are single pixels.
TEST(Depthwise, StreamsOfTurnedPlanes) {
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

/// What may not be read in place is copied, and then it is a stream too.
TEST(Depthwise, StreamsOfPatches) {
  std::mt19937 random(2);
  for (const PaddingMode mode : {PaddingMode::kConstant, PaddingMode::kReflect,
                                 PaddingMode::kReplicate, PaddingMode::kCircular}) {
    for (const std::int32_t pad : {1, 2}) {
      for (const std::int32_t width : {5, 8, 301, 2050}) {
        Problem p = plane(20, width, 1);
        p.padding_mode = mode;
        p.fill_value = mode == PaddingMode::kConstant ? 0.5f : 0;
        p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = pad;
        const Case data = testing::with_random_data(p, random);
        ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
      }
    }
  }
}

/// Of taps that are far apart only what they read is fetched, not all that lies between them.
TEST(Depthwise, TapsThatAreFarApart) {
  std::mt19937 random(5);
  Problem p = plane(4, 3, 1);
  p.groups = p.input_channels = p.output_channels = 8;
  p.dilation_height = p.dilation_width = 224;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 224;
  for (const bool are_pixels : {false, true}) {
    if (are_pixels) p.input_strides = p.output_strides = {96, 1, 24, 8};
    const Case data = testing::with_random_data(p, random);
    ASSERT_TRUE(testing::within_bound(data, testing::run(data, random)));
    std::unique_ptr<Plan> plan;
    ASSERT_EQ(Plan::create(p, data.weight.data(), nullptr, 1, &plan), Status::kOk);
    EXPECT_LT(plan->workspace_bytes(), 16 * 1024) << are_pixels;
  }
}

}  // namespace
}  // namespace corr2d
