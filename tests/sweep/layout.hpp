#pragma once

#include "digits.hpp"
#include "tensors.hpp"

namespace corr2d::sweep {

/// How a tensor lies in memory.
struct Layout {
  const char* order;  // the axes, the outermost first
  std::int32_t step;  // between neighbours along the innermost axis
  std::int32_t gap;   // elements left free behind each axis
  bool flipped;       // rows and columns run backwards
  bool shared;        // images and channels all lie in one place: only to be read
};

/// The first is left for the library to fill in.
constexpr Layout kLayouts[] = {
    {"nchw", 1, 0, false, false}, {"nhwc", 1, 0, false, false}, {"nhwc", 1, 2, false, false},
    {"nchw", 1, 1, false, false}, {"nchw", 2, 1, false, false}, {"nchw", 1, 0, true, false},
    {"ncwh", 1, 0, false, false}, {"nchw", 1, 0, false, true},
};
constexpr std::int32_t kOneToOneLayouts = 7;

/// Of a weight: oihw, hwio, ohwi and ihwo, then a kernel turned by half a turn.
constexpr Layout kWeightLayouts[] = {
    {"nchw", 1, 0, false, false}, {"hwcn", 1, 0, false, false}, {"nhwc", 1, 0, false, false},
    {"chwn", 1, 0, false, false}, {"nchw", 1, 0, true, false},  {"nchw", 1, 2, false, false},
};

Strides strides_of(const Layout& layout, const Tensor& tensor);

/// Gives the tensors of a problem the layouts of these numbers in the lists.
void lay_out(std::int32_t x, std::int32_t w, std::int32_t y, Problem* problem);

}  // namespace corr2d::sweep
