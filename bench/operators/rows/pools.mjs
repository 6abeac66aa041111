// Rows of the table of operators: pools of signals and volumes, layouts and gradients of pools, and global pools.
import { audio, gradPool, volume, x } from '../data.mjs';
import { createModel, thenNode } from '../models.mjs';
import { differs, inSteps, transpose } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

/** A pool of windows of two elements on every axis, with stride 2 and padding 1 on both sides. */
function pool(name, rank, input, { op, tfjs }) {
  const torch = `F.${name === 'max' ? 'max' : 'avg'}_pool${rank}d`;
  const all = (value, count = rank) => Array(count).fill(value);
  return {
    corr2d: (c) => c[`${name}Pool${rank}d`](input, 3, { stride: 2, padding: 1 }),
    torch: `${torch}(${rank === 1 ? 'audio' : 'volume'}, 3, stride=2, padding=1)`,
    tfjs,
    ort: createModel(
      op,
      { input },
      {
        kernel_shape: all(3),
        strides: all(2),
        pads: all(1, 2 * rank),
        ...(name === 'avg' && { count_include_pad: 1 }),
      },
    ),
  };
}

/** A pool of audio in tfjs, as an image of one row. */
const pool1d = (name) =>
  inSteps((tf, t) => {
    const row = tf.expandDims(t.nwc(audio), 1);
    const pads = [
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 0],
    ];
    return t.ncw(tf.squeeze(tf[name](row, [1, 3], [1, 2], pads), [1]));
  });

const poolGradient = (pool) =>
  `(lambda i: torch.autograd.grad(${pool}, i, gradPool))(x.clone().requires_grad_())`;

const globalPool = (name, torch, tfjs, ort) => ({
  corr2d: (c) => c[name](x),
  torch,
  tfjs: (tf, t) => t.nchw(tf[tfjs](t.nhwc(x), [1, 2], true)),
  ort: createModel(ort, { x }),
});

/** @type {Row[]} */
export const poolRows = [
  {
    title: '`maxPool1d`, `avgPool1d`, `maxPool3d`, `avgPool3d`',
    cases: {
      max1d: pool('max', 1, audio, { op: 'MaxPool', tfjs: pool1d('maxPool') }),
      avg1d: pool('avg', 1, audio, {
        op: 'AveragePool',
        tfjs: differs('padding is never counted', pool1d('avgPool').probe),
      }),
      max3d: pool('max', 3, volume, {
        op: 'MaxPool',
        tfjs: (tf, t) => t.ncdhw(tf.maxPool3d(t.ndhwc(volume), 3, 2, 1)),
      }),
      avg3d: pool('avg', 3, volume, {
        op: 'AveragePool',
        tfjs: differs('padding is never counted', (tf, t) =>
          t.ncdhw(tf.avgPool3d(t.ndhwc(volume), 3, 2, 1)),
        ),
      }),
    },
  },
  {
    title: 'pools: `layout`',
    cases: {
      nhwc: {
        corr2d: (c) => c.maxPool2d(transpose(x, [0, 2, 3, 1]), 2, { layout: 'nhwc' }),
        torch: inSteps('F.max_pool2d(x, 2).permute(0, 2, 3, 1)'),
        tfjs: (tf, t) => t.flat(tf.maxPool(t.nhwc(x), 2, 2, 'valid')),
        ort: inSteps(
          thenNode(
            createModel('MaxPool', { x }, { kernel_shape: [2, 2], strides: [2, 2] }),
            'Transpose',
            {},
            { perm: [0, 2, 3, 1] },
          ),
        ),
      },
    },
  },
  {
    title: '`maxPool2dBackward`, `avgPool2dBackward`',
    cases: {
      max: {
        corr2d: (c) => c.maxPool2dBackward(gradPool, x, 2),
        torch: poolGradient('F.max_pool2d(i, 2)'),
      },
      avg: {
        corr2d: (c) => c.avgPool2dBackward(gradPool, x.shape, 2),
        torch: poolGradient('F.avg_pool2d(i, 2)'),
      },
    },
  },
  {
    title: '`globalMaxPool`, `globalAvgPool`',
    cases: {
      max: globalPool('globalMaxPool', 'F.adaptive_max_pool2d(x, 1)', 'max', 'GlobalMaxPool'),
      avg: globalPool('globalAvgPool', 'F.adaptive_avg_pool2d(x, 1)', 'mean', 'GlobalAveragePool'),
    },
  },
];
