#include "kernels/layout/panels.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "kernel_support.hpp"

namespace corr2d {
namespace {

using testing::kUntouched;

/// Covers contiguous columns, scattered columns and a partial panel.
TEST(Panels, PackPanelsGathersTheInputOfEveryTap) {
  std::vector<float> input(200);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i);
  const std::int32_t tap_offsets[] = {5, 0, 60};
  const PanelColumns columns[] = {
      {8, true, false, {10, 11, 12, 13, 14, 15, 16, 17}, {}},
      {8, false, false, {1, 2, 3, 40, 41, 42, 43, 99}, {}},
      {3, false, false, {7, 8, 9, 7, 7, 7, 7, 7}, {}},
  };
  std::vector<float> panels(3 * 30, kUntouched);
  pack_panels(input.data(), tap_offsets, 3, columns, 3, 30, panels.data());
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t lane = 0; lane < 8; ++lane) {
        EXPECT_EQ(panels[p * 30 + k * 8 + lane],
                  static_cast<float>(tap_offsets[k] + columns[p].input[lane]));
      }
    }
    for (std::size_t i = 24; i < 30; ++i) EXPECT_EQ(panels[p * 30 + i], kUntouched);
  }
}

/// Covers contiguous and strided channels.
TEST(Panels, GatherTileUndoesScatterTile) {
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
            float& element = output[static_cast<std::size_t>(c * channel_step + 90 - 6 * lane)];
            ASSERT_EQ(element, tile[at]);
            element = kUntouched;
          }
        }
        for (const float value : output) ASSERT_EQ(value, kUntouched);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
