// Rows of the table of operators: conv2d and its options.
import {
  audio,
  audioKernel,
  bias,
  depthwise,
  empty,
  gradOutput,
  grouped,
  image,
  w,
  x,
} from '../data.mjs';
import { createModel, floatAttribute, padModel, scalar, thenNode } from '../models.mjs';
import { breaks, differs, inSteps, tfjsPads, toValues, transpose } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const conv = (attributes, inputs = { x, w }) => createModel('Conv', inputs, attributes);
const thenConv = (first) => thenNode(first, 'Conv', { w });
/** A value of `padding`, and its equivalents in the other libraries. */
const padding = (value, torch, tfjs, ort, stride = 1) => ({
  corr2d: (c) => c.conv2d(x, w, { padding: value, stride }),
  torch,
  tfjs: tfjs && convTfjs(tfjs, stride),
  ort: conv({ ...ort, strides: [stride, stride].flat().slice(-2) }),
});

const convTfjs = (pad, stride) => (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), stride, pad));

/** A padding mode other than zeros. The other libraries pad in a separate step. */
const paddingMode = (name, ort, tfjs) => ({
  corr2d: (c) => c.conv2d(x, w, { padding: [2, 1], paddingMode: name }),
  torch: inSteps(`F.conv2d(F.pad(x, (1, 1, 2, 2), mode='${name}'), w)`),
  tfjs:
    tfjs &&
    inSteps((tf, t) => {
      const padded = tf.mirrorPad(t.nhwc(x), tfjsPads(2, 2, 1, 1), tfjs);
      return t.nchw(tf.conv2d(padded, t.hwio(w), 1, 'valid'));
    }),
  ort: inSteps(thenConv(padModel(ort, [2, 2, 1, 1]))),
});

/** A convolution with fused activation. tfjs fuses some; the others need a separate step. */
const fused = (activation, torch, tfjs, ort) => ({
  corr2d: (c) => c.conv2d(x, w, { activation }),
  torch: inSteps(`${torch}(F.conv2d(x, w))`),
  tfjs:
    tfjs &&
    ((tf, t) => {
      const common = { x: t.nhwc(x), filter: t.hwio(w), strides: 1, pad: 'valid' };
      return t.nchw(tf.fused.conv2d({ ...common, activation: tfjs, leakyreluAlpha: 0.01 }));
    }),
  ort: ort && inSteps(thenNode(conv({}), ort.op, {}, ort.attributes, ort.constants)),
});

/** A weight layout. The other libraries support one each and transpose the others in a separate step. */
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
    corr2d: (c) => c.conv2d(x, other, { weightLayout: name }),
    torch: name === 'oihw' ? 'F.conv2d(x, w)' : inSteps(`F.conv2d(x, ${python})`),
    tfjs: name === 'hwio' ? tfjs : inSteps(tfjs),
    ort: name === 'oihw' ? conv({}) : inSteps(ort),
  };
}

/** @type {Row[]} */
export const conv2dRows = [
  {
    title: '`conv2d`',
    cases: {
      batches: {
        corr2d: (c) => c.conv2d(x, w),
        torch: 'F.conv2d(x, w)',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid')),
        ort: conv({}),
      },
      unbatched: {
        corr2d: (c) => c.conv2d(image, w),
        torch: 'F.conv2d(image, w)',
        tfjs: (tf, t) => t.chw(tf.conv2d(t.hwc(image), t.hwio(w), 1, 'valid')),
        ort: conv({}, { image, w }),
      },
      'batch of 0': {
        corr2d: (c) => c.conv2d(empty, w),
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
        corr2d: (c) => c.conv2d(x, w, { stride: [2, 1] }),
        torch: 'F.conv2d(x, w, stride=(2, 1))',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), [2, 1], 'valid')),
        ort: conv({ strides: [2, 1] }),
      },
      dilation: {
        corr2d: (c) => c.conv2d(x, w, { dilation: [2, 3] }),
        torch: 'F.conv2d(x, w, dilation=(2, 3))',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid', 'NHWC', [2, 3])),
        ort: conv({ dilations: [2, 3] }),
      },
      both: {
        corr2d: (c) => c.conv2d(x, w, { dilation: 2, stride: 2 }),
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
        corr2d: (c) => c.conv2d(x, grouped, { groups: 2 }),
        torch: 'F.conv2d(x, grouped, groups=2)',
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(grouped), 1, 'valid')),
        ort: conv({ group: 2 }, { x, grouped }),
      },
      'depthwise with multiplier': {
        corr2d: (c) => c.conv2d(x, depthwise, { groups: 4 }),
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
        corr2d: (c) => c.conv2d(x, w, { bias }),
        torch: 'F.conv2d(x, w, bias)',
        tfjs: (tf, t) => {
          const common = { x: t.nhwc(x), filter: t.hwio(w), strides: 1, pad: 'valid' };
          return t.nchw(tf.fused.conv2d({ ...common, bias: t.tensor(bias) }));
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
        // tfjs assumes a square kernel here and writes past the end of its output.
        tfjs: breaks(differs('wrong unless the kernel is square', convTfjs(1, 1))),
      },
      pair: padding([2, 1], 'F.conv2d(x, w, padding=(2, 1))', tfjsPads(2, 2, 1, 1), {
        pads: [2, 1, 2, 1],
      }),
      four: padding(
        [0, 1, 2, 3],
        inSteps('F.conv2d(F.pad(x, (2, 3, 0, 1)), w)'),
        tfjsPads(0, 1, 2, 3),
        {
          pads: [0, 2, 1, 3],
        },
      ),
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
      zeros: padding([2, 1], 'F.conv2d(x, w, padding=(2, 1))', tfjsPads(2, 2, 1, 1), {
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
        attributes: { alpha: floatAttribute(0.01) },
      }),
      sigmoid: fused('sigmoid', 'torch.sigmoid', 'sigmoid', { op: 'Sigmoid' }),
      tanh: {
        ...fused('tanh', 'torch.tanh', undefined, { op: 'Tanh' }),
        tfjs: inSteps((tf, t) => t.nchw(tf.tanh(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid')))),
      },
      silu: fused('silu', 'F.silu'),
      'hard-swish': fused('hard-swish', 'F.hardswish', undefined, { op: 'HardSwish' }),
      gelu: fused('gelu', 'F.gelu', undefined, { op: 'Gelu' }),
    },
  },
  {
    title: 'option `add`, before the activation',
    cases: {
      '': {
        corr2d: (c) => c.conv2d(x, w, { add: gradOutput, activation: 'relu' }),
        torch: inSteps('F.relu(F.conv2d(x, w) + gradOutput)'),
        tfjs: inSteps((tf, t) =>
          t.nchw(tf.relu(tf.add(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid'), t.nhwc(gradOutput)))),
        ),
        ort: inSteps({
          nodes: [
            { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
            { op: 'Add', inputs: ['a', 'gradOutput'], outputs: ['b'] },
            { op: 'Relu', inputs: ['b'], outputs: ['y'] },
          ],
          inputs: { x, w, gradOutput },
        }),
      },
    },
  },
  {
    title: '`layout`',
    cases: {
      nchw: {
        corr2d: (c) => c.conv2d(x, w, { layout: 'nchw' }),
        torch: 'F.conv2d(x, w)',
        tfjs: (tf, t) => t.flat(tf.conv2d(t.tensor(x), t.hwio(w), 1, 'valid', 'NCHW')),
        ort: conv({}),
      },
      nhwc: {
        corr2d(c) {
          const y = c.conv2d(transpose(x, [0, 2, 3, 1]), w, { layout: 'nhwc' });
          return transpose(toValues(y), [0, 3, 1, 2]);
        },
        torch: inSteps('F.conv2d(x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), w)'),
        tfjs: (tf, t) => t.nchw(tf.conv2d(t.nhwc(x), t.hwio(w), 1, 'valid', 'NHWC')),
        ort: inSteps(
          thenConv(
            createModel('Transpose', { x: transpose(x, [0, 2, 3, 1]) }, { perm: [0, 3, 1, 2] }),
          ),
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
        corr2d: (c) => c.conv2d(x, w, { out: c.zeros([2, 6, 5, 5]) }),
        torch: 'torch.conv2d(x, w, out=torch.zeros(2, 6, 5, 5))',
        ort: differs('accepted, but not written to', async (ort, open) => {
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
        corr2d(c) {
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
        corr2d: (c) => c.conv1d(audio, audioKernel, { stride: 2 }),
        torch: 'F.conv1d(audio, audioKernel, stride=2)',
        tfjs: (tf, t) => t.ncw(tf.conv1d(t.nwc(audio), t.wio(audioKernel), 2, 'valid')),
        ort: conv({ strides: [2] }, { audio, audioKernel }),
      },
      padding: {
        corr2d: (c) => c.conv1d(audio, audioKernel, { padding: 1 }),
        torch: 'F.conv1d(audio, audioKernel, padding=1)',
        tfjs: breaks((tf, t) => t.ncw(tf.conv1d(t.nwc(audio), t.wio(audioKernel), 1, 1))),
        ort: conv({ pads: [1, 1] }, { audio, audioKernel }),
      },
    },
  },
];
