#include "algorithms/cuts.hpp"

#include "algorithms/algorithm.hpp"

namespace corr2d {

bool Cuts::cut(std::int32_t outputs, std::int32_t lead, std::int32_t tail, std::int32_t block) {
  const std::int32_t between = outputs - lead - tail;
  const std::int32_t blocks = (lead > 0 ? 1 : 0) + divide_up(between, block) + (tail > 0 ? 1 : 0);
  if (!starts_.reset(static_cast<std::size_t>(blocks) + 1)) return false;
  std::int32_t* start = starts_.data();
  if (lead > 0) *start++ = 0;
  for (std::int32_t at = 0; at < between; at += block) *start++ = lead + at;
  if (tail > 0) *start++ = outputs - tail;
  *start = outputs;
  return true;
}

}  // namespace corr2d
