#include "corr2d/problem.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace corr2d {
namespace {

constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();

/// An input of 2x4x9x11 and a weight of 6x4x3x2.
Problem ordinary() {
  Problem p;
  p.batch = 2;
  p.input_channels = 4;
  p.output_channels = 6;
  p.input_height = 9;
  p.input_width = 11;
  p.kernel_height = 3;
  p.kernel_width = 2;
  return p;
}

Status status_of(void (*change)(Problem&)) {
  Problem p = ordinary();
  change(p);
  Geometry geometry = {-1, -1, -1, -1};
  const Status status = measure(p, &geometry);
  if (status != Status::kOk) {
    EXPECT_EQ(geometry.output_height, -1) << "measure wrote the geometry although it failed";
  }
  return status;
}

TEST(Problem, MeasureComputesOutputSizeAndMacs) {
  Geometry g;
  ASSERT_EQ(measure(ordinary(), &g), Status::kOk);
  EXPECT_EQ(g.output_height, 7);
  EXPECT_EQ(g.output_width, 10);
  EXPECT_EQ(g.macs, 2.0 * 6 * 7 * 10 * 4 * 3 * 2);
}

TEST(Problem, MeasureHandlesStridePaddingDilationAndGroups) {
  Problem p = ordinary();
  p.pad_top = 1;
  p.pad_bottom = 2;
  p.pad_left = 0;
  p.pad_right = 3;
  p.stride_height = 2;
  p.stride_width = 3;
  p.dilation_height = 2;
  p.dilation_width = 4;
  p.groups = 2;
  Geometry g;
  ASSERT_EQ(measure(p, &g), Status::kOk);
  EXPECT_EQ(g.output_height, 4);  // (9 + 3 - 5) / 2 + 1
  EXPECT_EQ(g.output_width, 4);   // (11 + 3 - 5) / 3 + 1
  EXPECT_EQ(g.macs, 2.0 * 6 * 4 * 4 * 2 * 3 * 2);
}

TEST(Problem, DoublingBothChannelCountsQuadruplesTheMacs) {
  Problem p = ordinary();
  Geometry once, twice;
  ASSERT_EQ(measure(p, &once), Status::kOk);
  p.input_channels *= 2;
  p.output_channels *= 2;
  ASSERT_EQ(measure(p, &twice), Status::kOk);
  EXPECT_EQ(twice.macs, 4 * once.macs);
}

TEST(Problem, MeasureAcceptsAnEmptyBatch) {
  EXPECT_EQ(status_of([](Problem& p) { p.batch = 0; }), Status::kOk);
}

TEST(Problem, KindsWithoutAWeightDoNotLimitItsSize) {
  for (const Kind kind : {Kind::kMaxPool, Kind::kAveragePool, Kind::kUnfold, Kind::kFold}) {
    Problem p = ordinary();
    p.kind = kind;
    p.has_bias = 0;
    p.groups = 1;
    p.input_channels = p.output_channels = 1 << 16;
    p.input_height = p.input_width = p.kernel_height = p.kernel_width = 14;
    p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 0;
    p.batch = 1;
    Geometry g;
    ASSERT_EQ(measure(p, &g), Status::kOk);
    const Strides& absent = normalised(p, g).weight_strides;
    EXPECT_EQ(absent.n, 0);
  }
}

TEST(Problem, MeasureRejectsSizesBelowOne) {
  EXPECT_EQ(status_of([](Problem& p) { p.batch = -1; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.input_channels = 0; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.output_channels = 0; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.input_height = 0; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.input_width = -3; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.kernel_height = 0; }), Status::kBadSize);
  EXPECT_EQ(status_of([](Problem& p) { p.kernel_width = 0; }), Status::kBadSize);
}

TEST(Problem, MeasureRejectsOptionsOutOfRange) {
  EXPECT_EQ(status_of([](Problem& p) { p.stride_height = 0; }), Status::kBadStride);
  EXPECT_EQ(status_of([](Problem& p) { p.stride_width = -1; }), Status::kBadStride);
  EXPECT_EQ(status_of([](Problem& p) { p.dilation_height = 0; }), Status::kBadDilation);
  EXPECT_EQ(status_of([](Problem& p) { p.dilation_width = -1; }), Status::kBadDilation);
  EXPECT_EQ(status_of([](Problem& p) { p.pad_top = -1; }), Status::kBadPadding);
  EXPECT_EQ(status_of([](Problem& p) { p.pad_bottom = -1; }), Status::kBadPadding);
  EXPECT_EQ(status_of([](Problem& p) { p.pad_left = -1; }), Status::kBadPadding);
  EXPECT_EQ(status_of([](Problem& p) { p.pad_right = -1; }), Status::kBadPadding);
  EXPECT_EQ(status_of([](Problem& p) { p.groups = 0; }), Status::kBadGroups);
  EXPECT_EQ(status_of([](Problem& p) { p.groups = 3; }), Status::kBadGroups);
  EXPECT_EQ(status_of([](Problem& p) { p.groups = 4; }), Status::kBadGroups);
}

TEST(Problem, MeasureRejectsInvalidEnumerators) {
  EXPECT_EQ(status_of([](Problem& p) { p.kind = static_cast<Kind>(std::size(kKindNames)); }),
            Status::kBadEnum);
  EXPECT_EQ(status_of([](Problem& p) {
              p.padding_mode = static_cast<PaddingMode>(std::size(kPaddingModeNames));
            }),
            Status::kBadEnum);
  EXPECT_EQ(status_of([](Problem& p) { p.activation = static_cast<Activation>(-1); }),
            Status::kBadEnum);
  EXPECT_EQ(status_of([](Problem& p) { p.algorithm = static_cast<Algorithm>(99); }),
            Status::kBadEnum);
}

TEST(Problem, MeasureRejectsReflectingASingleRowOrColumn) {
  EXPECT_EQ(status_of([](Problem& p) {
              p.input_height = 1;
              p.pad_top = 2;
              p.padding_mode = PaddingMode::kReflect;
            }),
            Status::kBadPadding);
  EXPECT_EQ(status_of([](Problem& p) {
              p.input_width = 1;
              p.pad_right = 1;
              p.padding_mode = PaddingMode::kReflect;
            }),
            Status::kBadPadding);
}

TEST(Problem, MeasureRejectsKernelsLargerThanThePaddedInput) {
  EXPECT_EQ(status_of([](Problem& p) { p.kernel_height = 9; }), Status::kOk);
  EXPECT_EQ(status_of([](Problem& p) { p.kernel_height = 10; }), Status::kKernelTooLarge);
  EXPECT_EQ(status_of([](Problem& p) { p.kernel_width = 12; }), Status::kKernelTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kernel_width = 12;
              p.pad_left = 1;
            }),
            Status::kOk);
  EXPECT_EQ(status_of([](Problem& p) { p.dilation_height = 5; }), Status::kKernelTooLarge);
}

TEST(Problem, MeasureRejectsSizesThatOverflow) {
  EXPECT_EQ(status_of([](Problem& p) { p.input_height = p.input_width = kLargest; }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) { p.pad_left = p.pad_right = kLargest; }), Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) { p.dilation_height = kLargest; }), Status::kKernelTooLarge);
  EXPECT_EQ(status_of([](Problem& p) { p.batch = kLargest; }), Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.batch = 0;
              p.input_channels = 1 << 28;
            }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.output_channels = 1 << 22;
              p.input_channels = 1 << 10;
            }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.input_height = p.input_width = p.kernel_height = p.kernel_width = 1;
              p.pad_top = p.pad_left = 1 << 16;
            }),
            Status::kTooLarge);
  // 64 channels of 2^58 + 1 rows are too many elements, but only 64 modulo 2^64.
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kTransposed;
              p.batch = p.input_channels = p.input_width = p.kernel_height = p.kernel_width = 1;
              p.output_channels = 64;
              p.input_height = (1 << 28) + 1;
              p.stride_height = 1 << 30;
            }),
            Status::kTooLarge);
}

TEST(Problem, MeasureRejectsStridesThatSpanTooMuchOrOverlap) {
  EXPECT_EQ(status_of([](Problem& p) {
              p.input_strides = {1 << 29, 99, 11, 1};
            }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.weight_strides = {kLargest, 6, 2, 1};
            }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) {
              p.output_strides = {420, 70, -kLargest, 1};
            }),
            Status::kTooLarge);
  EXPECT_EQ(status_of([](Problem& p) { p.output_strides = {420, 70, 9, 1}; }), Status::kBadLayout);
  EXPECT_EQ(status_of([](Problem& p) { p.output_strides = {420, 0, 10, 1}; }), Status::kBadLayout);
  EXPECT_EQ(status_of([](Problem& p) { p.output_strides = {420, 70, -10, -1}; }), Status::kOk);
  EXPECT_EQ(status_of([](Problem& p) { p.output_strides = {420, 1, 60, 6}; }), Status::kOk);
  // Only the tensor that is written must not overlap, which depends on the kind.
  EXPECT_EQ(status_of([](Problem& p) { p.input_strides = {396, 99, 0, 1}; }), Status::kOk);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kBackwardInput;
              p.input_strides = {396, 99, 0, 1};
            }),
            Status::kBadLayout);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kBackwardWeight;
              p.weight_strides = {24, 6, 1, 1};
            }),
            Status::kBadLayout);
}

TEST(Problem, MeasureAcceptsTheLargestStride) {
  Problem p = ordinary();
  p.stride_height = p.stride_width = kLargest;
  Geometry g;
  ASSERT_EQ(measure(p, &g), Status::kOk);
  EXPECT_EQ(g.output_height, 1);
  EXPECT_EQ(g.output_width, 1);
}

TEST(Problem, NormalisedFillsInTheStrides) {
  Geometry g;
  ASSERT_EQ(measure(ordinary(), &g), Status::kOk);
  const Problem full = normalised(ordinary(), g);
  EXPECT_EQ(full.input_strides.n, 4 * 9 * 11);
  EXPECT_EQ(full.weight_strides.n, 4 * 3 * 2);
  EXPECT_EQ(full.weight_strides.c, 3 * 2);
  EXPECT_EQ(full.output_strides.c, 7 * 10);
  EXPECT_EQ(full.output_strides.w, 1);
}

TEST(Problem, TransposedOutputHasTheSizeOfPyTorch) {
  Problem p = ordinary();
  p.kind = Kind::kTransposed;
  p.stride_height = 2;
  p.stride_width = 3;
  p.dilation_width = 2;
  p.pad_top = 1;
  p.output_padding_height = 1;
  p.output_padding_width = 2;
  Geometry g;
  ASSERT_EQ(measure(p, &g), Status::kOk);
  EXPECT_EQ(g.output_height, 8 * 2 + 3 - 1 + 1);
  EXPECT_EQ(g.output_width, 10 * 3 + 3 + 2);
  EXPECT_EQ(g.macs, 2.0 * 4 * 9 * 11 * 6 * 3 * 2);
  const Problem full = normalised(p, g);
  EXPECT_EQ(full.weight_strides.n, 3 * 2);
  EXPECT_EQ(full.weight_strides.c, 6 * 3 * 2);
}

/// kFilterImage supports none of these options, pools no activation, and only forward kinds a bias.
TEST(Problem, MeasureRejectsOptionsThatTheKindDoesNotSupport) {
  const auto status_of_filter = [](void (*change)(Problem&)) {
    Problem p;
    p.kind = Kind::kFilterImage;
    p.input_channels = p.output_channels = 4;
    p.input_height = p.input_width = 5;
    p.kernel_height = p.kernel_width = 3;
    p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 1;
    p.has_bias = 1;
    change(p);
    Geometry geometry;
    return measure(p, &geometry);
  };
  EXPECT_EQ(status_of_filter([](Problem&) {}), Status::kOk);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.groups = 2; }), Status::kBadGroups);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.stride_height = 2; }), Status::kBadStride);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.stride_width = 2; }), Status::kBadStride);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.dilation_height = 2; }), Status::kBadDilation);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.dilation_width = 2; }), Status::kBadDilation);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.pad_top = 0; }), Status::kBadPadding);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.pad_right = 2; }), Status::kBadPadding);
  EXPECT_EQ(status_of_filter([](Problem& p) {
              p.input_strides = {0, 0, 5, 1};
            }),
            Status::kBadLayout);
  EXPECT_EQ(status_of_filter([](Problem& p) {
              p.output_strides = {1, 25, 5, 1};
            }),
            Status::kBadLayout);
  EXPECT_EQ(status_of_filter([](Problem& p) { p.activation = Activation::kRelu; }),
            Status::kUnsupported);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kMaxPool;
              p.output_channels = p.input_channels;
              p.activation = Activation::kRelu;
            }),
            Status::kUnsupported);
  for (const Kind kind : {Kind::kBackwardInput, Kind::kBackwardWeight, Kind::kAveragePool}) {
    Problem p = ordinary();
    p.kind = kind;
    if (!is_correlation(kind)) p.output_channels = p.input_channels;
    p.has_bias = 1;
    Geometry geometry;
    EXPECT_EQ(measure(p, &geometry), Status::kUnsupported);
  }
}

TEST(Problem, CeilModeAffectsOnlyPools) {
  for (const Kind kind : {Kind::kForward, Kind::kBackwardWeight, Kind::kMaxPool, Kind::kUnfold}) {
    Problem p;
    p.kind = kind;
    p.input_height = 5;
    p.kernel_height = 2;
    p.stride_height = 3;
    p.pad_bottom = 1;
    p.ceil_mode = 1;
    Geometry geometry;
    ASSERT_EQ(measure(p, &geometry), Status::kOk);
    EXPECT_EQ(geometry.output_height, 2);
    p.pad_bottom = 0;
    p.input_height = 7;
    ASSERT_EQ(measure(p, &geometry), Status::kOk);
    EXPECT_EQ(geometry.output_height, kind == Kind::kMaxPool ? 3 : 2);
  }
}

TEST(Problem, PoolsAcceptPaddingSmallerThanTheDilatedKernel) {
  for (const Kind kind :
       {Kind::kMaxPool, Kind::kAveragePool, Kind::kMaxPoolBackward, Kind::kAveragePoolBackward}) {
    Problem p;
    p.kind = kind;
    p.input_height = p.input_width = 9;
    p.kernel_height = 3;
    p.kernel_width = 2;
    p.dilation_width = 4;
    for (std::int32_t Problem::*pad :
         {&Problem::pad_top, &Problem::pad_bottom, &Problem::pad_left, &Problem::pad_right}) {
      const bool is_row = pad == &Problem::pad_top || pad == &Problem::pad_bottom;
      const std::int32_t window = is_row ? 3 : 5;
      Problem padded = p;
      Geometry geometry;
      padded.*pad = window - 1;
      EXPECT_EQ(measure(padded, &geometry), Status::kOk);
      padded.*pad = window;
      EXPECT_EQ(measure(padded, &geometry), Status::kBadPadding);
    }
  }
}

/// As in PyTorch: ceil(-1 / 2) is 0, so there is one window; ceil(-2 / 2) is -1.
TEST(Problem, WithCeilModeAKernelMayBeLargerThanTheInputByLessThanTheStride) {
  Problem p;
  p.kind = Kind::kAveragePool;
  p.input_height = p.input_width = 2;
  p.stride_height = p.stride_width = 2;
  p.kernel_height = p.kernel_width = 3;
  Geometry geometry;
  EXPECT_EQ(measure(p, &geometry), Status::kKernelTooLarge);
  p.ceil_mode = 1;
  ASSERT_EQ(measure(p, &geometry), Status::kOk);
  EXPECT_EQ(geometry.output_height, 1);
  EXPECT_EQ(geometry.output_width, 1);
  p.kernel_width = 4;
  EXPECT_EQ(measure(p, &geometry), Status::kKernelTooLarge);
}

TEST(Problem, TransposedRejectsTheOptionsThatPyTorchRejects) {
  EXPECT_EQ(status_of([](Problem& p) { p.output_padding_height = 1; }), Status::kBadOutputPadding);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kTransposed;
              p.output_padding_height = -1;
            }),
            Status::kBadOutputPadding);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kTransposed;
              p.stride_width = p.output_padding_width = 2;
            }),
            Status::kBadOutputPadding);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kTransposed;
              p.pad_top = 6;
              p.pad_bottom = 5;
            }),
            Status::kEmptyOutput);
  EXPECT_EQ(status_of([](Problem& p) {
              p.kind = Kind::kTransposed;
              p.padding_mode = PaddingMode::kReflect;
            }),
            Status::kUnsupported);
}

}  // namespace
}  // namespace corr2d
