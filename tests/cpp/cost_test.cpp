// The cost model: the operations of an entry times their prices.

#include "core/cost.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <limits>
#include <random>

#include "algorithms/algorithm.hpp"
#include "core/cost_table.hpp"
#include "core/problem_sizes.hpp"
#include "problem_space.hpp"
#include "support.hpp"

namespace corr2d {
namespace {

TEST(Cost, IsTheSumOfCountsTimesPrices) {
  for (int number = 0; number < static_cast<int>(std::size(kPrices)); ++number) {
    const auto entry = static_cast<EntryId>(number);
    EXPECT_EQ(cost_of(entry, {}), 0);
    OpCounts all = {};
    float sum = 0;
    for (int kind = 0; kind < OpCounts::kKinds; ++kind) {
      const float count = static_cast<float>(kind + 2);
      OpCounts one = {};
      one.counts[kind] = all.counts[kind] = count;
      EXPECT_EQ(cost_of(entry, one), count * kPrices[number][kind]) << number << ' ' << kind;
      sum += count * kPrices[number][kind];
    }
    EXPECT_FLOAT_EQ(cost_of(entry, all), sum) << number;
  }
}

/// An entry has infinite operations where it should not be chosen.
TEST(Cost, IsInfiniteForInfiniteCounts) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const EntryId entry : {EntryId::kSeparable, EntryId::kFft}) {
    EXPECT_EQ(cost_of(entry, {{kInfinity, 1, 1, 0}}), kInfinity);
  }
}

ProblemSizes sizes_of(const Problem& p) {
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kOk);
  return ProblemSizes(correlation_of(normalised(p, geometry), geometry));
}

TEST(ProblemSizes, AreThoseOfTheProblem) {
  Problem p;
  p.batch = 2;
  p.groups = 3;
  p.input_channels = 6;
  p.output_channels = 12;
  p.input_height = 10;
  p.input_width = 13;
  p.kernel_height = 3;
  p.kernel_width = 5;
  const ProblemSizes sizes = sizes_of(p);
  EXPECT_EQ(sizes.groups, 3);
  EXPECT_EQ(sizes.inputs, 2);
  EXPECT_EQ(sizes.outputs, 4);
  EXPECT_EQ(sizes.rows, 2 * 8);
  EXPECT_EQ(sizes.columns, 2 * 8 * 9);
  EXPECT_EQ(sizes.depth, 2 * 3 * 5);
  EXPECT_EQ(sizes.input_floats, 2 * 6 * 10 * 13);
  EXPECT_EQ(sizes.output_floats, 2 * 12 * 8 * 9);
}

/// With a fractional stride, an output reads a part of the taps.
TEST(ProblemSizes, DivideTheTapsByAFractionalStride) {
  Problem p;
  p.kind = Kind::kTransposed;
  p.input_channels = 2;
  p.input_height = p.input_width = 5;
  p.kernel_height = 4;
  p.kernel_width = 6;
  p.stride_height = 2;
  p.stride_width = 3;
  EXPECT_EQ(sizes_of(p).depth, 2 * (4 / 2) * (6 / 3));
}

TEST(Entries, HaveAPriceAndAnIdInTheOrderOfTheList) {
  ASSERT_EQ(std::size(kPrices), std::size(kEntryNames));
  ASSERT_EQ(std::size(kAlgorithms), std::size(kEntryNames));
  for (std::size_t i = 0; i < std::size(kAlgorithms); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kAlgorithms[i]->id), i);
  }
}

TEST(Entries, HaveAGeneralOneThatDoesWhatTheOthersOfItsAlgorithmDo) {
  std::mt19937 random(1);
  int special = 0;
  for (int tried = 0; tried < 100000; ++tried) {
    const auto& strata = sweep::strata();
    const sweep::Stratum& stratum = strata[random() % strata.size()];
    Problem problem;
    Geometry geometry;
    if (!sweep::problem_at(stratum, random() % stratum.size(), &problem, &geometry) ||
        !is_correlation(problem.kind)) {
      continue;
    }
    const Correlation c = correlation_of(normalised(problem, geometry), geometry);
    for (const AlgorithmEntry* entry : kAlgorithms) {
      const AlgorithmEntry& general = general_entry(entry->algorithm);
      if (entry == &general || !entry->can_do(c)) continue;
      ++special;
      EXPECT_TRUE(general.can_do(c)) << testing::describe(problem);
    }
  }
  EXPECT_GT(special, 100);
}

/// These sizes are larger than any integer.
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
