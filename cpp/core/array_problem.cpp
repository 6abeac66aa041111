#include "core/array_problem.hpp"

#include <algorithm>
#include <cmath>

#include "core/strided_axis.hpp"

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

/// The axes of an array with these steps.
struct SteppedAxes {
  SteppedAxes(const Problem& p, const Axes& steps) {
    for (std::int32_t i = 0; i < p.rank; ++i) at[i] = {steps.at[i], p.sizes.at[i]};
  }
  StridedAxis at[kMaxAxes];
};

std::int64_t span(const Problem& p, const Axes& steps) {
  return span_of(SteppedAxes(p, steps).at, p.rank);
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
        if (span(p, *steps[i]) > kMaxElements) return Status::kTooLarge;
      }
      if (p.kind == Kind::kElementwise || elements == 0) return Status::kOk;
      if (span(p, p.output_steps) > kMaxElements) return Status::kTooLarge;
      SteppedAxes output(p, p.output_steps);
      return is_one_to_one(output.at, p.rank) ? Status::kOk : Status::kBadLayout;
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
