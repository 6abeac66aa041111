// Inputs of the probes. Every axis has a different size, so that swapped axes are detected.

/** @typedef {{ shape: readonly number[], data: Float32Array }} Values In row-major order. */

let state = 7;
function next() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

/** @param {...number} shape @returns {Values} */
function random(...shape) {
  const size = shape.reduce((all, one) => all * one, 1);
  return { shape, data: Float32Array.from({ length: size }, next) };
}

/** An N×C×H×W image, and weights for it. */
export const x = random(2, 4, 7, 6);
export const image = random(4, 7, 6);
export const empty = random(0, 4, 7, 6);
export const w = random(6, 4, 3, 2);
export const odd = random(6, 4, 3, 3);
export const grouped = random(6, 2, 3, 2);
export const depthwise = random(8, 1, 3, 2);
export const bias = random(6);
export const gradOutput = random(2, 6, 5, 5);
export const gradGrouped = random(2, 6, 2, 3);

/** For transposed convolutions: Ci×Co/groups×kh×kw. */
export const wt = random(4, 6, 3, 2);
export const wtGrouped = random(4, 3, 3, 2);

export const audio = random(2, 4, 11);
export const audioKernel = random(6, 4, 3);

/** Matrices: an image, kernels, and an image that is smaller than its kernel. */
export const matrix = random(7, 6);
export const kernel = random(3, 3);
export const even = random(2, 4);
export const small = random(2, 3);
export const large = random(5, 7);

export const columns = random(2, 24, 25);
export const a = random(3, 1, 4, 5);
export const b = random(2, 5, 3);

/** For template matching: weights of a mask, and a part of the matrix, which is also joined to itself. */
export const weights = { ...kernel, data: kernel.data.map(Math.abs) };
export const patch = { shape: [3, 3], data: pick(3, 3, (y, x) => 6 * (y + 2) + x + 1) };
export const twice = { shape: [7, 12], data: pick(7, 12, (y, x) => 6 * y + (x % 6)) };
/** The matrix, moved cyclically by 2 rows down and 1 column to the left. */
export const rolled = {
  shape: [7, 6],
  data: pick(7, 6, (y, x) => 6 * ((y + 5) % 7) + ((x + 1) % 6)),
};
/** A single 1 in the middle. */
export const impulse = {
  shape: [3, 3],
  data: Float32Array.from({ length: 9 }, (_, i) => +(i === 4)),
};

/** Elements of the matrix. @param {number} h @param {number} w @param {(y: number, x: number) => number} index */
function pick(h, w, index) {
  const at = (/** @type {number} */ i) => matrix.data[index(Math.floor(i / w), i % w)];
  return Float32Array.from({ length: h * w }, (_, i) => at(i));
}

/** An 8-bit RGBA image with varying alpha. */
export const rgba = {
  width: 6,
  height: 7,
  data: Uint8ClampedArray.from({ length: 6 * 7 * 4 }, () => 128 + 127 * next()),
};
/** A kernel with a sum below 1, so that nothing is clamped. */
export const blur = { shape: [3, 3], data: kernel.data.map((value) => 0.08 + 0.02 * value) };

/** For element-wise operators: positive numbers, zeros and ones, and operands to broadcast. */
export const positive = { ...matrix, data: matrix.data.map((value) => 0.1 + Math.abs(value)) };
export const flags = { ...matrix, data: matrix.data.map((value) => Number(value > 0)) };
export const column = random(7, 1);
export const row = random(1, 6);

/** For normalisations: one number for each of the four channels, and for each element of the last axis. */
export const scale = random(4);
export const shift = random(4);
export const mean = random(4);
export const variance = { shape: [4], data: random(4).data.map((value) => 0.1 + Math.abs(value)) };
export const lastScale = random(6);
export const lastShift = random(6);

/** N×C×D×H×W, and weights for it. */
export const volume = random(2, 4, 5, 6, 7);
export const w3 = random(6, 4, 3, 2, 2);
export const w3Grouped = random(6, 2, 3, 2, 2);
export const wt3 = random(4, 6, 3, 2, 2);
export const wt1 = random(4, 6, 3);

/** For the gradients of pools with 2×2 windows. */
export const gradPool = random(2, 4, 3, 3);

/** For linear layers of the matrix. */
export const linearWeight = random(5, 6);
export const linearBias = random(5);

/** The float arrays by name, for the Python snippets. */
export const named = {
  ...{ x, image, empty, w, odd, grouped, depthwise, bias, gradOutput, gradGrouped, wt, wtGrouped },
  ...{ audio, audioKernel, matrix, kernel, even, small, large, columns, a, b, blur },
  ...{ weights, patch, twice, rolled, impulse, positive, flags, column, row, scale, shift, mean },
  ...{
    variance,
    lastScale,
    lastShift,
    volume,
    w3,
    w3Grouped,
    wt3,
    wt1,
    gradPool,
    linearWeight,
    linearBias,
  },
};
