#include "core/correlation.hpp"

namespace corr2d {
namespace {

/// The strides of a tensor whose axis c is split into groups of `channels` channels.
GroupedStrides split(const Strides& s, std::int32_t channels) {
  return {s.n, channels * s.c, s.c, s.h, s.w};
}

/// Reduces the number of special cases. The stride does not matter for a single output, nor the
/// dilation for a single tap; both become 1. With a single tap and stride 1, a fractional stride is
/// an ordinary one with the opposite pad.
CorrelationAxis simplified(CorrelationAxis axis) {
  if (axis.kernel == 1) axis.dilation = 1;
  if (axis.output == 1 && !axis.fractional_stride) axis.stride = 1;
  if (axis.fractional_stride && axis.kernel == 1 && axis.stride == 1) {
    axis.fractional_stride = false;
    axis.pad = -axis.pad;
  }
  return axis;
}

/// True if output i reads position i and no other.
bool is_identity(const CorrelationAxis& axis) {
  return axis.kernel == 1 && axis.stride == 1 && axis.pad == 0 && axis.output == axis.input &&
         !axis.fractional_stride;
}

/// Joins all rows into one, if the kernel is 1x1 and rows follow one another without a gap.
void join_rows(Correlation* c) {
  const auto joined = [c](const GroupedStrides& strides) {
    return strides.row == c->columns.input * strides.column;
  };
  if (!is_identity(c->rows) || !is_identity(c->columns) || !joined(c->input) ||
      !joined(c->output)) {
    return;
  }
  c->columns.input = c->columns.output = c->rows.input * c->columns.input;
  c->rows.input = c->rows.output = 1;
}

}  // namespace

Correlation correlation_of(const Problem& p, const Geometry& g) {
  const std::int32_t inputs = p.input_channels / p.groups;
  const std::int32_t outputs = p.output_channels / p.groups;
  const Strides& w = p.weight_strides;

  Correlation c = {};
  c.threads = 1;
  c.images = p.batch;
  c.groups = p.groups;
  c.inputs = inputs;
  c.outputs = outputs;
  c.rows = {p.input_height,
            g.output_height,
            p.kernel_height,
            p.stride_height,
            p.dilation_height,
            p.pad_top,
            false};
  c.columns = {p.input_width,    g.output_width, p.kernel_width, p.stride_width,
               p.dilation_width, p.pad_left,     false};
  c.input = split(p.input_strides, inputs);
  c.output = split(p.output_strides, outputs);
  c.weight = {w.n, outputs * w.n, w.c, w.h, w.w};
  c.padding_mode = p.padding_mode;
  c.fill_value = p.fill_value;
  c.activation = p.activation;
  c.activation_alpha = p.activation_alpha;
  c.has_bias = p.has_bias != 0;
  c.fusing = p.deterministic == 0;
  c.local_accuracy = p.local_accuracy != 0;

  switch (p.kind) {
    default:
      break;
    case Kind::kTransposed:
      c.rows.fractional_stride = c.columns.fractional_stride = true;
      c.weight.group = inputs * w.c;
      break;
    case Kind::kBackwardInput:
      // A transposed correlation from y to x.
      c.inputs = outputs;
      c.outputs = inputs;
      c.rows.input = g.output_height;
      c.rows.output = p.input_height;
      c.columns.input = g.output_width;
      c.columns.output = p.input_width;
      c.rows.fractional_stride = c.columns.fractional_stride = true;
      c.input = split(p.output_strides, outputs);
      c.output = split(p.input_strides, inputs);
      c.weight = {w.c, outputs * w.n, w.n, w.h, w.w};
      break;
    case Kind::kBackwardWeight: {
      // The gradient of each tap is the sum of products of y and the inputs that the tap has read:
      // y is a kernel that slides over x, with stride and dilation exchanged. The input channels
      // become the images, and the batch becomes the input channels.
      const Strides& x = p.input_strides;
      const Strides& y = p.output_strides;
      c.images = inputs;
      c.inputs = p.batch;
      c.rows.output = p.kernel_height;
      c.rows.kernel = g.output_height;
      c.rows.stride = p.dilation_height;
      c.rows.dilation = p.stride_height;
      c.columns.output = p.kernel_width;
      c.columns.kernel = g.output_width;
      c.columns.stride = p.dilation_width;
      c.columns.dilation = p.stride_width;
      c.input = {x.c, inputs * x.c, x.n, x.h, x.w};
      c.output = {w.c, outputs * w.n, w.n, w.h, w.w};
      c.weight = {y.c, outputs * y.c, y.n, y.h, y.w};
      break;
    }
  }
  // Fractional strides have no padding values: positions outside the input do not contribute.
  if (c.rows.fractional_stride) c.fill_value = 0;
  c.rows = simplified(c.rows);
  c.columns = simplified(c.columns);
  join_rows(&c);
  return c;
}

}  // namespace corr2d
