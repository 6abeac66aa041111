// Rows of the table in docs/comparison.md: convolutions. In each case stands what corr2d does, and how every
// other library is asked to do the same; who is not asked has nothing to ask.
import {
  bias,
  depthwise,
  empty,
  gradGrouped,
  gradOutput,
  grouped,
  image,
  sound,
  taps,
  w,
  wt,
  wtGrouped,
  x,
} from './data.mjs';
import { float, int64, one, padded, scalar, thenOne } from './models.mjs';
import { breaks, differs, steps, transpose, valuesOf } from './peers.mjs';

/**
 * @typedef {object} Case
 * @property {(c: any) => unknown} own What corr2d answers.
 * @property {unknown} [torch] A probe, as peers.mjs says; so are the others.
 * @property {unknown} [scipy]
 * @property {unknown} [tfjs]
 * @property {unknown} [ort]
 * @property {unknown} [opencv]
 */
/** @typedef {{ title: string, cases: Record<string, Case> }} Row Where there is one case, it has no name. */

const conv = (attributes, inputs = { x, w }) => one('Conv', inputs, attributes);
const thenConv = (first) => thenOne(first, 'Conv', { w });
const transposed = (attributes, inputs = { x, wt }) => one('ConvTranspose', inputs, attributes);
/** Pads as tfjs takes them. */
const pads = (top, bottom, left, right) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** A padding, which PyTorch and tfjs have each their own words for. */
const padding = (value, torch, tfjs, ort, stride = 1) => ({
  own: (c) => c.conv2d(x, w, { padding: value, stride }),
  torch,
  tfjs: tfjs && convTfjs(tfjs, stride),
  ort: conv({ ...ort, strides: [stride, stride].flat().slice(-2) }),
});

const convTfjs = (pad, stride) => (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), stride, pad));

/** Padding with something else than zeros: others pad first. */
const paddingMode = (name, ort, tfjs) => ({
  own: (c) => c.conv2d(x, w, { padding: [2, 1], paddingMode: name }),
  torch: steps(`F.conv2d(F.pad(x, (1, 1, 2, 2), mode='${name}'), w)`),
  tfjs:
    tfjs &&
    steps((tf, t) => {
      const mirrored = tf.mirrorPad(t.nhwc(x), pads(2, 2, 1, 1), tfjs);
      return t.nchw(tf.conv2d(mirrored, t.hwio(w), 1, 'valid'));
    }),
  ort: steps(thenConv(padded(ort, [2, 2, 1, 1]))),
});

/** An activation fused with a convolution: by tfjs too, where it has it. Others convolve first. */
const fused = (activation, torch, tfjs, ort) => ({
  own: (c) => c.conv2d(x, w, { activation }),
  torch: steps(`${torch}(F.conv2d(x, w))`),
  tfjs:
    tfjs &&
    ((tf, t) => {
      const given = { x: t.nhwc(x), filter: t.hwio(w), strides: 1, pad: 'valid' };
      return t.nchw(tf.fused.conv2d({ ...given, activation: tfjs, leakyreluAlpha: 0.01 }));
    }),
  ort: ort && steps(thenOne(conv({}), ort.op, {}, ort.attributes, ort.constants)),
});

/** A layout of weights: PyTorch, tfjs and ort have one each, and put others into it first. */
function weightLayout(name) {
  const order = Array.from(name, (letter) => 'oihw'.indexOf(letter));
  const back = Array.from('oihw', (letter) => name.indexOf(letter));
  const toHwio = Array.from('hwio', (letter) => name.indexOf(letter));
  const other = transpose(w, order);
  const ort = {
    nodes: [
      { op: 'Transpose', inputs: ['other'], outputs: ['w'], attributes: { perm: back } },
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] },
    ],
    inputs: { x, other },
  };
  const tfjs = (tf, t) => {
    const filter = name === 'hwio' ? t.tensor(other) : tf.transpose(t.tensor(other), toHwio);
    return t.nchw(tf.conv2d(t.nhwc(x), filter, 1, 'valid'));
  };
  const python = `w.permute(${order}).contiguous().permute(${back})`;
  return {
    own: (c) => c.conv2d(x, other, { weightLayout: name }),
    torch: name === 'oihw' ? 'F.conv2d(x, w)' : steps(`F.conv2d(x, ${python})`),
    tfjs: name === 'hwio' ? tfjs : steps(tfjs),
    ort: name === 'oihw' ? conv({}) : steps(ort),
  };
}

/** @type {Row[]} */
export const conv2dRows = [
  {
    title: '`conv2d`',
    cases: {
      batches: {
        own: (c) => c.conv2d(x, w),
        torch: 'F.conv2d(x, w)',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid')),
        ort: conv({}),
      },
      unbatched: {
        own: (c) => c.conv2d(image, w),
        torch: 'F.conv2d(image, w)',
        tfjs: (tf, t) => t.chw(tf.conv2d(t.hwc(image), t.hwio(w), 1, 'valid')),
        ort: conv({}, { image, w }),
      },
      'batch of 0': {
        own: (c) => c.conv2d(empty, w),
        torch: 'F.conv2d(empty, w)',
        tfjs: breaks((tf, t) => t.nchw(tf.conv2d(t.nhwc(empty), t.hwio(w), 1, 'valid'))),
        ort: conv({}, { empty, w }),
      },
    },
  },
  {
    title: '`stride`, `dilation`',
    cases: {
      stride: {
        own: (c) => c.conv2d(x, w, { stride: [2, 1] }),
        torch: 'F.conv2d(x, w, stride=(2, 1))',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), [2, 1], 'valid')),
        ort: conv({ strides: [2, 1] }),
      },
      dilation: {
        own: (c) => c.conv2d(x, w, { dilation: [2, 3] }),
        torch: 'F.conv2d(x, w, dilation=(2, 3))',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid', 'NHWC', [2, 3])),
        ort: conv({ dilations: [2, 3] }),
      },
      both: {
        own: (c) => c.conv2d(x, w, { dilation: 2, stride: 2 }),
        torch: 'F.conv2d(x, w, dilation=2, stride=2)',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 2, 'valid', 'NHWC', 2)),
        ort: conv({ dilations: [2, 2], strides: [2, 2] }),
      },
    },
  },
  {
    title: '`groups`',
    cases: {
      2: {
        own: (c) => c.conv2d(x, grouped, { groups: 2 }),
        torch: 'F.conv2d(x, grouped, groups=2)',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(grouped), 1, 'valid')),
        ort: conv({ group: 2 }, { x, grouped }),
      },
      'depthwise with multiplier': {
        own: (c) => c.conv2d(x, depthwise, { groups: 4 }),
        torch: 'F.conv2d(x, depthwise, groups=4)',
        tfjs: (tf, t) => {
          // kh×kw×C×multiplier.
          const filter = tf.transpose(tf.tensor(depthwise.data, [4, 2, 3, 2]), [2, 3, 0, 1]);
          return t.nchw(tf.depthwiseConv2d(t.nhwc(x), filter, 1, 'valid'));
        },
        ort: conv({ group: 4 }, { x, depthwise }),
      },
    },
  },
  {
    title: '`bias`',
    cases: {
      '': {
        own: (c) => c.conv2d(x, w, { bias }),
        torch: 'F.conv2d(x, w, bias)',
        tfjs: (tf, t) => {
          const given = { x: t.nhwc(x), filter: t.hwio(w), strides: 1, pad: 'valid' };
          return t.nchw(tf.fused.conv2d({ ...given, bias: t.tensor(bias) }));
        },
        ort: conv({}, { x, w, bias }),
      },
    },
  },
  {
    title: '`padding`',
    cases: {
      number: {
        ...padding(1, 'F.conv2d(x, w, padding=1)', undefined, { pads: [1, 1, 1, 1] }),
        // It takes the kernel for as wide as it is high, and then writes past the end of its output.
        tfjs: breaks(differs('wrong unless the kernel is square', convTfjs(1, 1))),
      },
      pair: padding([2, 1], 'F.conv2d(x, w, padding=(2, 1))', pads(2, 2, 1, 1), {
        pads: [2, 1, 2, 1],
      }),
      four: padding([0, 1, 2, 3], steps('F.conv2d(F.pad(x, (2, 3, 0, 1)), w)'), pads(0, 1, 2, 3), {
        pads: [0, 2, 1, 3],
      }),
      valid: padding('valid', "F.conv2d(x, w, padding='valid')", 'valid', { auto_pad: 'VALID' }),
      same: padding('same', "F.conv2d(x, w, padding='same')", 'same', { auto_pad: 'SAME_UPPER' }),
      'same-upper': padding(
        'same-upper',
        "F.conv2d(x, w, padding='same', stride=(2, 1))",
        'same',
        { auto_pad: 'SAME_UPPER' },
        [2, 1],
      ),
      'same-lower': padding('same-lower', undefined, undefined, { auto_pad: 'SAME_LOWER' }, [2, 1]),
    },
  },
  {
    title: '`paddingMode`',
    cases: {
      zeros: padding([2, 1], 'F.conv2d(x, w, padding=(2, 1))', pads(2, 2, 1, 1), {
        pads: [2, 1, 2, 1],
      }),
      reflect: paddingMode('reflect', 'reflect', 'reflect'),
      replicate: paddingMode('replicate', 'edge'),
      circular: paddingMode('circular', 'wrap'),
    },
  },
  {
    title: '`activation`, fused',
    cases: {
      relu: fused('relu', 'F.relu', 'relu', { op: 'Relu' }),
      relu6: fused('relu6', 'F.relu6', 'relu6', {
        op: 'Clip',
        constants: { low: scalar(0), high: scalar(6) },
      }),
      'leaky-relu': fused('leaky-relu', 'F.leaky_relu', 'leakyrelu', {
        op: 'LeakyRelu',
        attributes: { alpha: float(0.01) },
      }),
      sigmoid: fused('sigmoid', 'torch.sigmoid', 'sigmoid', { op: 'Sigmoid' }),
      tanh: {
        ...fused('tanh', 'torch.tanh', undefined, { op: 'Tanh' }),
        tfjs: steps((tf, t) => t.nchw(tf.tanh(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid')))),
      },
      silu: fused('silu', 'F.silu'),
      'hard-swish': fused('hard-swish', 'F.hardswish', undefined, { op: 'HardSwish' }),
      gelu: fused('gelu', 'F.gelu', undefined, { op: 'Gelu' }),
    },
  },
  {
    title: '`layout`',
    cases: {
      nchw: {
        own: (c) => c.conv2d(x, w, { layout: 'nchw' }),
        torch: 'F.conv2d(x, w)',
        tfjs: (tf, t) => t.flat(tf.conv2d(t.tensor(x), t.hwio(w), 1, 'valid', 'NCHW')),
        ort: conv({}),
      },
      nhwc: {
        own(c) {
          const y = c.conv2d(transpose(x, [0, 2, 3, 1]), w, { layout: 'nhwc' });
          return transpose(valuesOf(y), [0, 3, 1, 2]);
        },
        torch: steps('F.conv2d(x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), w)'),
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid', 'NHWC')),
        ort: steps(
          thenConv(one('Transpose', { x: transpose(x, [0, 2, 3, 1]) }, { perm: [0, 3, 1, 2] })),
        ),
      },
    },
  },
  {
    title: '`weightLayout`',
    cases: Object.fromEntries(
      ['oihw', 'hwio', 'ohwi', 'ihwo'].map((name) => [name, weightLayout(name)]),
    ),
  },
  {
    title: '`out`',
    cases: {
      '': {
        own: (c) => c.conv2d(x, w, { out: c.zeros([2, 6, 5, 5]) }),
        torch: 'torch.conv2d(x, w, out=torch.zeros(2, 6, 5, 5))',
        ort: differs('taken, and left as it was', async (ort, open) => {
          const { session, feeds } = await open(conv({}));
          const y = new ort.Tensor('float32', new Float32Array(300), [2, 6, 5, 5]);
          await session.run(feeds, { y });
          return { shape: y.dims, data: y.data };
        }),
      },
    },
  },
  {
    title: '`planConv2d`: weights packed once',
    cases: {
      '': {
        own(c) {
          const plan = c.planConv2d({ inputShape: x.shape, weight: w });
          plan.run(x);
          return plan.run(x);
        },
        tfjs: (tf, t) => {
          const [input, filter] = [t.nhwc(x), t.hwio(w)];
          tf.conv2d(input, filter, 1, 'valid').dispose();
          return t.nchw(tf.conv2d(input, filter, 1, 'valid'));
        },
        ort: async (_, open) => {
          const { session, feeds } = await open({ ...conv({}), inputs: { x }, constants: { w } });
          await session.run(feeds);
          const { y } = await session.run(feeds);
          return { shape: y.dims, data: y.data };
        },
      },
    },
  },
  {
    title: '`conv1d`',
    cases: {
      stride: {
        own: (c) => c.conv1d(sound, taps, { stride: 2 }),
        torch: 'F.conv1d(sound, taps, stride=2)',
        tfjs: (tf, t) => t.ncw(tf.conv1d(t.nwc(sound), t.wio(taps), 2, 'valid')),
        ort: conv({ strides: [2] }, { sound, taps }),
      },
      padding: {
        own: (c) => c.conv1d(sound, taps, { padding: 1 }),
        torch: 'F.conv1d(sound, taps, padding=1)',
        tfjs: breaks((tf, t) => t.ncw(tf.conv1d(t.nwc(sound), t.wio(taps), 1, 1))),
        ort: conv({ pads: [1, 1] }, { sound, taps }),
      },
    },
  },
];

/** A transposed convolution; tfjs is told the size of the output instead. */
const transposedCase = (options, torch, tfjs, ort, weight = wt) => ({
  own: (c) => c.convTranspose2d(x, weight, { stride: 2, ...options }),
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
        { size: [13, 10], pad: pads(1, 1, 1, 1) },
        { pads: [1, 1, 1, 1] },
      ),
      'four pads': transposedCase(
        { padding: [0, 1, 2, 1] },
        steps('F.conv_transpose2d(x, wt, stride=2)[:, :, 0:-1, 2:-1]'),
        { size: [14, 9], pad: pads(0, 1, 2, 1) },
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
        own: gradient('input'),
        torch: 'grad.conv2d_input(x.shape, w, gradOutput)',
        tfjs: (tf, t) =>
          t.nchw(tf.conv2dTranspose(t.nhwc(gradOutput), t.hwio(w), [2, 7, 6, 4], 1, 'valid')),
        ort: one('ConvTranspose', { gradOutput, w }),
      },
      weight: {
        own: gradient('weight'),
        torch: 'grad.conv2d_weight(x, w.shape, gradOutput)',
        tfjs: (tf, t) => {
          const attributes = { strides: 1, pad: 'valid', filterShape: [3, 2, 4, 6] };
          const inputs = { x: t.nhwc(x), dy: t.nhwc(gradOutput) };
          return t.oihw(tf.engine().runKernel('Conv2DBackpropFilter', inputs, attributes));
        },
      },
      bias: {
        own: gradient('bias'),
        torch:
          '(lambda b: torch.autograd.grad(F.conv2d(x, w, b), b, gradOutput))(bias.clone().requires_grad_())',
        tfjs: (tf, t) => t.flat(tf.sum(t.nhwc(gradOutput), [0, 1, 2])),
        ort: one('ReduceSum', { gradOutput }, { keepdims: 0 }, { axes: int64(0, 2, 3) }),
      },
      'all options': {
        own(c) {
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
