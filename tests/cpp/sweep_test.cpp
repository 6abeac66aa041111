// The sweep itself (tests/sweep) detects wrong results, counts problems, and enumerates every
// problem.

#include "sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <tuple>

#include "kernels/list.hpp"
#include "layout.hpp"

namespace corr2d::sweep {
namespace {

/// Gaps between the elements of every tensor, and a weight with negative strides.
Problem strided_problem() {
  Problem p;
  p.input_channels = 2;
  p.output_channels = 3;
  p.input_height = 4;
  p.input_width = 6;
  p.kernel_height = 2;
  p.kernel_width = 3;
  p.has_bias = 1;
  lay_out(4, 4, 4, &p);
  return p;
}

class CheckResult : public ::testing::Test {
 protected:
  std::string failure() const {
    return check_result(test_case_, Algorithm::kDirect, result_).failure;
  }

  const TestCase test_case_ = make_test_case(strided_problem(), 1);
  RunResult result_ = run_algorithm(test_case_, Algorithm::kDirect, 1);
};

TEST_F(CheckResult, AcceptsACorrectResult) { EXPECT_EQ(failure(), ""); }

TEST_F(CheckResult, RejectsAnElementOnlyIfItsErrorExceedsTheBound) {
  const double bound =
      (test_case_.expected.products + 1) * kEpsilon * test_case_.expected.magnitude[0];
  float* element = result_.output.origin();
  for (const double part : {-0.9, 0.9}) {
    *element = static_cast<float>(test_case_.expected.output[0] + part * bound);
    EXPECT_EQ(failure(), "") << part;
  }
  for (const double part : {-1.5, 1.5}) {
    *element = static_cast<float>(test_case_.expected.output[0] + part * bound);
    EXPECT_NE(failure().find("element 0 of 36"), std::string::npos) << failure();
  }
}

TEST_F(CheckResult, RejectsNanAndInfinity) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    *result_.output.origin() = wrong;
    EXPECT_NE(failure(), "");
  }
}

TEST_F(CheckResult, RejectsAnElementThatWasNotWritten) {
  result_.output = Array(operands_of(test_case_.problem).output);
  EXPECT_NE(failure(), "");
}

TEST_F(CheckResult, RejectsAWriteBetweenTheElements) {
  result_.output.origin()[1] = 0;
  EXPECT_EQ(failure(), "memory between or around the output's elements has been modified");
}

#if !defined(CORR2D_ADDRESS_SANITIZER)
TEST_F(CheckResult, RejectsAWriteOutsideTheElements) {
  result_.output.origin()[-1] = 0;
  EXPECT_EQ(failure(), "memory between or around the output's elements has been modified");
}
#endif

TEST_F(CheckResult, RejectsModifiedOperands) {
  const RunResult right = result_;
  result_.input.origin()[0] += 1;
  EXPECT_EQ(failure(), "the input has been modified");
  result_ = right;
  result_.weight.origin()[0] += 1;
  EXPECT_EQ(failure(), "the weight has been modified");
  result_ = right;
  result_.bias.origin()[0] += 1;
  EXPECT_EQ(failure(), "the bias has been modified");
}

TEST_F(CheckResult, RejectsAPlanThatFailed) {
  result_.status = Status::kOutOfMemory;
  EXPECT_NE(failure(), "");
}

TEST_F(CheckResult, RejectsAMissingElement) {
  std::vector<float> output = result_.output.elements();
  output.pop_back();
  EXPECT_EQ(compare(test_case_.problem, Algorithm::kDirect, test_case_.expected, output).failure,
            "the output has 35 elements; expected 36");
}

TEST(Compare, RequiresExactResultsOfOperatorsThatOnlyMoveElements) {
  Problem p;
  p.kind = Kind::kPad;
  p.pad_left = 1;
  const TestCase test_case = make_test_case(p, 3);
  std::vector<float> output = run_algorithm(test_case, Algorithm::kAuto, 3).output.elements();
  EXPECT_EQ(compare(p, Algorithm::kAuto, test_case.expected, output).failure, "");
  output[1] = std::nextafter(output[1], 2.0f);
  EXPECT_NE(compare(p, Algorithm::kAuto, test_case.expected, output).failure, "");
}

const Stratum& stratum_named(const std::string& name) {
  return *std::find_if(strata().begin(), strata().end(),
                       [&](const Stratum& stratum) { return stratum.name == name; });
}

/// 2500 problems, which every algorithm supports.
bool few(Choices* choose, Problem* problem) {
  problem->input_height = choose->between(1, 50);
  problem->input_width = choose->between(1, 50);
  return true;
}
constexpr Stratum kFew = {"few", few, 1};

Verdict accept(const TestCase&, const Implementation&, std::uint64_t) { return {}; }

Verdict reject(const TestCase&, const Implementation&, std::uint64_t) { return {"wrong", 2}; }

/// Calls `use` and returns what it prints to stdout.
template <typename Use>
std::string printed(Use use) {
  ::testing::internal::CaptureStdout();
  use();
  return ::testing::internal::GetCapturedStdout();
}

TEST(Sweep, PrintsTheCommandThatRepeatsAFailure) {
  Sweep sweep(all_implementations(), {stratum_named("padding")}, reject);
  bool passed = true;
  const std::string text = printed([&] {
    sweep.sample(10, 1);
    passed = sweep.report();
  });
  EXPECT_FALSE(passed);
  EXPECT_NE(
      text.find("npm run sweep -- --variant native --algorithm weightless --problem padding:"),
      std::string::npos)
      << text;
}

TEST(Sweep, FailsIfThereAreTooFewProblems) {
  const Implementation gemm = {"gemm", &kGemmEntry};
  for (const Stratum& stratum : {stratum_named("padding"), kFew}) {
    Sweep sweep({gemm}, {stratum}, accept);
    bool passed = true;
    const std::string text = printed([&] {
      sweep.sample(2600, 1);
      passed = sweep.report();
    });
    EXPECT_FALSE(passed);
    EXPECT_NE(text.find("FAILED gemm: only "), std::string::npos) << text;
  }
}

TEST(Sweep, CountsTheDifferentProblemsItChecks) {
  static std::set<std::tuple<std::string, std::string, std::uint64_t>> seen;
  seen.clear();
  Sweep sweep(
      all_implementations(), strata(),
      [](const TestCase& test_case, const Implementation& implementation, std::uint64_t seed) {
        seen.insert({implementation.name, describe(test_case.problem), seed});
        return Verdict();
      });
  const std::string text = printed([&] {
    sweep.sample(200, 1);
    EXPECT_TRUE(sweep.report());
  });
  EXPECT_GE(seen.size(), 200 * all_implementations().size());
  for (const Implementation& implementation : all_implementations()) {
    const auto own = std::count_if(seen.begin(), seen.end(), [&](const auto& problem) {
      return std::get<0>(problem) == implementation.name;
    });
    EXPECT_GE(own, 200);
    EXPECT_NE(text.find(implementation.name + (": " + std::to_string(own)) + " problems"),
              std::string::npos)
        << text;
  }
}

TEST(Sweep, PartsCoverTheWholeSpaceOnce) {
  static std::multiset<std::uint64_t> seen;
  seen.clear();
  const Implementation gemm = {"gemm", &kGemmEntry};
  Sweep sweep({gemm}, {kFew}, [](const TestCase&, const Implementation&, std::uint64_t seed) {
    seen.insert(seed);
    return Verdict();
  });
  for (std::uint64_t i = 0; i < 2; ++i) {
    sweep.all({i, 2});
    EXPECT_GT(seen.size(), 1000u);
    EXPECT_EQ(seen.size() == 2500, i == 1);
  }
  EXPECT_EQ(std::set<std::uint64_t>(seen.begin(), seen.end()).size(), 2500u);
}

TEST(ProblemSpace, MakesTheSameChoicesForEveryNumber) {
  Random random(5);
  for (const Stratum& stratum : strata()) {
    for (int i = 0; i < 2000; ++i) {
      Choices choices(random.below(stratum.size()));
      Problem problem;
      stratum.make(&choices, &problem);
      ASSERT_EQ(choices.size(), stratum.size()) << stratum.name;
    }
  }
}

TEST(ProblemSpace, HasEverySmallWindow) {
  // The first choices of a stratum are the input size and the kernel size.
  std::set<std::tuple<int, int, int, int>> seen;
  for (std::uint64_t number = 0; number < 7 * 7 * 4 * 4; ++number) {
    Choices choices(number);
    Problem p;
    stratum_named("forward").make(&choices, &p);
    seen.insert({p.input_height, p.input_width, p.kernel_height, p.kernel_width});
  }
  EXPECT_EQ(seen.size(), 7u * 7u * 4u * 4u);
}

TEST(ProblemSpace, HasEveryKindPaddingModeAndActivation) {
  std::set<Kind> kinds;
  std::set<PaddingMode> modes;
  std::set<Activation> activations;
  Random random(6);
  for (const Stratum& stratum : strata()) {
    for (int i = 0; i < 2000; ++i) {
      Problem problem;
      Geometry geometry;
      if (!problem_at(stratum, random.below(stratum.size()), &problem, &geometry)) continue;
      kinds.insert(problem.kind);
      modes.insert(problem.padding_mode);
      activations.insert(problem.activation);
    }
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kLastKind) + 1);
  EXPECT_EQ(modes.size(), 5u);
  EXPECT_EQ(activations.size(), static_cast<std::size_t>(kLastActivation) + 1);
}

TEST(ProblemSpace, HasSizesAroundEveryTile) {
  const auto expect_edges = [](std::int32_t size, const std::vector<std::int32_t>& edges) {
    for (const std::int32_t edge : {size - 1, size, size + 1, 2 * size + 1}) {
      EXPECT_EQ(std::count(edges.begin(), edges.end(), edge), edge > 0 ? 1 : 0) << edge;
    }
  };
  each_kernel_list([&](const auto& kernels) {
    for (const auto& kernel : kernels) {
      expect_edges(kernel.key(), tile_edges().channels);
      expect_edges(kernel.columns, tile_edges().columns);
    }
  });
}

TEST(Layouts, GiveEveryElementItsOwnPlace) {
  const Tensor tensor = {{0, 0, 0, 0}, 2, 3, 4, 5};
  const auto places = [&](const Layout& layout) {
    Tensor laid_out = tensor;
    laid_out.strides = strides_of(layout, tensor);
    std::set<std::ptrdiff_t> offsets;
    each_offset(laid_out, [&](std::ptrdiff_t offset) { offsets.insert(offset); });
    EXPECT_LE(offsets.size(), extent(laid_out).count);
    EXPECT_EQ(-*offsets.begin(), static_cast<std::ptrdiff_t>(extent(laid_out).before));
    return offsets.size();
  };
  for (std::int32_t i = 0; i < kOneToOneLayouts; ++i) EXPECT_EQ(places(kLayouts[i]), 120u) << i;
  for (const Layout& layout : kWeightLayouts) EXPECT_EQ(places(layout), 120u);
  EXPECT_EQ(places(kLayouts[kOneToOneLayouts]), 20u);
}

}  // namespace
}  // namespace corr2d::sweep
