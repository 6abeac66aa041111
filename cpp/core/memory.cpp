#include "corr2d/memory.hpp"

#include <stdlib.h>

#include <atomic>

namespace corr2d {
namespace {

constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
std::atomic<std::size_t> live_bytes{0};
std::atomic<int> successes_left{-1};

}  // namespace

void* allocate(std::size_t bytes) noexcept {
  if (successes_left.load(kRelaxed) >= 0 && successes_left.fetch_sub(1, kRelaxed) == 0) {
    return nullptr;
  }
  void* memory = nullptr;
  if (posix_memalign(&memory, kAlignment, bytes == 0 ? 1 : bytes) != 0) return nullptr;
  live_bytes.fetch_add(bytes, kRelaxed);
  return memory;
}

void release(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  live_bytes.fetch_sub(bytes, kRelaxed);
  free(memory);
}

std::size_t allocated_bytes() noexcept { return live_bytes.load(kRelaxed); }

void fail_allocation_after(int successes) noexcept { successes_left.store(successes, kRelaxed); }

}  // namespace corr2d
