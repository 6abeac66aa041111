#include "core/array_problem.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace corr2d {
namespace {

/// The number of elements, or a number above kMaxElements if it exceeds kMaxElements.
std::int64_t elements_of(const Problem& p, std::int32_t without_axes) {
  std::int64_t product = 1;
  bool is_empty = false;
  for (std::int32_t i = 0; i < p.rank; ++i) {
    const std::int32_t size = (without_axes >> i & 1) != 0 ? 1 : p.sizes.at[i];
    is_empty = is_empty || size == 0;
    // Below 2^60: the product was at most kMaxElements.
    if (product <= kMaxElements) product *= std::max(size, 1);
  }
  return is_empty && product <= kMaxElements ? 0 : product;
}

/// Elements from the first to the last that the steps reach, both included.
std::int64_t span_of(const Problem& p, const Axes& steps) {
  std::int64_t span = 1;
  for (std::int32_t i = 0; i < p.rank; ++i) {
    const std::int64_t last = std::max(p.sizes.at[i], 1) - 1;
    span += last * std::abs(std::int64_t{steps.at[i]});
  }
  return span;
}

/// True if no two elements share a place: each step exceeds the span of all smaller ones.
bool is_one_to_one(const Problem& p, const Axes& steps) {
  std::int64_t reached = 0;
  std::int32_t visited = 0;
  for (std::int32_t n = 0; n < p.rank; ++n) {
    std::int32_t shortest = -1;
    for (std::int32_t i = 0; i < p.rank; ++i) {
      if ((visited >> i & 1) != 0) continue;
      if (shortest < 0 || std::abs(steps.at[i]) < std::abs(steps.at[shortest])) shortest = i;
    }
    visited |= 1 << shortest;
    const std::int64_t last = std::max(p.sizes.at[shortest], 1) - 1;
    const std::int64_t step = std::abs(std::int64_t{steps.at[shortest]});
    if (last > 0 && step <= reached) return false;
    reached += last * step;
  }
  return true;
}

/// True if the set bits of `axes` are neighbours.
bool are_neighbours(std::int32_t axes) {
  const std::int32_t lowest = axes & -axes;
  return lowest == 0 || (axes / lowest & (axes / lowest + 1)) == 0;
}

Status check_kind(const Problem& p, std::int64_t elements, std::int64_t outputs) {
  switch (p.kind) {
    case Kind::kElementwise:
    case Kind::kCopy: {
      const Axes* const steps[] = {&p.input_steps, &p.second_steps, &p.third_steps};
      const std::int32_t operands = p.kind == Kind::kCopy ? 1 : operands_of(p.operation);
      for (std::int32_t i = 0; i < operands; ++i) {
        if (span_of(p, *steps[i]) > kMaxElements) return Status::kTooLarge;
      }
      if (p.kind == Kind::kElementwise || elements == 0) return Status::kOk;
      if (span_of(p, p.output_steps) > kMaxElements) return Status::kTooLarge;
      return is_one_to_one(p, p.output_steps) ? Status::kOk : Status::kBadLayout;
    }
    case Kind::kReduce: {
      const bool is_sum = p.reduction == Reduction::kSum || p.reduction == Reduction::kMean;
      if (!is_sum && elements == 0 && outputs > 0) return Status::kBadSize;
      const bool gives_index =
          p.reduction == Reduction::kArgMax || p.reduction == Reduction::kArgMin;
      return gives_index && !are_neighbours(p.reduced_axes) ? Status::kUnsupported : Status::kOk;
    }
    case Kind::kInterpolate: {
      if (p.rank != 4 || p.input_height < 1 || p.input_width < 1) return Status::kBadSize;
      if (std::min({p.sizes.at[1], p.sizes.at[2], p.sizes.at[3]}) < 1) return Status::kBadSize;
      constexpr auto kMaxScale = static_cast<float>(kMaxElements);
      for (const float scale : {p.row_scale, p.column_scale}) {
        if (!(scale >= 0 && scale <= kMaxScale)) return Status::kBadSize;
      }
      if (!(p.sample_offset >= 0 && p.sample_offset <= 1)) return Status::kBadSize;
      if (!std::isfinite(p.cubic_coefficient)) return Status::kBadSize;
      Problem input = p;
      input.sizes.at[1] = p.input_height;
      input.sizes.at[2] = p.input_width;
      return elements_of(input, 0) > kMaxElements ? Status::kTooLarge : Status::kOk;
    }
    case Kind::kBatchNormScale:
      return p.rank == 1 ? Status::kOk : Status::kBadSize;
    default:
      if (p.rank != 3) return Status::kBadSize;
      return p.kind == Kind::kNormalise && p.groups < 1 ? Status::kBadGroups : Status::kOk;
  }
}

}  // namespace

Status measure_array(const Problem& p, Geometry* geometry) {
  if (p.rank < 0 || p.rank > kMaxAxes) return Status::kBadSize;
  for (std::int32_t i = 0; i < p.rank; ++i) {
    if (p.sizes.at[i] < 0) return Status::kBadSize;
  }
  const std::int32_t reduced = p.kind == Kind::kReduce ? p.reduced_axes : 0;
  const std::int64_t elements = elements_of(p, 0);
  const std::int64_t outputs =
      p.kind == Kind::kBatchNormScale ? 2 * elements : elements_of(p, reduced);
  if (elements > kMaxElements || outputs > kMaxElements) return Status::kTooLarge;
  if (const Status status = check_kind(p, elements, outputs); status != Status::kOk) return status;
  *geometry = {};
  geometry->output_height = 1;
  geometry->output_width = static_cast<std::int32_t>(outputs);
  return Status::kOk;
}

}  // namespace corr2d
