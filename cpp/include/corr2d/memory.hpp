#pragma once

#include <cstddef>
#include <utility>

namespace corr2d {

// All allocations of the library use these functions: running out of memory is a return value, and
// tests can make any one allocation fail.

/// Allocates `bytes` bytes, aligned to kAlignment. Returns null if memory runs out. For 0 bytes it
/// returns a distinct pointer, which must be released too.
void* allocate(std::size_t bytes) noexcept;

/// Frees a block that `allocate(bytes)` returned. A null pointer is ignored.
void release(void* memory, std::size_t bytes) noexcept;

/// The number of bytes that are allocated and not released, as requested by the callers.
std::size_t allocated_bytes() noexcept;

/// For tests: the next `successes` allocations succeed, the one after them fails, and later ones
/// succeed again. With a negative number, which is the default, no allocation fails.
void fail_allocation_after(int successes) noexcept;

/// The size of a cache line in bytes, so that no aligned v128 vector crosses two lines.
constexpr std::size_t kAlignment = 64;

/// An array of a trivial type, uninitialised, whose memory comes from `allocate`. It can be moved
/// but not copied.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~Buffer() { release(data_, bytes()); }

  /// Replaces the array by a new one of `count` elements. If memory runs out, returns false and
  /// leaves the array empty.
  bool reset(std::size_t count) noexcept {
    release(data_, bytes());
    std::size_t wanted = 0;
    const bool fits = !__builtin_mul_overflow(count, sizeof(T), &wanted);
    data_ = fits ? static_cast<T*>(allocate(wanted)) : nullptr;
    count_ = data_ == nullptr ? 0 : count;
    return data_ != nullptr;
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }
  T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

/// The base of classes whose objects are created with `new`, which returns null if memory runs out,
/// and are owned by std::unique_ptr.
struct Allocated {
  static void* operator new(std::size_t bytes) noexcept { return allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept { release(memory, bytes); }
};

}  // namespace corr2d
