#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "corr2d/plan.hpp"
#include "corr2d/problem.hpp"

namespace corr2d {
namespace {

Problem interpolation(std::int32_t inputs, std::int32_t outputs) {
  Problem p;
  p.kind = Kind::kInterpolate;
  p.rank = 4;
  p.sizes = {{1, 1, outputs, 1}};
  p.input_height = 1;
  p.input_width = inputs;
  p.column_scale = static_cast<float>(inputs) / static_cast<float>(outputs);
  return p;
}

std::vector<float> resized(const Problem& p, const std::vector<float>& input) {
  std::vector<float> output(static_cast<std::size_t>(p.sizes.at[2]));
  std::unique_ptr<Plan> plan;
  EXPECT_EQ(Plan::create(p, nullptr, nullptr, 1, &plan), Status::kOk);
  if (plan != nullptr) plan->run(input.data(), output.data());
  return output;
}

TEST(Interpolation, MeasureRejectsSizesScalesAndOffsetsOutsideTheirRanges) {
  Geometry geometry;
  const auto status_of = [&geometry](auto change) {
    Problem p = interpolation(4, 8);
    change(&p);
    return measure(p, &geometry);
  };
  EXPECT_EQ(status_of([](Problem*) {}), Status::kOk);
  EXPECT_EQ(geometry.output_width, 8);
  EXPECT_EQ(status_of([](Problem* p) { p->rank = 3; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem* p) { p->input_width = 0; }), Status::kBadSize);
  for (const std::int32_t axis : {1, 2, 3}) {
    EXPECT_EQ(status_of([axis](Problem* p) { p->sizes.at[axis] = 0; }), Status::kBadSize);
  }
  EXPECT_EQ(status_of([](Problem* p) { p->input_height = 1 << 28; }), Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem* p) { p->row_scale = -1; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem* p) { p->column_scale = std::nanf(""); }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem* p) { p->column_scale = 1e10f; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem* p) { p->sample_offset = 1.5f; }), Status::kBadSize);
  EXPECT_EQ(
      status_of([](Problem* p) { p->cubic_coefficient = std::numeric_limits<float>::infinity(); }),
      Status::kBadSize);
  EXPECT_EQ(status_of([](Problem* p) { p->nearest_rounding = static_cast<Rounding>(4); }),
            Status::kBadEnum);
}

TEST(Interpolation, NearestRoundsCoordinatesAsAsked) {
  // With pixel centres, the coordinates are -1/4, 1/4, 3/4, 5/4, 7/4, ... and 1/2, 5/2, 9/2.
  Problem up = interpolation(4, 8), down = interpolation(6, 3);
  up.sample_offset = down.sample_offset = 0.5f;
  const std::vector<float> four = {0, 1, 2, 3}, six = {0, 1, 2, 3, 4, 5};
  const auto check = [&](Rounding rounding, std::vector<float> ups, std::vector<float> downs) {
    up.nearest_rounding = down.nearest_rounding = rounding;
    EXPECT_EQ(resized(up, four), ups);
    EXPECT_EQ(resized(down, six), downs);
  };
  check(Rounding::kDown, {0, 0, 0, 1, 1, 2, 2, 3}, {0, 2, 4});
  check(Rounding::kUp, {0, 1, 1, 2, 2, 3, 3, 3}, {1, 3, 5});
  check(Rounding::kHalfDown, {0, 0, 1, 1, 2, 2, 3, 3}, {0, 2, 4});
  check(Rounding::kHalfUp, {0, 0, 1, 1, 2, 2, 3, 3}, {1, 3, 5});
}

TEST(Interpolation, TapsOfWeightZeroBesideAWindowDoNotReadForeignElements) {
  Problem p = interpolation(12, 5);
  p.interpolation = Interpolation::kLinear;
  p.antialias = 1;
  std::vector<float> input(12, 1);
  input[6] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> output = resized(p, input);
  // Windows have a radius of 2.4 around (i + 1/2) 2.4.
  EXPECT_EQ(output[0], 1);
  EXPECT_EQ(output[4], 1);
  EXPECT_TRUE(std::isnan(output[2]));
}

}  // namespace
}  // namespace corr2d
