// Rows of the table in docs/comparison.md: everything but convolution layers. convolutions.mjs says what
// a row is.
import { a, b, blur, columns, even, kernel, large, picture, rgba, small, w, x } from './data.mjs';
import { float, int64, one, padded, plane, scalar, thenOne } from './models.mjs';
import { differs, steps, valuesOf } from './peers.mjs';

/** @typedef {import('./convolutions.mjs').Row} Row */

// ---- Matrices, as SciPy has them.

/** A model of images of one channel, as a matrix. */
const matrix = (model) => async (_, open) => {
  const { session, feeds } = await open(model);
  const { y } = await session.run(feeds);
  return { shape: y.dims.slice(2), data: y.data };
};

/** What opencv.js makes of it: `filter2D`, after padding and before cropping where these are asked for. */
const opencvFilter =
  (other, { border = 'BORDER_CONSTANT', pad, anchor, crop, flip }) =>
  (cv, m) => {
    const [wider, turned, to] = [new cv.Mat(), new cv.Mat(), new cv.Mat()];
    const [image, taps] = [m.mat(other === large ? small : picture), m.mat(other)];
    // In C++ one mat can be source and result; here an empty one cannot.
    if (pad)
      cv.copyMakeBorder(
        image,
        wider,
        ...pad.sides,
        cv[pad.border],
        new cv.Scalar(pad.value ?? 0, 0, 0, 0),
      );
    if (flip) cv.flip(taps, turned, -1);
    const at = anchor ? new cv.Point(...anchor) : m.anchor;
    cv.filter2D(pad ? wider : image, to, -1, flip ? turned : taps, at, 0, cv[border]);
    const inner = new cv.Mat();
    if (crop) to.roi(new cv.Rect(...crop)).copyTo(inner);
    return m.values(crop ? inner : to);
  };

const zeros = (mode, other, [top, bottom, left, right], opencv) => {
  const names = { torch: `${nameOf(other)}[None, None]`, picture: 'picture[None, None]' };
  const isEven = top === bottom && left === right;
  return {
    own: (c) => c.correlate2d(picture, other, { mode }),
    scipy: `signal.correlate2d(picture, ${nameOf(other)}, mode='${mode}')`,
    torch: isEven
      ? `F.conv2d(${names.picture}, ${names.torch}, padding=(${top}, ${left}))[0, 0]`
      : steps(
          `F.conv2d(F.pad(${names.picture}, (${left}, ${right}, ${top}, ${bottom})), ${names.torch})[0, 0]`,
        ),
    tfjs: (tf, t) => {
      const pads = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      return t.matrix(tf.conv2d(t.plane(picture), t.tap(other), 1, pads));
    },
    ort: matrix(
      one('Conv', { x: plane(picture), w: plane(other) }, { pads: [top, left, bottom, right] }),
    ),
    opencv,
  };
};
const nameOf = (other) => (other === kernel ? 'kernel' : 'even');

/** Something else than zeros around: most pad first. */
const around = (options, scipy, torch, tfjs, ort, opencv) => ({
  own: (c) => c.correlate2d(picture, kernel, { mode: 'same', ...options }),
  scipy: `signal.correlate2d(picture, kernel, mode='same', ${scipy})`,
  torch:
    torch &&
    steps(`F.conv2d(F.pad(picture[None, None], (1, 1, 1, 1), ${torch}), kernel[None, None])[0, 0]`),
  tfjs:
    tfjs &&
    steps((tf, t) => t.matrix(tf.conv2d(tfjs(tf, t.plane(picture)), t.tap(kernel), 1, 'valid'))),
  ort: ort && steps(matrix(thenOne(ort, 'Conv', { w: plane(kernel) }))),
  opencv,
});
const onePixel = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
const onEachSide = [1, 1, 1, 1];
const half = { value: { shape: [1], data: float(0.5) } };

/** In full, which needs more around than there is inside. */
const larger = (boundary, opencv) => ({
  own: (c) => c.correlate2d(small, large, { boundary }),
  scipy: `signal.correlate2d(small, large, boundary='${boundary}')`,
  torch:
    boundary === 'wrap'
      ? steps(
          "F.conv2d(F.pad(small[None, None], (6, 6, 4, 4), mode='circular'), large[None, None])[0, 0]",
        )
      : undefined,
  tfjs:
    boundary === 'symm'
      ? steps((tf, t) => {
          const pads = [
            [0, 0],
            [4, 4],
            [6, 6],
            [0, 0],
          ];
          const wider = tf.mirrorPad(t.plane(small), pads, 'symmetric');
          return t.matrix(tf.conv2d(wider, t.tap(large), 1, 'valid'));
        })
      : undefined,
  ort:
    boundary === 'wrap'
      ? differs(
          'wrong',
          matrix(thenOne(padded('wrap', [4, 4, 6, 6], plane(small)), 'Conv', { w: plane(large) })),
        )
      : undefined,
  opencv: steps(
    opencvFilter(large, { pad: { sides: [4, 4, 6, 6], border: opencv }, crop: [3, 2, 9, 6] }),
  ),
});

/** By the kernel turned round: from the last of each axis to the first. */
const flipped = {
  nodes: [
    { op: 'Slice', inputs: ['taps', 'last', 'first', 'axes', 'back'], outputs: ['w'] },
    { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { pads: [2, 2, 2, 2] } },
  ],
  inputs: { x: plane(picture), taps: plane(kernel) },
  constants: {
    last: int64(-1, -1),
    first: int64(-9, -9),
    axes: int64(2, 3),
    back: int64(-1, -1),
  },
};

/** @type {Row[]} */
export const matrixRows = [
  {
    title: '`correlate2d`: `mode`',
    cases: {
      full: zeros(
        'full',
        kernel,
        [2, 2, 2, 2],
        steps(opencvFilter(kernel, { pad: { sides: onEachSide, border: 'BORDER_CONSTANT' } })),
      ),
      same: zeros('same', kernel, onEachSide, opencvFilter(kernel, {})),
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
        steps(opencvFilter(kernel, { crop: [1, 1, 4, 5] })),
      ),
    },
  },
  {
    title: '`boundary`, `fillValue`',
    cases: {
      wrap: around(
        { boundary: 'wrap' },
        "boundary='wrap'",
        "mode='circular'",
        undefined,
        padded('wrap', onEachSide, plane(picture)),
        steps(
          opencvFilter(kernel, {
            pad: { sides: onEachSide, border: 'BORDER_WRAP' },
            crop: [1, 1, 6, 7],
          }),
        ),
      ),
      symm: around(
        { boundary: 'symm' },
        "boundary='symm'",
        undefined,
        (tf, image) => tf.mirrorPad(image, onePixel, 'symmetric'),
        undefined,
        opencvFilter(kernel, { border: 'BORDER_REFLECT' }),
      ),
      fillValue: around(
        { fillValue: 0.5 },
        'fillvalue=0.5',
        'value=0.5',
        (tf, image) => tf.pad(image, onePixel, 0.5),
        padded('constant', onEachSide, plane(picture), half),
        steps(
          opencvFilter(kernel, {
            pad: { sides: onEachSide, border: 'BORDER_CONSTANT', value: 0.5 },
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
        own: (c) => c.convolve2d(picture, kernel),
        scipy: 'signal.convolve2d(picture, kernel)',
        torch: steps(
          'F.conv2d(picture[None, None], kernel.flip((0, 1))[None, None], padding=2)[0, 0]',
        ),
        tfjs: steps((tf, t) =>
          t.matrix(tf.conv2d(t.plane(picture), tf.reverse(t.tap(kernel), [0, 1]), 1, 2)),
        ),
        ort: steps(matrix(flipped)),
        opencv: steps(
          opencvFilter(kernel, {
            pad: { sides: onEachSide, border: 'BORDER_CONSTANT' },
            flip: true,
          }),
        ),
      },
    },
  },
];

// ---- Windows and planes.

const pool = (own, torch, tfjs, ort) => ({
  own,
  torch,
  tfjs: tfjs.how
    ? differs(tfjs.how, (tf, t) => t.nchw(tfjs.probe(tf, t.nhwc(x))))
    : (tf, t) => t.nchw(tfjs(tf, t.nhwc(x))),
  ort: one(ort.op, { x }, ort.attributes),
});
const maxPool = (attributes) => ({ op: 'MaxPool', attributes });
const avgPool = (attributes) => ({ op: 'AveragePool', attributes });

/** `pad` of one plane by 3 and 1 rows, 1 and 2 columns. */
const pad = (mode, torch, tfjs, ort, opencv) => ({
  own: (c) =>
    c.pad({ ...picture, shape: [1, 1, 7, 6] }, [1, 2, 3, 1], mode, ...(ort.value ? [0.5] : [])),
  torch: `F.pad(picture[None, None], (1, 2, 3, 1), ${torch})`,
  tfjs:
    tfjs &&
    ((tf, t) => {
      const pads = [
        [3, 1],
        [1, 2],
      ];
      const image = t.tensor(picture);
      const wider =
        tfjs === 'constant' ? tf.pad(image, pads, 0.5) : tf.mirrorPad(image, pads, tfjs);
      return { ...t.flat(wider), shape: [1, 1, 11, 9] };
    }),
  ort: padded(ort.mode, [3, 1, 1, 2], plane(picture), ort.value && { value: ort.value }),
  opencv: (cv, m) => {
    const wider = new cv.Mat();
    cv.copyMakeBorder(m.mat(picture), wider, 3, 1, 1, 2, cv[opencv], new cv.Scalar(0.5, 0, 0, 0));
    return { ...m.values(wider), shape: [1, 1, 11, 9] };
  },
});

const activation = (name, torch, tfjs, ort, scipy) => ({
  own: (c) => c[name](picture),
  torch: `${torch}(picture)`,
  tfjs: tfjs && ((tf, t) => t.flat(tfjs(tf, t.tensor(picture)))),
  ort,
  scipy,
});

/** @type {Row[]} */
export const planeRows = [
  {
    title: '`unfold`',
    cases: {
      '': {
        own: (c) => c.unfold(x, [3, 2], { padding: 1, stride: 2, dilation: [1, 2] }),
        torch: 'F.unfold(x, (3, 2), padding=1, stride=2, dilation=(1, 2))',
      },
    },
  },
  {
    title: '`fold`',
    cases: {
      '': {
        own: (c) => c.fold(columns, [7, 6], [3, 2]),
        torch: 'F.fold(columns, (7, 6), (3, 2))',
        ort: one('Col2Im', { columns }, {}, { size: int64(7, 6), block: int64(3, 2) }),
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
          const pads = [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ];
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
      relu: activation('relu', 'F.relu', (tf, t) => tf.relu(t), one('Relu', { picture })),
      relu6: activation(
        'relu6',
        'F.relu6',
        (tf, t) => tf.relu6(t),
        one('Clip', { picture }, {}, { low: scalar(0), high: scalar(6) }),
      ),
      leakyRelu: activation(
        'leakyRelu',
        'F.leaky_relu',
        (tf, t) => tf.leakyRelu(t, 0.01),
        one('LeakyRelu', { picture }, { alpha: float(0.01) }),
      ),
      sigmoid: activation(
        'sigmoid',
        'torch.sigmoid',
        (tf, t) => tf.sigmoid(t),
        one('Sigmoid', { picture }),
        'special.expit(picture)',
      ),
      tanh: activation('tanh', 'torch.tanh', (tf, t) => tf.tanh(t), one('Tanh', { picture })),
      silu: activation('silu', 'F.silu'),
      hardSwish: activation('hardSwish', 'F.hardswish', undefined, one('HardSwish', { picture })),
      gelu: activation('gelu', 'F.gelu', undefined, one('Gelu', { picture })),
    },
  },
  {
    title: '`matmul`',
    cases: {
      matrices: {
        own: (c) => c.matmul(picture, { shape: [6, 7], data: picture.data }),
        torch: 'picture @ picture.reshape(6, 7)',
        tfjs: (tf, t) => t.flat(tf.matMul(t.tensor(picture), tf.tensor(picture.data, [6, 7]))),
        ort: one('MatMul', { picture, other: { shape: [6, 7], data: picture.data } }),
        opencv: (cv, m) => {
          const to = new cv.Mat();
          const other = m.mat({ shape: [6, 7], data: picture.data });
          cv.gemm(m.mat(picture), other, 1, new cv.Mat(), 0, to);
          return m.values(to);
        },
      },
      broadcast: {
        own: (c) => c.matmul(a, b),
        torch: 'a @ b',
        tfjs: differs('wrong where both are repeated', (tf, t) =>
          t.flat(tf.matMul(t.tensor(a), t.tensor(b))),
        ),
        ort: one('MatMul', { a, b }),
      },
    },
  },
  {
    title: 'a convolution as `unfold` and `matmul`',
    cases: {
      '': {
        own: (c) =>
          c.matmul({ shape: [6, 24], data: w.data }, c.unfold(x, [3, 2])).reshape([2, 6, 5, 5]),
        torch: '(w.reshape(6, 24) @ F.unfold(x, (3, 2))).reshape(2, 6, 5, 5)',
      },
    },
  },
];

// ---- Pictures.

const opencvPicture = (border) => (cv, m) => {
  const [from, to] = [cv.matFromImageData(rgba), new cv.Mat()];
  cv.filter2D(from, to, -1, m.mat(blur), m.anchor, 0, cv[border]);
  return m.picture(to);
};
/** Without alpha. */
const colours = ({ shape, data }) => ({
  shape: [...shape.slice(0, -1), 3],
  data: data.filter((_, i) => i % 4 < 3),
});
const border = (name, opencv, scipy) => ({
  own: (c) => colours(valuesOf(c.filter2d(rgba, blur, { border: name }))),
  opencv: (cv, m) => colours(opencvPicture(opencv)(cv, m)),
  scipy: differs(
    'cut off, not rounded',
    `np.stack([ndimage.correlate(rgba[..., i], blur, mode='${scipy}') for i in range(3)], axis=2)`,
  ),
});

/** What browsers have: opaque, as canvases change the colours of what is not. */
function imageData() {
  const data = rgba.data.map((byte, i) => (i % 4 === 3 ? 255 : byte));
  return new ImageData(data, rgba.width, rgba.height);
}
function canvas() {
  const made = document.createElement('canvas');
  Object.assign(made, { width: rgba.width, height: rgba.height });
  made.getContext('2d').putImageData(imageData(), 0, 0);
  return made;
}
const bitmap = () => createImageBitmap(imageData());
const withoutBatch = ({ dims, data }) => ({ shape: dims.slice(1), data });

/** Three planes within 0 to 1, and some of it beyond. */
const within = { shape: [3, 7, 6], data: x.data.slice(0, 126).map((value) => Math.abs(value)) };
const beyond = { ...within, data: within.data.map((value) => 2 * value - 0.5) };
const toImageData = (planes) => ({
  own: (c) => c.toImageData(planes),
  tfjs: steps(async (tf, t) => ({
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
  opencv: steps((cv, m) => {
    const [channels, floats, to] = [new cv.MatVector(), new cv.Mat(), new cv.Mat()];
    for (let i = 0; i < 3; i++) {
      channels.push_back(m.mat({ shape: [7, 6], data: planes.data.slice(42 * i, 42 * (i + 1)) }));
    }
    channels.push_back(m.mat({ shape: [7, 6], data: new Float32Array(42).fill(1) }));
    cv.merge(channels, floats);
    floats.convertTo(to, cv.CV_8U, 255);
    return m.picture(to);
  }),
});

/** @type {Row[]} */
export const pictureRows = [
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
        own: (c) => c.filter2d(rgba, blur),
        opencv: differs('alpha is filtered too', opencvPicture('BORDER_REPLICATE')),
      },
    },
  },
  {
    title: '`fromImageData`, `fromImage`',
    cases: {
      ImageData: {
        own: (c) => c.fromImageData(imageData()),
        tfjs: steps((tf, t) => t.chw(tf.div(tf.browser.fromPixels(imageData()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(imageData(), {})),
        opencv: steps((cv, m) => m.planes(cv.matFromImageData(imageData()))),
      },
      ImageBitmap: {
        own: async (c) => c.fromImage(await bitmap()),
        tfjs: steps(async (tf, t) => t.chw(tf.div(tf.browser.fromPixels(await bitmap()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(await bitmap(), {})),
        opencv: steps(async (cv, m) => m.planes(cv.imread(await bitmap()))),
      },
      canvas: {
        own: (c) => c.fromImage(canvas()),
        tfjs: steps((tf, t) => t.chw(tf.div(tf.browser.fromPixels(canvas()), 255))),
        ort: async (ort) => withoutBatch(await ort.Tensor.fromImage(canvas(), {})),
        opencv: steps((cv, m) => m.planes(cv.imread(canvas()))),
      },
    },
  },
  {
    title: '`toImageData`',
    cases: {
      'from 0 to 1': toImageData(within),
      clamped: toImageData(beyond),
    },
  },
];
