// OpenCV compiled to WebAssembly, for image filters: of @techstark/opencv-js the version that is
// fastest at them. Its pictures (`Mat`) are in its heap, result included.
import { gaussianFactor } from '../data.mjs';
import { loadOpencv } from './load.mjs';
import { Unsupported } from './unsupported.mjs';

/** More channels than these are no picture, and a call for each would flatter nobody. */
const MAX_CHANNELS = 4;

export async function create(options) {
  const { cv, version } = await loadOpencv(options);
  const common = { version, threads: 1 };
  return [
    { ...common, name: 'opencv', prepare: (shape, data) => prepare(cv, shape, data, filter(cv)) },
    {
      ...common,
      name: 'opencv-sep',
      // It is told the factors that the others have to find.
      isAside: true,
      prepare: (shape, data) => {
        if (!shape.gaussian) throw new Unsupported('is for kernels with known factors');
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
  return shape.kind === 'rgba' ? picture(cv, shape, data, apply) : planes(cv, shape, data, apply);
}

/** Throws Unsupported unless it is a filter as OpenCV has them. */
export function assertFilter(shape) {
  const { kind, batch, ci, co, groups, kernel, stride, dilation, pads, layout } = shape;
  const isFilter = batch === 1 && groups === ci && ci === co && ci <= MAX_CHANNELS;
  const isPlain = Math.max(...stride, ...dilation) === 1 && layout === 'nchw';
  const isCentred = pads.every((pad, side) => 2 * pad + 1 === kernel[side >> 1]);
  const isKnown = (kind === 'plan' || kind === 'rgba') && !shape.bias && !shape.relu;
  if (!isFilter || !isPlain || !isCentred || !isKnown) {
    throw new Unsupported('is for filters of pictures that keep their size');
  }
  if (shape.paddingMode === 'circular') throw new Unsupported('has no circular border in filters');
}

const filter =
  (cv) =>
  ({ kernel }, border) => {
    const taps = new cv.Mat(...kernel, cv.CV_32F);
    const anchor = new cv.Point(-1, -1);
    return {
      setKernel: (numbers) => taps.data32F.set(numbers),
      run: (from, to) => cv.filter2D(from, to, -1, taps, anchor, 0, border),
      dispose: () => taps.delete(),
    };
  };

const separableFilter =
  (cv) =>
  ({ kernel }, border) => {
    const [rows, columns] = kernel.map((size) =>
      cv.matFromArray(size, 1, cv.CV_32F, gaussianFactor(size)),
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

/** Float planes, each with a kernel of its own. */
function planes(cv, { ci, input, kernel }, data, apply) {
  const mat = () => new cv.Mat(...input, cv.CV_32F);
  const [from, to] = [Array.from({ length: ci }, mat), Array.from({ length: ci }, mat)];
  const [size, taps] = [input[0] * input[1], kernel[0] * kernel[1]];
  const kernels = from.map((_, i) => data.weight.subarray(i * taps, (i + 1) * taps));
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

/** From ImageData to ImageData: both copies are counted, as they are for corr2d. */
function picture(cv, _shape, data, apply) {
  const { width, height } = data.picture;
  const [from, to] = [0, 1].map(() => new cv.Mat(height, width, cv.CV_8UC4));
  const out = new Uint8ClampedArray(data.picture.data.length);
  apply.setKernel(data.weight);
  return {
    run() {
      from.data.set(data.picture.data);
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
