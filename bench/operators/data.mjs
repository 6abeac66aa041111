// What the operators are tried on. Sizes differ from axis to axis, so that nothing is right by chance.

/** @typedef {{ shape: readonly number[], data: Float32Array }} Values Row-major. */

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

/** N×C×H×W, and weights of every kind for it. */
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

export const sound = random(2, 4, 11);
export const taps = random(6, 4, 3);

/** Matrices: a picture, kernels, and a picture that is smaller than its kernel. */
export const picture = random(7, 6);
export const kernel = random(3, 3);
export const even = random(2, 4);
export const small = random(2, 3);
export const large = random(5, 7);

export const columns = random(2, 24, 25);
export const a = random(3, 1, 4, 5);
export const b = random(2, 5, 3);

/** 8-bit RGBA, with an alpha that is not the same everywhere. */
export const rgba = {
  width: 6,
  height: 7,
  data: Uint8ClampedArray.from({ length: 6 * 7 * 4 }, () => 128 + 127 * next()),
};
/** Adds up to less than 1, so that nothing is clamped. */
export const blur = { shape: [3, 3], data: kernel.data.map((tap) => 0.08 + 0.02 * tap) };

/** All of the floats, by name: what the snippets in Python see. */
export const named = {
  ...{ x, image, empty, w, odd, grouped, depthwise, bias, gradOutput, gradGrouped, wt, wtGrouped },
  ...{ sound, taps, picture, kernel, even, small, large, columns, a, b, blur },
};
