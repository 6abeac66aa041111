// The input data of the contenders. All get the same numbers, each in its own layout.

/**
 * @typedef {object} Data Row-major: input and gradOutput N×C×H×W, weight Co×Ci/groups×kh×kw
 *   (transposed: Ci×Co/groups×kh×kw).
 * @property {Float32Array} input
 * @property {Float32Array} weight
 * @property {Float32Array | undefined} bias
 * @property {Float32Array | undefined} gradOutput
 * @property {{ data: Uint8ClampedArray, width: number, height: number } | undefined} image
 */

/** @param {import('./shapes.mjs').Shape} shape @returns {Data} */
export function makeData(shape) {
  const { kind, batch, ci, co, groups, input, kernel, output } = shape;
  const next = createRandom(1);
  const randomArray = (count) => {
    const list = new Float32Array(count);
    for (let i = 0; i < count; i++) list[i] = 2 * next() - 1;
    return list;
  };
  const [h, w] = input;
  const kernelSize = kernel[0] * kernel[1];
  // The kernel of an 8-bit image sums to 1, so that opaque pixels stay opaque if
  // alpha is filtered too.
  const weight =
    shape.gaussian || kind === 'rgba'
      ? repeat(gaussian(kernel), (co * ci) / groups)
      : randomArray((co * ci * kernelSize) / groups);
  return {
    input: inputOf[kind]?.(h, w, next) ?? randomArray(batch * ci * h * w),
    weight: kind === 'rgba' ? weight.slice(0, kernelSize) : weight,
    bias: shape.bias ? randomArray(co) : undefined,
    gradOutput: kind === 'backward' ? randomArray(batch * co * output[0] * output[1]) : undefined,
    image: kind === 'rgba' ? makeImage(h, w, next) : undefined,
  };
}

const inputOf = { rgba: () => new Float32Array(0), signal: makePicture };

/** A picture with values from 0 to 1: gradual shading, edges, a dark disc, stripes and noise. */
function makePicture(height, width, next) {
  const data = new Float32Array(height * width);
  for (let i = 0; i < data.length; i++) {
    const [y, x] = [Math.floor(i / width) / height, (i % width) / height];
    let value = 0.55 + 0.35 * Math.sin(3.6 * x) * Math.cos(4.9 * y);
    if ((x - 0.55) ** 2 + (y - 0.45) ** 2 < 0.04) value *= 0.35;
    if (x > 1.2 && x < 1.4 && y > 0.3) value = 0.9;
    if (y > 0.85) value *= 0.5 + 0.4 * Math.sin(120 * x);
    data[i] = Math.min(Math.max(value + 0.02 * (next() + next() - 1), 0), 1);
  }
  return data;
}

/** The absolute values of `data`. Results computed from them bound the rounding errors of its results. */
export function absolute(data) {
  const all = (numbers) => numbers?.map(Math.abs);
  return {
    ...data,
    input: all(data.input),
    weight: all(data.weight),
    bias: all(data.bias),
    gradOutput: all(data.gradOutput),
  };
}

/** A 1-D Gaussian kernel with OpenCV's standard deviation for this size. */
export function gaussian1d(size) {
  const sigma = 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
  const factor = Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = factor.reduce((all, one) => all + one, 0);
  return factor.map((one) => one / sum);
}

function gaussian([kh, kw]) {
  const rows = gaussian1d(kh);
  const columns = gaussian1d(kw);
  return rows.flatMap((row) => columns.map((column) => row * column));
}

function repeat(list, count) {
  const all = new Float32Array(list.length * count);
  for (let i = 0; i < count; i++) all.set(list, i * list.length);
  return all;
}

function makeImage(height, width, next) {
  const data = new Uint8ClampedArray(4 * height * width);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : 256 * next();
  return { data, width, height };
}

/** The generator Mulberry32: numbers in [0, 1), the same in every run. */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Transposes `data` of `shape`, as `numpy.transpose` does.
 * @param {Float32Array} data @param {readonly number[]} shape @param {readonly number[]} order
 */
export function permute(data, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((all, one) => all * one, 1));
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const permuted = new Float32Array(data.length);
  const last = sizes.length - 1;
  let to = 0;
  const walk = (axis, begin) => {
    let from = begin;
    for (let i = 0; i < sizes[axis]; i++) {
      if (axis === last) permuted[to++] = data[from];
      else walk(axis + 1, from);
      from += steps[axis];
    }
  };
  walk(0, 0);
  return permuted;
}
