// Rows of the table of operators: unfold, fold, pooling, padding, activations and matmul.
import { a, b, columns, linearBias, linearWeight, matrix, scale, w, x } from '../data.mjs';
import { createModel, floatAttribute, half, int64, padModel, plane, scalar } from '../models.mjs';
import { differs, inSteps, tfjsPads } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const pool = (corr2d, torch, tfjs, ort) => ({
  corr2d,
  torch,
  tfjs: tfjs.difference
    ? differs(tfjs.difference, (tf, t) => t.nchw(tfjs.probe(tf, t.nhwc(x))))
    : (tf, t) => t.nchw(tfjs(tf, t.nhwc(x))),
  ort: createModel(ort.op, { x }, ort.attributes),
});
const maxPool = (attributes) => ({ op: 'MaxPool', attributes });
const avgPool = (attributes) => ({ op: 'AveragePool', attributes });

/** `pad` of one plane: 3 rows above, 1 below, 1 column to the left, 2 to the right. */
const pad = (mode, torch, tfjs, ort, opencv) => ({
  corr2d: (c) =>
    c.pad({ ...matrix, shape: [1, 1, 7, 6] }, [1, 2, 3, 1], mode, ...(ort.value ? [0.5] : [])),
  torch: `F.pad(matrix[None, None], (1, 2, 3, 1), ${torch})`,
  tfjs:
    tfjs &&
    ((tf, t) => {
      const pads = [
        [3, 1],
        [1, 2],
      ];
      const image = t.tensor(matrix);
      const padded =
        tfjs === 'constant' ? tf.pad(image, pads, 0.5) : tf.mirrorPad(image, pads, tfjs);
      return { ...t.flat(padded), shape: [1, 1, 11, 9] };
    }),
  ort: padModel(ort.mode, [3, 1, 1, 2], plane(matrix), ort.value && { value: ort.value }),
  opencv: (cv, m) => {
    const padded = new cv.Mat();
    cv.copyMakeBorder(m.mat(matrix), padded, 3, 1, 1, 2, cv[opencv], new cv.Scalar(0.5, 0, 0, 0));
    return { ...m.values(padded), shape: [1, 1, 11, 9] };
  },
});

const activation = (name, torch, tfjs, ort, scipy) => ({
  corr2d: (c) => c[name](matrix),
  torch: `${torch}(matrix)`,
  tfjs: tfjs && ((tf, t) => t.flat(tfjs(tf, t.tensor(matrix)))),
  ort,
  scipy,
});

/** @type {Row[]} */
export const layerRows = [
  {
    title: '`unfold`',
    cases: {
      '': {
        corr2d: (c) => c.unfold(x, [3, 2], { padding: 1, stride: 2, dilation: [1, 2] }),
        torch: 'F.unfold(x, (3, 2), padding=1, stride=2, dilation=(1, 2))',
      },
    },
  },
  {
    title: '`fold`',
    cases: {
      '': {
        corr2d: (c) => c.fold(columns, [7, 6], [3, 2]),
        torch: 'F.fold(columns, (7, 6), (3, 2))',
        ort: createModel('Col2Im', { columns }, {}, { size: int64(7, 6), block: int64(3, 2) }),
      },
    },
  },
  {
    title: '`maxPool2d`',
    cases: {
      padding: pool(
        (c) => c.maxPool2d(x, [3, 2], { stride: [1, 2], padding: 1 }),
        'F.max_pool2d(x, (3, 2), stride=(1, 2), padding=1)',
        (tf, image) => {
          const pads = tfjsPads(1, 1, 1, 1);
          return tf.maxPool(image, [3, 2], [1, 2], pads);
        },
        maxPool({ kernel_shape: [3, 2], strides: [1, 2], pads: [1, 1, 1, 1] }),
      ),
      dilation: pool(
        (c) => c.maxPool2d(x, 2, { stride: 1, dilation: [2, 3] }),
        'F.max_pool2d(x, 2, stride=1, dilation=(2, 3))',
        (tf, image) => tf.pool(image, 2, 'max', 'valid', [2, 3], 1),
        maxPool({ kernel_shape: [2, 2], dilations: [2, 3] }),
      ),
      ceilMode: pool(
        (c) => c.maxPool2d(x, 2, { ceilMode: true }),
        'F.max_pool2d(x, 2, ceil_mode=True)',
        differs('wrong', (tf, image) => tf.maxPool(image, 2, 2, 0, 'ceil')),
        maxPool({ kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
      ),
    },
  },
  {
    title: '`avgPool2d`',
    cases: {
      'padding counted': pool(
        (c) => c.avgPool2d(x, 3, { stride: 2, padding: 1 }),
        'F.avg_pool2d(x, 3, stride=2, padding=1)',
        differs('never counted', (tf, image) => tf.avgPool(image, 3, 2, 1)),
        avgPool({
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
          count_include_pad: 1,
        }),
      ),
      'not counted': pool(
        (c) => c.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
        'F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)',
        (tf, image) => tf.avgPool(image, 3, 2, 1),
        avgPool({ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
      ),
      ceilMode: pool(
        (c) => c.avgPool2d(x, 2, { ceilMode: true }),
        'F.avg_pool2d(x, 2, ceil_mode=True)',
        differs('wrong', (tf, image) => tf.avgPool(image, 2, 2, 0, 'ceil')),
        avgPool({ kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
      ),
    },
  },
  {
    title: '`pad`',
    cases: {
      constant: pad(
        'constant',
        'value=0.5',
        'constant',
        { mode: 'constant', ...half },
        'BORDER_CONSTANT',
      ),
      reflect: pad(
        'reflect',
        "mode='reflect'",
        'reflect',
        { mode: 'reflect' },
        'BORDER_REFLECT_101',
      ),
      replicate: pad(
        'replicate',
        "mode='replicate'",
        undefined,
        { mode: 'edge' },
        'BORDER_REPLICATE',
      ),
      circular: pad('circular', "mode='circular'", undefined, { mode: 'wrap' }, 'BORDER_WRAP'),
    },
  },
  {
    title: 'activations',
    cases: {
      relu: activation('relu', 'F.relu', (tf, t) => tf.relu(t), createModel('Relu', { matrix })),
      relu6: activation(
        'relu6',
        'F.relu6',
        (tf, t) => tf.relu6(t),
        createModel('Clip', { matrix }, {}, { low: scalar(0), high: scalar(6) }),
      ),
      leakyRelu: activation(
        'leakyRelu',
        'F.leaky_relu',
        (tf, t) => tf.leakyRelu(t, 0.01),
        createModel('LeakyRelu', { matrix }, { alpha: floatAttribute(0.01) }),
      ),
      sigmoid: activation(
        'sigmoid',
        'torch.sigmoid',
        (tf, t) => tf.sigmoid(t),
        createModel('Sigmoid', { matrix }),
        'special.expit(matrix)',
      ),
      tanh: activation(
        'tanh',
        'torch.tanh',
        (tf, t) => tf.tanh(t),
        createModel('Tanh', { matrix }),
      ),
      silu: activation('silu', 'F.silu'),
      hardSwish: activation(
        'hardSwish',
        'F.hardswish',
        undefined,
        createModel('HardSwish', { matrix }),
      ),
      gelu: activation('gelu', 'F.gelu', undefined, createModel('Gelu', { matrix })),
      elu: activation('elu', 'F.elu', (tf, t) => tf.elu(t), createModel('Elu', { matrix })),
      selu: activation('selu', 'F.selu', (tf, t) => tf.selu(t), createModel('Selu', { matrix })),
      hardSigmoid: activation(
        'hardSigmoid',
        'F.hardsigmoid',
        undefined,
        createModel('HardSigmoid', { matrix }, { alpha: floatAttribute(1 / 6) }),
      ),
      softplus: activation(
        'softplus',
        'F.softplus',
        (tf, t) => tf.softplus(t),
        createModel('Softplus', { matrix }),
      ),
      mish: activation('mish', 'F.mish', undefined, createModel('Mish', { matrix })),
      prelu: {
        corr2d: (c) => c.prelu(x, scale),
        torch: 'F.prelu(x, scale)',
        tfjs: (tf, t) => t.nchw(tf.prelu(t.nhwc(x), t.tensor(scale))),
        ort: createModel('PRelu', { x, slope: { shape: [4, 1, 1], data: scale.data } }),
      },
    },
  },
  {
    title: '`matmul`',
    cases: {
      matrices: {
        corr2d: (c) => c.matmul(matrix, { shape: [6, 7], data: matrix.data }),
        torch: 'matrix @ matrix.reshape(6, 7)',
        tfjs: (tf, t) => t.flat(tf.matMul(t.tensor(matrix), tf.tensor(matrix.data, [6, 7]))),
        ort: createModel('MatMul', { matrix, other: { shape: [6, 7], data: matrix.data } }),
        opencv: (cv, m) => {
          const to = new cv.Mat();
          const other = m.mat({ shape: [6, 7], data: matrix.data });
          cv.gemm(m.mat(matrix), other, 1, new cv.Mat(), 0, to);
          return m.values(to);
        },
      },
      broadcast: {
        corr2d: (c) => c.matmul(a, b),
        torch: 'a @ b',
        tfjs: differs('wrong if both operands are broadcast', (tf, t) =>
          t.flat(tf.matMul(t.tensor(a), t.tensor(b))),
        ),
        ort: createModel('MatMul', { a, b }),
      },
    },
  },
  {
    title: '`linear`',
    cases: {
      '': {
        corr2d: (c) => c.linear(matrix, linearWeight, linearBias),
        torch: 'F.linear(matrix, linearWeight, linearBias)',
        tfjs: inSteps((tf, t) => {
          const product = tf.matMul(t.tensor(matrix), t.tensor(linearWeight), false, true);
          return t.flat(tf.add(product, t.tensor(linearBias)));
        }),
        ort: createModel('Gemm', { matrix, linearWeight, linearBias }, { transB: 1 }),
      },
    },
  },
  {
    title: 'a convolution as `unfold` and `matmul`',
    cases: {
      '': {
        corr2d: (c) =>
          c.matmul({ shape: [6, 24], data: w.data }, c.unfold(x, [3, 2])).reshape([2, 6, 5, 5]),
        torch: '(w.reshape(6, 24) @ F.unfold(x, (3, 2))).reshape(2, 6, 5, 5)',
      },
    },
  },
];
