#include "corr2d/memory.hpp"

#include <stdlib.h>

namespace corr2d {
namespace {

std::size_t live_bytes = 0;
int successes_left = -1;

}  // namespace

void* allocate(std::size_t bytes) noexcept {
  if (successes_left >= 0 && successes_left-- == 0) return nullptr;
  void* memory = nullptr;
  if (posix_memalign(&memory, kAlignment, bytes == 0 ? 1 : bytes) != 0) return nullptr;
  live_bytes += bytes;
  return memory;
}

void release(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  live_bytes -= bytes;
  free(memory);
}

std::size_t allocated_bytes() noexcept { return live_bytes; }

void fail_allocation_after(int successes) noexcept { successes_left = successes; }

}  // namespace corr2d
