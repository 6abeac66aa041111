#include "corr2d/memory.hpp"

#include <stdlib.h>

#if defined(__EMSCRIPTEN__)
#include <unistd.h>
#endif

#include <atomic>
#include <cstdint>

namespace corr2d {
namespace {

constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
std::atomic<std::size_t> live_bytes{0};
std::atomic<int> successes_left{-1};

#if defined(__EMSCRIPTEN__)
/// Emscripten's emmalloc compares where a block would end, and does not notice when that is beyond
/// the address space and has wrapped around to a small number. Every free place begins below
/// sbrk(0), so that what is left above it is a size that cannot wrap. (A larger block may be
/// refused although it would fit into a gap below.)
bool might_wrap(std::size_t bytes) {
  constexpr std::size_t kBookkeeping = 4096;
  const std::size_t left = SIZE_MAX - reinterpret_cast<std::uintptr_t>(sbrk(0));
  return left < kBookkeeping || bytes > left - kBookkeeping;
}
#else
bool might_wrap(std::size_t) { return false; }
#endif

}  // namespace

void* allocate(std::size_t bytes) noexcept {
  if (successes_left.load(kRelaxed) >= 0 && successes_left.fetch_sub(1, kRelaxed) == 0) {
    return nullptr;
  }
  if (might_wrap(bytes)) return nullptr;
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
