// OpenCV compiled to WebAssembly: image filters, in the version of @techstark/opencv-js that is fastest at them, and
// template matching, also in OpenCV 5. Inputs and results (`Mat`) are in its heap, except those of 8-bit images.
import { gaussian1d } from '../data.mjs';
import { loadOpencv, loadOpencv5 } from './load.mjs';
import { Unsupported } from './unsupported.mjs';

/** The most channels of an OpenCV image. One call per channel would not be a fair comparison. */
const MAX_CHANNELS = 4;

export async function create(options) {
  const { cv, version } = await loadOpencv(options);
  const common = { version, threads: 1 };
  const five = await loadOpencv5(options);
  return [
    { ...common, name: 'opencv', prepare: (shape, data) => prepare(cv, shape, data, filter(cv)) },
    {
      name: 'opencv5',
      version: five.version,
      threads: 1,
      prepare(shape, data) {
        if (shape.kind !== 'match') throw new Unsupported('is measured for template matching only');
        return match(five.cv, shape, data);
      },
    },
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
  if (shape.kind === 'match') return match(cv, shape, data);
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
  if (kind === 'operator') throw new Unsupported('is measured for image filters only');
  if (kind === 'phase') throw new Unsupported('has no phase correlation');
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

/** Matches a template. The time includes the copies of the picture and of the scores, as for corr2d. */
function match(cv, { ci, input, kernel, output }, { picture, template, mask }) {
  const type = ci === 1 ? cv.CV_8UC1 : cv.CV_8UC3;
  const [from, small, to] = [new cv.Mat(...input, type), new cv.Mat(...kernel, type), new cv.Mat()];
  const weights = new cv.Mat(...(mask ? [...kernel, cv.CV_8UC1] : []));
  if (mask) weights.data.set(mask);
  small.data.set(interleave(template, ci));
  const pixels = interleave(picture, ci);
  const out = new Float32Array(output[0] * output[1]);
  const args = [from, small, to, cv.TM_CCOEFF_NORMED, ...(mask ? [weights] : [])];
  return {
    run() {
      from.data.set(pixels);
      cv.matchTemplate(...args);
      out.set(to.data32F);
    },
    outputs: () => [out],
    dispose() {
      for (const mat of [from, small, to, weights]) mat.delete();
    },
  };
}

/** C×H×W as H×W×C. */
export function interleave(planes, channels) {
  const size = planes.length / channels;
  return Uint8Array.from(
    planes,
    (_, i) => planes[(i % channels) * size + Math.floor(i / channels)],
  );
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
