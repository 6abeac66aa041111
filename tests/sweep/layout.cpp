#include "layout.hpp"

#include <algorithm>
#include <cstdint>

namespace corr2d::sweep {

Strides strides_of(const Layout& layout, const Tensor& t) {
  Strides s = {0, 0, 0, 0, 0};
  std::int32_t reach = layout.step;
  for (int i = 4; i >= 0; --i) {
    const auto place = [&](std::int32_t* stride, std::int32_t size, bool shared, bool flipped) {
      if (shared) return;
      *stride = flipped ? -reach : reach;
      // The next stride may overflow only if no element uses it, or if the tensor is empty.
      const std::int64_t next = std::int64_t{reach} * size + layout.gap;
      reach = static_cast<std::int32_t>(std::min<std::int64_t>(next, INT32_MAX));
    };
    switch (layout.order[i]) {
      case 'n':
        place(&s.n, t.n, layout.shared, false);
        break;
      case 'c':
        place(&s.c, t.c, layout.shared, false);
        break;
      case 'd':
        // A single plane leaves the other strides as they are without a depth.
        if (t.d != 1) place(&s.d, t.d, false, layout.flipped);
        break;
      case 'h':
        place(&s.h, t.h, false, layout.flipped);
        break;
      default:
        place(&s.w, t.w, false, layout.flipped);
        break;
    }
  }
  return s;
}

void lay_out(std::int32_t x, std::int32_t w, std::int32_t y, Problem* problem) {
  const Tensors tensors = tensors_of(*problem);
  if (x != 0) problem->input_strides = strides_of(kLayouts[x], tensors.x);
  if (w != 0) problem->weight_strides = strides_of(kWeightLayouts[w], tensors.w);
  if (y != 0) problem->output_strides = strides_of(kLayouts[y], tensors.y);
}

}  // namespace corr2d::sweep
