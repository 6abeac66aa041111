// The phases of an axis with a fractional stride, compared with their definition, tap by tap.

#include "algorithms/tiling/phase.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

namespace corr2d {
namespace {

/// An output reads the taps of its phase and no others, at the positions of the definition.
TEST(Phase, HasTheTapsThatItsOutputsRead) {
  for (const std::int32_t stride : {1, 2, 3, 4, 6, 9, 12}) {
    for (const std::int32_t dilation : {1, 2, 3, 4, 6, 8, 15}) {
      for (const std::int32_t kernel : {1, 2, 5, 13}) {
        for (const std::int32_t pad : {-3, 0, 1, 7}) {
          const CorrelationAxis axis = {9, 20, kernel, stride, dilation, pad, true};
          std::set<std::int32_t> outputs;
          for (std::int32_t index = 0; index < phases_of(axis); ++index) {
            const AxisPhase phase = phase_of(axis, index);
            for (std::int32_t i = 0; i < phase.outputs; ++i) {
              const std::int32_t output = phase.first_output + i * phase.output_step;
              EXPECT_TRUE(outputs.insert(output).second);
              std::int32_t found = 0;
              for (std::int32_t tap = 0; tap < kernel; ++tap) {
                const std::int32_t reach = output + pad - tap * dilation;
                if (reach % stride != 0) continue;
                ASSERT_LT(found, phase.taps);
                ASSERT_EQ(tap, phase.first_tap + found * phase.tap_step);
                ASSERT_EQ(reach / stride,
                          phase.origin + i * phase.stride + phase.place(found) * phase.spacing);
                ++found;
              }
              ASSERT_EQ(found, phase.taps);
            }
          }
          EXPECT_EQ(outputs.size(), 20u);
        }
      }
    }
  }
}

/// phase_of does not search: it is fast for millions of phases with one tap each.
TEST(Phase, IsFoundQuicklyForLargeStrides) {
  const std::int32_t many = 1 << 22;
  const CorrelationAxis axis = {1, many, many, many, 1, 0, true};
  ASSERT_EQ(phases_of(axis), many);
  for (std::int32_t index = 0; index < many; ++index) {
    const AxisPhase phase = phase_of(axis, index);
    ASSERT_EQ(phase.first_tap, index);
    ASSERT_EQ(phase.taps, 1);
  }
  const std::int32_t large = INT32_MAX;
  const AxisPhase last = phase_of({1, 5, 5, large, large - 1, large, true}, 3);
  ASSERT_EQ(last.taps, 0);
}

}  // namespace
}  // namespace corr2d
