// Rows of the table of operators: filters of 8-bit images, and conversions from and to images.
import { blur, rgba, x } from '../data.mjs';
import { differs, inSteps, toValues } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const opencvImage = (border) => (cv, m) => {
  const [from, to] = [cv.matFromImageData(rgba), new cv.Mat()];
  cv.filter2D(from, to, -1, m.mat(blur), m.anchor, 0, cv[border]);
  return m.rgba(to);
};
/** Drops the alpha channel. */
const withoutAlpha = ({ shape, data }) => ({
  shape: [...shape.slice(0, -1), 3],
  data: data.filter((_, i) => i % 4 < 3),
});
const border = (name, opencv, scipy) => ({
  corr2d: (c) => withoutAlpha(toValues(c.filter2d(rgba, blur, { border: name }))),
  opencv: (cv, m) => withoutAlpha(opencvImage(opencv)(cv, m)),
  scipy: differs(
    'truncated, not rounded',
    `np.stack([ndimage.correlate(rgba[..., i], blur, mode='${scipy}') for i in range(3)], axis=2)`,
  ),
});

/** An opaque image. Canvases premultiply alpha, which would change the colours of transparent pixels. */
function imageData() {
  const data = rgba.data.map((byte, i) => (i % 4 === 3 ? 255 : byte));
  return new ImageData(data, rgba.width, rgba.height);
}
function canvas() {
  const element = document.createElement('canvas');
  Object.assign(element, { width: rgba.width, height: rgba.height });
  element.getContext('2d').putImageData(imageData(), 0, 0);
  return element;
}
const bitmap = () => createImageBitmap(imageData());
const withoutBatch = ({ dims, data }) => ({ shape: dims.slice(1), data });

/** Three planes with values in [0, 1], and three with values outside this range. */
const inRange = { shape: [3, 7, 6], data: x.data.slice(0, 126).map((value) => Math.abs(value)) };
const outOfRange = { ...inRange, data: inRange.data.map((value) => 2 * value - 0.5) };
const toImageData = (planes) => ({
  corr2d: (c) => c.toImageData(planes),
  tfjs: inSteps(async (tf, t) => ({
    shape: [7, 6, 4],
    data: await tf.browser.toPixels(tf.transpose(t.tensor(planes), [1, 2, 0])),
  })),
  ort: (ort) => {
    const { width, height, data } = new ort.Tensor(
      'float32',
      planes.data,
      [1, 3, 7, 6],
    ).toImageData();
    return { shape: [height, width, 4], data };
  },
  opencv: inSteps((cv, m) => {
    const [channels, floats, to] = [new cv.MatVector(), new cv.Mat(), new cv.Mat()];
    for (let i = 0; i < 3; i++) {
      channels.push_back(m.mat({ shape: [7, 6], data: planes.data.slice(42 * i, 42 * (i + 1)) }));
    }
    channels.push_back(m.mat({ shape: [7, 6], data: new Float32Array(42).fill(1) }));
    cv.merge(channels, floats);
    floats.convertTo(to, cv.CV_8U, 255);
    return m.rgba(to);
  }),
});

/** @type {Row[]} */
export const imageRows = [
  {
    title: '`filter2d` of 8-bit colours',
    cases: {
      replicate: border('replicate', 'BORDER_REPLICATE', 'nearest'),
      reflect: border('reflect', 'BORDER_REFLECT_101', 'mirror'),
      zeros: border('zeros', 'BORDER_CONSTANT', 'constant'),
    },
  },
  {
    title: '`filter2d` with alpha kept',
    cases: {
      '': {
        corr2d: (c) => c.filter2d(rgba, blur),
        opencv: differs('alpha is filtered too', opencvImage('BORDER_REPLICATE')),
      },
    },
  },
  {
    title: '`fromImageData`, `fromImage`',
    cases: {
      ImageData: {
        corr2d: (c) => c.fromImageData(imageData()),
        tfjs: inSteps((tf, t) => t.chw(tf.div(tf.browser.fromPixels(imageData()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(imageData(), {})),
        opencv: inSteps((cv, m) => m.rgb(cv.matFromImageData(imageData()))),
      },
      ImageBitmap: {
        corr2d: async (c) => c.fromImage(await bitmap()),
        tfjs: inSteps(async (tf, t) => t.chw(tf.div(tf.browser.fromPixels(await bitmap()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(await bitmap(), {})),
        opencv: inSteps(async (cv, m) => m.rgb(cv.imread(await bitmap()))),
      },
      canvas: {
        corr2d: (c) => c.fromImage(canvas()),
        tfjs: inSteps((tf, t) => t.chw(tf.div(tf.browser.fromPixels(canvas()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(canvas(), {})),
        opencv: inSteps((cv, m) => m.rgb(cv.imread(canvas()))),
      },
    },
  },
  {
    title: '`toImageData`',
    cases: {
      'from 0 to 1': toImageData(inRange),
      clamped: toImageData(outOfRange),
    },
  },
];
