// matchTemplate against OpenCV, scikit-image and the definition in float64, and the laws that its scores obey.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertSameBits, createRandom, createSharedInstance } from '../helpers.mjs';
import {
  assertAllMethods,
  assertScores,
  bytes,
  copyScores,
  cutOut,
  draw,
  METHODS,
  matchTemplate64,
  NORMED,
  NORMED_ERROR,
  toPixels,
} from '../matching-oracle.mjs';

const c = await createSharedInstance();

/** Runs `use` with the scores, and frees them. */
function withScores(image, template, options, use) {
  const scores = c.matchTemplate(image, template, options);
  try {
    return use(scores);
  } finally {
    scores.dispose();
  }
}

const scoresOf = (...args) => copyScores(c, ...args);

const typed = (tensor, Type) => tensor && { ...tensor, data: Type.from(tensor.data) };

for (const file of ['cv2-4.6.json', 'skimage-0.19.json']) {
  const url = new URL(`../../fixtures/matching/${file}`, import.meta.url);
  for (const one of JSON.parse(readFileSync(url, 'utf8'))) {
    test(`matchTemplate equals ${file}: ${one.name}`, () => {
      const mask = typed(one.mask, Float32Array) ?? undefined;
      for (const Type of one.bytes ? [Uint8Array, Float32Array] : [Float32Array]) {
        const [image, template] = [one.image, one.template].map((tensor) => typed(tensor, Type));
        for (const [method, data] of Object.entries(one.expected)) {
          const expected = { ...matchTemplate64(image, template, { method, mask }), data };
          const what = `${one.name} as ${Type.name}`;
          withScores(image, template, { method, mask }, (scores) =>
            assertScores(scores, expected, { method }, what),
          );
        }
      }
    });
  }
}

test('the default method is ccoeff-normed, also if it or the mask is undefined', () => {
  const [image, template] = [bytes(1, 9, 11), bytes(2, 3, 4)];
  const expected = scoresOf(image, template, { method: 'ccoeff-normed' });
  for (const options of [undefined, {}, { method: undefined, mask: undefined }]) {
    assertSameBits(scoresOf(image, template, options), expected, JSON.stringify(options));
  }
});

/** Sizes around those of tiles, panels and vectors. */
const EDGES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65];
/** How many more rows or columns a picture has than its template. */
const MARGINS = [0, 1, 2, 3, 7, 8, 15, 17];

for (const size of EDGES) {
  test(`every method is right for templates with a side of ${size}`, () => {
    const { pick, uniform } = createRandom(size);
    const other = size > 9 ? 5 : 3;
    for (const [th, tw] of size > 17
      ? [
          [size, other],
          [other, size],
        ]
      : [
          [size, size],
          [other, size],
        ]) {
      const [h, w] = [th + pick(MARGINS), tw + pick(MARGINS)];
      for (const channels of [1, 3]) {
        const leading = channels === 1 ? [] : [channels];
        const what = `${channels}×${h}×${w} by ${th}×${tw}`;
        const [image, template] = [uniform(...leading, h, w), uniform(...leading, th, tw)];
        assertAllMethods(c, image, template, what);
        const mask = draw([th, tw], (y, x) => [1, 0.5, 0.25, 0][(3 * y + x) % 4]);
        if (th * tw > 2) assertAllMethods(c, image, template, `${what}, masked`, { mask });
      }
    }
  });
}

test('large templates are right, as floats, bytes, with several channels and with masks', () => {
  for (const [channels, h, w, th, tw] of [
    [1, 71, 75, 65, 64],
    [1, 90, 150, 33, 31],
    [3, 70, 40, 31, 33],
    [1, 130, 131, 128, 127],
  ]) {
    const leading = channels === 1 ? [] : [channels];
    const { uniform } = createRandom(th);
    const what = `${channels}×${h}×${w} by ${th}×${tw}`;
    const mask = draw([th, tw], (y, x) => ((x + y) % 3) / 2);
    const colours = draw([...leading, th, tw], (y, x, i) => (x + y + i) % 2);
    for (const [image, template] of [
      [uniform(...leading, h, w), uniform(...leading, th, tw)],
      [bytes(h, ...leading, h, w), bytes(w, ...leading, th, tw)],
    ]) {
      assertAllMethods(c, image, template, what);
      assertAllMethods(c, image, template, `${what}, masked`, { mask });
      assertAllMethods(c, image, template, `${what}, masked`, { mask: colours, methods: NORMED });
    }
  }
});

test('two, four and five channels are summed over', () => {
  for (const channels of [1, 2, 4, 5]) {
    const { uniform } = createRandom(channels);
    const [image, template] = [uniform(channels, 12, 14), uniform(channels, 5, 6)];
    assertAllMethods(c, image, template, `${channels} channels`);
    const mask = draw([channels, 5, 6], (y, x, i) => 1 + ((x + 2 * y + i) % 3));
    assertAllMethods(c, image, template, `${channels} channels, masked`, { mask });
  }
});

test('channels whose mask is 0 do not count, whichever they are', () => {
  const { uniform } = createRandom(5);
  const [image, template] = [uniform(3, 26, 30), uniform(3, 7, 6)];
  for (const counting of [[1], [2], [0, 2], [1, 2]]) {
    for (const weight of [() => 1, (y, x) => (1 + ((2 * y + x) % 3)) / 2]) {
      const mask = draw([3, 7, 6], (y, x, i) => (counting.includes(i) ? weight(y, x) : 0));
      assertAllMethods(c, image, template, `channels ${counting}`, { mask });
    }
  }
});

test('scores that are not normed are the sums of those of each channel', () => {
  const { exact } = createRandom(3);
  const [image, template] = [exact(3, 20, 22), exact(3, 7, 5)];
  const plane = ({ shape: [, h, w], data }, i) => ({
    shape: [h, w],
    data: data.subarray(i * h * w, (i + 1) * h * w),
  });
  for (const method of ['sqdiff', 'ccorr', 'ccoeff']) {
    const all = scoresOf(image, template, { method });
    const each = [0, 1, 2].map((i) => scoresOf(plane(image, i), plane(template, i), { method }));
    const oracle = matchTemplate64(image, template, { method });
    const sums = all.data.map((_, i) => each[0].data[i] + each[1].data[i] + each[2].data[i]);
    assertScores(all, { ...oracle, data: sums }, { method }, 'sum over channels');
  }
});

test('a patch cut out of a picture has a perfect score at its place, and only there', () => {
  for (const [seed, place, size, channels] of [
    [1, [0, 0], [8, 8], 1],
    [2, [37, 51], [16, 12], 1],
    [3, [20, 7], [31, 33], 3],
    [4, [79, 99], [1, 29], 1],
    [5, [16, 36], [64, 64], 1],
  ]) {
    const leading = channels === 1 ? [] : [channels];
    for (const image of [
      bytes(seed, ...leading, 80, 128),
      createRandom(seed).uniform(...leading, 80, 128),
    ]) {
      const template = cutOut(image, place, size);
      for (const method of NORMED) {
        const isDistance = method === 'sqdiff-normed';
        withScores(image, template, { method }, ({ data, shape: [, width] }) => {
          const values = isDistance ? data.map((value) => 1 - value) : data;
          const best = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
          assert.deepEqual([Math.floor(best / width), best % width], place, method);
          // A rounding of the score for each of the few operations that follow the sums.
          assert.ok(Math.abs(values[best] - 1) <= 1e-6, `${method}: ${data[best]}`);
        });
      }
    }
  }
});

test('ccoeff-normed changes by at most 1e-5 if the picture or the template has another gain and offset', () => {
  const { uniform } = createRandom(7);
  for (const size of [
    [9, 8],
    [33, 40],
  ]) {
    const image = uniform(3, 60, 70);
    const template = cutOut(image, [13, 21], size);
    const expected = scoresOf(image, template);
    for (const [gain, offset] of [
      [2, 0],
      [0.37, 1.5],
      [255, 128],
      [1e-3, 1],
      [1e6, -3e5],
    ]) {
      const change = ({ shape, data }) => ({
        shape,
        data: Float64Array.from(data, (value) => gain * value + offset),
      });
      for (const [a, b] of [
        [change(image), template],
        [image, change(template)],
      ]) {
        // The new numbers are rounded to float32, and so the scores' change is that of the definition and 1e-5.
        const rounding = (Math.abs(offset) / gain) * 2 ** -24;
        const error = NORMED_ERROR + 4 * rounding;
        const what = `gain ${gain}, offset ${offset}`;
        withScores(a, b, undefined, (scores) =>
          assertScores(scores, expected, { method: 'ccoeff-normed', error }, what),
        );
      }
    }
  }
});

test('ccorr-normed and sqdiff-normed do not change if picture and template have another gain', () => {
  const { uniform } = createRandom(8);
  const [image, template] = [uniform(40, 50), uniform(17, 11)];
  for (const method of ['ccorr-normed', 'sqdiff-normed']) {
    const expected = scoresOf(image, template, { method });
    for (const gain of [2 ** -20, 2 ** 10, 3]) {
      const [a, b] = [image, template].map(({ shape, data }) => ({
        shape,
        data: data.map((value) => gain * value),
      }));
      withScores(a, b, { method }, (scores) =>
        assertScores(scores, expected, { method }, `gain ${gain}`),
      );
    }
  }
});

test('the scores of a shifted picture are shifted', () => {
  const image = bytes(9, 96, 101);
  for (const size of [
    [7, 5],
    [21, 24],
  ]) {
    const template = bytes(10, ...size);
    for (const method of METHODS) {
      const all = scoresOf(image, template, { method });
      const { magnitude, terms } = matchTemplate64(image, template, { method });
      const crop = (values, [y, x], [h, w]) =>
        cutOut({ shape: all.shape, data: Float64Array.from(values) }, [y, x], [h, w]).data;
      for (const [y, x] of [
        [1, 0],
        [0, 1],
        [13, 29],
      ]) {
        const part = cutOut(image, [y, x], [60, 64]);
        withScores(part, template, { method }, (scores) => {
          const expected = {
            shape: scores.shape,
            data: crop(all.data, [y, x], scores.shape),
            magnitude: crop(magnitude, [y, x], scores.shape),
            terms,
          };
          assertScores(scores, expected, { method }, `shifted by ${y}, ${x}`);
        });
      }
    }
  }
});

test('a mask of ones gives the bits of no mask, except that sqdiff-normed may exceed 1', () => {
  const { uniform } = createRandom(11);
  for (const [image, template] of [
    [uniform(25, 31), uniform(6, 9)],
    [uniform(3, 25, 31), uniform(3, 6, 9)],
    [uniform(70, 90), uniform(33, 32)],
    [bytes(1, 3, 40, 45), bytes(2, 3, 17, 16)],
    [bytes(1, 90, 80), bytes(2, 40, 35)],
  ]) {
    for (const shape of new Set([template.shape.slice(-2), template.shape])) {
      const mask = draw(shape, () => 1);
      for (const method of METHODS) {
        const expected = scoresOf(image, template, { method });
        const scores = scoresOf(image, template, { method, mask });
        if (method === 'sqdiff-normed') scores.data = scores.data.map((one) => Math.min(one, 1));
        assertSameBits(scores, expected, `${method}, mask of ${shape}`);
      }
    }
  }
});

test('a mask with ones in a rectangle gives the scores of the template cut to it', () => {
  const { uniform } = createRandom(12);
  const [image, template] = [uniform(3, 40, 41), uniform(3, 12, 14)];
  const mask = draw([12, 14], (y, x) => Number(y >= 2 && y < 9 && x >= 3 && x < 13));
  const small = cutOut(template, [2, 3], [7, 10]);
  for (const method of METHODS.filter((one) => one !== 'sqdiff-normed')) {
    const { data, magnitude, terms, shape } = matchTemplate64(image, small, { method });
    const masked = scoresOf(image, template, { method, mask });
    const crop = (values) => cutOut({ shape, data: values }, [2, 3], masked.shape).data;
    const expected = { shape: masked.shape, data: crop(data), magnitude: crop(magnitude), terms };
    assertScores(masked, expected, { method }, 'rectangle');
  }
});

test('bytes and the same numbers as floats give the same scores up to rounding', () => {
  for (const [h, w, th, tw] of [
    [20, 30, 8, 8],
    [90, 100, 48, 47],
  ]) {
    const [image, template] = [bytes(h, h, w), bytes(w, th, tw)];
    const [floats, small] = [image, template].map((one) => typed(one, Float32Array));
    const mask = draw([th, tw], (y, x) => Number((x + y) % 3 !== 0));
    for (const options of [{}, { mask }]) {
      for (const method of METHODS) {
        const oracle = matchTemplate64(image, template, { method, ...options });
        const expected = { ...oracle, ...scoresOf(floats, small, { method, ...options }) };
        withScores(image, template, { method, ...options }, (scores) =>
          assertScores(scores, expected, { method }, `${th}×${tw}`),
        );
      }
    }
  }
});

test('pictures, templates and masks may be of any numeric type, nested arrays or tensors', () => {
  const { integer } = createRandom(13);
  const rows = (h, w) =>
    Array.from({ length: h }, () => Array.from({ length: w }, () => integer(0, 99)));
  const [image, template] = [rows(9, 12), rows(4, 3)];
  const mask = [[1, 0, 1], [2, 1, 1], [0, 1, 3], [1, 1, 1]]; // biome-ignore format: a matrix
  const flat = (nested, Type) => ({ shape: [nested.length, nested[0].length], data: Type.from(nested.flat()) }); // biome-ignore format: short
  const types = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array];
  types.push(Uint32Array, Float32Array, Float64Array, Array);
  for (const method of METHODS) {
    const oracle = matchTemplate64(flat(image, Float64Array), flat(template, Float64Array), {
      method,
      mask: flat(mask, Float64Array),
    });
    const check = (a, b, m, what) =>
      withScores(a, b, { method, mask: m }, (s) => assertScores(s, oracle, { method }, what));
    check(image, template, mask, 'nested arrays');
    for (const Type of types) {
      check(flat(image, Type), flat(template, Type), flat(mask, Type), Type.name);
      check(flat(image, Type), template, mask, `picture of ${Type.name}`);
      check(image, flat(template, Type), mask, `template of ${Type.name}`);
    }
    const tensors = [image, template, mask].map((one) => c.tensor(one));
    check(...tensors, 'tensors');
    for (const one of tensors) one.dispose();
  }
});

test('ImageData is matched by its colours', () => {
  const [image, template] = [bytes(1, 3, 20, 24), bytes(2, 3, 6, 5)];
  for (const method of METHODS) {
    const expected = matchTemplate64(image, template, { method });
    for (const [a, b, what] of [
      [toPixels(image), toPixels(template), 'both'],
      [toPixels(image), template, 'the picture'],
      [toPixels(image), typed(template, Float32Array), 'the picture, with a template of floats'],
      [typed(image, Float32Array), toPixels(template), 'the template'],
      [toPixels(image, (i) => i % 256), toPixels(template), 'a picture whose alpha is ignored'],
    ]) {
      withScores(a, b, { method }, (scores) => assertScores(scores, expected, { method }, what));
    }
  }
});

test('the alpha of a template that is not opaque is its mask, divided by 255', () => {
  const [image, template] = [bytes(3, 3, 30, 28), bytes(4, 3, 7, 9)];
  for (const alpha of [(i) => (i * 37) % 256, (i) => (i % 3 ? 255 : 0), (i) => 255 - (i === 5)]) {
    const mask = draw([7, 9], (y, x) => alpha(9 * y + x) / 255, Float64Array);
    for (const method of METHODS) {
      const expected = matchTemplate64(image, template, { method, mask });
      withScores(toPixels(image), toPixels(template, alpha), { method }, (scores) =>
        assertScores(scores, expected, { method }, 'alpha'),
      );
    }
  }
});
