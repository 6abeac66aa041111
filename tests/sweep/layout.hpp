#pragma once

#include "choices.hpp"
#include "tensors.hpp"

namespace corr2d::sweep {

/// The memory layout of a tensor.
struct Layout {
  const char* order;  // the axes, outermost first
  std::int32_t step;  // stride of the innermost axis
  std::int32_t gap;   // unused elements after each axis
  bool flipped;       // negative strides of planes, rows and columns
  bool shared;        // strides of images and channels are 0: for reading only
};

/// Layouts of inputs and outputs. The first one stands for zero strides, which the library replaces
/// by contiguous ones.
constexpr Layout kLayouts[] = {
    {"ncdhw", 1, 0, false, false}, {"ndhwc", 1, 0, false, false}, {"ndhwc", 1, 2, false, false},
    {"ncdhw", 1, 1, false, false}, {"ncdhw", 2, 1, false, false}, {"ncdhw", 1, 0, true, false},
    {"ncwhd", 1, 0, false, false}, {"ncdhw", 1, 0, false, true},
};
constexpr std::int32_t kOneToOneLayouts = 7;

/// Layouts of a weight: oihw, hwio, ohwi, ihwo, a kernel rotated by 180 degrees, and one with gaps.
constexpr Layout kWeightLayouts[] = {
    {"ncdhw", 1, 0, false, false}, {"dhwcn", 1, 0, false, false}, {"ndhwc", 1, 0, false, false},
    {"cdhwn", 1, 0, false, false}, {"ncdhw", 1, 0, true, false},  {"ncdhw", 1, 2, false, false},
};

Strides strides_of(const Layout& layout, const Tensor& tensor);

/// Sets the strides of a problem's tensors to the layouts with these indices.
void lay_out(std::int32_t x, std::int32_t w, std::int32_t y, Problem* problem);

}  // namespace corr2d::sweep
