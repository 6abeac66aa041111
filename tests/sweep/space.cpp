#include "space.hpp"

#include <set>

#include "kernels/list.hpp"
#include "layout.hpp"

namespace corr2d::sweep {
namespace {

constexpr Kind kCorrelations[] = {Kind::kForward, Kind::kTransposed, Kind::kBackwardInput,
                                  Kind::kBackwardWeight};

/// The largest of each range, which begins at 1 (pads: at 0).
struct Ranges {
  std::int32_t size, kernel, stride, dilation, pad;
};

/// Every combination of sizes, kernels, strides, dilations and pads, each axis and each side apart.
void take_window(const Ranges& r, Digits* d, Problem* p) {
  p->input_height = d->between(1, r.size);
  p->input_width = d->between(1, r.size);
  p->kernel_height = d->between(1, r.kernel);
  p->kernel_width = d->between(1, r.kernel);
  p->stride_height = d->between(1, r.stride);
  p->stride_width = d->between(1, r.stride);
  p->dilation_height = d->between(1, r.dilation);
  p->dilation_width = d->between(1, r.dilation);
  p->pad_top = d->between(0, r.pad);
  p->pad_bottom = d->between(0, r.pad);
  p->pad_left = d->between(0, r.pad);
  p->pad_right = d->between(0, r.pad);
}

void set_channels(std::int32_t groups, std::int32_t inputs, std::int32_t outputs, Problem* p) {
  p->groups = groups;
  p->input_channels = groups * inputs;
  p->output_channels = groups * outputs;
}

void draw_channels(Digits* d, Problem* p) {
  set_channels(d->draw({1, 1, 2, 3}), d->draw({1, 2, 3}), d->draw({1, 2, 3, 5}), p);
}

bool may_have_bias(Kind kind) { return kind == Kind::kForward || kind == Kind::kTransposed; }

/// Draws what a stratum has no digits for, layouts apart.
void draw_options(Digits* d, Problem* p) {
  p->batch = d->draw({1, 1, 2});
  p->has_bias = d->draw({0, 1});
  if (!may_have_bias(p->kind)) p->has_bias = 0;
  p->deterministic = d->draw({0, 1});
  p->fill_value = d->draw({0, 0, 1}) != 0 ? 0.5f : 0.0f;
}

/// Draws layouts for a problem that is otherwise complete; false where it is none.
bool draw_layouts(Digits* d, Problem* p) {
  const std::int32_t x = d->draw({0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  const std::int32_t w = d->draw({0, 0, 0, 0, 1, 2, 3, 4, 5});
  const std::int32_t y = d->draw({0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, w, y, p);
  return true;
}

/// Every small problem with a window: of `kind`, a correlation.
bool small(Kind kind, Digits* d, Problem* p) {
  p->kind = kind;
  take_window({7, 4, 3, 3, 2}, d, p);
  if (kind == Kind::kForward) {
    const std::int32_t groups = d->between(1, 2);
    const std::int32_t inputs = d->between(1, 2);
    set_channels(groups, inputs, d->between(1, 3), p);
  } else {
    draw_channels(d, p);
  }
  draw_options(d, p);
  return draw_layouts(d, p);
}

bool forward(Digits* d, Problem* p) { return small(Kind::kForward, d, p); }
bool backward_input(Digits* d, Problem* p) { return small(Kind::kBackwardInput, d, p); }
bool backward_weight(Digits* d, Problem* p) { return small(Kind::kBackwardWeight, d, p); }

bool transposed(Digits* d, Problem* p) {
  p->kind = Kind::kTransposed;
  take_window({5, 4, 3, 3, 2}, d, p);
  p->output_padding_height = d->between(0, 2);
  p->output_padding_width = d->between(0, 2);
  draw_channels(d, p);
  draw_options(d, p);
  return draw_layouts(d, p);
}

/// Padding modes, up to where padding is many times the image.
bool modes(Digits* d, Problem* p) {
  p->kind = d->below(2) == 0 ? Kind::kForward : Kind::kBackwardWeight;
  p->input_height = d->of({1, 2, 3, 5});
  p->input_width = d->of({1, 2, 3, 6});
  p->kernel_height = d->between(1, 3);
  p->kernel_width = d->between(1, 3);
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 3);
  p->dilation_height = d->between(1, 2);
  p->dilation_width = d->between(1, 2);
  p->pad_top = d->of({0, 1, 4});
  p->pad_bottom = d->of({0, 2, 7});
  p->pad_left = d->of({0, 1, 2, 9});
  p->pad_right = d->of({0, 1, 3});
  p->padding_mode = static_cast<PaddingMode>(d->below(5));
  draw_channels(d, p);
  draw_options(d, p);
  return draw_layouts(d, p);
}

/// Every layout of every tensor with every other.
bool layouts(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  const std::int32_t x = d->below(std::size(kLayouts));
  const std::int32_t w = d->below(std::size(kWeightLayouts));
  const std::int32_t y = d->below(std::size(kLayouts));
  p->input_height = d->of({1, 4});
  p->input_width = d->of({1, 3, 9});
  p->kernel_height = d->of({1, 3});
  p->kernel_width = d->between(1, 2);
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 2);
  p->pad_left = d->between(0, 1);
  p->pad_bottom = d->between(0, 1);
  const std::int32_t groups = d->between(1, 2);
  set_channels(groups, d->draw({1, 3}), d->of({1, 5}), p);
  draw_options(d, p);
  p->batch = d->between(1, 2);
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, w, y, p);
  return true;
}

bool activations(Digits* d, Problem* p) {
  p->kind = d->below(2) == 0 ? Kind::kForward : Kind::kTransposed;
  p->activation = static_cast<Activation>(d->below(9));
  p->activation_alpha = d->draw({0, 1}) != 0 ? 0.25f : -0.5f;
  p->input_height = d->of({1, 3});
  p->input_width = d->between(1, 9);
  p->kernel_height = d->between(1, 2);
  p->kernel_width = d->of({1, 3});
  p->stride_width = d->between(1, 2);
  p->pad_right = d->between(0, 2);
  const std::int32_t groups = d->between(1, 2);
  const std::int32_t inputs = d->of({1, 3});
  set_channels(groups, inputs, d->of({1, 2, 3, 4, 5, 7}), p);
  draw_options(d, p);
  if (d->below(2) != 0) p->has_bias = 1 - p->has_bias;
  if (d->below(2) != 0) p->deterministic = 1 - p->deterministic;
  return draw_layouts(d, p);
}

/// Output channels of a tile, whichever axis they are of this kind.
void set_outputs(std::int32_t groups, std::int32_t outputs, std::int32_t inputs, Problem* p) {
  if (p->kind == Kind::kBackwardInput) {
    set_channels(groups, outputs, inputs, p);
  } else {
    set_channels(groups, inputs, outputs, p);
  }
}

/// Makes a problem complete so that a tile's columns, those of what is written, are `columns`: with
/// strides that spread, those of each phase.
bool set_columns(std::int32_t columns, std::int32_t rest, Problem* p) {
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
      // The weight is written, and y slides over x.
      const std::int32_t windows = p->kernel_width;
      p->kernel_width = columns;
      p->input_width = width(windows);
      break;
    }
  }
  return p->input_width > 0;
}

bool tiles(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  const std::int32_t columns = d->of(tile_edges().columns);
  const std::int32_t outputs = d->of(tile_edges().channels);
  const std::int32_t inputs = d->of({1, 3});
  set_outputs(d->draw({1, 1, 2}), outputs, inputs, p);
  p->input_height = d->of({2, 3, 4, 6, 7, 10});
  p->kernel_height = d->between(1, 3);
  p->kernel_width = d->between(1, 3);
  p->stride_width = d->between(1, 2);
  p->dilation_width = d->between(1, 2);
  p->pad_left = d->between(0, 1);
  p->pad_right = d->draw({0, 1, 2});
  p->stride_height = d->draw({1, 2});
  draw_options(d, p);
  p->batch = 1;
  p->deterministic = d->below(2);
  if (!set_columns(columns, d->draw({0, 1}), p)) return false;
  return draw_layouts(d, p);
}

/// Kernels of 1x1, which are matrix products: of columns and channels around the edges of tiles.
bool pointwise(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  p->input_height = d->of({1, 2, 3, 5});
  p->input_width = d->of(tile_edges().columns);
  const std::int32_t groups = d->between(1, 2);
  const std::int32_t inputs = d->of({1, 2, 7});
  set_outputs(groups, d->of(tile_edges().channels), inputs, p);
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 2);
  p->pad_left = d->of({0, 1});
  p->pad_bottom = d->of({0, 2});
  const std::int32_t x = d->of({0, 1, 3});
  const std::int32_t y = d->of({0, 1, 3});
  draw_options(d, p);
  p->deterministic = d->below(2);
  if (p->kind == Kind::kBackwardWeight) {
    // y is what slides, and 1x1 where the kernel is as large as x.
    p->kernel_height = p->input_height;
    p->kernel_width = p->input_width;
  }
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, d->draw({0, 1, 2, 3, 4}), y, p);
  return true;
}

/// Kernels, strides and dilations that reach far, each beyond the others and beyond the input.
bool reaches(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  p->input_height = d->of({2, 9});
  p->input_width = d->of({5, 16, 33});
  p->kernel_height = d->of({1, 5, 11});
  p->kernel_width = d->of({2, 7, 13});
  p->stride_height = d->of({1, 4, 6});
  p->stride_width = d->of({1, 4, 7});
  p->dilation_height = d->of({1, 4, 9});
  p->dilation_width = d->of({1, 6, 11});
  p->pad_top = d->of({0, 3});
  p->pad_bottom = d->of({0, 1, 11});
  p->pad_left = d->of({0, 1, 12});
  p->pad_right = d->of({0, 5});
  if (p->kind == Kind::kTransposed) {
    p->output_padding_height = d->draw({0, 0, 3});
    p->output_padding_width = d->draw({0, 0, 2});
  }
  draw_channels(d, p);
  draw_options(d, p);
  return draw_layouts(d, p);
}

/// Batches of small images, several of which an algorithm may take as one.
bool batches(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  const std::int32_t batch = d->of({3, 4, 9, 17, 65});
  p->input_height = d->of({1, 2, 3, 5});
  p->input_width = d->of({1, 2, 3, 5});
  p->kernel_height = d->between(1, 2);
  p->kernel_width = d->between(1, 3);
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 2);
  p->pad_top = d->between(0, 1);
  p->pad_left = d->between(0, 1);
  const std::int32_t inputs = d->of({1, 3, 20});
  set_channels(d->draw({1, 1, 2}), inputs, d->of({1, 2, 6}), p);
  draw_options(d, p);
  p->batch = batch;
  return draw_layouts(d, p);
}

/// Groups of one channel each. In NHWC they are neighbours, and tiles are of channels: as many as
/// tiles have columns.
bool depthwise(Digits* d, Problem* p) {
  p->kind = kCorrelations[d->below(4)];
  const std::int32_t groups = d->of(tile_edges().columns);
  p->input_height = d->of({1, 2, 4, 7});
  p->input_width = d->of({1, 2, 3, 4, 5, 8});
  p->kernel_height = d->between(1, 3);
  p->kernel_width = d->of({1, 3, 4});
  p->stride_height = d->draw({1, 2});
  p->stride_width = d->between(1, 2);
  p->dilation_height = d->draw({1, 1, 2});
  p->dilation_width = d->draw({1, 1, 2});
  p->pad_top = d->draw({0, 1, 2});
  p->pad_bottom = d->draw({0, 1});
  p->pad_left = d->of({0, 1});
  p->pad_right = d->draw({0, 1, 3});
  if (p->kind == Kind::kForward)
    p->padding_mode = static_cast<PaddingMode>(d->draw({0, 0, 1, 2, 3, 4}));
  set_channels(groups, 1, d->draw({1, 1, 1, 2}), p);
  draw_options(d, p);
  p->deterministic = d->below(2);
  const std::int32_t x = d->of({0, 1, 2});
  const std::int32_t y = d->of({0, 1, 2});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, d->draw({0, 1, 2, 3, 4, 5}), y, p);
  return true;
}

/// More than an algorithm works on at once, in each direction.
bool blocks(Digits* d, Problem* p) {
  constexpr struct {
    std::int32_t groups, channels, height, width;
  } kShapes[] = {{1, 1, 1, 513},  {1, 1, 2, 1030}, {1, 64, 20, 40}, {1, 300, 2, 70},
                 {1, 64, 3, 200}, {1, 1, 40, 300}, {40, 1, 20, 60}};
  p->kind = kCorrelations[d->below(4)];
  const auto& shape = kShapes[d->below(std::size(kShapes))];
  p->input_height = shape.height;
  p->input_width = shape.width;
  set_channels(shape.groups, shape.channels, d->of({1, 3}), p);
  p->kernel_height = d->between(1, 2);
  p->kernel_width = d->of({1, 3});
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 2);
  p->pad_left = d->of({0, 2});
  p->pad_bottom = d->between(0, 1);
  draw_options(d, p);
  p->batch = 1;
  p->deterministic = d->below(2);
  const std::int32_t x = d->of({0, 1});
  const std::int32_t y = d->of({0, 1});
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return false;
  lay_out(x, d->draw({0, 1, 2, 3, 4}), y, p);
  return true;
}

void draw_planes(Digits* d, Problem* p) {
  p->batch = d->draw({1, 2});
  p->input_channels = p->output_channels = d->draw({1, 2, 3});
  p->fill_value = d->draw({0, 1}) != 0 ? 0.5f : 0.0f;
}

bool pools(Digits* d, Problem* p) {
  const bool averages = d->below(2) != 0;
  p->kind = averages ? Kind::kAveragePool : Kind::kMaxPool;
  take_window({7, 4, 3, 2, 2}, d, p);
  p->ceil_mode = d->below(2);
  p->count_include_pad = d->below(2);
  draw_planes(d, p);
  // Averages are of elements side by side, and only they count any.
  const bool dilated = p->dilation_height != 1 || p->dilation_width != 1;
  if (averages ? dilated : p->count_include_pad == 0) return false;
  return draw_layouts(d, p);
}

bool padding(Digits* d, Problem* p) {
  p->kind = d->below(2) == 0 ? Kind::kPad : Kind::kPadBackward;
  p->input_height = d->between(1, 7);
  p->input_width = d->between(1, 7);
  p->pad_top = d->of({-2, -1, 0, 1, 3, 8});
  p->pad_bottom = d->of({-2, -1, 0, 1, 3, 8});
  p->pad_left = d->of({-2, -1, 0, 1, 3, 8});
  p->pad_right = d->of({-2, -1, 0, 1, 3, 8});
  p->padding_mode = static_cast<PaddingMode>(d->below(5));
  draw_planes(d, p);
  return draw_layouts(d, p);
}

bool folding(Digits* d, Problem* p) {
  p->kind = d->below(2) == 0 ? Kind::kUnfold : Kind::kFold;
  take_window({7, 4, 3, 2, 2}, d, p);
  draw_planes(d, p);
  const std::int32_t mode = d->draw({0, 0, 1, 2, 3, 4});
  if (p->kind == Kind::kUnfold) p->padding_mode = static_cast<PaddingMode>(mode);
  return draw_layouts(d, p);
}

/// Rows of planes that are longer than a few vectors.
bool plane_rows(Digits* d, Problem* p) {
  constexpr Kind kKinds[] = {Kind::kMaxPool,     Kind::kAveragePool, Kind::kPad,
                             Kind::kPadBackward, Kind::kUnfold,      Kind::kFold};
  p->kind = kKinds[d->below(std::size(kKinds))];
  p->input_height = d->of({1, 2, 5});
  p->input_width = d->of({8, 9, 12, 15, 16, 17, 31, 32, 33});
  p->kernel_height = d->between(1, 3);
  p->kernel_width = d->between(1, 5);
  p->stride_height = d->between(1, 2);
  p->stride_width = d->between(1, 4);
  p->dilation_width = d->of({1, 2, 5});
  p->pad_top = d->between(0, 1);
  p->pad_bottom = d->between(0, 1);
  p->pad_left = d->between(0, 2);
  p->pad_right = d->between(0, 2);
  draw_planes(d, p);
  const bool pads = p->kind == Kind::kPad || p->kind == Kind::kPadBackward;
  const bool has_window =
      p->kernel_height * p->kernel_width * p->stride_height * p->stride_width * p->dilation_width !=
      1;
  if (pads && has_window) return false;
  if (p->kind == Kind::kAveragePool && p->dilation_width != 1) return false;
  return draw_layouts(d, p);
}

/// Empty batches, of which a gradient for the weight is zero.
bool empty(Digits* d, Problem* p) {
  p->kind = static_cast<Kind>(d->below(static_cast<std::size_t>(Kind::kFilterImage)));
  p->input_height = d->between(1, 3);
  p->input_width = d->between(1, 9);
  p->kernel_height = d->between(1, 2);
  p->kernel_width = d->between(1, 3);
  p->pad_left = d->between(0, 1);
  if (is_correlation(p->kind)) {
    draw_channels(d, p);
    draw_options(d, p);
  } else {
    draw_planes(d, p);
  }
  p->batch = 0;
  return draw_layouts(d, p);
}

/// One short of, at and one past a size, and twice that size.
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
      {"modes", modes, 1},
      {"layouts", layouts, 1},
      {"activations", activations, 1},
      {"tiles", tiles, 1},
      {"pointwise", pointwise, 1},
      {"reaches", reaches, 1},
      {"batches", batches, 3},
      {"depthwise", depthwise, 1},
      {"blocks", blocks, 20},
      {"pools", pools, 1},
      {"padding", padding, 1},
      {"folding", folding, 1},
      {"plane-rows", plane_rows, 1},
      {"empty", empty, 100},
  };
  return all;
}

std::uint64_t Stratum::size() const {
  Digits digits(0);
  Problem problem;
  make(&digits, &problem);
  return digits.size();
}

bool problem_at(const Stratum& stratum, std::uint64_t number, Problem* problem,
                Geometry* geometry) {
  Digits digits(number);
  *problem = Problem();
  return stratum.make(&digits, problem) && measure(*problem, geometry) == Status::kOk;
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
