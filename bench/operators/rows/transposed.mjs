// Rows of the table of operators: transposed convolution and gradients.
import { gradGrouped, gradOutput, grouped, w, wt, wtGrouped, x } from '../data.mjs';
import { createModel, int64 } from '../models.mjs';
import { inSteps, tfjsPads } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const transposed = (attributes, inputs = { x, wt }) =>
  createModel('ConvTranspose', inputs, attributes);

/** A transposed convolution. tfjs takes the output size instead of output padding. */
const transposedCase = (options, torch, tfjs, ort, weight = wt) => ({
  corr2d: (c) => c.convTranspose2d(x, weight, { stride: 2, ...options }),
  torch,
  tfjs:
    tfjs &&
    ((tf, t) =>
      t.nchw(tf.conv2dTranspose(t.nhwc(x), t.hwio(weight), [2, ...tfjs.size, 6], 2, tfjs.pad))),
  ort: transposed({ strides: [2, 2], ...ort }, { x, weight }),
});

/** @type {Row[]} */
export const transposedRows = [
  {
    title: '`convTranspose2d`',
    cases: {
      padding: transposedCase(
        { padding: 1 },
        'F.conv_transpose2d(x, wt, stride=2, padding=1)',
        { size: [13, 10], pad: tfjsPads(1, 1, 1, 1) },
        { pads: [1, 1, 1, 1] },
      ),
      'four pads': transposedCase(
        { padding: [0, 1, 2, 1] },
        inSteps('F.conv_transpose2d(x, wt, stride=2)[:, :, 0:-1, 2:-1]'),
        { size: [14, 9], pad: tfjsPads(0, 1, 2, 1) },
        { pads: [0, 2, 1, 1] },
      ),
      'output padding': transposedCase(
        { outputPadding: [1, 0] },
        'F.conv_transpose2d(x, wt, stride=2, output_padding=(1, 0))',
        { size: [16, 12], pad: 'valid' },
        { output_padding: [1, 0] },
      ),
      groups: transposedCase(
        { groups: 2 },
        'F.conv_transpose2d(x, wtGrouped, stride=2, groups=2)',
        { size: [15, 12], pad: 'valid' },
        { group: 2 },
        wtGrouped,
      ),
      dilation: transposedCase(
        { dilation: 2 },
        'F.conv_transpose2d(x, wt, stride=2, dilation=2)',
        undefined,
        { dilations: [2, 2] },
      ),
    },
  },
];

const gradient = (name) => (c) => c.conv2dBackward(gradOutput, x, w)[name];

/** @type {Row[]} */
export const gradientRows = [
  {
    title: '`conv2dBackward`: gradients',
    cases: {
      input: {
        corr2d: gradient('input'),
        torch: 'grad.conv2d_input(x.shape, w, gradOutput)',
        tfjs: (tf, t) =>
          t.nchw(tf.conv2dTranspose(t.nhwc(gradOutput), t.hwio(w), [2, 7, 6, 4], 1, 'valid')),
        ort: createModel('ConvTranspose', { gradOutput, w }),
      },
      weight: {
        corr2d: gradient('weight'),
        torch: 'grad.conv2d_weight(x, w.shape, gradOutput)',
        tfjs: (tf, t) => {
          const attributes = { strides: 1, pad: 'valid', filterShape: [3, 2, 4, 6] };
          const inputs = { x: t.nhwc(x), dy: t.nhwc(gradOutput) };
          return t.oihw(tf.engine().runKernel('Conv2DBackpropFilter', inputs, attributes));
        },
      },
      bias: {
        corr2d: gradient('bias'),
        torch:
          '(lambda b: torch.autograd.grad(F.conv2d(x, w, b), b, gradOutput))(bias.clone().requires_grad_())',
        tfjs: (tf, t) => t.flat(tf.sum(t.nhwc(gradOutput), [0, 1, 2])),
        ort: createModel('ReduceSum', { gradOutput }, { keepdims: 0 }, { axes: int64(0, 2, 3) }),
      },
      'all options': {
        corr2d(c) {
          const options = { stride: [2, 3], padding: [0, 2], dilation: [2, 1], groups: 2 };
          const { input, weight } = c.conv2dBackward(gradGrouped, x, grouped, options);
          return [input, weight];
        },
        torch:
          '(lambda i, v: torch.autograd.grad(F.conv2d(i, v, stride=(2, 3), padding=(0, 2), dilation=(2, 1), ' +
          'groups=2), (i, v), gradGrouped))(x.clone().requires_grad_(), grouped.clone().requires_grad_())',
      },
    },
  },
];
