// The oracle of template matching: the definition of docs and API in float64, term by term, and pictures for it.

import assert from 'node:assert/strict';
import { createRandom, sizeOf } from './helpers.mjs';

export const METHODS = [
  ...['sqdiff', 'sqdiff-normed', 'ccorr', 'ccorr-normed', 'ccoeff', 'ccoeff-normed'],
];
export const NORMED = METHODS.filter((method) => method.endsWith('normed'));

/** Unit roundoff of float32. */
const EPSILON = 2 ** -24;
/** The largest error of a normed score, beside the effect of rounding each number by a few units in the last place. */
export const NORMED_ERROR = 1e-5;

const planesOf = ({ shape, data }) => {
  const [height, width] = shape.slice(-2);
  const channels = shape.length === 2 ? 1 : shape[0];
  return { channels, height, width, data };
};

/** The weights for each element of the template: 1 without a mask, the same for all channels with a mask th×tw. */
function weightsOf(template, mask) {
  const { channels, height, width } = planesOf(template);
  const size = height * width;
  return Float64Array.from({ length: channels * size }, (_, i) => {
    if (!mask) return 1;
    return mask.data[mask.data.length === size ? i % size : i];
  });
}

/** Sums over the elements of a window and the template whose weight is not 0. */
function compare(window, template, weights, { channels, isCentred }) {
  const size = weights.length / channels;
  const sums = { cross: 0, energy: 0, templateEnergy: 0, difference: 0 };
  Object.assign(sums, { isFlat: true, isTemplateFlat: true, squares: 0, templateSquares: 0 });
  for (let c = 0; c < channels; c++) {
    const [from, to] = [c * size, (c + 1) * size];
    let [total, mean, templateMean] = [0, 0, 0];
    let first = -1;
    for (let i = from; i < to; i++) {
      if (weights[i] === 0) continue;
      if (first < 0) first = i;
      total += weights[i];
      mean += weights[i] * window[i];
      templateMean += weights[i] * template[i];
      if (window[i] !== window[first]) sums.isFlat = false;
      if (template[i] !== template[first]) sums.isTemplateFlat = false;
    }
    if (first < 0) continue;
    [mean, templateMean] = isCentred ? [mean / total, templateMean / total] : [0, 0];
    for (let i = from; i < to; i++) {
      if (weights[i] === 0) continue;
      const a = weights[i] * (window[i] - mean);
      const b = weights[i] * (template[i] - templateMean);
      sums.cross += a * b;
      sums.energy += a * a;
      sums.templateEnergy += b * b;
      sums.difference += (a - b) ** 2;
      sums.squares += (weights[i] * window[i]) ** 2;
      sums.templateSquares += (weights[i] * template[i]) ** 2;
    }
  }
  return sums;
}

function scoreOf(method, sums, isMasked) {
  const isCentred = method.startsWith('ccoeff');
  const { cross, energy, templateEnergy, difference } = sums;
  if (Number.isNaN(cross + energy + templateEnergy)) return Number.NaN;
  if (isCentred && (sums.isFlat || sums.isTemplateFlat)) return 0;
  const value = method.startsWith('sqdiff') ? difference : cross;
  if (!method.endsWith('normed')) return value;
  if (energy === 0 || templateEnergy === 0) return method === 'sqdiff-normed' ? 1 : 0;
  const normed = value / (Math.sqrt(energy) * Math.sqrt(templateEnergy));
  return method === 'sqdiff-normed' && !isMasked ? Math.min(normed, 1) : normed;
}

/** The sums of the last problem, without and with the means subtracted, because all methods need one of them. */
const memory = [];

/** The sums of every window, from `compare`. The data of a problem must not change between calls. */
function sumsOf(image, template, mask, isCentred) {
  const key = [image.data, template.data, mask?.data, `${image.shape} ${template.shape}`];
  const known = memory[Number(isCentred)];
  if (known && key.every((one, i) => one === known.key[i])) return known;
  const { channels, height, width, data } = planesOf(image);
  const { height: th, width: tw } = planesOf(template);
  const weights = weightsOf(template, mask);
  const shape = [height - th + 1, width - tw + 1];
  const window = new Float64Array(weights.length);
  const all = [];
  for (let y = 0; y < shape[0]; y++) {
    for (let x = 0; x < shape[1]; x++) {
      for (let c = 0, to = 0; c < channels; c++) {
        for (let a = 0; a < th; a++) {
          const row = (c * height + y + a) * width + x;
          for (let b = 0; b < tw; b++) window[to++] = data[row + b];
        }
      }
      all.push(compare(window, template.data, weights, { channels, isCentred }));
    }
  }
  memory[Number(isCentred)] = { key, shape, weights, all };
  return memory[Number(isCentred)];
}

/**
 * The scores of matchTemplate, `{ shape, data, magnitude, terms, condition, flat }`. The magnitude of a score that is not
 * normed bounds the sum of its terms' absolute values, with the largest number of the picture in place of each one in a
 * window. The condition says how many times a relative change of all numbers changes a normed score. `flat` marks
 * windows without variance.
 */
export function matchTemplate64(image, template, { method = 'ccoeff-normed', mask } = {}) {
  const { shape, weights, all } = sumsOf(image, template, mask, method.startsWith('ccoeff'));
  let largest = 0;
  for (const value of image.data) if (Math.abs(value) > largest) largest = Math.abs(value);
  const absolutes = weights.reduce((sum, w, i) => sum + Math.abs(w * w * template.data[i]), 0);
  const isDistance = method.startsWith('sqdiff');
  const each = (value) => Float64Array.from(all, value);
  return {
    shape,
    data: each((sums) => scoreOf(method, sums, mask !== undefined)),
    magnitude: each(
      ({ energy, templateEnergy }) =>
        2 * absolutes * largest + (isDistance ? energy + templateEnergy : 0),
    ),
    terms: weights.length,
    condition: each(({ squares, energy, templateSquares, templateEnergy }) =>
      Math.sqrt(Math.max(squares / energy, templateSquares / templateEnergy)),
    ),
    flat: each(({ isFlat }) => Number(isFlat)),
  };
}

/**
 * Expects the scores of the oracle. Normed scores may differ by `error` (relative to those above 1), others by
 * (K + 1)·ε times the magnitude of a sum of K terms. The same scores must be NaN. Without `error`, that of normed scores
 * is NORMED_ERROR, 2·√K·ε for a sum of equal terms, and what their condition makes of an error of 8·ε.
 */
export function assertScores(actual, expected, { method, error }, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  const isNormed = method.endsWith('normed');
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i], expected.data[i]];
    const rounding = 8 * (expected.condition?.[i] || 1) + 2 * Math.sqrt(expected.terms ?? 1);
    const allowed = error ?? NORMED_ERROR + EPSILON * rounding;
    const bound = isNormed
      ? allowed * Math.max(1, Math.abs(e))
      : (expected.terms + 1) * EPSILON * expected.magnitude[i];
    const isRight = Number.isNaN(e) ? Number.isNaN(a) : Math.abs(a - e) <= bound;
    if (!isRight) {
      const at = [Math.floor(i / expected.shape[1]), i % expected.shape[1]];
      assert.fail(
        `${what}, ${method}: score at row ${at.join(', column ')} is ${a}, not ${e} ± ${bound}`,
      );
    }
  }
}

/** The scores of matchTemplate, copied out of the heap. */
export function copyScores(c, image, template, options) {
  const scores = c.matchTemplate(image, template, options);
  const copy = { shape: scores.shape, data: scores.data.slice() };
  scores.dispose();
  return copy;
}

/** Tests every method of a picture and a template against the oracle, and frees the scores. */
export function assertAllMethods(
  c,
  image,
  template,
  what,
  { mask, methods = METHODS, error } = {},
) {
  for (const method of methods) {
    const options = mask === undefined ? { method } : { method, mask };
    const scores = c.matchTemplate(image, template, options);
    assertScores(scores, matchTemplate64(image, template, options), { method, error }, what);
    scores.dispose();
  }
}

/** Cuts `shape` (h×w, of all channels) out of a picture, with the top left corner at row y and column x. */
export function cutOut({ shape, data }, [y, x], [th, tw]) {
  const { channels, height, width } = planesOf({ shape, data });
  const patch = new data.constructor(channels * th * tw);
  for (let c = 0; c < channels; c++) {
    for (let a = 0; a < th; a++) {
      const from = (c * height + y + a) * width + x;
      patch.set(data.subarray(from, from + tw), (c * th + a) * tw);
    }
  }
  return { shape: [...shape.slice(0, -2), th, tw], data: patch };
}

/** A picture of numbers from a function of row, column and channel. */
export function draw(shape, value, Type = Float32Array) {
  const [height, width] = shape.slice(-2);
  return {
    shape,
    data: Type.from({ length: sizeOf(shape) }, (_, i) =>
      value(Math.floor(i / width) % height, i % width, Math.floor(i / (height * width))),
    ),
  };
}

/** A picture of random bytes. */
export function bytes(seed, ...shape) {
  const { integer } = createRandom(seed);
  return draw(shape, () => integer(0, 255), Uint8Array);
}

/** Normally distributed numbers (a sum of uniform ones, which has no long tails). */
export function texture(seed, mean, deviation, ...shape) {
  const { next } = createRandom(seed);
  const normal = () => 2 * (next() + next() + next()) - 3;
  return draw(shape, () => Math.round(mean + deviation * normal()));
}

/** The pixels of RGB planes of bytes as ImageData, opaque unless `alpha` gives each pixel's. */
export function toPixels({ shape: [, height, width], data }, alpha = () => 255) {
  const size = height * width;
  const pixels = Uint8ClampedArray.from({ length: 4 * size }, (_, i) =>
    i % 4 === 3 ? alpha(i >> 2) : data[(i % 4) * size + (i >> 2)],
  );
  return { data: pixels, width, height };
}

/**
 * The results of findTemplate from scores: best first, rows before columns among equals, each at least `minDistance`
 * from the better ones.
 */
export function selectBest(scores, { method, threshold, maxResults, minDistance }) {
  const isDistance = method.startsWith('sqdiff');
  const [, width] = scores.shape;
  const places = Array.from(scores.data, (score, i) => ({
    x: i % width,
    y: Math.floor(i / width),
    score,
  }));
  const candidates = places
    .filter(({ score }) => (isDistance ? score <= threshold : score >= threshold))
    .sort((a, b) => (isDistance ? a.score - b.score : b.score - a.score));
  const chosen = [];
  for (const one of candidates) {
    if (chosen.length === maxResults) break;
    const distance = (other) => Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y));
    if (chosen.every((other) => distance(other) >= minDistance)) chosen.push(one);
  }
  return chosen;
}
