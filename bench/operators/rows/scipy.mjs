// Rows of the table of operators: correlate2d and convolve2d, as in SciPy.
import { even, kernel, large, matrix, small } from '../data.mjs';
import { createModel, half, int64, padModel, plane, thenNode } from '../models.mjs';
import { differs, inSteps, tfjsPads } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

/** Runs a model whose output is an image with one channel, and returns it as a matrix. */
const asMatrix = (model) => async (_, open) => {
  const { session, feeds } = await open(model);
  const { y } = await session.run(feeds);
  return { shape: y.dims.slice(2), data: y.data };
};

/** OpenCV's `filter2D`, optionally with padding before and cropping after it. */
const opencvFilter =
  (weight, { border = 'BORDER_CONSTANT', pad, anchor, crop, flip }) =>
  (cv, m) => {
    const [padded, flipped, to] = [new cv.Mat(), new cv.Mat(), new cv.Mat()];
    const [image, kernelMat] = [m.mat(weight === large ? small : matrix), m.mat(weight)];
    // Unlike in C++, an empty Mat cannot be both source and destination here.
    if (pad)
      cv.copyMakeBorder(
        image,
        padded,
        ...pad.sides,
        cv[pad.border],
        new cv.Scalar(pad.value ?? 0, 0, 0, 0),
      );
    if (flip) cv.flip(kernelMat, flipped, -1);
    const anchorPoint = anchor ? new cv.Point(...anchor) : m.anchor;
    const source = pad ? padded : image;
    const kernelOrFlipped = flip ? flipped : kernelMat;
    cv.filter2D(source, to, -1, kernelOrFlipped, anchorPoint, 0, cv[border]);
    const cropped = new cv.Mat();
    if (crop) to.roi(new cv.Rect(...crop)).copyTo(cropped);
    return m.values(crop ? cropped : to);
  };

/** `correlate2d` with zeros beyond the border. */
export const zeros = (mode, weight, [top, bottom, left, right], opencv) => {
  const names = { kernel: `${nameOf(weight)}[None, None]`, image: 'matrix[None, None]' };
  const isSymmetric = top === bottom && left === right;
  return {
    corr2d: (c) => c.correlate2d(matrix, weight, { mode }),
    scipy: `signal.correlate2d(matrix, ${nameOf(weight)}, mode='${mode}')`,
    torch: isSymmetric
      ? `F.conv2d(${names.image}, ${names.kernel}, padding=(${top}, ${left}))[0, 0]`
      : inSteps(
          `F.conv2d(F.pad(${names.image}, (${left}, ${right}, ${top}, ${bottom})), ${names.kernel})[0, 0]`,
        ),
    tfjs: (tf, t) => {
      const pads = tfjsPads(top, bottom, left, right);
      return t.matrix(tf.conv2d(t.plane(matrix), t.kernel(weight), 1, pads));
    },
    ort: asMatrix(
      createModel(
        'Conv',
        { x: plane(matrix), w: plane(weight) },
        { pads: [top, left, bottom, right] },
      ),
    ),
    opencv,
  };
};
const nameOf = (weight) => (weight === kernel ? 'kernel' : 'even');

/** A boundary other than zeros. Most libraries pad in a separate step. */
const withBoundary = (options, scipy, torch, tfjs, ort, opencv) => ({
  corr2d: (c) => c.correlate2d(matrix, kernel, { mode: 'same', ...options }),
  scipy: `signal.correlate2d(matrix, kernel, mode='same', ${scipy})`,
  torch:
    torch &&
    inSteps(
      `F.conv2d(F.pad(matrix[None, None], (1, 1, 1, 1), ${torch}), kernel[None, None])[0, 0]`,
    ),
  tfjs:
    tfjs &&
    inSteps((tf, t) =>
      t.matrix(tf.conv2d(tfjs(tf, t.plane(matrix)), t.kernel(kernel), 1, 'valid')),
    ),
  ort: ort && inSteps(asMatrix(thenNode(ort, 'Conv', { w: plane(kernel) }))),
  opencv,
});
const onePixelPads = tfjsPads(1, 1, 1, 1);
const onePixel = [1, 1, 1, 1];

/** Mode `full` with a kernel larger than the image, so that the border is wider than the image. */
const larger = (boundary, opencv) => ({
  corr2d: (c) => c.correlate2d(small, large, { boundary }),
  scipy: `signal.correlate2d(small, large, boundary='${boundary}')`,
  torch:
    boundary === 'wrap'
      ? inSteps(
          "F.conv2d(F.pad(small[None, None], (6, 6, 4, 4), mode='circular'), large[None, None])[0, 0]",
        )
      : undefined,
  tfjs:
    boundary === 'symm'
      ? inSteps((tf, t) => {
          const pads = tfjsPads(4, 4, 6, 6);
          const padded = tf.mirrorPad(t.plane(small), pads, 'symmetric');
          return t.matrix(tf.conv2d(padded, t.kernel(large), 1, 'valid'));
        })
      : undefined,
  ort:
    boundary === 'wrap'
      ? differs(
          'wrong',
          asMatrix(
            thenNode(padModel('wrap', [4, 4, 6, 6], plane(small)), 'Conv', { w: plane(large) }),
          ),
        )
      : undefined,
  opencv: inSteps(
    opencvFilter(large, { pad: { sides: [4, 4, 6, 6], border: opencv }, crop: [3, 2, 9, 6] }),
  ),
});

/** Convolution with the kernel reversed by a Slice with negative steps. */
const flippedModel = {
  nodes: [
    { op: 'Slice', inputs: ['kernel', 'starts', 'ends', 'axes', 'steps'], outputs: ['w'] },
    { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { pads: [2, 2, 2, 2] } },
  ],
  inputs: { x: plane(matrix), kernel: plane(kernel) },
  constants: {
    starts: int64(-1, -1),
    ends: int64(-9, -9),
    axes: int64(2, 3),
    steps: int64(-1, -1),
  },
};

/** @type {Row[]} */
export const scipyRows = [
  {
    title: '`correlate2d`: `mode`',
    cases: {
      full: zeros(
        'full',
        kernel,
        [2, 2, 2, 2],
        inSteps(opencvFilter(kernel, { pad: { sides: onePixel, border: 'BORDER_CONSTANT' } })),
      ),
      same: zeros('same', kernel, onePixel, opencvFilter(kernel, {})),
      'same (even kernel)': zeros(
        'same',
        even,
        [0, 1, 1, 2],
        opencvFilter(even, { anchor: [1, 0] }),
      ),
      valid: zeros(
        'valid',
        kernel,
        [0, 0, 0, 0],
        inSteps(opencvFilter(kernel, { crop: [1, 1, 4, 5] })),
      ),
    },
  },
  {
    title: '`boundary`, `fillValue`',
    cases: {
      wrap: withBoundary(
        { boundary: 'wrap' },
        "boundary='wrap'",
        "mode='circular'",
        undefined,
        padModel('wrap', onePixel, plane(matrix)),
        inSteps(
          opencvFilter(kernel, {
            pad: { sides: onePixel, border: 'BORDER_WRAP' },
            crop: [1, 1, 6, 7],
          }),
        ),
      ),
      symm: withBoundary(
        { boundary: 'symm' },
        "boundary='symm'",
        undefined,
        (tf, image) => tf.mirrorPad(image, onePixelPads, 'symmetric'),
        undefined,
        opencvFilter(kernel, { border: 'BORDER_REFLECT' }),
      ),
      fillValue: withBoundary(
        { fillValue: 0.5 },
        'fillvalue=0.5',
        'value=0.5',
        (tf, image) => tf.pad(image, onePixelPads, 0.5),
        padModel('constant', onePixel, plane(matrix), half),
        inSteps(
          opencvFilter(kernel, {
            pad: { sides: onePixel, border: 'BORDER_CONSTANT', value: 0.5 },
            crop: [1, 1, 6, 7],
          }),
        ),
      ),
    },
  },
  {
    title: '`boundary`, kernel larger than image',
    cases: { wrap: larger('wrap', 'BORDER_WRAP'), symm: larger('symm', 'BORDER_REFLECT') },
  },
  {
    title: '`convolve2d`',
    cases: {
      '': {
        corr2d: (c) => c.convolve2d(matrix, kernel),
        scipy: 'signal.convolve2d(matrix, kernel)',
        torch: inSteps(
          'F.conv2d(matrix[None, None], kernel.flip((0, 1))[None, None], padding=2)[0, 0]',
        ),
        tfjs: inSteps((tf, t) =>
          t.matrix(tf.conv2d(t.plane(matrix), tf.reverse(t.kernel(kernel), [0, 1]), 1, 2)),
        ),
        ort: inSteps(asMatrix(flippedModel)),
        opencv: inSteps(
          opencvFilter(kernel, {
            pad: { sides: onePixel, border: 'BORDER_CONSTANT' },
            flip: true,
          }),
        ),
      },
    },
  },
];
