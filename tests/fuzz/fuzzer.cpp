// The entry points of libFuzzer; npm run fuzz runs it.

#include <cstdio>
#include <cstdlib>

#include "examine.hpp"
#include "implementation.hpp"

namespace {

void report() {
  const corr2d::fuzz::Counts& counts = corr2d::fuzz::counts();
  std::fprintf(stderr, "%llu cases rejected, %llu too large; %llu results compared\n",
               static_cast<unsigned long long>(counts.rejected),
               static_cast<unsigned long long>(counts.too_large),
               static_cast<unsigned long long>(counts.compared));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::atexit(report);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const corr2d::fuzz::Case input = corr2d::fuzz::decode(data, size);
  // Prints the decoded problem before it is examined, in case a sanitizer stops the process.
  static const bool is_shown = std::getenv("CORR2D_FUZZ_SHOW") != nullptr;
  if (is_shown) std::fprintf(stderr, "%s\n", corr2d::sweep::describe(input.problem).c_str());
  const std::string failure = corr2d::fuzz::examine(input);
  if (!failure.empty()) {
    std::fprintf(stderr, "%s\n  %s\n  values %d, seed %d, allocations that succeed %d\n",
                 failure.c_str(), corr2d::sweep::describe(input.problem).c_str(),
                 static_cast<int>(input.values), static_cast<int>(input.seed), input.successes);
    std::abort();
  }
  return 0;
}
