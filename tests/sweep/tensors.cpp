#include "tensors.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace corr2d::sweep {
namespace {

constexpr std::uint32_t kFillerBits = 0x7fc5a5a5;

float filler() {
  float value;
  std::memcpy(&value, &kFillerBits, sizeof(value));
  return value;
}

constexpr Tensor kNone = {{0, 0, 0, 0}, 0, 0, 0, 0};

Tensor row_of(std::int64_t elements) {
  return {{0, 0, 0, 1}, elements > 0 ? 1 : 0, 1, 1, static_cast<std::int32_t>(elements)};
}

/// The array with these steps. Its memory may have gaps if it has at most four axes.
Tensor array_of(const Problem& p, const Axes& steps) {
  constexpr std::int32_t kTensorAxes = 4;
  std::int32_t sizes[kTensorAxes] = {1, 1, 1, 1}, strides[kTensorAxes] = {};
  std::int64_t reach = 1;
  bool is_empty = false;
  for (std::int32_t i = 0; i < p.rank; ++i) {
    const std::int32_t size = p.sizes.at[i];
    is_empty = is_empty || size == 0;
    reach += (std::int64_t{size} - 1) * steps.at[i];
    if (p.rank > kTensorAxes) continue;
    sizes[kTensorAxes - p.rank + i] = size;
    strides[kTensorAxes - p.rank + i] = steps.at[i];
  }
  if (is_empty) return kNone;
  if (p.rank > kTensorAxes) return row_of(reach);
  return {{strides[0], strides[1], strides[2], strides[3]}, sizes[0], sizes[1], sizes[2], sizes[3]};
}

Operands operands_of_array(const Problem& p) {
  Geometry g = {};
  measure(p, &g);
  std::int64_t elements = 1;
  for (std::int32_t i = 0; i < p.rank; ++i) elements *= p.sizes.at[i];
  const Tensor all = row_of(elements), output = row_of(g.output_width);
  switch (p.kind) {
    case Kind::kElementwise: {
      const std::int32_t operands = corr2d::operands_of(p.operation);
      return {array_of(p, p.input_steps),
              kNone,
              kNone,
              output,
              operands > 1 ? array_of(p, p.second_steps) : kNone,
              operands > 2 ? array_of(p, p.third_steps) : kNone};
    }
    case Kind::kCopy:
      return {array_of(p, p.input_steps), kNone, kNone, array_of(p, p.output_steps)};
    case Kind::kNormalise: {
      const Tensor affine = row_of(std::int64_t{p.groups} * p.sizes.at[1]);
      return {all,
              kNone,
              kNone,
              output,
              p.has_scale != 0 ? affine : kNone,
              p.has_bias != 0 ? affine : kNone};
    }
    case Kind::kInterpolate:
      return {row_of(std::int64_t{p.sizes.at[0]} * p.input_height * p.input_width * p.sizes.at[3]),
              kNone, kNone, output};
    case Kind::kBatchNormScale:
      return {all, kNone, kNone, output, all, row_of(2 * elements)};
    default:
      return {all, kNone, kNone, output};
  }
}

}  // namespace

bool is_filler(float value) { return std::memcmp(&value, &kFillerBits, sizeof(value)) == 0; }

Extent extent(const Tensor& t) {
  if (t.n == 0) return {0, 0};
  Extent extent = {0, 1};
  const auto along = [&extent](std::int32_t stride, std::int32_t size) {
    const auto reach =
        static_cast<std::size_t>(std::abs(stride)) * static_cast<std::size_t>(size - 1);
    extent.count += reach;
    if (stride < 0) extent.before += reach;
  };
  along(t.strides.n, t.n);
  along(t.strides.c, t.c);
  along(t.strides.h, t.h);
  along(t.strides.w, t.w);
  along(t.strides.d, t.d);
  return extent;
}

Tensors tensors_of(const Problem& problem) {
  Geometry g = {};
  measure(problem, &g);
  const Problem p = normalised(problem, g);
  const bool transposed = p.kind == Kind::kTransposed;
  return {
      {p.input_strides, p.batch, p.input_channels, p.input_height, p.input_width, p.input_depth},
      {p.weight_strides, transposed ? p.output_channels / p.groups : p.output_channels,
       transposed ? p.input_channels : p.input_channels / p.groups, p.kernel_height, p.kernel_width,
       p.kernel_depth},
      {p.output_strides, p.batch, p.output_channels, g.output_height, g.output_width,
       g.output_depth}};
}

Operands operands_of(const Problem& p) {
  if (is_array(p.kind)) return operands_of_array(p);
  const auto [x, w, y] = tensors_of(p);
  const std::int32_t taps = p.kernel_height * p.kernel_width;
  const std::int32_t windows = y.h * y.w;
  const Tensor unfolded = {{p.input_channels * taps * windows, taps * windows, windows, 1},
                           p.batch,
                           p.input_channels,
                           taps,
                           windows};
  const Tensor bias = {{0, 0, 0, 1}, p.has_bias != 0 ? 1 : 0, 1, 1, p.output_channels};
  switch (p.kind) {
    case Kind::kForward:
    case Kind::kTransposed:
      break;
    case Kind::kFilterImage: {
      const Tensor pixels = {{0, 0, p.input_width, 1}, 1, 1, p.input_height, p.input_width};
      const Tensor kernel = {{0, 0, p.kernel_width, 1}, 1, 1, p.kernel_height, p.kernel_width};
      return {pixels, kernel, {{0, 0, 0, 1}, p.has_bias != 0 ? 1 : 0, 1, 1, 1}, pixels};
    }
    case Kind::kMatchTemplate: {
      const Tensor mask = {{0, taps, p.kernel_width, 1},
                           p.mask_channels != 0 ? 1 : 0,
                           p.mask_channels,
                           p.kernel_height,
                           p.kernel_width};
      return {x, w, mask, y};
    }
    case Kind::kFindPeaks:
      return {x, kNone, kNone, y};
    case Kind::kPhaseCorrelate:
      return {x, x, kNone, y};
    case Kind::kBackwardInput:
      return {y, w, kNone, x};
    case Kind::kBackwardWeight:
      return {x, y, kNone, w};
    case Kind::kMaxPoolBackward:
      return {x, y, kNone, x};
    case Kind::kMaxPool:
    case Kind::kAveragePool:
    case Kind::kPad:
      return {x, kNone, kNone, y};
    case Kind::kAveragePoolBackward:
    case Kind::kPadBackward:
      return {y, kNone, kNone, x};
    case Kind::kUnfold:
      return {x, kNone, kNone, unfolded};
    case Kind::kFold:
      return {unfolded, kNone, kNone, x};
    default:
      break;  // array kinds
  }
  return {x, w, bias, y, p.has_add != 0 ? y : kNone};
}

Array::Array(const Tensor& tensor) : tensor_(tensor) {
  const Extent reach = extent(tensor);
  origin_ = kGuard + reach.before;
  // Not empty, since plans must not be given null.
  memory_.assign(std::max<std::size_t>(1, reach.count + 2 * kGuard), filler());
}

std::vector<float> Array::elements() const {
  std::vector<float> elements;
  each_offset(tensor_, [&](std::ptrdiff_t offset) { elements.push_back(origin()[offset]); });
  return elements;
}

void Array::clear() { std::fill(memory_.begin(), memory_.end(), filler()); }

bool Array::is_intact() const {
  Array rest = *this;
  rest.fill(filler);
  return std::all_of(rest.memory_.begin(), rest.memory_.end(), is_filler);
}

bool Array::has_bits_of(const Array& other) const {
  // Compares bits, because NaN does not equal itself.
  const auto same = [](float a, float b) { return std::memcmp(&a, &b, sizeof(a)) == 0; };
  return std::equal(memory_.begin(), memory_.end(), other.memory_.begin(), other.memory_.end(),
                    same);
}

}  // namespace corr2d::sweep
