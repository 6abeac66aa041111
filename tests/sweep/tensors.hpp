#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "corr2d/problem.hpp"

// GCC defines a macro, clang has a feature test.
#if defined(__SANITIZE_ADDRESS__)
#define CORR2D_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORR2D_ADDRESS_SANITIZER 1
#endif
#endif

namespace corr2d::sweep {

// With AddressSanitizer, memory is exactly as large as its tensor. Without it, more filler than the
// widest tile surrounds the tensor and reveals accesses outside it.
#if defined(CORR2D_ADDRESS_SANITIZER)
constexpr std::size_t kGuard = 0;
#else
constexpr std::size_t kGuard = 64;
#endif

/// A tensor's strides and sizes.
struct Tensor {
  Strides strides;
  std::int32_t n, c, h, w, d = 1;
};

/// The range of memory that a tensor's elements lie in.
struct Extent {
  std::size_t before;  // elements before the one at index 0 of every axis
  std::size_t count;   // elements in total
};
Extent extent(const Tensor& tensor);

/// Calls use(offset from the element at index 0) for every element, in the order of the axes.
template <typename Use>
void each_offset(const Tensor& tensor, Use use) {
  const Strides& s = tensor.strides;
  for (std::int32_t n = 0; n < tensor.n; ++n) {
    for (std::int32_t c = 0; c < tensor.c; ++c) {
      for (std::int32_t z = 0; z < tensor.d; ++z) {
        for (std::int32_t y = 0; y < tensor.h; ++y) {
          for (std::int32_t x = 0; x < tensor.w; ++x) {
            use(std::ptrdiff_t{n} * s.n + std::ptrdiff_t{c} * s.c + std::ptrdiff_t{z} * s.d +
                std::ptrdiff_t{y} * s.h + std::ptrdiff_t{x} * s.w);
          }
        }
      }
    }
  }
}

/// The tensors of a problem, with the names of problem.hpp. `measure` must accept the problem.
struct Tensors {
  Tensor x, w, y;
};
Tensors tensors_of(const Problem& problem);

/// The tensors that a problem reads and writes. Those it does not have are empty. An element of an
/// image of kFilterImage is a pixel: the bits of a float are its four bytes.
struct Operands {
  Tensor input, weight, bias, output;
  /// The operands beside the input that a plan reads as it runs.
  Tensor second = {}, third = {};
};
Operands operands_of(const Problem& problem);

/// Whether a value is the NaN that fills unwritten memory.
bool is_filler(float value);

/// Memory for a tensor. A specific NaN, the filler, initially fills all of it: the elements and the
/// memory between and around them.
class Array {
 public:
  explicit Array(const Tensor& tensor);

  /// The element at index 0 of every axis.
  float* origin() { return memory_.data() + origin_; }
  const float* origin() const { return memory_.data() + origin_; }
  /// The same, or null for a problem that has no such operand.
  const float* origin_or_null() const { return tensor_.n == 0 ? nullptr : origin(); }

  /// Writes every element, in the order of the axes.
  template <typename Next>
  void fill(Next next) {
    each_offset(tensor_, [&](std::ptrdiff_t offset) { origin()[offset] = next(); });
  }

  /// Reads every element, in the order of the axes.
  std::vector<float> elements() const;

  /// Fills everything with the filler again.
  void clear();

  /// Whether the memory between and around the elements still holds the filler.
  bool is_intact() const;

  bool has_bits_of(const Array& other) const;

 private:
  Tensor tensor_;
  std::size_t origin_;
  std::vector<float> memory_;
};

}  // namespace corr2d::sweep
