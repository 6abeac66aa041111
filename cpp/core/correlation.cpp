#include "core/correlation.hpp"

#include <utility>

namespace corr2d {
namespace {

/// The strides of a tensor whose axis c is split into groups of `channels` channels.
GroupedStrides split(const Strides& s, std::int32_t channels) {
  return {s.n, channels * s.c, s.c, s.h, s.w, s.d};
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

/// Joins an axis into the next faster one, if outputs of both read their own position only and
/// their elements follow one another without a gap.
void join(CorrelationAxis* slow, CorrelationAxis* fast, bool is_contiguous) {
  if (!is_identity(*slow) || !is_identity(*fast) || !is_contiguous) return;
  fast->input = fast->output = slow->input * fast->input;
  slow->input = slow->output = 1;
}

/// Joins planes into rows and rows into columns where possible, and makes planes that are
/// correlated one by one the batch, if that has one element.
void join_axes(Correlation* c) {
  const auto are_rows = [c](const GroupedStrides& s) {
    return s.row == c->columns.input * s.column;
  };
  const auto are_planes = [c](const GroupedStrides& s) { return s.plane == c->rows.input * s.row; };
  join(&c->planes, &c->rows, are_planes(c->input) && are_planes(c->output));
  join(&c->rows, &c->columns, are_rows(c->input) && are_rows(c->output));
  CorrelationAxis& planes = c->planes;
  const bool are_inside = planes.kernel == 1 && planes.pad == 0 && !planes.fractional_stride &&
                          std::int64_t{planes.output - 1} * planes.stride < planes.input;
  if (are_inside && c->images == 1) {
    c->images = planes.output;
    c->input.image = planes.stride * c->input.plane;
    c->output.image = c->output.plane;
    planes.input = planes.output = planes.stride = 1;
  }
  c->images *= planes.output;
  c->inputs = c->channels * planes.kernel;
  c->is_flat = is_identity(planes) && planes.output == 1;
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
  c.channels = inputs;
  c.outputs = outputs;
  c.planes = {p.input_depth,    g.output_depth, p.kernel_depth, p.stride_depth,
              p.dilation_depth, p.pad_front,    false};
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
  c.weight = {w.n, outputs * w.n, w.c, w.h, w.w, w.d};
  c.padding_mode = p.padding_mode;
  c.fill_value = p.fill_value;
  c.activation = p.activation;
  c.activation_alpha = p.activation_alpha;
  c.has_bias = p.has_bias != 0;
  c.has_add = p.has_add != 0;
  c.fusing = p.deterministic == 0;
  c.local_accuracy = p.local_accuracy != 0;

  CorrelationAxis* const axes[] = {&c.planes, &c.rows, &c.columns};
  switch (p.kind) {
    default:
      break;
    case Kind::kTransposed:
      for (CorrelationAxis* axis : axes) axis->fractional_stride = true;
      c.weight.group = inputs * w.c;
      break;
    case Kind::kBackwardInput:
      // A transposed correlation from y to x.
      c.channels = outputs;
      c.outputs = inputs;
      for (CorrelationAxis* axis : axes) {
        std::swap(axis->input, axis->output);
        axis->fractional_stride = true;
      }
      c.input = split(p.output_strides, outputs);
      c.output = split(p.input_strides, inputs);
      c.weight = {w.c, outputs * w.n, w.n, w.h, w.w, w.d};
      break;
    case Kind::kBackwardWeight: {
      // The gradient of each tap is the sum of products of y and the inputs that the tap has read:
      // y is a kernel that slides over x, with stride and dilation exchanged. The input channels
      // become the images, and the batch becomes the input channels.
      const Strides& x = p.input_strides;
      const Strides& y = p.output_strides;
      c.images = inputs;
      c.channels = p.batch;
      for (CorrelationAxis* axis : axes) {
        std::swap(axis->output, axis->kernel);
        std::swap(axis->stride, axis->dilation);
      }
      c.input = {x.c, inputs * x.c, x.n, x.h, x.w, x.d};
      c.output = {w.c, outputs * w.n, w.n, w.h, w.w, w.d};
      c.weight = {y.c, outputs * y.c, y.n, y.h, y.w, y.d};
      break;
    }
  }
  for (CorrelationAxis* axis : axes) {
    // Fractional strides have no padding values: positions outside the input do not contribute.
    if (axis->fractional_stride) c.fill_value = 0;
    *axis = simplified(*axis);
  }
  join_axes(&c);
  return c;
}

}  // namespace corr2d
