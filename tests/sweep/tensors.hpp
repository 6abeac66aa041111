#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "corr2d/problem.hpp"

// GCC has a macro for it, clang a feature.
#if defined(__SANITIZE_ADDRESS__)
#define CORR2D_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORR2D_ADDRESS_SANITIZER 1
#endif
#endif

namespace corr2d::sweep {

// Where the address sanitizer watches, memory ends where its tensor does. Elsewhere more than the
// widest tile lies around it, for the filler to show what has been read or written there.
#if defined(CORR2D_ADDRESS_SANITIZER)
constexpr std::size_t kGuard = 0;
#else
constexpr std::size_t kGuard = 64;
#endif

/// A tensor's strides and sizes.
struct Tensor {
  Strides strides;
  std::int32_t n, c, h, w;
};

/// The memory that a tensor reaches over, both ends included.
struct Extent {
  std::size_t before;  // elements in front of the one at index 0 of every axis
  std::size_t count;   // all of them
};
Extent extent(const Tensor& tensor);

/// Calls `use` with each element's distance from the first, in the order of the axes.
template <typename Use>
void each_offset(const Tensor& tensor, Use use) {
  const Strides& s = tensor.strides;
  for (std::int32_t n = 0; n < tensor.n; ++n) {
    for (std::int32_t c = 0; c < tensor.c; ++c) {
      for (std::int32_t y = 0; y < tensor.h; ++y) {
        for (std::int32_t x = 0; x < tensor.w; ++x) {
          use(std::ptrdiff_t{n} * s.n + std::ptrdiff_t{c} * s.c + std::ptrdiff_t{y} * s.h +
              std::ptrdiff_t{x} * s.w);
        }
      }
    }
  }
}

/// The tensors of a problem, by the names that problem.hpp has for them. The problem must be one
/// that `measure` accepts.
struct Tensors {
  Tensor x, w, y;
};
Tensors tensors_of(const Problem& problem);

/// The tensors that a problem reads and writes. What there is none of is empty.
struct Operands {
  Tensor input, weight, bias, output;
};
Operands operands_of(const Problem& problem);

/// Whether a value is the NaN that fills memory before it is written.
bool is_filler(float value);

/// Memory for a tensor, of which everything is one peculiar NaN at first: each element until it is
/// written, and whatever lies between the elements and around them.
class Array {
 public:
  explicit Array(const Tensor& tensor);

  /// The element at index 0 of every axis.
  float* origin() { return memory_.data() + origin_; }
  const float* origin() const { return memory_.data() + origin_; }

  /// Writes every element, in the order of the axes.
  template <typename Next>
  void fill(Next next) {
    each_offset(tensor_, [&](std::ptrdiff_t offset) { origin()[offset] = next(); });
  }

  /// Reads every element, in the order of the axes.
  std::vector<float> elements() const;

  /// Makes everything what it was at first.
  void clear();

  /// Whether what lies between and around the elements is what it was at first.
  bool is_intact() const;

  bool has_bits_of(const Array& other) const;

 private:
  Tensor tensor_;
  std::size_t origin_;
  std::vector<float> memory_;
};

}  // namespace corr2d::sweep
