#pragma once

#include "corr2d/problem.hpp"

namespace corr2d::oracle {

/// Returns the index of the element that position `i` of a padded axis takes its value from, or -1
/// for the fill value. Moves step by step towards the axis.
inline int resolve(int i, int size, PaddingMode mode) {
  while (i < 0 || i >= size) {
    switch (mode) {
      case PaddingMode::kConstant:
        return -1;
      case PaddingMode::kReplicate:
        i += i < 0 ? 1 : -1;
        break;
      case PaddingMode::kCircular:
        i += i < 0 ? size : -size;
        break;
      case PaddingMode::kReflect:
        if (size == 1) return 0;
        i = i < 0 ? -i : 2 * (size - 1) - i;
        break;
      case PaddingMode::kSymmetric:
        i = i < 0 ? -1 - i : 2 * size - 1 - i;
        break;
    }
  }
  return i;
}

}  // namespace corr2d::oracle
