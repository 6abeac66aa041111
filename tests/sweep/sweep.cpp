#include "sweep.hpp"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

namespace corr2d::sweep {
namespace {

/// After so many failures the rest would tell nothing new.
constexpr std::uint64_t kMostFailures = 20;

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

/// Prints where the work is, now and then.
class Progress {
 public:
  Progress(const Stratum& stratum, const PhaseProblem& part) : stratum_(stratum), part_(part) {}

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
  const PhaseProblem& part_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

Verdict check(const Question& question, const Subject& subject, std::uint64_t seed) {
  const Algorithm algorithm = subject.algorithm();
  return judge(question, algorithm, answer_of(question, algorithm, seed));
}

Sweep::Sweep(std::vector<Subject> subjects, std::vector<Stratum> strata, Check check)
    : subjects_(std::move(subjects)),
      strata_(std::move(strata)),
      check_(check),
      counts_(subjects_.size(), std::vector<Count>(strata_.size())) {}

void Sweep::all(const PhaseProblem& part) {
  // Parts take turns, so that what is slow is shared: neighbours are alike.
  constexpr std::uint64_t kTurn = 1024;
  for (std::size_t s = 0; s < strata_.size(); ++s) {
    Progress progress(strata_[s], part);
    const std::uint64_t size = strata_[s].size();
    for (std::uint64_t first = part.index * kTurn; first < size; first += part.count * kTurn) {
      progress.at(first);
      for (std::uint64_t number = first; number < size && number < first + kTurn; ++number) {
        Problem problem;
        Geometry geometry;
        if (!problem_at(strata_[s], number, &problem, &geometry)) continue;
        std::optional<Question> question;
        for (std::size_t i = 0; i < subjects_.size(); ++i) {
          if (!subjects_[i].can_do(problem, geometry)) continue;
          if (!question) question = make_question(problem, number);
          check_by(i, s, number, *question);
          if (is_enough()) return;
        }
      }
    }
  }
}

void Sweep::sample(std::uint64_t count, std::uint64_t seed) {
  // A stratum may have few problems for a subject, or none: it is not searched for too long.
  constexpr int kDrawsOfATurn = 20;
  constexpr int kDrawsInVain = 20000;
  const std::uint64_t most_turns = 20 * count;
  Random random(seed);
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    std::set<std::pair<std::size_t, std::uint64_t>> done;
    std::vector<int> in_vain(strata_.size());
    for (std::uint64_t turn = 0; turn < most_turns && done.size() < count; ++turn) {
      for (std::size_t s = 0; s < strata_.size(); ++s) {
        if (turn % static_cast<std::uint64_t>(strata_[s].turn) != 0) continue;
        for (int draw = 0; draw < kDrawsOfATurn && in_vain[s] < kDrawsInVain; ++draw) {
          const std::uint64_t number = random.below(strata_[s].size());
          Problem problem;
          Geometry geometry;
          if (!problem_at(strata_[s], number, &problem, &geometry) ||
              !subjects_[i].can_do(problem, geometry) || !done.insert({s, number}).second) {
            ++in_vain[s];
            continue;
          }
          in_vain[s] = 0;
          check_by(i, s, number, make_question(problem, number));
          if (is_enough()) return;
          break;
        }
      }
    }
    if (done.size() < count) {
      fail(std::string(subjects_[i].name) + ": only " + std::to_string(done.size()) +
           " problems, not " + std::to_string(count));
    }
  }
}

void Sweep::one(std::uint64_t number) {
  Problem problem;
  Geometry geometry;
  bool is_done = false;
  if (problem_at(strata_[0], number, &problem, &geometry)) {
    std::printf("%s\n", describe(problem).c_str());
    const Question question = make_question(problem, number);
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      if (!subjects_[i].can_do(problem, geometry)) continue;
      check_by(i, 0, number, question);
      is_done = true;
    }
  }
  if (!is_done) fail("no such problem, or nothing asked for can do it");
}

bool Sweep::is_enough() const { return failures_ >= kMostFailures; }

void Sweep::check_by(std::size_t subject, std::size_t stratum, std::uint64_t number,
                     const Question& question) {
  const Verdict verdict = check_(question, subjects_[subject], number);
  Count& count = counts_[subject][stratum];
  ++count.problems;
  if (verdict.worst > count.worst) count.worst = verdict.worst;
  if (verdict.complaint.empty()) return;
  const std::string name = subjects_[subject].name;
  fail(name + ": " + verdict.complaint + "\n  " + describe(question.problem) +
       "\n  npm run sweep -- --variant " + kVariant + " --algorithm " + name + " --problem " +
       strata_[stratum].name + ":" + std::to_string(number));
}

void Sweep::fail(const std::string& complaint) {
  ++failures_;
  std::printf("FAILED %s\n", complaint.c_str());
  std::fflush(stdout);
}

bool Sweep::report() const {
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    Count total;
    std::string each;
    for (std::size_t s = 0; s < strata_.size(); ++s) {
      const Count& count = counts_[i][s];
      total.problems += count.problems;
      if (count.worst > total.worst) total.worst = count.worst;
      if (count.problems > 0) {
        each += std::string(each.empty() ? "" : ", ") + strata_[s].name + " " +
                std::to_string(count.problems);
      }
    }
    std::printf("%s: %" PRIu64 " problems, the worst error %.2f of its bound\n", subjects_[i].name,
                total.problems, total.worst);
    if (!each.empty()) std::printf("  %s\n", each.c_str());
  }
  std::printf("%" PRIu64 " failed\n", failures_);
  return failures_ == 0;
}

}  // namespace corr2d::sweep
