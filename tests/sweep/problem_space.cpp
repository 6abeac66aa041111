#include "problem_space.hpp"

#include <set>

#include "kernels/list.hpp"
#include "layout.hpp"

namespace corr2d::sweep {
namespace {

constexpr Kind kCorrelations[] = {Kind::kForward, Kind::kTransposed, Kind::kBackwardInput,
                                  Kind::kBackwardWeight};

/// Upper limits of ranges that start at 1 (pads: at 0).
struct WindowLimits {
  std::int32_t size, kernel, stride, dilation, pad;
};

/// Enumerates sizes, kernels, strides, dilations and pads, independently for each axis and side.
void choose_window(const WindowLimits& max, Choices* choose, Problem* p) {
  p->input_height = choose->between(1, max.size);
  p->input_width = choose->between(1, max.size);
  p->kernel_height = choose->between(1, max.kernel);
  p->kernel_width = choose->between(1, max.kernel);
  p->stride_height = choose->between(1, max.stride);
  p->stride_width = choose->between(1, max.stride);
  p->dilation_height = choose->between(1, max.dilation);
  p->dilation_width = choose->between(1, max.dilation);
  p->pad_top = choose->between(0, max.pad);
  p->pad_bottom = choose->between(0, max.pad);
  p->pad_left = choose->between(0, max.pad);
  p->pad_right = choose->between(0, max.pad);
}

void set_channels(std::int32_t groups, std::int32_t inputs, std::int32_t outputs, Problem* p) {
  p->groups = groups;
  p->input_channels = groups * inputs;
  p->output_channels = groups * outputs;
}

void pick_channels(Choices* choose, Problem* p) {
  set_channels(choose->at_random({1, 1, 2, 3}), choose->at_random({1, 2, 3}),
               choose->at_random({1, 2, 3, 5}), p);
}

bool may_have_bias(Kind kind) { return kind == Kind::kForward || kind == Kind::kTransposed; }

/// Picks the remaining members at random, except for the layouts.
void pick_options(Choices* choose, Problem* p) {
  p->batch = choose->at_random({1, 1, 2});
  p->has_bias = choose->at_random({0, 1});
  if (!may_have_bias(p->kind)) p->has_bias = 0;
  p->deterministic = choose->at_random({0, 1});
  p->fill_value = choose->at_random({0, 0, 1}) != 0 ? 0.5f : 0.0f;
  const std::int32_t local_accuracy = choose->at_random({0, 0, 1});
  const std::int32_t has_add = choose->at_random({0, 0, 1});
  if (p->kind == Kind::kForward) {
    p->local_accuracy = local_accuracy;
    p->has_add = has_add;
  }
}

/// Picks layouts at random for a problem that is otherwise complete. Returns false if it is
/// invalid.
bool pick_layouts(Choices* choose, Problem* p) {
  const std::int32_t x = choose->at_random({0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  const std::int32_t w = choose->at_random({0, 0, 0, 0, 1, 2, 3, 4, 5});
  const std::int32_t y = choose->at_random({0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, w, y, p);
  return true;
}

/// Every small correlation of this kind.
bool small_correlation(Kind kind, Choices* choose, Problem* p) {
  p->kind = kind;
  choose_window({7, 4, 3, 3, 2}, choose, p);
  if (kind == Kind::kForward) {
    const std::int32_t groups = choose->between(1, 2);
    const std::int32_t inputs = choose->between(1, 2);
    set_channels(groups, inputs, choose->between(1, 3), p);
  } else {
    pick_channels(choose, p);
  }
  pick_options(choose, p);
  return pick_layouts(choose, p);
}

bool forward(Choices* choose, Problem* p) { return small_correlation(Kind::kForward, choose, p); }
bool backward_input(Choices* choose, Problem* p) {
  return small_correlation(Kind::kBackwardInput, choose, p);
}
bool backward_weight(Choices* choose, Problem* p) {
  return small_correlation(Kind::kBackwardWeight, choose, p);
}

bool transposed(Choices* choose, Problem* p) {
  p->kind = Kind::kTransposed;
  choose_window({5, 4, 3, 3, 2}, choose, p);
  p->output_padding_height = choose->between(0, 2);
  p->output_padding_width = choose->between(0, 2);
  pick_channels(choose, p);
  pick_options(choose, p);
  return pick_layouts(choose, p);
}

/// Every padding mode, with padding up to several times the size of the image.
bool padding_modes(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kForward : Kind::kBackwardWeight;
  p->input_height = choose->one_of({1, 2, 3, 5});
  p->input_width = choose->one_of({1, 2, 3, 6});
  p->kernel_height = choose->between(1, 3);
  p->kernel_width = choose->between(1, 3);
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 3);
  p->dilation_height = choose->between(1, 2);
  p->dilation_width = choose->between(1, 2);
  p->pad_top = choose->one_of({0, 1, 4});
  p->pad_bottom = choose->one_of({0, 2, 7});
  p->pad_left = choose->one_of({0, 1, 2, 9});
  p->pad_right = choose->one_of({0, 1, 3});
  p->padding_mode = static_cast<PaddingMode>(choose->below(5));
  pick_channels(choose, p);
  pick_options(choose, p);
  return pick_layouts(choose, p);
}

/// Every combination of the layouts of the three tensors.
bool layouts(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  const std::int32_t x = choose->below(std::size(kLayouts));
  const std::int32_t w = choose->below(std::size(kWeightLayouts));
  const std::int32_t y = choose->below(std::size(kLayouts));
  p->input_height = choose->one_of({1, 4});
  p->input_width = choose->one_of({1, 3, 9});
  p->kernel_height = choose->one_of({1, 3});
  p->kernel_width = choose->between(1, 2);
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 2);
  p->pad_left = choose->between(0, 1);
  p->pad_bottom = choose->between(0, 1);
  const std::int32_t groups = choose->between(1, 2);
  set_channels(groups, choose->at_random({1, 3}), choose->one_of({1, 5}), p);
  pick_options(choose, p);
  p->batch = choose->between(1, 2);
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, w, y, p);
  return true;
}

bool activations(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kForward : Kind::kTransposed;
  p->activation =
      static_cast<Activation>(choose->below(static_cast<std::int32_t>(kLastActivation) + 1));
  p->activation_alpha = choose->at_random({0, 1}) != 0 ? 0.25f : -0.5f;
  p->input_height = choose->one_of({1, 3});
  p->input_width = choose->between(1, 9);
  p->kernel_height = choose->between(1, 2);
  p->kernel_width = choose->one_of({1, 3});
  p->stride_width = choose->between(1, 2);
  p->pad_right = choose->between(0, 2);
  const std::int32_t groups = choose->between(1, 2);
  const std::int32_t inputs = choose->one_of({1, 3});
  set_channels(groups, inputs, choose->one_of({1, 2, 3, 4, 5, 7}), p);
  pick_options(choose, p);
  if (choose->below(2) != 0) p->has_bias = 1 - p->has_bias;
  if (choose->below(2) != 0) p->deterministic = 1 - p->deterministic;
  return pick_layouts(choose, p);
}

/// Sets the number of channels of the tensor that this kind of problem writes to `outputs`.
void set_written_channels(std::int32_t groups, std::int32_t outputs, std::int32_t inputs,
                          Problem* p) {
  if (p->kind == Kind::kBackwardInput) {
    set_channels(groups, outputs, inputs, p);
  } else {
    set_channels(groups, inputs, outputs, p);
  }
}

/// Sets the width so that the tensor that is written has `columns` columns; with a fractional
/// stride, `columns` columns in each phase.
bool set_written_columns(std::int32_t columns, std::int32_t rest, Problem* p) {
  const std::int32_t pads = p->pad_left + p->pad_right;
  const auto width = [&](std::int32_t windows) {
    return (windows - 1) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1 - pads;
  };
  switch (p->kind) {
    default:
      p->input_width = width(columns) + rest % p->stride_width;
      break;
    case Kind::kTransposed:
      p->input_width = columns;
      break;
    case Kind::kBackwardInput:
      p->input_width = columns * p->stride_width + rest % p->stride_width;
      break;
    case Kind::kBackwardWeight: {
      // The weight is written; y is the kernel that slides over x.
      const std::int32_t windows = p->kernel_width;
      p->kernel_width = columns;
      p->input_width = width(windows);
      break;
    }
  }
  return p->input_width > 0;
}

bool tiles(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  const std::int32_t columns = choose->one_of(tile_edges().columns);
  const std::int32_t outputs = choose->one_of(tile_edges().channels);
  const std::int32_t inputs = choose->one_of({1, 3});
  set_written_channels(choose->at_random({1, 1, 2}), outputs, inputs, p);
  p->input_height = choose->one_of({2, 3, 4, 6, 7, 10});
  p->kernel_height = choose->between(1, 3);
  p->kernel_width = choose->between(1, 3);
  p->stride_width = choose->between(1, 2);
  p->dilation_width = choose->between(1, 2);
  p->pad_left = choose->between(0, 1);
  p->pad_right = choose->at_random({0, 1, 2});
  p->stride_height = choose->at_random({1, 2});
  pick_options(choose, p);
  p->batch = 1;
  p->deterministic = choose->below(2);
  if (!set_written_columns(columns, choose->at_random({0, 1}), p)) return false;
  return pick_layouts(choose, p);
}

/// 1 x 1 kernels, which are matrix products, with columns and channels around the tile sizes.
bool pointwise(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  p->input_height = choose->one_of({1, 2, 3, 5});
  p->input_width = choose->one_of(tile_edges().columns);
  const std::int32_t groups = choose->between(1, 2);
  const std::int32_t inputs = choose->one_of({1, 2, 7});
  set_written_channels(groups, choose->one_of(tile_edges().channels), inputs, p);
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 2);
  p->pad_left = choose->one_of({0, 1});
  p->pad_bottom = choose->one_of({0, 2});
  const std::int32_t x = choose->one_of({0, 1, 3});
  const std::int32_t y = choose->one_of({0, 1, 3});
  pick_options(choose, p);
  p->deterministic = choose->below(2);
  if (p->kind == Kind::kBackwardWeight) {
    // y is the kernel that slides. It is 1 x 1 if the weight is as large as x.
    p->kernel_height = p->input_height;
    p->kernel_width = p->input_width;
  }
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, choose->at_random({0, 1, 2, 3, 4}), y, p);
  return true;
}

/// Large kernels, strides, dilations and pads: each is larger than the others and than the input in
/// some problems.
bool large_windows(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  p->input_height = choose->one_of({2, 9});
  p->input_width = choose->one_of({5, 16, 33});
  p->kernel_height = choose->one_of({1, 5, 11});
  p->kernel_width = choose->one_of({2, 7, 13});
  p->stride_height = choose->one_of({1, 4, 6});
  p->stride_width = choose->one_of({1, 4, 7});
  p->dilation_height = choose->one_of({1, 4, 9});
  p->dilation_width = choose->one_of({1, 6, 11});
  p->pad_top = choose->one_of({0, 3});
  p->pad_bottom = choose->one_of({0, 1, 11});
  p->pad_left = choose->one_of({0, 1, 12});
  p->pad_right = choose->one_of({0, 5});
  if (p->kind == Kind::kTransposed) {
    p->output_padding_height = choose->at_random({0, 0, 3});
    p->output_padding_width = choose->at_random({0, 0, 2});
  }
  pick_channels(choose, p);
  pick_options(choose, p);
  return pick_layouts(choose, p);
}

/// Batches of small images, which algorithms may merge.
bool batches(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  const std::int32_t batch = choose->one_of({3, 4, 9, 17, 65});
  p->input_height = choose->one_of({1, 2, 3, 5});
  p->input_width = choose->one_of({1, 2, 3, 5});
  p->kernel_height = choose->between(1, 2);
  p->kernel_width = choose->between(1, 3);
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 2);
  p->pad_top = choose->between(0, 1);
  p->pad_left = choose->between(0, 1);
  const std::int32_t inputs = choose->one_of({1, 3, 20});
  set_channels(choose->at_random({1, 1, 2}), inputs, choose->one_of({1, 2, 6}), p);
  pick_options(choose, p);
  p->batch = batch;
  return pick_layouts(choose, p);
}

/// Groups of one channel. In NHWC, groups are contiguous and a tile's columns are channels: the
/// number of groups is chosen around the tile sizes.
bool depthwise(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  const std::int32_t groups = choose->one_of(tile_edges().columns);
  p->input_height = choose->one_of({1, 2, 4, 7});
  p->input_width = choose->one_of({1, 2, 3, 4, 5, 8});
  p->kernel_height = choose->between(1, 3);
  p->kernel_width = choose->one_of({1, 3, 4});
  p->stride_height = choose->at_random({1, 2});
  p->stride_width = choose->between(1, 2);
  p->dilation_height = choose->at_random({1, 1, 2});
  p->dilation_width = choose->at_random({1, 1, 2});
  p->pad_top = choose->at_random({0, 1, 2});
  p->pad_bottom = choose->at_random({0, 1});
  p->pad_left = choose->one_of({0, 1});
  p->pad_right = choose->at_random({0, 1, 3});
  if (p->kind == Kind::kForward)
    p->padding_mode = static_cast<PaddingMode>(choose->at_random({0, 0, 1, 2, 3, 4}));
  set_channels(groups, 1, choose->at_random({1, 1, 1, 2}), p);
  pick_options(choose, p);
  p->deterministic = choose->below(2);
  const std::int32_t x = choose->one_of({0, 1, 2});
  const std::int32_t y = choose->one_of({0, 1, 2});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, choose->at_random({0, 1, 2, 3, 4, 5}), y, p);
  return true;
}

/// Problems that are larger than an algorithm's blocks, in each direction.
bool blocks(Choices* choose, Problem* p) {
  constexpr struct {
    std::int32_t groups, channels, height, width;
  } kShapes[] = {{1, 1, 1, 513},  {1, 1, 2, 1030}, {1, 64, 20, 40}, {1, 300, 2, 70},
                 {1, 64, 3, 200}, {1, 1, 40, 300}, {40, 1, 20, 60}};
  p->kind = kCorrelations[choose->below(4)];
  const auto& shape = kShapes[choose->below(std::size(kShapes))];
  p->input_height = shape.height;
  p->input_width = shape.width;
  set_channels(shape.groups, shape.channels, choose->one_of({1, 3}), p);
  p->kernel_height = choose->between(1, 2);
  p->kernel_width = choose->one_of({1, 3});
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 2);
  p->pad_left = choose->one_of({0, 2});
  p->pad_bottom = choose->between(0, 1);
  pick_options(choose, p);
  p->batch = 1;
  p->deterministic = choose->below(2);
  const std::int32_t x = choose->one_of({0, 1});
  const std::int32_t y = choose->one_of({0, 1});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, choose->at_random({0, 1, 2, 3, 4}), y, p);
  return true;
}

/// Correlations with a third spatial axis.
bool volumes(Choices* choose, Problem* p) {
  p->kind = kCorrelations[choose->below(4)];
  p->input_depth = choose->one_of({1, 2, 3, 5});
  p->kernel_depth = choose->between(1, 3);
  p->stride_depth = choose->between(1, 3);
  p->dilation_depth = choose->between(1, 2);
  p->pad_front = choose->one_of({0, 1, 3});
  p->pad_back = choose->one_of({0, 1, 2});
  p->input_height = choose->one_of({1, 3, 6});
  p->input_width = choose->one_of({1, 4, 9, 26});
  p->kernel_height = choose->one_of({1, 3});
  p->kernel_width = choose->one_of({1, 2, 3, 5});
  p->stride_height = p->stride_width = choose->at_random({1, 1, 1, 2});
  p->dilation_height = p->dilation_width = choose->at_random({1, 1, 1, 2});
  p->pad_top = choose->at_random({0, 1});
  p->pad_bottom = choose->at_random({0, 1});
  p->pad_left = choose->at_random({0, 1, 2});
  p->pad_right = choose->at_random({0, 1, 3});
  if (p->kind == Kind::kForward || p->kind == Kind::kBackwardWeight) {
    p->padding_mode = static_cast<PaddingMode>(choose->at_random({0, 0, 1, 2, 3, 4}));
  }
  if (p->kind == Kind::kTransposed) p->output_padding_depth = choose->at_random({0, 0, 1, 2});
  set_channels(choose->at_random({1, 1, 2, 4}), choose->at_random({1, 1, 2, 4, 5}),
               choose->at_random({1, 1, 2, 3, 5}), p);
  pick_options(choose, p);
  p->local_accuracy = 0;
  p->batch = choose->at_random({1, 2, 5});
  return pick_layouts(choose, p);
}

void pick_planes(Choices* choose, Problem* p) {
  p->batch = choose->at_random({1, 2});
  p->input_channels = p->output_channels = choose->at_random({1, 2, 3});
  p->fill_value = choose->at_random({0, 1}) != 0 ? 0.5f : 0.0f;
}

bool pooling(Choices* choose, Problem* p) {
  constexpr Kind kKinds[] = {Kind::kMaxPool, Kind::kAveragePool, Kind::kMaxPoolBackward,
                             Kind::kAveragePoolBackward};
  p->kind = kKinds[choose->below(std::size(kKinds))];
  choose_window({7, 4, 3, 2, 2}, choose, p);
  p->ceil_mode = choose->below(2);
  p->count_include_pad = choose->below(2);
  pick_planes(choose, p);
  // Max pooling has no count_include_pad.
  const bool averages = p->kind == Kind::kAveragePool || p->kind == Kind::kAveragePoolBackward;
  if (!averages && p->count_include_pad == 0) return false;
  return pick_layouts(choose, p);
}

/// Pools of volumes.
bool volume_pooling(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kMaxPool : Kind::kAveragePool;
  choose_window({4, 3, 2, 2, 1}, choose, p);
  p->input_depth = choose->between(1, 4);
  p->kernel_depth = choose->between(1, 3);
  p->stride_depth = choose->at_random({1, 2, 3});
  p->dilation_depth = choose->at_random({1, 1, 2});
  p->pad_front = choose->at_random({0, 1, 2});
  p->pad_back = choose->at_random({0, 1, 2});
  p->ceil_mode = choose->at_random({0, 1});
  p->count_include_pad = p->kind == Kind::kMaxPool ? 1 : choose->at_random({0, 1});
  pick_planes(choose, p);
  return pick_layouts(choose, p);
}

/// Windows that are whole planes, for global pools.
bool global_pooling(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kMaxPool : Kind::kAveragePool;
  p->input_depth = p->kernel_depth = choose->one_of({1, 2, 3});
  p->input_height = p->kernel_height = choose->one_of({1, 2, 7, 16, 33});
  p->input_width = p->kernel_width = choose->one_of({1, 3, 4, 7, 15, 16, 17, 64, 90});
  pick_planes(choose, p);
  p->input_channels = p->output_channels = choose->one_of({1, 4, 5, 9});
  return pick_layouts(choose, p);
}

bool padding(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kPad : Kind::kPadBackward;
  p->input_height = choose->between(1, 7);
  p->input_width = choose->between(1, 7);
  p->pad_top = choose->one_of({-2, -1, 0, 1, 3, 8});
  p->pad_bottom = choose->one_of({-2, -1, 0, 1, 3, 8});
  p->pad_left = choose->one_of({-2, -1, 0, 1, 3, 8});
  p->pad_right = choose->one_of({-2, -1, 0, 1, 3, 8});
  p->padding_mode = static_cast<PaddingMode>(choose->below(5));
  pick_planes(choose, p);
  return pick_layouts(choose, p);
}

bool folding(Choices* choose, Problem* p) {
  p->kind = choose->below(2) == 0 ? Kind::kUnfold : Kind::kFold;
  choose_window({7, 4, 3, 2, 2}, choose, p);
  pick_planes(choose, p);
  const std::int32_t mode = choose->at_random({0, 0, 1, 2, 3, 4});
  if (p->kind == Kind::kUnfold) p->padding_mode = static_cast<PaddingMode>(mode);
  return pick_layouts(choose, p);
}

/// Operators without a weight on rows longer than a few vectors.
bool long_rows(Choices* choose, Problem* p) {
  constexpr Kind kKinds[] = {
      Kind::kMaxPool, Kind::kAveragePool, Kind::kMaxPoolBackward, Kind::kAveragePoolBackward,
      Kind::kPad,     Kind::kPadBackward, Kind::kUnfold,          Kind::kFold};
  p->kind = kKinds[choose->below(std::size(kKinds))];
  p->input_height = choose->one_of({1, 2, 5});
  p->input_width = choose->one_of({8, 9, 12, 15, 16, 17, 31, 32, 33});
  p->kernel_height = choose->between(1, 3);
  p->kernel_width = choose->between(1, 5);
  p->stride_height = choose->between(1, 2);
  p->stride_width = choose->between(1, 4);
  p->dilation_width = choose->one_of({1, 2, 5});
  p->pad_top = choose->between(0, 1);
  p->pad_bottom = choose->between(0, 1);
  p->pad_left = choose->between(0, 2);
  p->pad_right = choose->between(0, 2);
  pick_planes(choose, p);
  const bool pads = p->kind == Kind::kPad || p->kind == Kind::kPadBackward;
  const bool has_window =
      p->kernel_height * p->kernel_width * p->stride_height * p->stride_width * p->dilation_width !=
      1;
  if (pads && has_window) return false;
  return pick_layouts(choose, p);
}

/// Image filters. Kernels may be larger than the image, whatever the border.
bool images(Choices* choose, Problem* p) {
  p->kind = Kind::kFilterImage;
  p->input_channels = p->output_channels = 4;
  p->input_height = choose->one_of({1, 2, 3, 4, 7, 12});
  p->input_width = choose->one_of({1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 65});
  p->kernel_height = choose->between(1, 7);
  p->kernel_width = choose->between(1, 7);
  p->padding_mode = static_cast<PaddingMode>(choose->below(5));
  p->preserve_alpha = choose->between(0, 1);
  p->pad_top = choose->at_random({0, p->kernel_height / 2, p->kernel_height - 1});
  p->pad_bottom = p->kernel_height - 1 - p->pad_top;
  p->pad_left = choose->at_random({0, p->kernel_width / 2, p->kernel_width - 1});
  p->pad_right = p->kernel_width - 1 - p->pad_left;
  p->has_bias = choose->at_random({0, 1});
  p->deterministic = choose->at_random({0, 0, 1});
  p->fill_value = choose->at_random({0, 0, 1}) != 0 ? 100.0f : 0.0f;
  return true;
}

/// Template matching, without a mask, with one for all channels and with one for each.
bool matching(Choices* choose, Problem* p) {
  p->kind = Kind::kMatchTemplate;
  p->match_method = static_cast<MatchMethod>(choose->below(std::size(kMatchMethodNames)));
  p->input_channels = choose->between(1, 3);
  p->mask_channels = choose->one_of({0, 1, p->input_channels});
  p->input_height = choose->one_of({1, 2, 3, 5, 8, 13, 21});
  p->input_width = choose->one_of({1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33});
  p->kernel_height = choose->one_of({1, 2, 3, 5, 8, 13});
  p->kernel_width = choose->one_of({1, 2, 3, 4, 5, 8, 9, 16});
  return true;
}

bool peaks(Choices* choose, Problem* p) {
  p->kind = Kind::kFindPeaks;
  p->input_height = choose->one_of({1, 2, 3, 7, 16});
  p->input_width = choose->one_of({1, 2, 3, 5, 9, 20});
  p->max_peaks = choose->one_of({1, 2, 5, 400});
  p->peak_distance = static_cast<float>(choose->one_of({0, 2, 3, 4, 7, 60})) / 2;
  p->peak_threshold = static_cast<float>(choose->between(-2, 1)) / 2;
  p->finds_minima = choose->between(0, 1);
  p->subpixel = choose->between(0, 1);
  return true;
}

/// Phase correlation of pictures of any size.
bool registration(Choices* choose, Problem* p) {
  p->kind = Kind::kPhaseCorrelate;
  p->output_channels = 3;
  p->input_height = p->kernel_height = choose->between(1, 40);
  p->input_width = p->kernel_width = choose->between(1, 40);
  p->upsample = choose->one_of({1, 2, 7});
  p->hann_window = choose->between(0, 1);
  return true;
}

/// Sizes of 1 to 6 axes around the edges of rows and vectors, most of them short.
void choose_sizes(Choices* choose, std::int32_t max_rank, Problem* p) {
  p->rank = choose->between(0, max_rank);
  // Each number makes the same choices, whatever the rank is.
  const std::int32_t last = choose->one_of({1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 0});
  for (std::int32_t i = 0; i < max_rank; ++i) p->sizes.at[i] = choose->one_of({1, 2, 3, 5});
  if (p->rank > 0) p->sizes.at[p->rank - 1] = last;
}

/// The steps of an operand: those of an array that has some of the axes, in their order.
void pick_steps(Choices* choose, const Problem& p, Axes* steps) {
  std::int32_t step = 1;
  for (std::int32_t i = p.rank - 1; i >= 0; --i) {
    const bool repeats = choose->at_random({0, 0, 1}) != 0;
    steps->at[i] = repeats ? 0 : step;
    if (!repeats) step *= p.sizes.at[i];
  }
}

bool elementwise(Choices* choose, Problem* p) {
  p->kind = Kind::kElementwise;
  p->operation = static_cast<Operation>(choose->below(std::size(kOperationNames)));
  choose_sizes(choose, 6, p);
  for (Axes* steps : {&p->input_steps, &p->second_steps, &p->third_steps}) {
    pick_steps(choose, *p, steps);
  }
  p->activation = choose->at_random({0, 0, 1}) != 0
                      ? static_cast<Unary>(choose->at_random({1, 2, 3, 4, 5, 6, 7, 8}))
                      : Unary::kNone;
  p->activation_alpha = 0.25f;
  return true;
}

/// Copies from and to arrays with permuted axes, gaps and repeated elements.
bool copies(Choices* choose, Problem* p) {
  p->kind = Kind::kCopy;
  choose_sizes(choose, 6, p);
  for (const bool is_output : {false, true}) {
    Axes* steps = is_output ? &p->output_steps : &p->input_steps;
    std::int32_t step = is_output && p->rank > 4 ? 1 : choose->at_random({1, 1, 1, 2});
    std::int32_t rest = (1 << p->rank) - 1;
    while (rest != 0) {
      std::int32_t axis = choose->at_random({0, 1, 2, 3, 4, 5});
      // The axes of outputs without gaps stay in their order.
      if (is_output && p->rank > 4) axis = p->rank - 1;
      while ((rest >> axis & 1) == 0) axis = axis == 0 ? 5 : axis - 1;
      rest &= ~(1 << axis);
      const bool repeats = !is_output && choose->at_random({0, 0, 0, 1}) != 0;
      steps->at[axis] = repeats ? 0 : step;
      if (!repeats) step *= p->sizes.at[axis];
      if (!is_output || p->rank <= 4) step += choose->at_random({0, 0, 0, 1, 3});
    }
  }
  return true;
}

bool reductions(Choices* choose, Problem* p) {
  p->kind = Kind::kReduce;
  p->reduction = static_cast<Reduction>(choose->below(std::size(kReductionNames)));
  choose_sizes(choose, 5, p);
  p->reduced_axes = choose->below(1 << 5) & ((1 << p->rank) - 1);
  return true;
}

/// Softmax, normalisation and the folding of batch normalisation.
bool normalisations(Choices* choose, Problem* p) {
  p->kind = static_cast<Kind>(static_cast<std::int32_t>(Kind::kSoftmax) + choose->below(4));
  p->rank = p->kind == Kind::kBatchNormScale ? 1 : 3;
  p->sizes.at[0] = choose->between(1, 5);
  p->sizes.at[1] = choose->one_of({1, 2, 3, 4, 5, 7, 8, 9, 33});
  p->sizes.at[2] = choose->one_of({1, 2, 3, 4, 5, 8, 31, 32, 33, 65});
  p->groups = choose->between(1, 3);
  p->has_scale = choose->between(0, 1);
  p->has_bias = choose->between(0, 1);
  p->epsilon = 1e-5f;
  return true;
}

/// Resizing by every mode, with scales that follow from the sizes and others.
bool interpolations(Choices* choose, Problem* p) {
  p->kind = Kind::kInterpolate;
  p->rank = 4;
  p->interpolation = static_cast<Interpolation>(choose->below(std::size(kInterpolationNames)));
  p->antialias = choose->between(0, 1);
  const std::int32_t channels = choose->one_of({1, 2, 4, 5, 19});
  p->input_height = choose->one_of({1, 2, 3, 5, 9, 20});
  p->input_width = choose->one_of({1, 2, 3, 4, 7, 8, 15, 33});
  const std::int32_t height = choose->one_of({1, 2, 3, 6, 9, 17});
  const std::int32_t width = choose->one_of({1, 2, 3, 4, 5, 8, 16, 31, 67});
  p->sizes = {{choose->at_random({1, 2, 3}), height, width, channels}};
  const bool aligns = choose->at_random({0, 0, 1}) != 0;
  const auto scale_of = [&](std::int32_t inputs, std::int32_t outputs) {
    const auto from = static_cast<float>(inputs), to = static_cast<float>(outputs);
    if (aligns) return outputs > 1 ? (from - 1) / (to - 1) : 0;
    return choose->at_random({0, 0, 0, 1}) != 0 ? 0.7f : from / to;
  };
  p->row_scale = scale_of(p->input_height, height);
  p->column_scale = scale_of(p->input_width, width);
  p->sample_offset = aligns ? 0.0f : 0.5f;
  p->nearest_rounding = static_cast<Rounding>(choose->at_random({0, 0, 1, 2, 3}));
  p->cubic_coefficient = choose->at_random({0, 1}) != 0 ? -0.5f : -0.75f;
  return true;
}

/// Empty batches. Their weight gradient is zero.
bool empty(Choices* choose, Problem* p) {
  p->kind = static_cast<Kind>(choose->below(static_cast<std::size_t>(Kind::kFilterImage)));
  p->input_height = choose->between(1, 3);
  p->input_width = choose->between(1, 9);
  p->kernel_height = choose->between(1, 2);
  p->kernel_width = choose->between(1, 3);
  p->pad_left = choose->between(0, 1);
  if (is_correlation(p->kind)) {
    pick_channels(choose, p);
    pick_options(choose, p);
  } else {
    pick_planes(choose, p);
  }
  p->batch = 0;
  return pick_layouts(choose, p);
}

/// One short of, at and one past a size and twice the size.
void add_edges(std::int32_t size, std::set<std::int32_t>* edges) {
  for (const std::int32_t edge : {size - 1, size, size + 1, 2 * size - 1, 2 * size, 2 * size + 1}) {
    if (edge > 0) edges->insert(edge);
  }
}

}  // namespace

const std::vector<Stratum>& strata() {
  static const std::vector<Stratum> all = {
      {"forward", forward, 1},
      {"backward-input", backward_input, 1},
      {"backward-weight", backward_weight, 1},
      {"transposed", transposed, 1},
      {"padding-modes", padding_modes, 1},
      {"layouts", layouts, 1},
      {"activations", activations, 1},
      {"tiles", tiles, 1},
      {"pointwise", pointwise, 1},
      {"large-windows", large_windows, 1},
      {"batches", batches, 3},
      {"depthwise", depthwise, 1},
      {"blocks", blocks, 20},
      {"volumes", volumes, 1},
      {"pooling", pooling, 1},
      {"volume-pooling", volume_pooling, 1},
      {"global-pooling", global_pooling, 5},
      {"padding", padding, 1},
      {"folding", folding, 1},
      {"long-rows", long_rows, 1},
      {"images", images, 1},
      {"matching", matching, 1},
      {"registration", registration, 20},
      {"peaks", peaks, 1},
      {"elementwise", elementwise, 1},
      {"copies", copies, 1},
      {"reductions", reductions, 1},
      {"normalisations", normalisations, 1},
      {"interpolations", interpolations, 1},
      {"empty", empty, 100},
  };
  return all;
}

std::uint64_t Stratum::size() const {
  Choices choices(0);
  Problem problem;
  make(&choices, &problem);
  return choices.size();
}

bool problem_at(const Stratum& stratum, std::uint64_t number, Problem* problem,
                Geometry* geometry) {
  Choices choices(number);
  *problem = Problem();
  return stratum.make(&choices, problem) && measure(*problem, geometry) == Status::kOk;
}

const TileEdges& tile_edges() {
  static const TileEdges edges = [] {
    std::set<std::int32_t> channels, columns;
    const auto add = [&](const auto& kernels) {
      for (const auto& kernel : kernels) {
        add_edges(kernel.key(), &channels);
        add_edges(kernel.columns, &columns);
      }
    };
    each_kernel_list(add);
    return TileEdges{{channels.begin(), channels.end()}, {columns.begin(), columns.end()}};
  }();
  return edges;
}

}  // namespace corr2d::sweep
