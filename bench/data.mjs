// The input data of the contenders. All get the same numbers, each in its own layout.
import { OPERATORS, parameterCount } from './operator-shapes.mjs';

/**
 * @typedef {object} Data Row-major: input and gradOutput N×C×H×W, weight Co×Ci/groups×kh×kw
 *   (transposed: Ci×Co/groups×kh×kw).
 * @property {Float32Array} input
 * @property {Float32Array} weight
 * @property {Float32Array | undefined} bias
 * @property {Float32Array | undefined} gradOutput
 * @property {Float32Array | undefined} shifted The second picture of phase correlation.
 * @property {{ data: Uint8ClampedArray, width: number, height: number } | undefined} image
 * @property {Float32Array | undefined} residual N×C×H×W of the output, which is added to it.
 * @property {Float32Array[] | undefined} operands Of an operator.
 * @property {Record<string, Float32Array> | undefined} parameters Of a normalisation.
 * @property {Uint8Array | undefined} picture C×H×W, of template matching.
 * @property {Uint8Array | undefined} template C×kh×kw, a part of the picture.
 * @property {Uint8Array | undefined} mask kh×kw, zeros and ones.
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
  if (kind === 'operator') return operatorData(shape, randomArray);
  if (kind === 'match') return matchData(shape, next);
  if (kind === 'phase') return phaseData(input, next);
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
    residual: kind === 'residual' ? randomArray(batch * co * output[0] * output[1]) : undefined,
    image: kind === 'rgba' ? makeImage(h, w, next) : undefined,
  };
}

/** Random operands, and random parameters with positive variances. */
function operatorData({ op, operands }, randomArray) {
  const count = (shape) => shape.reduce((all, one) => all * one, 1);
  const parameters = (OPERATORS[op].parameters ?? []).map((name) => {
    const numbers = randomArray(parameterCount(op, operands));
    return [name, name === 'variance' ? numbers.map((x) => 1 + x / 2) : numbers];
  });
  return {
    operands: operands.map((shape) => randomArray(count(shape))),
    parameters: Object.fromEntries(parameters),
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

/** A picture of bytes, a part of it with noise as the template, and a mask if the shape has one. */
function matchData({ ci, input: [h, w], kernel: [kh, kw], masked }, next) {
  const plane = makePicture(h, w, next);
  const level = (value) => Math.round(255 * Math.min(Math.max(value, 0), 1));
  // Other channels have other contrasts and noise of their own.
  const picture = Uint8Array.from({ length: ci * h * w }, (_, i) => {
    const contrast = 1 - 0.3 * Math.floor(i / (h * w));
    return level(contrast * plane[i % (h * w)] + 0.02 * next());
  });
  const [top, left] = [Math.floor((h - kh) / 3), Math.floor((w - kw) / 2)];
  const template = Uint8Array.from({ length: ci * kh * kw }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (kh * kw)), Math.floor(i / kw) % kh, i % kw];
    return level(picture[(channel * h + top + y) * w + left + x] / 255 + 0.02 * next());
  });
  const isInside = (i) =>
    ((i % kw) / (kw - 1) - 0.5) ** 2 + (Math.floor(i / kw) / (kh - 1) - 0.5) ** 2 <= 0.25;
  const mask = masked
    ? Uint8Array.from({ length: kh * kw }, (_, i) => Number(isInside(i)))
    : undefined;
  return { picture, template, mask };
}

/** Two pictures, of which the second is the first one shifted cyclically. */
function phaseData([h, w], next) {
  const input = makePicture(h, w, next);
  const shifted = input.map((_, i) => {
    const [y, x] = [Math.floor(i / w), i % w];
    return input[((y + h - 17) % h) * w + ((x + w - 30) % w)];
  });
  return { input, shifted };
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
    residual: all(data.residual),
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
