#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "kernel_support.hpp"
#include "kernels/list.hpp"

namespace corr2d {
namespace {

using testing::kEpsilon;
using testing::kUntouched;
using testing::random_values;

/// The frequency at position p of a forward transform of n numbers.
std::int32_t frequency(std::int32_t p, std::int32_t n) {
  if (n <= 2) return p;
  return p / (n / 4) + 4 * frequency(p % (n / 4), n / 4);
}

/// The twiddle factors of FftStep.
std::vector<float> twiddles(std::int32_t quarter) {
  std::vector<float> all;
  for (std::int32_t j = 0; j < quarter; ++j) {
    for (std::int32_t k = 1; k < 4; ++k) {
      const double angle = std::acos(-1.0) * j * k / (2 * quarter);
      all.push_back(static_cast<float>(std::cos(angle)));
      all.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  return all;
}

/// Complex number i of a strip's lane.
std::complex<double> number(const std::vector<float>& strip, std::int32_t i, std::size_t lane) {
  const std::size_t at = static_cast<std::size_t>(i * kStripFloats) + lane;
  return {strip[at], strip[at + 4]};
}

/// Compares the forward transform with the definition, and the inverse of it with the input.
void expect_transform(std::int32_t n, bool fusing, std::mt19937& random) {
  const auto& forward = fft_forward_kernels().find(4, fusing);
  const auto& inverse = fft_inverse_kernels().find(4, fusing);
  EXPECT_EQ(forward.fused, fusing);
  const auto input = random_values(static_cast<std::size_t>(n * kStripFloats), random);
  std::vector<float> strip = input;
  strip.resize(input.size() + 4, kUntouched);
  std::vector<std::int32_t> quarters;
  std::int32_t left = n;
  for (; left > 4; left /= 4) quarters.push_back(left / 4);
  for (const std::int32_t quarter : quarters) {
    forward.run({strip.data(), n / 4, quarter, twiddles(quarter).data()});
  }
  left == 4 ? fft_radix4_without_twiddles(strip.data(), n / 4, false)
            : fft_radix2(strip.data(), n / 2);
  const double bound = 4 * kEpsilon * n;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    for (std::int32_t p = 0; p < n; ++p) {
      std::complex<double> sum = 0;
      for (std::int32_t i = 0; i < n; ++i) {
        sum += number(input, i, lane) *
               std::polar(1.0, -2 * std::acos(-1.0) * frequency(p, n) * i / n);
      }
      ASSERT_LE(std::abs(number(strip, p, lane) - sum), bound)
          << n << ", frequency " << frequency(p, n);
    }
  }
  left == 4 ? fft_radix4_without_twiddles(strip.data(), n / 4, true)
            : fft_radix2(strip.data(), n / 2);
  std::reverse(quarters.begin(), quarters.end());
  for (const std::int32_t quarter : quarters) {
    inverse.run({strip.data(), n / 4, quarter, twiddles(quarter).data()});
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    ASSERT_NEAR(strip[i] / n, input[i], 4 * bound / n) << n << ", inverse";
  }
  for (std::size_t i = input.size(); i < strip.size(); ++i) ASSERT_EQ(strip[i], kUntouched);
}

TEST(FftKernels, MatchTheDefinition) {
  std::mt19937 random(7);
  for (const bool fusing : {false, true}) {
    for (std::int32_t n = 4; n <= 256; n *= 2) expect_transform(n, fusing, random);
  }
}

TEST(FftKernels, MultiplySumsProductsOfSpectra) {
  std::mt19937 random(8);
  for (const auto& kernel : fft_multiply_kernels()) {
    for (const std::int32_t channels : {0, 1, 2, 5}) {
      for (const std::int32_t count : {1, 4, 7}) {
        const auto floats = static_cast<std::size_t>(channels * count * kStripFloats);
        const auto input = random_values(floats, random), weight = random_values(floats, random);
        std::vector<float> output(static_cast<std::size_t>(count * kStripFloats + 4), kUntouched);
        kernel.run({input.data(), weight.data(), output.data(), count, channels});
        for (std::int32_t i = 0; i < count; ++i) {
          for (std::size_t lane = 0; lane < 4; ++lane) {
            std::complex<double> sum = 0;
            for (std::int32_t c = 0; c < channels; ++c) {
              sum += number(input, c * count + i, lane) * number(weight, c * count + i, lane);
            }
            ASSERT_LE(std::abs(number(output, i, lane) - sum), 10 * (channels + 1) * kEpsilon);
          }
        }
        EXPECT_EQ(output[static_cast<std::size_t>(count * kStripFloats)], kUntouched);
      }
    }
  }
}

/// Transposes rows of real and of imaginary parts to a strip, and back to rows with another step.
TEST(FftKernels, TransposeComplexBlocksInBothDirections) {
  constexpr std::int32_t kCount = 3, kPitch = 17;
  std::vector<float> lines(8 * kPitch);
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = static_cast<float>(i);
  std::vector<float> strip(kCount * 32, kUntouched), back(8 * 30, kUntouched);
  const ComplexBlocks strip_blocks = {strip.data(), kStripFloats, 4, 32};
  transpose_complex_blocks({lines.data(), kPitch, 4 * kPitch, 4}, strip_blocks, kCount);
  transpose_complex_blocks(strip_blocks, {back.data(), 30, 4 * 30, 4}, kCount);
  for (std::int32_t row = 0; row < 4; ++row) {
    for (std::int32_t x = 0; x < 30; ++x) {
      for (std::int32_t part = 0; part < 2; ++part) {
        const float actual = back[static_cast<std::size_t>((4 * part + row) * 30 + x)];
        if (x >= 4 * kCount) {
          ASSERT_EQ(actual, kUntouched);
          continue;
        }
        const auto expected = static_cast<float>((4 * part + row) * kPitch + x);
        ASSERT_EQ(actual, expected);
        ASSERT_EQ(strip[static_cast<std::size_t>(x * kStripFloats + 4 * part + row)], expected);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d
