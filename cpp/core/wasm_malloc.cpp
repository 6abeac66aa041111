// The C library's allocation functions, for the WebAssembly build. The library allocates through
// memory.cpp; Embind and the thread library of Emscripten call these functions directly.

#include <errno.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/block_allocator.hpp"

extern "C" {
/// The end of static data and stack, from the linker.
extern char __heap_base;
/// Renews the glue's views of the memory.
void emscripten_notify_memory_growth(std::size_t memory_index);
}

namespace corr2d {
namespace {

constexpr std::size_t kPage = 65536;
/// One page less than 4 GiB, so that the end of the memory is a 32-bit number.
constexpr std::size_t kMaxPages = 65535;
/// The memory grows by a fifth, but by at most 32 MiB more than necessary.
constexpr std::size_t kGrowthDivisor = 5;
constexpr std::size_t kMaxExtraPages = 512;

bool grow_to(std::size_t pages, std::size_t current) {
  return __builtin_wasm_memory_grow(0, pages - current) != SIZE_MAX;
}

bool extend(std::uintptr_t end) {
  const std::size_t current = __builtin_wasm_memory_size(0);
  const std::size_t needed = (end - 1) / kPage + 1;
  if (needed <= current) return true;
  if (needed > kMaxPages) return false;
  const std::size_t generous = current + std::min(current / kGrowthDivisor, kMaxExtraPages);
  if (!grow_to(std::clamp(generous, needed, kMaxPages), current) && !grow_to(needed, current)) {
    return false;
  }
  emscripten_notify_memory_growth(0);
  return true;
}

BlockAllocator heap(reinterpret_cast<std::uintptr_t>(&__heap_base), extend);

#if defined(CORR2D_THREADS)
/// A worker allocates when it starts and frees when it ends. Browsers do not let the main thread
/// wait, so the lock spins.
class Lock {
 public:
  Lock() {
    while (__atomic_test_and_set(&is_held_, __ATOMIC_ACQUIRE)) {
    }
  }
  ~Lock() { __atomic_clear(&is_held_, __ATOMIC_RELEASE); }

 private:
  static inline bool is_held_ = false;
};
#else
struct Lock {
  Lock() {}
};
#endif

}  // namespace
}  // namespace corr2d

using corr2d::BlockAllocator;

extern "C" {

void* malloc(std::size_t bytes) {
  const corr2d::Lock lock;
  return corr2d::heap.allocate(bytes);
}

void free(void* memory) {
  const corr2d::Lock lock;
  corr2d::heap.release(memory);
}

void* calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  void* memory = malloc(bytes);
  return memory == nullptr ? nullptr : std::memset(memory, 0, bytes);
}

void* realloc(void* memory, std::size_t bytes) {
  void* copy = malloc(bytes);
  if (copy == nullptr || memory == nullptr) return copy;
  std::memcpy(copy, memory, std::min(bytes, BlockAllocator::capacity(memory)));
  free(memory);
  return copy;
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  return alignment > corr2d::kBlockAlignment ? nullptr : malloc(bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}

// The names by which the C and thread libraries call these functions.
void* emscripten_builtin_malloc(std::size_t bytes) __attribute__((alias("malloc")));
void* emscripten_builtin_calloc(std::size_t count, std::size_t size)
    __attribute__((alias("calloc")));
void* emscripten_builtin_memalign(std::size_t alignment, std::size_t bytes)
    __attribute__((alias("memalign")));
void emscripten_builtin_free(void* memory) __attribute__((alias("free")));
void* __libc_malloc(std::size_t bytes) __attribute__((alias("malloc")));
void* __libc_calloc(std::size_t count, std::size_t size) __attribute__((alias("calloc")));
void __libc_free(void* memory) __attribute__((alias("free")));
}
