// OpenCV compiled to WebAssembly, for image filters, in the version of @techstark/opencv-js that is
// fastest at them. Inputs and results (`Mat`) are in its heap.
import { gaussian1d } from '../data.mjs';
import { loadOpencv } from './load.mjs';
import { Unsupported } from './unsupported.mjs';

/** The most channels of an OpenCV image. One call per channel would not be a fair comparison. */
const MAX_CHANNELS = 4;

export async function create(options) {
  const { cv, version } = await loadOpencv(options);
  const common = { version, threads: 1 };
  return [
    { ...common, name: 'opencv', prepare: (shape, data) => prepare(cv, shape, data, filter(cv)) },
    {
      ...common,
      name: 'opencv-sep',
      // It receives the factors of the kernel, which the others must find.
      isUnranked: true,
      prepare: (shape, data) => {
        if (!shape.gaussian) throw new Unsupported('needs kernels with known factors');
        return prepare(cv, shape, data, separableFilter(cv));
      },
    },
  ];
}

function prepare(cv, shape, data, makeFilter) {
  assertFilter(shape);
  const borders = {
    zeros: cv.BORDER_CONSTANT,
    reflect: cv.BORDER_REFLECT_101,
    replicate: cv.BORDER_REPLICATE,
  };
  const apply = makeFilter(shape, borders[shape.paddingMode]);
  return shape.kind === 'rgba' ? image8(cv, shape, data, apply) : planes(cv, shape, data, apply);
}

/** Throws Unsupported unless the shape is an image filter that OpenCV supports. */
export function assertFilter(shape) {
  const { kind, batch, ci, co, groups, kernel, stride, dilation, pads, layout } = shape;
  const isFilter = batch === 1 && groups === ci && ci === co && ci <= MAX_CHANNELS;
  const isPlain = Math.max(...stride, ...dilation) === 1 && layout === 'nchw';
  const isCentred = pads.every((pad, side) => 2 * pad + 1 === kernel[side >> 1]);
  const isKnown = ['plan', 'rgba', 'signal'].includes(kind) && !shape.bias && !shape.relu;
  if (!isFilter || !isPlain || !isCentred || !isKnown) {
    throw new Unsupported('supports only image filters that keep the size');
  }
  if (shape.paddingMode === 'circular') throw new Unsupported('has no circular border for filters');
}

const filter =
  (cv) =>
  ({ kernel }, border) => {
    const kernelMat = new cv.Mat(...kernel, cv.CV_32F);
    const anchor = new cv.Point(-1, -1);
    return {
      setKernel: (numbers) => kernelMat.data32F.set(numbers),
      run: (from, to) => cv.filter2D(from, to, -1, kernelMat, anchor, 0, border),
      dispose: () => kernelMat.delete(),
    };
  };

const separableFilter =
  (cv) =>
  ({ kernel }, border) => {
    const [rows, columns] = kernel.map((size) =>
      cv.matFromArray(size, 1, cv.CV_32F, gaussian1d(size)),
    );
    const anchor = new cv.Point(-1, -1);
    return {
      setKernel() {},
      run: (from, to) => cv.sepFilter2D(from, to, -1, columns, rows, anchor, 0, border),
      dispose() {
        rows.delete();
        columns.delete();
      },
    };
  };

/** Filters float planes, each with its own kernel. */
function planes(cv, { ci, input, kernel }, data, apply) {
  const mat = () => new cv.Mat(...input, cv.CV_32F);
  const [from, to] = [Array.from({ length: ci }, mat), Array.from({ length: ci }, mat)];
  const [size, kernelSize] = [input[0] * input[1], kernel[0] * kernel[1]];
  const kernels = from.map((_, i) => data.weight.subarray(i * kernelSize, (i + 1) * kernelSize));
  for (const [i, plane] of from.entries()) {
    plane.data32F.set(data.input.subarray(i * size, (i + 1) * size));
  }
  const run = () => {
    for (let i = 0; i < ci; i++) {
      apply.setKernel(kernels[i]);
      apply.run(from[i], to[i]);
    }
  };
  return {
    run,
    outputs() {
      const all = new Float32Array(ci * size);
      for (const [i, plane] of to.entries()) all.set(plane.data32F, i * size);
      return [all];
    },
    dispose() {
      for (const plane of [...from, ...to]) plane.delete();
      apply.dispose();
    },
  };
}

/** Filters ImageData. The time includes both copies, as for corr2d. */
function image8(cv, _shape, data, apply) {
  const { width, height } = data.image;
  const [from, to] = [0, 1].map(() => new cv.Mat(height, width, cv.CV_8UC4));
  const out = new Uint8ClampedArray(data.image.data.length);
  apply.setKernel(data.weight);
  return {
    run() {
      from.data.set(data.image.data);
      apply.run(from, to);
      out.set(to.data);
    },
    outputs: () => [out],
    dispose() {
      from.delete();
      to.delete();
      apply.dispose();
    },
  };
}
