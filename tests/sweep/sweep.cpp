#include "sweep.hpp"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

namespace corr2d::sweep {
namespace {

/// The sweep stops after this many failures.
constexpr std::uint64_t kMaxFailures = 20;

#if defined(__wasm_relaxed_simd__) && defined(CORR2D_THREADS)
constexpr const char* kVariant = "relaxed-threads";
#elif defined(__wasm_relaxed_simd__)
constexpr const char* kVariant = "relaxed";
#elif defined(__wasm__) && defined(CORR2D_THREADS)
constexpr const char* kVariant = "threads";
#elif defined(__wasm__)
constexpr const char* kVariant = "simd";
#else
constexpr const char* kVariant = "native";
#endif

/// Prints the progress every 10 s.
class Progress {
 public:
  Progress(const Stratum& stratum, const SweepPart& part) : stratum_(stratum), part_(part) {}

  void at(std::uint64_t number) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::seconds(10)) return;
    last_ = now;
    std::printf("[%" PRIu64 "/%" PRIu64 "] %s: %.1f %%\n", part_.index + 1, part_.count,
                stratum_.name,
                100 * static_cast<double>(number) / static_cast<double>(stratum_.size()));
    std::fflush(stdout);
  }

 private:
  const Stratum& stratum_;
  const SweepPart& part_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

Verdict check(const TestCase& test_case, const Implementation& implementation, std::uint64_t seed) {
  const Algorithm algorithm = implementation.algorithm();
  return check_result(test_case, algorithm, run_algorithm(test_case, algorithm, seed));
}

Sweep::Sweep(std::vector<Implementation> implementations, std::vector<Stratum> strata, Check check)
    : implementations_(std::move(implementations)),
      strata_(std::move(strata)),
      check_(check),
      counts_(implementations_.size(), std::vector<Count>(strata_.size())) {}

void Sweep::all(const SweepPart& part) {
  // Neighbouring problems are similar. Parts alternate in short chunks, so that all parts get their
  // share of slow problems.
  constexpr std::uint64_t kChunk = 1024;
  for (std::size_t s = 0; s < strata_.size(); ++s) {
    Progress progress(strata_[s], part);
    const std::uint64_t size = strata_[s].size();
    for (std::uint64_t first = part.index * kChunk; first < size; first += part.count * kChunk) {
      progress.at(first);
      for (std::uint64_t number = first; number < size && number < first + kChunk; ++number) {
        Problem problem;
        Geometry geometry;
        if (!problem_at(strata_[s], number, &problem, &geometry)) continue;
        std::optional<TestCase> test_case;
        for (std::size_t i = 0; i < implementations_.size(); ++i) {
          if (!implementations_[i].can_do(problem, geometry)) continue;
          if (!test_case) test_case = make_test_case(problem, number);
          check_by(i, s, number, *test_case);
          if (has_failed_enough()) return;
        }
      }
    }
  }
}

void Sweep::sample(std::uint64_t count, std::uint64_t seed) {
  // A stratum may have few or no problems for an implementation, so the search is limited.
  constexpr int kDrawsPerRound = 20;
  constexpr int kMaxFailedDraws = 20000;
  const std::uint64_t max_rounds = 20 * count;
  Random random(seed);
  for (std::size_t i = 0; i < implementations_.size(); ++i) {
    std::set<std::pair<std::size_t, std::uint64_t>> done;
    std::vector<int> failed_draws(strata_.size());
    for (std::uint64_t round = 0; round < max_rounds && done.size() < count; ++round) {
      for (std::size_t s = 0; s < strata_.size(); ++s) {
        if (round % static_cast<std::uint64_t>(strata_[s].interval) != 0) continue;
        for (int draw = 0; draw < kDrawsPerRound && failed_draws[s] < kMaxFailedDraws; ++draw) {
          const std::uint64_t number = random.below(strata_[s].size());
          Problem problem;
          Geometry geometry;
          if (!problem_at(strata_[s], number, &problem, &geometry) ||
              !implementations_[i].can_do(problem, geometry) || !done.insert({s, number}).second) {
            ++failed_draws[s];
            continue;
          }
          failed_draws[s] = 0;
          check_by(i, s, number, make_test_case(problem, number));
          if (has_failed_enough()) return;
          break;
        }
      }
    }
    if (done.size() < count) {
      fail(std::string(implementations_[i].name) + ": only " + std::to_string(done.size()) +
           " problems; expected " + std::to_string(count));
    }
  }
}

void Sweep::one(std::uint64_t number) {
  Problem problem;
  Geometry geometry;
  bool is_done = false;
  if (problem_at(strata_[0], number, &problem, &geometry)) {
    std::printf("%s\n", describe(problem).c_str());
    const TestCase test_case = make_test_case(problem, number);
    for (std::size_t i = 0; i < implementations_.size(); ++i) {
      if (!implementations_[i].can_do(problem, geometry)) continue;
      check_by(i, 0, number, test_case);
      is_done = true;
    }
  }
  if (!is_done) fail("no such problem, or no selected algorithm supports it");
}

bool Sweep::has_failed_enough() const { return failures_ >= kMaxFailures; }

void Sweep::check_by(std::size_t implementation, std::size_t stratum, std::uint64_t number,
                     const TestCase& test_case) {
  const Verdict verdict = check_(test_case, implementations_[implementation], number);
  Count& count = counts_[implementation][stratum];
  ++count.problems;
  if (verdict.worst_ratio > count.worst_ratio) count.worst_ratio = verdict.worst_ratio;
  if (verdict.failure.empty()) return;
  const std::string name = implementations_[implementation].name;
  fail(name + ": " + verdict.failure + "\n  " + describe(test_case.problem) +
       "\n  npm run sweep -- --variant " + kVariant + " --algorithm " + name + " --problem " +
       strata_[stratum].name + ":" + std::to_string(number));
}

void Sweep::fail(const std::string& message) {
  ++failures_;
  std::printf("FAILED %s\n", message.c_str());
  std::fflush(stdout);
}

bool Sweep::report() const {
  for (std::size_t i = 0; i < implementations_.size(); ++i) {
    Count total;
    std::string each;
    for (std::size_t s = 0; s < strata_.size(); ++s) {
      const Count& count = counts_[i][s];
      total.problems += count.problems;
      if (count.worst_ratio > total.worst_ratio) total.worst_ratio = count.worst_ratio;
      if (count.problems > 0) {
        each += std::string(each.empty() ? "" : ", ") + strata_[s].name + " " +
                std::to_string(count.problems);
      }
    }
    std::printf("%s: %" PRIu64 " problems, largest error %.2f of its bound\n",
                implementations_[i].name, total.problems, total.worst_ratio);
    if (!each.empty()) std::printf("  %s\n", each.c_str());
  }
  std::printf("%" PRIu64 " failed\n", failures_);
  return failures_ == 0;
}

}  // namespace corr2d::sweep
