#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "corr2d/image.hpp"

namespace corr2d {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Covers every number of pixels around the width of a vector.
TEST(Rgba, ToPlanesScalesChannelsAndMixesGrey) {
  for (std::int32_t pixels = 1; pixels <= 9; ++pixels) {
    Bytes rgba(static_cast<std::size_t>(4 * pixels));
    for (std::size_t i = 0; i < rgba.size(); ++i) rgba[i] = static_cast<std::uint8_t>(7 * i + 200);
    for (const std::int32_t channels : {1, 3, 4}) {
      std::vector<float> planes(static_cast<std::size_t>(channels * pixels), -1);
      rgba_to_planes(rgba.data(), pixels, channels, 0.5f, planes.data());
      for (std::int32_t c = 0; c < channels; ++c) {
        for (std::int32_t i = 0; i < pixels; ++i) {
          const std::uint8_t* pixel = rgba.data() + 4 * i;
          const double grey = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
          const double expected = 0.5 * (channels == 1 ? grey : pixel[c]);
          ASSERT_NEAR(planes[static_cast<std::size_t>(c * pixels + i)], expected, 1e-5)
              << channels << " channels, pixel " << i << " of " << pixels;
        }
      }
    }
  }
}

TEST(Rgba, ToPlanesAndBackKeepsEveryByte) {
  constexpr std::int32_t kPixels = 256 + 3;
  Bytes rgba(4 * kPixels);
  for (std::size_t i = 0; i < rgba.size(); ++i) {
    rgba[i] = static_cast<std::uint8_t>(i / 4 + 64 * (i % 4));
  }
  std::vector<float> planes(4 * kPixels);
  rgba_to_planes(rgba.data(), kPixels, 4, 1.0f / 255, planes.data());
  Bytes back(rgba.size());
  planes_to_rgba(planes.data(), kPixels, 4, 0, 1, back.data());
  EXPECT_EQ(back, rgba);
}

TEST(Rgba, FromPlanesClampsRoundsAndFillsAlpha) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> grey = {0, 255, -1, 256, 1.5f, 2.5f, 2.4f, nan, infinity, -infinity};
  const Bytes expected = {0, 255, 0, 255, 2, 2, 2, 0, 255, 0};
  const auto pixels = static_cast<std::int32_t>(grey.size());
  Bytes rgba(4 * grey.size());
  planes_to_rgba(grey.data(), pixels, 1, 0, 255, rgba.data());
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const Bytes pixel(rgba.begin() + static_cast<std::ptrdiff_t>(4 * i),
                      rgba.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
    EXPECT_EQ(pixel, (Bytes{expected[i], expected[i], expected[i], 255})) << i;
  }
}

TEST(Rgba, FromPlanesMapsTheRangeToBytes) {
  const std::vector<float> planes = {-4, 0, 4, -4, 0, 4, -4, 0, 4};
  Bytes rgba(12);
  planes_to_rgba(planes.data(), 3, 3, -4, 4, rgba.data());
  EXPECT_EQ(rgba, (Bytes{0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255}));
}

TEST(Rgba, FromPlanesAcceptsTheLargestRange) {
  const float largest = std::numeric_limits<float>::max();
  const std::vector<float> grey = {-largest, 0, largest, std::numeric_limits<float>::quiet_NaN()};
  Bytes rgba(16);
  planes_to_rgba(grey.data(), 4, 1, -largest, largest, rgba.data());
  EXPECT_EQ(rgba[0], 0);
  EXPECT_EQ(rgba[4], 128);
  EXPECT_EQ(rgba[8], 255);
  EXPECT_EQ(rgba[12], 0);
}

}  // namespace
}  // namespace corr2d
