// Runs the fuzzer's corpus (tests/fuzz) without libFuzzer.

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "examine.hpp"
#include "implementation.hpp"

namespace corr2d::fuzz {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& digits) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

TEST(Fuzz, CorpusHasNoFailures) {
  std::ifstream corpus(CORR2D_FUZZ_CORPUS);
  int cases = 0;
  for (std::string line; std::getline(corpus, line); ++cases) {
    const std::vector<std::uint8_t> bytes = bytes_of(line);
    const Case input = decode(bytes.data(), bytes.size());
    EXPECT_EQ(examine(input), "") << line << '\n' << sweep::describe(input.problem);
  }
  EXPECT_GT(cases, 100);
  EXPECT_GT(counts().compared, 100u);
  EXPECT_GT(counts().rejected, 0u);
  EXPECT_GT(counts().too_large, 0u);
}

TEST(Fuzz, DecodeReturnsAProblemOfOneElementForEmptyInput) {
  const Case input = decode(nullptr, 0);
  EXPECT_EQ(input.problem.input_height, 1);
  EXPECT_EQ(input.problem.kind, Kind::kForward);
  Geometry geometry;
  EXPECT_EQ(measure(input.problem, &geometry), Status::kOk);
  EXPECT_EQ(examine(input), "");
}

TEST(Fuzz, ExaminePassesForEveryKindOfValues) {
  for (int values = 0; values <= static_cast<int>(kLastValues); ++values) {
    for (int seed = 0; seed < 20; ++seed) {
      for (int kind = 0; kind <= static_cast<int>(kLastKind); ++kind) {
        Case input;
        Problem& p = input.problem;
        p.kind = static_cast<Kind>(kind);
        p.input_height = 5;
        p.input_width = 4 + seed;
        p.kernel_height = p.kernel_width = 3;
        p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 1;
        p.input_channels = p.output_channels = 4;
        if (p.kind == Kind::kPhaseCorrelate) {
          p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 0;
          p.kernel_height = p.input_height;
          p.kernel_width = p.input_width;
          p.input_channels = 1;
          p.output_channels = 3;
          p.upsample = seed % 3 + 1;
          p.hann_window = seed % 2;
        }
        input.values = static_cast<Values>(values);
        input.seed = static_cast<std::uint64_t>(seed);
        input.successes = seed % 5 - 1;
        EXPECT_EQ(examine(input), "") << values << ' ' << sweep::describe(p);
      }
    }
  }
}

}  // namespace
}  // namespace corr2d::fuzz
