#include "kernels/rows/activation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "oracle/unary_oracle.hpp"

namespace corr2d {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kLeast = std::numeric_limits<float>::denorm_min();
constexpr float kLn2 = 0.693147182f;
constexpr float kAlpha = 0.1f;

/// Every function.
const std::vector<Unary> kAll = [] {
  std::vector<Unary> all;
  for (int i = 0; i <= static_cast<int>(kLastUnary); ++i) all.push_back(static_cast<Unary>(i));
  return all;
}();

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// The bits of numbers; every NaN counts as the same one.
std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(bits_of(std::isnan(value) ? kNan : value));
  return bits;
}

float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::vector<float> activated(std::vector<float> values, Activation activation,
                             float alpha = kAlpha) {
  const auto count = static_cast<std::int32_t>(values.size());
  activate(values.data(), nullptr, 1, count, count, 1, activation, alpha);
  return values;
}

float activated(float value, Activation activation, float alpha = kAlpha) {
  return activated(std::vector<float>{value}, activation, alpha)[0];
}

/// The function in float64.
double expected(double x, Unary function) { return oracle::apply(function, x, double{kAlpha}); }

/// The distance to the next float32 beyond `value`.
double ulp_of(double value) {
  int exponent;
  std::frexp(value, &exponent);
  return std::ldexp(1, value == 0 ? -149 : std::max(exponent - 24, -149));
}

/// The bounds that activation.hpp states, in ulp, for x < 0 and for other x.
struct Bound {
  Activation activation;
  double negative, positive;
};

constexpr Bound kBounds[] = {
    {Activation::kNone, 0, 0},
    {Activation::kRelu, 0, 0},
    {Activation::kRelu6, 0, 0},
    {Activation::kLeakyRelu, 0.5, 0},
    {Activation::kSigmoid, 2.41, 1.50},
    {Activation::kTanh, 2.60, 2.60},
    {Activation::kSilu, 3.20, 3.00},
    {Activation::kHardSwish, 1.92, 1.92},
    {Activation::kGelu, 7.82, 2.42},
    {Unary::kElu, 1.70, 0},
    {Unary::kSelu, 1.90, 1.07},
    {Unary::kCelu, 2.5, 0},
    {Unary::kSoftplus, 1.66, 1.60},
    {Unary::kMish, 4.60, 3.00},
    {Unary::kErf, 1.36, 1.36},
    {Unary::kSoftsign, 1.5, 1.5},
    {Unary::kExp, 1.02, 1.02},
    {Unary::kLog, 0, 0.81},
    {Unary::kSqrt, 0, 0.5},
    {Unary::kReciprocal, 0.5, 0.5},
    {Unary::kAbs, 0, 0},
    {Unary::kNeg, 0, 0},
    {Unary::kFloor, 0, 0},
    {Unary::kCeil, 0, 0},
    {Unary::kRound, 0, 0},
    {Unary::kSign, 0, 0},
};

/// Every 8009th float32 of either sign, and every 1009th between 2^-5 and 2^5.
std::vector<float> samples() {
  std::vector<float> values;
  const std::uint32_t overflow = bits_of(5.67e37f);
  for (const std::uint32_t sign : {0u, 0x80000000u}) {
    for (std::uint32_t bits = 0; bits < overflow; bits += 8009) {
      values.push_back(float_of(sign | bits));
    }
    for (std::uint32_t bits = bits_of(0x1p-5f); bits < bits_of(0x1p5f); bits += 1009) {
      values.push_back(float_of(sign | bits));
    }
  }
  return values;
}

TEST(Activation, ErrorsAreWithinTheStatedBounds) {
  const std::vector<float> in = samples();
  for (const Bound& bound : kBounds) {
    const std::vector<float> out = activated(in, bound.activation);
    double worst = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const double exact = expected(in[i], bound.activation);
      if (std::isnan(exact)) {
        ASSERT_TRUE(std::isnan(out[i])) << in[i];
        continue;
      }
      if (std::fabs(exact) > static_cast<double>(kLargest)) {
        ASSERT_EQ(out[i], std::copysign(kInfinity, static_cast<float>(exact))) << in[i];
        continue;
      }
      const double error = std::fabs(out[i] - exact);
      const double most = in[i] < 0 ? bound.negative : bound.positive;
      worst = std::fmax(worst, error / ulp_of(exact));
      ASSERT_LE(error, most * ulp_of(exact))
          << "activation " << static_cast<int>(bound.activation) << " of " << in[i];
      if (bound.activation == Activation::kGelu) {
        ASSERT_LE(error, std::fmax(0x1p-23 * std::fabs(in[i]), kLeast)) << in[i];
      }
    }
    // The bound is tight.
    EXPECT_GE(worst, 0.8 * std::fmin(bound.negative, bound.positive));
  }
}

TEST(Activation, NanStaysNan) {
  for (const Activation activation : kAll) {
    if (activation == Unary::kSign) continue;
    for (const float nan : {kNan, -kNan}) {
      EXPECT_TRUE(std::isnan(activated(nan, activation))) << static_cast<int>(activation);
    }
  }
}

/// Expects the same bits; a NaN matches any NaN.
void expect_value(float value, float result, Activation activation, float alpha = kAlpha) {
  const float out = activated(value, activation, alpha);
  if (std::isnan(result)) {
    EXPECT_TRUE(std::isnan(out)) << static_cast<int>(activation) << " of " << value;
  } else {
    EXPECT_EQ(bits_of(out), bits_of(result))
        << static_cast<int>(activation) << " of " << value << " is " << out;
  }
}

/// PyTorch 1.13 returns the same, except that the sign of GELU's zero depends on the element's
/// position in the tensor.
TEST(Activation, SpecialValuesMatchPyTorch) {
  struct Row {
    Activation activation;
    float infinity, minus_infinity, minus_zero, largest, minus_largest;
    float zero = 0;
  };
  const Row rows[] = {
      {Activation::kNone, kInfinity, -kInfinity, -0.0f, kLargest, -kLargest},
      {Activation::kRelu, kInfinity, 0, -0.0f, kLargest, 0},
      {Activation::kRelu6, 6, 0, -0.0f, 6, 0},
      {Activation::kLeakyRelu, kInfinity, -kInfinity, -0.0f, kLargest, kAlpha * -kLargest},
      {Activation::kSigmoid, 1, 0, 0.5f, 1, 0, 0.5f},
      {Activation::kTanh, 1, -1, -0.0f, 1, -1},
      {Activation::kSilu, kInfinity, kNan, -0.0f, kLargest, -0.0f},
      {Activation::kHardSwish, kInfinity, kNan, -0.0f, kInfinity, -0.0f},
      {Activation::kGelu, kInfinity, kNan, -0.0f, kLargest, -0.0f},
      {Unary::kElu, kInfinity, -kAlpha, -0.0f, kLargest, -kAlpha},
      {Unary::kSelu, kInfinity, -1.75809932f, -0.0f, kInfinity, -1.75809932f},
      {Unary::kHardSigmoid, 1, 0, 0.5f, 1, 0, 0.5f},
      {Unary::kSoftplus, kInfinity, 0, kLn2, kLargest, 0, kLn2},
      {Unary::kMish, kInfinity, kNan, -0.0f, kLargest, -0.0f},
      {Unary::kAbs, kInfinity, kInfinity, 0, kLargest, kLargest},
      {Unary::kNeg, -kInfinity, kInfinity, 0, -kLargest, kLargest, -0.0f},
      {Unary::kExp, kInfinity, 0, 1, kInfinity, 0, 1},
      {Unary::kLog, kInfinity, kNan, -kInfinity, 88.7228394f, kNan, -kInfinity},
      {Unary::kSqrt, kInfinity, kNan, -0.0f, 1.84467435e19f, kNan},
      {Unary::kFloor, kInfinity, -kInfinity, -0.0f, kLargest, -kLargest},
      {Unary::kCeil, kInfinity, -kInfinity, -0.0f, kLargest, -kLargest},
      {Unary::kRound, kInfinity, -kInfinity, -0.0f, kLargest, -kLargest},
      {Unary::kSign, 1, -1, 0, 1, -1},
      {Unary::kReciprocal, 0, -0.0f, -kInfinity, 2.93873588e-39f, -2.93873588e-39f, kInfinity},
      {Unary::kErf, 1, -1, -0.0f, 1, -1},
      {Unary::kSoftsign, kNan, kNan, -0.0f, 1, -1},
      {Unary::kCelu, kInfinity, -kAlpha, -0.0f, kLargest, -kAlpha},
  };
  for (const Row& row : rows) {
    expect_value(kInfinity, row.infinity, row.activation);
    expect_value(-kInfinity, row.minus_infinity, row.activation);
    expect_value(-0.0f, row.minus_zero, row.activation);
    expect_value(0, row.zero, row.activation);
    expect_value(kLargest, row.largest, row.activation);
    expect_value(-kLargest, row.minus_largest, row.activation);
  }
  expect_value(-0.0f, 0, Activation::kLeakyRelu, -1);
  expect_value(-kInfinity, kInfinity, Activation::kLeakyRelu, -1);
  expect_value(-2, -0.0f, Activation::kLeakyRelu, 0);
  expect_value(kNan, 0, Unary::kSign);
}

/// Tests arguments where exp underflows, on both sides of every limit in the code.
TEST(Activation, LargeArgumentsReachTheAsymptotes) {
  for (const float far : {110.0f, 150.0f, 175.0f, 176.0f, 176.1f, 176.3f, 1e3f, 1e20f}) {
    expect_value(far, 1, Activation::kSigmoid);
    expect_value(-far, 0, Activation::kSigmoid);
    expect_value(-far, -1, Activation::kTanh);
    for (const Activation activation : {Activation::kSilu, Activation::kGelu, Activation::kMish}) {
      expect_value(far, far, activation);
      expect_value(-far, -0.0f, activation);
    }
  }
  for (const float far : {14.5f, 16.0f, 18.7f, 18.76f, 18.77f, 18.78f, 20.0f}) {
    expect_value(far, far, Activation::kGelu);
    expect_value(-far, -0.0f, Activation::kGelu);
  }
  for (const float far : {17.4f, 17.9f, 18.0f, 18.1f, 1e3f, 1e20f}) {
    expect_value(-far, -kAlpha, Unary::kElu);
    expect_value(far, far, Unary::kElu);
    expect_value(far, far, Unary::kSoftplus);
  }
  for (const float far : {104.0f, 104.1f, 1e3f, 1e20f}) {
    expect_value(-far, 0, Unary::kExp);
    expect_value(far, kInfinity, Unary::kExp);
    expect_value(-far, 0, Unary::kSoftplus);
  }
  expect_value(88.7228317f, 3.40279851e38f, Unary::kExp);
  expect_value(88.722847f, kInfinity, Unary::kExp);
  expect_value(kLeast, -103.278931f, Unary::kLog);
  expect_value(0x1p-126f, -87.3365479f, Unary::kLog);
  for (const float far : {4.0f, 10.0f, 13.3f, 20.0f}) {
    expect_value(far, 1, Unary::kErf);
    expect_value(-far, -1, Unary::kErf);
  }
  for (const float far : {9.02f, 9.9f, 10.0f, 10.1f}) expect_value(far, 1, Activation::kTanh);
}

/// Covers every stride and count around the width of a vector. Memory between and around the
/// elements stays unchanged, and an element's bits do not depend on its position.
TEST(Activation, StridesAndTailsGiveTheSameBits) {
  struct Layout {
    std::int32_t row_stride, column_stride;
  };
  for (const Activation activation : kAll) {
    for (const std::int32_t rows : {0, 1, 2, 3, 4, 5}) {
      for (std::int32_t columns = 0; columns <= 9; ++columns) {
        const Layout layouts[] = {{columns, 1},      {columns + 3, 1}, {2 * columns + 1, 2},
                                  {3 * columns, 3},  {1, rows},        {1, rows + 2},
                                  {2, 2 * rows + 1}, {columns, -1},    {-columns - 1, 1}};
        for (const Layout& layout : layouts) {
          std::vector<float> data;
          std::vector<float> result;
          const std::int32_t last_row = std::max(rows - 1, 0) * layout.row_stride;
          const std::int32_t last_column = std::max(columns - 1, 0) * layout.column_stride;
          const std::int32_t before = -std::min(last_row, 0) - std::min(last_column, 0);
          // Exactly as many elements as needed, so that AddressSanitizer detects other accesses.
          const std::int32_t size =
              rows * columns == 0 ? 0
                                  : before + std::max(last_row, 0) + std::max(last_column, 0) + 1;
          for (std::int32_t i = 0; i < size; ++i) {
            data.push_back(static_cast<float>(i % 17 - 8) * 0.77f);
          }
          result = data;
          for (std::int32_t r = 0; r < rows; ++r) {
            for (std::int32_t c = 0; c < columns; ++c) {
              const auto at = static_cast<std::size_t>(before + r * layout.row_stride +
                                                       c * layout.column_stride);
              result[at] = activated(data[at], activation);
            }
          }
          activate(data.data() + before, nullptr, rows, layout.row_stride, columns,
                   layout.column_stride, activation, kAlpha);
          ASSERT_EQ(bits_of(data), bits_of(result))
              << "activation " << static_cast<int>(activation) << ", " << rows << " rows of stride "
              << layout.row_stride << ", " << columns << " columns of stride "
              << layout.column_stride;
        }
      }
    }
  }
}

/// More elements than the buffer for strided ones holds.
TEST(Activation, LongStridedRowsGiveTheSameBits) {
  for (const Unary function : {Unary::kRelu, Unary::kMish}) {
    for (const std::int32_t count : {63, 64, 65, 131}) {
      std::vector<float> data(2 * static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i) * 0.1f - 7;
      std::vector<float> result = data;
      for (std::size_t i = 0; i < data.size(); i += 2) result[i] = activated(data[i], function);
      activate(data.data(), nullptr, 1, 0, count, 2, function, kAlpha);
      EXPECT_EQ(data, result);
    }
  }
}

/// apply_unary reads one array and writes another, or one array in place.
TEST(Activation, ApplyUnaryGivesTheSameBitsInPlaceAndElsewhere) {
  for (const Unary function : kAll) {
    for (std::int32_t count = 0; count <= 40; ++count) {
      std::vector<float> in(static_cast<std::size_t>(count));
      for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i) * 0.7f - 9;
      const std::vector<float> before = in;
      std::vector<float> out(in.size());
      std::vector<float> each;
      for (const float value : in) each.push_back(activated(value, function));
      apply_unary(function, in.data(), out.data(), count, kAlpha);
      EXPECT_EQ(bits_of(out), bits_of(each)) << static_cast<int>(function) << ", " << count;
      EXPECT_EQ(in, before);
      apply_unary(function, in.data(), in.data(), count, kAlpha);
      EXPECT_EQ(bits_of(in), bits_of(each)) << static_cast<int>(function) << ", " << count;
    }
  }
}

TEST(Activation, HardSigmoidIsAccurateRelativeToOne) {
  for (const float alpha : {1 / 6.0f, 0.2f}) {
    for (float x = -6; x <= 6; x += 0x1p-9f) {
      const double slope = static_cast<double>(alpha);
      const double exact = std::fmin(std::fmax(slope * static_cast<double>(x) + 0.5, 0), 1);
      EXPECT_NEAR(activated(x, Unary::kHardSigmoid, alpha), exact, 0x1p-24) << x;
    }
  }
  EXPECT_EQ(activated(2, Unary::kHardSigmoid, 0), 0.5f);
  // With PyTorch's slope, results near 0 are accurate.
  for (float x = -3 + 0x1p-9f; x < 0; x += 0x1p-9f) {
    const double exact = static_cast<double>(x) / 6 + 0.5;
    EXPECT_NEAR(activated(x, Unary::kHardSigmoid, 1 / 6.0f), exact, 1.5 * ulp_of(exact)) << x;
  }
  expect_value(-3, 0, Unary::kHardSigmoid, 1 / 6.0f);
  expect_value(3, 1, Unary::kHardSigmoid, 1 / 6.0f);
}

TEST(Activation, HardSigmoidTakesSlopesOfAnySize) {
  for (const float slope : {0.0f, 1e-40f, -1e-40f, 1e-31f, -1e-30f, 1e-20f, 1e30f}) {
    for (const float x : {0.0f, 1.0f, -7.0f, 1e20f, -1e30f, 3e38f, -3e38f}) {
      const double exact = oracle::apply(Activation::kHardSigmoid, double{x}, double{slope});
      EXPECT_NEAR(activated(x, Activation::kHardSigmoid, slope), exact, 1e-6) << slope << " " << x;
    }
  }
}

TEST(Activation, BitsAreTheSameOnEveryMachine) {
  const std::vector<float> in = {-88.5f, -12.25f, -5.5f, -1.7f, -0.3f, 0.001f, 0.7f, 2.9f, 7.3f};
  struct Row {
    Activation activation;
    std::vector<std::uint32_t> bits;
  };
  const Row rows[] = {
      {Activation::kLeakyRelu,
       {0xc10d999a, 0xbf9ccccd, 0xbf0ccccd, 0xbe2e147b, 0xbcf5c290, 0x3a83126f, 0x3f333333,
        0x4039999a, 0x40e9999a}},
      {Activation::kSigmoid,
       {0x0027fce2, 0x36a08fa6, 0x3b855ecb, 0x3e1e2c24, 0x3ed9e2ab, 0x3f001063, 0x3f2b0e5b,
        0x3f72a610, 0x3f7fd3c2}},
      {Activation::kTanh,
       {0xbf800000, 0xbf800000, 0xbf7ffdd0, 0xbf6f76f8, 0xbe9526ee, 0x3a83126c, 0x3f1ab7d9,
        0x3f7e745f, 0x3f7ffff1}},
      {Activation::kSilu,
       {0x82dd2ec2, 0xb875dbf6, 0xbcb76257, 0xbe867252, 0xbe02bb34, 0x3a032337, 0x3eef7a7f,
        0x402feb99, 0x40e9713b}},
      {Activation::kHardSwish,
       {0x80000000, 0x80000000, 0x80000000, 0xbebc9630, 0xbe0a3d71, 0x3a031d9e, 0x3edd0369,
        0x403681b5, 0x40e9999b}},
      {Activation::kGelu,
       {0x80000000, 0x88aaf7c1, 0xb3e049ec, 0xbd9b28bc, 0xbdeac157, 0x3a032d34, 0x3f07d712,
        0x403940f3, 0x40e9999a}},
      {Unary::kElu,
       {0xbdcccccd, 0xbdcccc8d, 0xbdcbf689, 0xbda762ec, 0xbcd4525d, 0x3a83126f, 0x3f333333,
        0x4039999a, 0x40e9999a}},
      {Unary::kSelu,
       {0xbfe10966, 0xbfe10920, 0xbfe01df6, 0xbfb7ed1c, 0xbee94d3b, 0x3a89b7ad, 0x3f3c491e,
        0x40430297, 0x40f5719b}},
      {Unary::kHardSigmoid,
       {0x00000000, 0x00000000, 0x00000000, 0x3ea8f5c3, 0x3ef0a3d7, 0x3f00068e, 0x3f11eb85,
        0x3f4a3d71, 0x3f800000}},
      {Unary::kSoftplus,
       {0x0027fce2, 0x36a08fbf, 0x3b85a476, 0x3e2bd019, 0x3f0dea3a, 0x3f3192de, 0x3f8d3533,
        0x403d072d, 0x40e99f22}},
      {Unary::kMish,
       {0x82dd2ec2, 0xb875dc1c, 0xbcb7c1e0, 0xbe90af8e, 0xbe1ac2a8, 0x3a1d5ecb, 0x3f0fa76c,
        0x403897d4, 0x40e9998c}},
      {Unary::kExp,
       {0x0027fce2, 0x36a08fd8, 0x3b85ea53, 0x3e3b1163, 0x3f3da643, 0x3f8020c9, 0x4000e153,
        0x419164a7, 0x44b9099c}},
      {Unary::kLog,
       {0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7fc00000, 0xc0dd0c55, 0xbeb69e1a,
        0x3f884871, 0x3ffe72ab}},
      {Unary::kErf,
       {0xbf800000, 0xbf800000, 0xbf800000, 0xbf7bd9b1, 0xbea841c5, 0x3a93e61c, 0x3f2d8461,
        0x3f7ffd4e, 0x3f800000}},
      {Unary::kSoftsign,
       {0xbf7d23c1, 0xbf6cade3, 0xbf589d8a, 0xbf212f68, 0xbe6c4ec6, 0x3a82f0e9, 0x3ed2d2d2,
        0x3f3e5be6, 0x3f612819}},
      {Unary::kCelu,
       {0xbdcccccd, 0xbdcccccd, 0xbdcccccd, 0xbdcccccd, 0xbdc29a87, 0x3a83126f, 0x3f333333,
        0x4039999a, 0x40e9999a}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(bits_of(activated(in, row.activation)), row.bits) << static_cast<int>(row.activation);
  }
}

}  // namespace
}  // namespace corr2d
