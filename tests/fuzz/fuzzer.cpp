// What libFuzzer calls: npm run fuzz.

#include <cstdio>
#include <cstdlib>

#include "examine.hpp"
#include "subject.hpp"

namespace {

/// What became of all cases, for whoever reads the log.
void report() {
  const corr2d::fuzz::Counts& counts = corr2d::fuzz::counts();
  std::fprintf(stderr, "cases: %llu refused, %llu too large, %llu answers judged\n",
               static_cast<unsigned long long>(counts.refused),
               static_cast<unsigned long long>(counts.large),
               static_cast<unsigned long long>(counts.answers));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::atexit(report);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const corr2d::fuzz::Case given = corr2d::fuzz::decode(data, size);
  // To see what a file of bytes means, also where a sanitizer ends the run.
  static const bool is_shown = std::getenv("CORR2D_FUZZ_SHOW") != nullptr;
  if (is_shown) std::fprintf(stderr, "%s\n", corr2d::sweep::describe(given.problem).c_str());
  const std::string complaint = corr2d::fuzz::examine(given);
  if (!complaint.empty()) {
    std::fprintf(stderr, "%s\n  %s\n  values %d, seed %d, failing allocation %d\n",
                 complaint.c_str(), corr2d::sweep::describe(given.problem).c_str(),
                 static_cast<int>(given.values), static_cast<int>(given.seed), given.failing);
    std::abort();
  }
  return 0;
}
