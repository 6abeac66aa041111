// The sweep itself (tests/sweep): that it sees what is wrong, counts what it does, and has a number
// for every problem.

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

/// Gaps between the elements of every tensor, and rows that run backwards.
Problem gappy_problem() {
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

class Judge : public ::testing::Test {
 protected:
  std::string complaint() const { return judge(question_, Algorithm::kDirect, outcome_).complaint; }

  const Question question_ = make_question(gappy_problem(), 1);
  Outcome outcome_ = answer_of(question_, Algorithm::kDirect, 1);
};

TEST_F(Judge, AcceptsWhatIsRight) { EXPECT_EQ(complaint(), ""); }

TEST_F(Judge, RefusesAnElementBeyondItsBoundAndNoOther) {
  const double bound = (question_.answer.products + 1) * kEpsilon * question_.answer.magnitude[0];
  float* element = outcome_.output.origin();
  for (const double part : {-0.9, 0.9}) {
    *element = static_cast<float>(question_.answer.output[0] + part * bound);
    EXPECT_EQ(complaint(), "") << part;
  }
  for (const double part : {-1.5, 1.5}) {
    *element = static_cast<float>(question_.answer.output[0] + part * bound);
    EXPECT_NE(complaint().find("element 0 of 36"), std::string::npos) << complaint();
  }
}

TEST_F(Judge, RefusesWhatIsNoNumber) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    *outcome_.output.origin() = wrong;
    EXPECT_NE(complaint(), "");
  }
}

TEST_F(Judge, RefusesAnElementThatWasNotWritten) {
  outcome_.output = Array(operands_of(question_.problem).output);
  EXPECT_NE(complaint(), "");
}

TEST_F(Judge, RefusesWhatWasWrittenBetweenTheElements) {
  outcome_.output.origin()[1] = 0;
  EXPECT_EQ(complaint(), "written between or around the output's elements");
}

#if !defined(CORR2D_ADDRESS_SANITIZER)
TEST_F(Judge, RefusesWhatWasWrittenAroundTheElements) {
  outcome_.output.origin()[-1] = 0;
  EXPECT_EQ(complaint(), "written between or around the output's elements");
}
#endif

TEST_F(Judge, RefusesToHaveItsDataChanged) {
  const Outcome right = outcome_;
  outcome_.input.origin()[0] += 1;
  EXPECT_EQ(complaint(), "the input has been modified");
  outcome_ = right;
  outcome_.weight.origin()[0] += 1;
  EXPECT_EQ(complaint(), "the weight has been modified");
  outcome_ = right;
  outcome_.bias.origin()[0] += 1;
  EXPECT_EQ(complaint(), "the bias has been modified");
}

TEST_F(Judge, RefusesAPlanThatWasNotMade) {
  outcome_.status = Status::kOutOfMemory;
  EXPECT_NE(complaint(), "");
}

TEST_F(Judge, RefusesTooFewElements) {
  std::vector<float> output = outcome_.output.elements();
  output.pop_back();
  EXPECT_EQ(compare(question_.problem, Algorithm::kDirect, question_.answer, output).complaint,
            "35 elements instead of 36");
}

/// What only moves elements has no error to allow.
TEST(Compare, WantsExactlyWhatIsOnlyMoved) {
  Problem p;
  p.kind = Kind::kPad;
  p.pad_left = 1;
  const Question question = make_question(p, 3);
  std::vector<float> output = answer_of(question, Algorithm::kAuto, 3).output.elements();
  EXPECT_EQ(compare(p, Algorithm::kAuto, question.answer, output).complaint, "");
  output[1] = std::nextafter(output[1], 2.0f);
  EXPECT_NE(compare(p, Algorithm::kAuto, question.answer, output).complaint, "");
}

const Stratum& stratum_named(const std::string& name) {
  return *std::find_if(strata().begin(), strata().end(),
                       [&](const Stratum& stratum) { return stratum.name == name; });
}

/// 2500 problems, for every algorithm.
bool few(Digits* digits, Problem* problem) {
  problem->input_height = digits->between(1, 50);
  problem->input_width = digits->between(1, 50);
  return true;
}
constexpr Stratum kFew = {"few", few, 1};

Verdict accept(const Question&, const Subject&, std::uint64_t) { return {}; }

Verdict refuse(const Question&, const Subject&, std::uint64_t) { return {"wrong", 2}; }

/// Runs `use` and gives what it has printed.
template <typename Use>
std::string printed(Use use) {
  ::testing::internal::CaptureStdout();
  use();
  return ::testing::internal::GetCapturedStdout();
}

TEST(Sweep, FailsWithTheCommandThatDoesItOnceMore) {
  Sweep sweep(all_subjects(), {stratum_named("padding")}, refuse);
  bool passed = true;
  const std::string text = printed([&] {
    sweep.sample(10, 1);
    passed = sweep.report();
  });
  EXPECT_FALSE(passed);
  EXPECT_NE(text.find("npm run sweep -- --variant native --algorithm planes --problem padding:"),
            std::string::npos)
      << text;
}

TEST(Sweep, FailsWhereThereAreTooFewProblems) {
  const Subject gemm = {kGemmAlgorithm.name, &kGemmAlgorithm};
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

TEST(Sweep, ChecksAsManyDifferentProblemsAsItCounts) {
  static std::set<std::tuple<std::string, std::string, std::uint64_t>> seen;
  seen.clear();
  Sweep sweep(all_subjects(), strata(),
              [](const Question& question, const Subject& subject, std::uint64_t seed) {
                seen.insert({subject.name, describe(question.problem), seed});
                return Verdict();
              });
  const std::string text = printed([&] {
    sweep.sample(200, 1);
    EXPECT_TRUE(sweep.report());
  });
  EXPECT_GE(seen.size(), 200 * all_subjects().size());
  for (const Subject& subject : all_subjects()) {
    const auto own = std::count_if(seen.begin(), seen.end(), [&](const auto& problem) {
      return std::get<0>(problem) == subject.name;
    });
    EXPECT_GE(own, 200);
    EXPECT_NE(text.find(subject.name + (": " + std::to_string(own)) + " problems"),
              std::string::npos)
        << text;
  }
}

TEST(Sweep, PartsTogetherAreTheWhole) {
  static std::multiset<std::uint64_t> seen;
  seen.clear();
  const Subject gemm = {kGemmAlgorithm.name, &kGemmAlgorithm};
  Sweep sweep({gemm}, {kFew}, [](const Question&, const Subject&, std::uint64_t seed) {
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

TEST(Space, HasTheSameDigitsForEveryNumber) {
  Random random(5);
  for (const Stratum& stratum : strata()) {
    for (int i = 0; i < 2000; ++i) {
      Digits digits(random.below(stratum.size()));
      Problem problem;
      stratum.make(&digits, &problem);
      ASSERT_EQ(digits.size(), stratum.size()) << stratum.name;
    }
  }
}

TEST(Space, HasEverySmallWindow) {
  // A stratum's lowest digits are the sizes and the kernel's.
  std::set<std::tuple<int, int, int, int>> seen;
  for (std::uint64_t number = 0; number < 7 * 7 * 4 * 4; ++number) {
    Digits digits(number);
    Problem p;
    stratum_named("forward").make(&digits, &p);
    seen.insert({p.input_height, p.input_width, p.kernel_height, p.kernel_width});
  }
  EXPECT_EQ(seen.size(), 7u * 7u * 4u * 4u);
}

TEST(Space, HasEveryKindAndItsOptions) {
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
  // All but pictures, which have an oracle of their own.
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kLastKind));
  EXPECT_EQ(modes.size(), 5u);
  EXPECT_EQ(activations.size(), 9u);
}

TEST(Space, HasEveryTilesEdges) {
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

TEST(Layouts, HoldEveryElementOnce) {
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
