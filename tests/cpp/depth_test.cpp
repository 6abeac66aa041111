// Correlations with a third spatial axis.

#include <gtest/gtest.h>

#include <algorithm>

#include "algorithms/algorithm.hpp"
#include "algorithms/tiling/phase_problem.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

using testing::Case;
using testing::with_random_data;

/// 3 x 3 x 3 with padding 1.
Problem volume(std::int32_t depth, std::int32_t size, std::int32_t inputs, std::int32_t outputs) {
  Problem p;
  p.input_channels = inputs;
  p.output_channels = outputs;
  p.input_depth = depth;
  p.input_height = p.input_width = size;
  p.kernel_depth = p.kernel_height = p.kernel_width = 3;
  p.pad_front = p.pad_back = p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 1;
  return p;
}

Correlation correlation(const Problem& problem) {
  Geometry geometry;
  EXPECT_EQ(measure(problem, &geometry), Status::kOk);
  return correlation_of(normalised(problem, geometry), geometry);
}

/// Channels and columns around the sizes of tiles, in blocks that join planes of several images.
TEST(Depth, EveryAlgorithmEqualsTheOracle) {
  std::mt19937 random(1);
  for (const Algorithm algorithm :
       {Algorithm::kDirect, Algorithm::kGemm, Algorithm::kWinograd, Algorithm::kFft}) {
    for (const std::int32_t size : {3, 4, 7, 9}) {
      for (const std::int32_t channels : {1, 3, 4, 5}) {
        for (const bool channels_last : {false, true}) {
          for (const Kind kind : {Kind::kForward, Kind::kTransposed, Kind::kBackwardInput}) {
            Problem p = volume(3, size, channels, channels + 1);
            p.kind = kind;
            p.batch = 2;
            p.algorithm = algorithm;
            if (channels_last) {
              const auto strides = [&](std::int32_t c) {
                return Strides{3 * size * size * c, 1, size * c, c, size * size * c};
              };
              p.input_strides = strides(channels);
              p.output_strides = strides(channels + 1);
            }
            const Case data = with_random_data(p, random);
            EXPECT_TRUE(within_bound(data, run(data, random)));
          }
        }
      }
    }
  }
}

/// A kernel of one plane computes each plane by itself, to the same bits.
TEST(Depth, KernelsOfOnePlaneComputePlaneByPlane) {
  std::mt19937 random(2);
  Problem flat = volume(1, 9, 4, 3);
  flat.kernel_depth = 1;
  flat.pad_front = flat.pad_back = 0;
  Problem deep = flat;
  deep.input_depth = 5;
  deep.stride_depth = 2;
  deep.batch = 2;
  const Case data = with_random_data(deep, random);
  const std::vector<float> volumes = run(data, random);
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t z = 0; z < 3; ++z) {
      Case plane = {flat, {}, data.weight, {}};
      for (std::size_t c = 0; c < 4; ++c) {
        const auto* first = data.input.data() + ((n * 4 + c) * 5 + 2 * z) * 81;
        plane.input.insert(plane.input.end(), first, first + 81);
      }
      const std::vector<float> expected = run(plane, random);
      for (std::size_t o = 0; o < 3; ++o) {
        const auto* found = volumes.data() + ((n * 3 + o) * 3 + z) * 81;
        EXPECT_TRUE(std::equal(found, found + 81, expected.data() + o * 81)) << n << z << o;
      }
    }
  }
}

TEST(Depth, OfOneIsAProblemWithoutDepth) {
  Problem p = volume(1, 9, 4, 3);
  p.kernel_depth = 1;
  p.pad_front = p.pad_back = 0;
  EXPECT_TRUE(correlation(p).is_flat);
  p.pad_front = 1;
  EXPECT_FALSE(correlation(p).is_flat);
}

/// The planes of one image that are correlated one by one are images, wherever they lie.
TEST(Depth, PlanesWithoutPaddingAreImages) {
  Problem p = volume(5, 9, 4, 3);
  p.kernel_depth = 1;
  p.pad_front = p.pad_back = 0;
  EXPECT_TRUE(correlation(p).is_flat);
  EXPECT_EQ(correlation(p).images, 5);
  p.batch = 2;
  EXPECT_FALSE(correlation(p).is_flat);
  EXPECT_EQ(correlation(p).images, 10);
  // The last plane is padding.
  p.batch = 1;
  p.stride_depth = 5;
  p.pad_back = 1;
  EXPECT_FALSE(correlation(p).is_flat);
}

TEST(Depth, PointwiseKernelsComputeOneRow) {
  Problem p = volume(5, 9, 4, 3);
  p.kernel_depth = p.kernel_height = p.kernel_width = 1;
  p.pad_front = p.pad_back = p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 0;
  p.batch = 3;
  const Correlation c = correlation(p);
  EXPECT_EQ(c.columns.output, 5 * 81);
  EXPECT_EQ(c.images, 3);
}

/// With a fractional stride, each tap belongs to one phase of the planes.
TEST(Depth, TransposedProblemsMultiplyNoAbsentTaps) {
  Problem p = volume(4, 5, 2, 3);
  p.kind = Kind::kTransposed;
  p.kernel_depth = 5;
  p.stride_depth = 3;
  const Correlation c = correlation(p);
  ASSERT_EQ(phases_of(c.planes), 3);
  std::int32_t products = 0, images = 0;
  const std::vector<float> weight(2 * 3 * 5 * 9);
  for (std::int32_t phase = 0; phase < 3; ++phase) {
    PhaseProblem part(c, phase, 0, 0);
    ASSERT_EQ(part.pack(c, weight.data()), Status::kOk);
    products += part.weights.depth();
    images += part.images;
  }
  EXPECT_EQ(products, 2 * 5 * 9);
  EXPECT_EQ(images, c.images);
}

TEST(Depth, BelongsToCorrelationsAndPools) {
  Problem p = volume(4, 5, 2, 3);
  Geometry geometry;
  ASSERT_EQ(measure(p, &geometry), Status::kOk);
  EXPECT_EQ(geometry.output_depth, 4);
  EXPECT_EQ(geometry.macs, 2.0 * 3 * 4 * 25 * 27);
  for (std::int32_t kind = 0; kind <= static_cast<std::int32_t>(kLastKind); ++kind) {
    p.kind = static_cast<Kind>(kind);
    // The array kinds ignore it.
    if (is_correlation(p.kind) || p.kind == Kind::kMaxPool || p.kind == Kind::kAveragePool ||
        is_array(p.kind)) {
      continue;
    }
    EXPECT_EQ(measure(p, &geometry), Status::kBadSize) << kKindNames[kind];
  }
}

TEST(Depth, HasTheLimitsOfTheOtherAxes) {
  const auto status = [](void (*change)(Problem&)) {
    Problem p = volume(4, 5, 2, 3);
    change(p);
    Geometry geometry;
    return measure(p, &geometry);
  };
  EXPECT_EQ(status([](Problem& p) { p.input_depth = 0; }), Status::kBadSize);
  EXPECT_EQ(status([](Problem& p) { p.kernel_depth = 0; }), Status::kBadSize);
  EXPECT_EQ(status([](Problem& p) { p.kernel_depth = 7; }), Status::kKernelTooLarge);
  EXPECT_EQ(status([](Problem& p) { p.stride_depth = 0; }), Status::kBadStride);
  EXPECT_EQ(status([](Problem& p) { p.dilation_depth = 0; }), Status::kBadDilation);
  EXPECT_EQ(status([](Problem& p) { p.pad_front = -1; }), Status::kBadPadding);
  EXPECT_EQ(status([](Problem& p) { p.pad_back = -1; }), Status::kBadPadding);
  EXPECT_EQ(status([](Problem& p) { p.output_padding_depth = 1; }), Status::kBadOutputPadding);
  EXPECT_EQ(status([](Problem& p) { p.input_depth = 1 << 30; }), Status::kTooLarge);
  EXPECT_EQ(status([](Problem& p) {
              p.input_strides = {400, 200, 5, 1, 1 << 29};
            }),
            Status::kTooLarge);
  EXPECT_EQ(status([](Problem& p) { p.output_strides = {400, 100, 5, 1, 5}; }), Status::kBadLayout);
}

}  // namespace
}  // namespace corr2d
