#include "algorithms/arrays/loops.hpp"

#include <algorithm>

namespace corr2d {

std::int32_t Loops::count(std::int32_t first, std::int32_t end) const {
  std::int32_t product = 1;
  for (std::int32_t i = first; i < end; ++i) product *= at[i].size;
  return product;
}

void Loops::locate(std::int32_t index, std::int32_t end, std::int32_t (&offsets)[kArrays]) const {
  std::fill(offsets, offsets + kArrays, 0);
  for (std::int32_t i = end - 1; i >= 0; --i) {
    const std::int32_t place = index % at[i].size;
    index /= at[i].size;
    for (std::int32_t a = 0; a < kArrays; ++a) offsets[a] += place * at[i].steps[a];
  }
}

Loop Loops::remove(std::int32_t i) {
  const Loop removed = at[i];
  std::copy(at + i + 1, at + rank, at + i);
  --rank;
  return removed;
}

void Loops::simplify() {
  for (std::int32_t i = rank - 1; i >= 0 && rank > 1; --i) {
    if (at[i].size == 1) {
      remove(i);
    } else if (i + 1 < rank) {
      const Loop& inner = at[i + 1];
      bool is_one = true;
      for (std::int32_t a = 0; a < kArrays; ++a) {
        is_one = is_one && at[i].steps[a] == inner.steps[a] * inner.size;
      }
      if (is_one) {
        const std::int32_t outer_size = at[i].size;
        remove(i);
        at[i].size *= outer_size;
      }
    }
  }
}

Loops loops_of(const Problem& p) {
  Loops loops;
  loops.rank = std::max(p.rank, 1);
  loops.at[0] = {1, {}};
  const bool reduces = p.kind == Kind::kReduce, copies = p.kind == Kind::kCopy;
  const std::int32_t operands = copies ? 1 : operands_of(p.operation);
  const Axes* const steps[] = {&p.input_steps, &p.second_steps, &p.third_steps};
  std::int32_t inner = 1, inner_outputs = 1;
  for (std::int32_t i = p.rank - 1; i >= 0; --i) {
    Loop& loop = loops.at[i];
    loop = {p.sizes.at[i], {}};
    if (reduces) {
      loop.steps[0] = inner;
    } else {
      for (std::int32_t a = 0; a < operands; ++a) loop.steps[a] = steps[a]->at[i];
    }
    if (copies) {
      loop.steps[kOutputArray] = p.output_steps.at[i];
    } else if (!reduces || (p.reduced_axes >> i & 1) == 0) {
      loop.steps[kOutputArray] = inner_outputs;
      inner_outputs *= loop.size;
    }
    inner *= loop.size;
  }
  return loops;
}

}  // namespace corr2d
