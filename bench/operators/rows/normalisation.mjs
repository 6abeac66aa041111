// Rows of the table of operators: softmax and normalisations.
import { lastScale, lastShift, mean, scale, shift, variance, x } from '../data.mjs';
import { createModel, floatAttribute } from '../models.mjs';
import { inSteps } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const epsilon = floatAttribute(1e-5);
const channels = { weight: scale, bias: shift };
const parameters = { scale, shift };

/** In tfjs: `batchNorm` with the moments over some axes. Both have the shape of a view of the image. */
const moments = (tf, image, axes, weight, bias) => {
  const { mean, variance } = tf.moments(image, axes, true);
  return tf.add(tf.mul(tf.div(tf.sub(image, mean), tf.sqrt(tf.add(variance, 1e-5))), weight), bias);
};

/** @type {Row[]} */
export const normalisationRows = [
  {
    title: '`softmax`, `logSoftmax`',
    cases: {
      softmax: {
        corr2d: (c) => c.softmax(x, 1),
        torch: 'F.softmax(x, 1)',
        scipy: 'special.softmax(x, 1)',
        tfjs: (tf, t) => t.nchw(tf.softmax(t.nhwc(x))),
        ort: createModel('Softmax', { x }, { axis: 1 }),
      },
      logSoftmax: {
        corr2d: (c) => c.logSoftmax(x, 1),
        torch: 'F.log_softmax(x, 1)',
        scipy: 'special.log_softmax(x, 1)',
        tfjs: (tf, t) => t.nchw(tf.logSoftmax(t.nhwc(x))),
        ort: createModel('LogSoftmax', { x }, { axis: 1 }),
      },
    },
  },
  {
    title: '`batchNorm`, `instanceNorm`, `layerNorm`, `groupNorm`',
    cases: {
      batchNorm: {
        corr2d: (c) => c.batchNorm(x, mean, variance, channels),
        torch: 'F.batch_norm(x, mean, variance, scale, shift)',
        tfjs: (tf, t) => {
          const [m, v, offset, factor] = [mean, variance, shift, scale].map(t.tensor);
          return t.nchw(tf.batchNorm(t.nhwc(x), m, v, offset, factor, 1e-5));
        },
        ort: createModel('BatchNormalization', { x, ...parameters, mean, variance }, { epsilon }),
      },
      instanceNorm: {
        corr2d: (c) => c.instanceNorm(x, channels),
        torch: 'F.instance_norm(x, weight=scale, bias=shift)',
        tfjs: inSteps((tf, t) =>
          t.nchw(moments(tf, t.nhwc(x), [1, 2], t.tensor(scale), t.tensor(shift))),
        ),
        ort: createModel('InstanceNormalization', { x, ...parameters }, { epsilon }),
      },
      layerNorm: {
        corr2d: (c) => c.layerNorm(x, [6], { weight: lastScale, bias: lastShift }),
        torch: 'F.layer_norm(x, (6,), lastScale, lastShift)',
        tfjs: inSteps((tf, t) =>
          t.flat(moments(tf, t.tensor(x), [3], t.tensor(lastScale), t.tensor(lastShift))),
        ),
        ort: createModel('LayerNormalization', { x, lastScale, lastShift }, { epsilon }),
      },
      groupNorm: {
        corr2d: (c) => c.groupNorm(x, 2, channels),
        torch: 'F.group_norm(x, 2, scale, shift)',
        tfjs: inSteps((tf, t) => {
          const grouped = tf.reshape(t.tensor(x), [2, 2, 2, 7, 6]);
          const [weight, bias] = [scale, shift].map((one) =>
            tf.reshape(t.tensor(one), [1, 2, 2, 1, 1]),
          );
          const result = moments(tf, grouped, [2, 3, 4], weight, bias);
          return { ...t.flat(result), shape: [2, 4, 7, 6] };
        }),
        ort: createModel('GroupNormalization', { x, ...parameters }, { epsilon, num_groups: 2 }),
      },
    },
  },
];
