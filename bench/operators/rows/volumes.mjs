// Rows of the table of operators: convolutions of volumes, and transposed convolutions of signals and volumes.
import { audio, volume, w3, w3Grouped, wt1, wt3 } from '../data.mjs';
import { createModel } from '../models.mjs';
import { differs, inSteps } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const conv3d = (options, torch, tfjs, ort, weight = w3) => ({
  corr2d: (c) => c.conv3d(volume, weight, options),
  torch,
  tfjs:
    tfjs &&
    ((tf, t) =>
      t.ncdhw(
        tf.conv3d(
          t.ndhwc(volume),
          t.dhwio(weight),
          tfjs.strides ?? 1,
          tfjs.pad ?? 'valid',
          'NDHWC',
          tfjs.dilations ?? 1,
        ),
      )),
  ort: createModel('Conv', { volume, weight }, ort),
});

/** @type {Row[]} */
export const volumeRows = [
  {
    title: '`conv3d`',
    cases: {
      batches: conv3d({}, 'F.conv3d(volume, w3)', {}, {}),
      stride: conv3d(
        { stride: [1, 2, 3] },
        'F.conv3d(volume, w3, stride=(1, 2, 3))',
        { strides: [1, 2, 3] },
        { strides: [1, 2, 3] },
      ),
      padding: conv3d(
        { padding: [1, 0, 2] },
        'F.conv3d(volume, w3, padding=(1, 0, 2))',
        undefined,
        {
          pads: [1, 0, 2, 1, 0, 2],
        },
      ),
      same: conv3d(
        { padding: 'same' },
        "F.conv3d(volume, w3, padding='same')",
        { pad: 'same' },
        { auto_pad: 'SAME_UPPER' },
      ),
      dilation: conv3d(
        { dilation: [2, 1, 3] },
        'F.conv3d(volume, w3, dilation=(2, 1, 3))',
        { dilations: [2, 1, 3] },
        { dilations: [2, 1, 3] },
      ),
      groups: conv3d(
        { groups: 2 },
        'F.conv3d(volume, w3Grouped, groups=2)',
        undefined,
        { group: 2 },
        w3Grouped,
      ),
    },
  },
  {
    title: '`convTranspose1d`, `convTranspose3d`',
    cases: {
      '1d': {
        corr2d: (c) => c.convTranspose1d(audio, wt1, { stride: 2, padding: 1, outputPadding: 1 }),
        torch: 'F.conv_transpose1d(audio, wt1, stride=2, padding=1, output_padding=1)',
        tfjs: inSteps((tf, t) => {
          const filter = tf.expandDims(tf.transpose(t.tensor(wt1), [2, 1, 0]), 0);
          const row = tf.expandDims(t.nwc(audio), 1);
          const pads = [
            [0, 0],
            [0, 0],
            [1, 1],
            [0, 0],
          ];
          const result = tf.conv2dTranspose(row, filter, [2, 1, 22, 6], [1, 2], pads);
          return t.ncw(tf.squeeze(result, [1]));
        }),
        ort: createModel(
          'ConvTranspose',
          { audio, wt1 },
          { strides: [2], pads: [1, 1], output_padding: [1] },
        ),
      },
      '3d': {
        corr2d: (c) => c.convTranspose3d(volume, wt3, { stride: 2 }),
        torch: 'F.conv_transpose3d(volume, wt3, stride=2)',
        tfjs: differs('wrong', (tf, t) =>
          t.ncdhw(
            tf.conv3dTranspose(t.ndhwc(volume), t.dhwio(wt3), [2, 11, 12, 14, 6], 2, 'valid'),
          ),
        ),
        ort: createModel('ConvTranspose', { volume, wt3 }, { strides: [2, 2, 2] }),
      },
    },
  },
];
