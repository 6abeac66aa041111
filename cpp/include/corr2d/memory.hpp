#pragma once

#include <cstddef>
#include <utility>

namespace corr2d {

/// Every allocation of the library goes through these two functions, so that running out of memory
/// is a value that callers see, and so that tests can make any one allocation fail.

/// Returns `bytes` bytes aligned to `kAlignment`, or nullptr where there are none to be had.
/// A request for zero bytes gives a distinct pointer, which has to be released too.
void* allocate(std::size_t bytes) noexcept;

/// Gives back what `allocate(bytes)` returned. A null pointer is ignored.
void release(void* memory, std::size_t bytes) noexcept;

/// Bytes asked for and not yet given back.
std::size_t allocated_bytes() noexcept;

/// For tests: the next `successes` allocations succeed and the one after them fails, once.
/// A negative number, as at the start, lets all succeed.
void fail_allocation_after(int successes) noexcept;

/// Whole v128 vectors never straddle a cache line.
constexpr std::size_t kAlignment = 64;

/// An array of `T` (a plain type, left uninitialised) from `allocate`. Moves, never copies.
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

  /// Replaces the array by a new one of `count` elements. False, and empty, where memory runs out.
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

/// A base for objects that live on the heap: `new` yields nullptr where memory runs out. They are
/// held by std::unique_ptr.
struct Allocated {
  static void* operator new(std::size_t bytes) noexcept { return allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept { release(memory, bytes); }
};

}  // namespace corr2d
