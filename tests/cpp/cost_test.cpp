// What algorithms are chosen by: counts of what each would have to do, and the prices of these.

#include "core/cost.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <limits>

#include "core/cost_table.hpp"
#include "core/problem_sizes.hpp"

namespace corr2d {
namespace {

TEST(Cost, IsEveryCountTimesItsPrice) {
  for (int number = 0; number < static_cast<int>(std::size(kPrices)); ++number) {
    const auto algorithm = static_cast<Algorithm>(number);
    EXPECT_EQ(cost_of(algorithm, {}), 0);
    OpCounts all = {};
    float sum = 0;
    for (int kind = 0; kind < OpCounts::kKinds; ++kind) {
      const float count = static_cast<float>(kind + 2);
      OpCounts one = {};
      one.counts[kind] = all.counts[kind] = count;
      EXPECT_EQ(cost_of(algorithm, one), count * kPrices[number][kind]) << number << ' ' << kind;
      sum += count * kPrices[number][kind];
    }
    EXPECT_FLOAT_EQ(cost_of(algorithm, all), sum) << number;
  }
}

/// By which an algorithm says that it should not be chosen.
TEST(Cost, OfInfinitelyMuchIsInfinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Algorithm algorithm : {Algorithm::kSeparable, Algorithm::kFft}) {
    EXPECT_EQ(cost_of(algorithm, {{kInfinity, 1, 1, 0}}), kInfinity);
  }
}

ProblemSizes volumes_of(const Problem& p) {
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kOk);
  return ProblemSizes(correlation_of(normalised(p, geometry), geometry));
}

TEST(ProblemSizes, CountWhatThereIs) {
  Problem p;
  p.batch = 2;
  p.groups = 3;
  p.input_channels = 6;
  p.output_channels = 12;
  p.input_height = 10;
  p.input_width = 13;
  p.kernel_height = 3;
  p.kernel_width = 5;
  const ProblemSizes v = volumes_of(p);
  EXPECT_EQ(v.groups, 3);
  EXPECT_EQ(v.inputs, 2);
  EXPECT_EQ(v.outputs, 4);
  EXPECT_EQ(v.rows, 2 * 8);
  EXPECT_EQ(v.columns, 2 * 8 * 9);
  EXPECT_EQ(v.depth, 2 * 3 * 5);
  EXPECT_EQ(v.input_floats, 2 * 6 * 10 * 13);
  EXPECT_EQ(v.output_floats, 2 * 12 * 8 * 9);
}

/// Of a transposed kernel with a stride an output has a share of the taps.
TEST(ProblemSizes, OfWhatIsSpread) {
  Problem p;
  p.kind = Kind::kTransposed;
  p.input_channels = 2;
  p.input_height = p.input_width = 5;
  p.kernel_height = 4;
  p.kernel_width = 6;
  p.stride_height = 2;
  p.stride_width = 3;
  EXPECT_EQ(volumes_of(p).depth, 2 * (4 / 2) * (6 / 3));
}

/// Larger than any integer.
TEST(ProblemSizes, DoNotOverflow) {
  Correlation c = {};
  c.images = c.groups = c.inputs = c.outputs = 1 << 20;
  c.rows.input = c.rows.output = c.columns.input = c.columns.output = 1 << 20;
  c.rows.kernel = c.columns.kernel = 1;
  EXPECT_EQ(ProblemSizes(c).input_floats, 0x1p100f);
  EXPECT_EQ(ProblemSizes(c).output_floats, 0x1p100f);
}

}  // namespace
}  // namespace corr2d
