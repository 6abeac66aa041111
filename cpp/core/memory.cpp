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
/// True if a block of this size could end beyond the 32-bit address space. Emscripten's emmalloc
/// does not notice that the end of such a block wraps around to a small address. Every free block
/// starts below sbrk(0), so no block that fits above sbrk(0) wraps. A larger block is refused even
/// if it would fit into a gap below.
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
