// The accuracy of correlate2d and convolve2d, against float64: integers, missing data, and small numbers
// beside large ones, where the FFT algorithm alone would be inexact.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createSharedInstance } from '../helpers.mjs';
import { at } from './boundaries.mjs';

const c = await createSharedInstance();
const EPSILON = 2 ** -24;

const matrix = (height, width, value) => ({
  shape: [height, width],
  data: Float32Array.from({ length: height * width }, (_, i) =>
    value(Math.floor(i / width), i % width),
  ),
});

/** `a` with k − 1 rows and columns on each side, in float64. */
function padded(a, b, { boundary = 'fill', fillValue = 0 } = {}) {
  const [h, w] = a.shape;
  const [kh, kw] = b.shape;
  const [height, width] = [h + 2 * (kh - 1), w + 2 * (kw - 1)];
  const data = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = at[boundary](y - kh + 1, h);
      const column = at[boundary](x - kw + 1, w);
      const isOutside = row === undefined || column === undefined;
      data[y * width + x] = isOutside ? fillValue : a.data[row * w + column];
    }
  }
  return { data, height, width };
}

/** max |x| of the window at row y and column x, extended by half its size on each side. */
function largestNearby({ data, height, width }, [kh, kw], y, x) {
  const [more, moreColumns] = [kh >> 1, kw >> 1];
  let largest = 0;
  for (let i = Math.max(y - more, 0); i < Math.min(y + kh + more, height); i++) {
    for (let j = Math.max(x - moreColumns, 0); j < Math.min(x + kw + moreColumns, width); j++) {
      const magnitude = Math.abs(data[i * width + j]);
      if (magnitude > largest) largest = magnitude;
    }
  }
  return largest;
}

/**
 * Checks outputs of mode 'full' at the rows and columns `sample`: |error| ≤ (K + 1)·ε·Σ|w|·max|x|, with the
 * maximum over the window and half its size around it. Sums of integers that float32 can represent are exact.
 */
function check(name, a, b, options, sample) {
  const [kh, kw] = b.shape;
  const image = padded(a, b, options);
  const result = c[name](a, b, options);
  const [height, width] = result.shape;
  assert.deepEqual([height, width], [image.height - kh + 1, image.width - kw + 1]);
  const norm = b.data.reduce((sum, w) => sum + Math.abs(w), 0);
  const isIntegral = (values) => values.every((value) => Number.isInteger(value));
  const hasIntegers = isIntegral(b.data) && isIntegral(image.data);
  const { data } = result;
  for (const [y, x] of sample(height, width)) {
    let sum = 0;
    let magnitude = 0;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const w = b.data[name === 'correlate2d' ? i * kw + j : (kh - i) * kw - 1 - j];
        const product = w * image.data[(y + i) * image.width + x + j];
        sum += product;
        magnitude += Math.abs(product);
      }
    }
    const actual = data[y * width + x];
    const where = () => `${name} ${y} ${x}: ${actual}, expected ${sum}`;
    if (!Number.isFinite(sum)) {
      assert.ok(!Number.isFinite(actual), where());
    } else if (hasIntegers && magnitude < 2 ** 24) {
      assert.ok(actual === sum, where());
    } else {
      const roundings = kh * kw + 1;
      const limit = roundings * (EPSILON * norm * largestNearby(image, b.shape, y, x) + 2 ** -149);
      assert.ok(Math.abs(actual - sum) <= limit, `${where()} ± ${limit}`);
    }
  }
  result.dispose();
}

/** Every `step`-th row and column, from a different one in each row. */
const every = (step) =>
  function* sample(height, width) {
    for (let y = 0; y < height; y += step) {
      for (let x = (7 * y) % step; x < width; x += step) yield [y, x];
    }
  };

test('sums of ones are integers, as in the game of life', () => {
  const n = 200;
  const cells = matrix(n, n, (y, x) => ((((y * n + x) * 2654435761) >>> 0) % 10 < 4 ? 1 : 0));
  const kernel = matrix(9, 9, (y, x) => (y === 4 && x === 4 ? 0 : 1));
  const result = c.convolve2d(cells, kernel, { mode: 'same', boundary: 'wrap' });
  assert.ok(result.data.every((sum) => Number.isInteger(sum)));
  result.dispose();
  check('convolve2d', cells, kernel, { boundary: 'wrap' }, every(3));
});

test('one missing pixel reaches the outputs whose windows contain it', () => {
  const n = 300;
  for (const missing of [Number.NaN, Infinity, -Infinity]) {
    const image = matrix(n, n, (y, x) => (y === 140 && x === 160 ? missing : 1));
    const kernel = matrix(11, 11, (y, x) => 1 + (((y * 11 + x) * 7919) % 101));
    const result = c.correlate2d(image, kernel, { mode: 'same' });
    assert.equal(result.data.filter((sum) => !Number.isFinite(sum)).length, 121);
    result.dispose();
    check('correlate2d', image, kernel, {}, every(7));
  }
});

test('a bright block leaves distant outputs as they are', () => {
  const kernel = matrix(31, 31, (y, x) => (((y * 31 + x) * 7919) % 101) / 101);
  for (const bright of [1e6, 1e8, 1e30]) {
    const image = matrix(256, 256, (y, x) =>
      y >= 100 && y < 120 && x >= 20 && x < 40 ? bright : 1,
    );
    const result = c.correlate2d(image, kernel, { mode: 'same' });
    for (let y = 60; y < 200; y++) {
      for (let x = 120; x < 200; x++) {
        assert.ok(Math.abs(result.data[256 * y + x] - 475.2772) < 2e-3, `${y} ${x}`);
      }
    }
    result.dispose();
    check('correlate2d', image, kernel, {}, every(11));
  }
});

/** Pictures of 150×170. */
const pictures = {
  noise:
    ({ uniform }) =>
    () =>
      uniform(0, 1),
  'noise of both signs':
    ({ uniform }) =>
    () =>
      uniform(-1, 1),
  'a checkerboard': () => (y, x) => ((y + x) % 2 === 0 ? 1 : -1),
  'half-integers':
    ({ integer }) =>
    () =>
      integer(-9, 9) + 0.5,
  bytes:
    ({ integer }) =>
    () =>
      integer(0, 255),
  'one bright pixel': () => (y, x) => (y === 70 && x === 80 ? 1 : 0),
  'a black half':
    ({ uniform }) =>
    (_, x) =>
      x < 80 ? 0 : uniform(0, 1),
  'a dark half':
    ({ uniform }) =>
    (_, x) =>
      uniform(0, 1) * (x < 80 ? 1e-4 : 1),
  'denormal numbers':
    ({ uniform }) =>
    () =>
      uniform(-1e-40, 1e-40),
  'a denormal half':
    ({ uniform }) =>
    (_, x) =>
      uniform(0, 1) * (x < 80 ? 1e-40 : 1),
  'negative zeros':
    ({ uniform }) =>
    (y) =>
      y < 90 ? -0 : uniform(0, 1),
  'huge numbers':
    ({ uniform }) =>
    () =>
      uniform(0, 1e30),
};
const kernels = {
  random:
    ({ uniform }) =>
    () =>
      uniform(0, 1),
  'of both signs':
    ({ uniform }) =>
    () =>
      uniform(-1, 1),
  'of integers':
    ({ integer }) =>
    () =>
      integer(-9, 9),
  'of ones': () => () => 1,
  'one element': () => (y, x) => (y === 2 && x === 0 ? 3 : 0),
};
const sizes = [[9, 9], [21, 13], [31, 31], [3, 40]]; // biome-ignore format: a list

for (const [what, picture] of Object.entries(pictures)) {
  test(`${what}: errors are within the bound with every kind of kernel`, () => {
    for (const [i, kernel] of Object.values(kernels).entries()) {
      for (const [j, [kh, kw]] of sizes.entries()) {
        const random = createRandom(10 * i + j);
        const numbers = { ...random, uniform: (low, high) => low + (high - low) * random.next() };
        const a = matrix(150, 170, picture(numbers));
        const b = matrix(kh, kw, kernel(numbers));
        const boundary = ['fill', 'wrap', 'symm'][(i + j) % 3];
        const fillValue = [0, 0.25, 1e20, Number.NaN, Infinity][(i + 2 * j) % 5];
        check((i + j) % 2 ? 'correlate2d' : 'convolve2d', a, b, { boundary, fillValue }, every(13));
      }
    }
  });
}

test('random blocks of random magnitude keep the bound', () => {
  for (let seed = 0; seed < 12; seed++) {
    const { integer, next } = createRandom(seed);
    const a = matrix(140, 160, () => next() - 0.5);
    for (let blocks = integer(1, 5); blocks > 0; blocks--) {
      const [top, left] = [integer(0, 130), integer(0, 150)];
      const [bottom, right] = [top + integer(1, 50), left + integer(1, 50)];
      const factor = 2 ** integer(-60, 60);
      for (let y = top; y < Math.min(bottom, 140); y++) {
        for (let x = left; x < Math.min(right, 160); x++) a.data[160 * y + x] *= factor;
      }
    }
    const b = matrix(integer(6, 33), integer(6, 33), () => next() - 0.3);
    check('correlate2d', a, b, {}, every(9));
  }
});

test('integer pictures stay integers with integer kernels of every size', () => {
  const { integer } = createRandom(1);
  const a = matrix(160, 170, () => integer(0, 255));
  for (const k of [9, 15, 31, 63]) {
    for (const most of [1, 3, 100]) {
      check(
        'correlate2d',
        a,
        matrix(k, k, () => integer(0, most)),
        {},
        every(17),
      );
    }
  }
});

test('a named algorithm is used as conv2d uses it', () => {
  const a = matrix(64, 64, (y, x) => (y === 5 && x === 5 ? Number.NaN : 1));
  const b = matrix(9, 9, () => 1);
  const nans = (options) => {
    const result = c.correlate2d(a, b, { mode: 'same', ...options });
    const count = result.data.filter((sum) => Number.isNaN(sum)).length;
    result.dispose();
    return count;
  };
  assert.equal(nans({}), 81);
  assert.equal(nans({ algorithm: 'direct' }), 81);
  assert.equal(nans({ deterministic: true }), 81);
  assert.ok(nans({ algorithm: 'fft' }) > 1000);
});

test('deterministic gives the bits of a deterministic conv2d', () => {
  const { uniform } = createRandom(5);
  const [a, b, long, taps] = [uniform(150, 160), uniform(31, 31), uniform(4000), uniform(300)];
  const bits = (result) => {
    const copy = Buffer.from(result.data.slice().buffer);
    result.dispose();
    return copy;
  };
  const options = { deterministic: true };
  const shaped = ({ data, shape }) => ({ data, shape: [1, 1, 1, ...shape].slice(-4) });
  const reversed = ({ data, shape }) => ({ data: data.toReversed(), shape });
  for (const [name, x, w, padding] of [
    ['2d', a, b, [30, 30, 30, 30]],
    ['1d', long, taps, [0, 0, 299, 299]],
  ]) {
    const expected = bits(c.conv2d(shaped(x), shaped(w), { padding, ...options }));
    assert.deepEqual(bits(c[`correlate${name}`](x, w, options)), expected);
    assert.deepEqual(bits(c[`convolve${name}`](x, reversed(w), options)), expected);
  }
});

test('algorithms that are not deterministic are refused together with deterministic', () => {
  const matrix = { data: new Float32Array(400), shape: [20, 20] };
  for (const algorithm of ['fft', 'separable']) {
    assert.throws(() => c.correlate2d(matrix, matrix, { algorithm, deterministic: true }), {
      code: 'UNSUPPORTED',
      message: /^correlate2d: /,
    });
  }
});

test('sums of products that cancel are as accurate', () => {
  const { next } = createRandom(3);
  const a = matrix(150, 170, () => 100 + next());
  // The Laplacian of a Gaussian, of rank 2, and a difference of nearly equal rows.
  const laplacian = matrix(21, 21, (y, x) => {
    const square = ((y - 10) ** 2 + (x - 10) ** 2) / 9;
    return (square - 2) * Math.exp(-square / 2);
  });
  const difference = matrix(16, 16, (y, x) => (y % 2 ? 1 : -1) * (1 + ((x * 7) % 5) / 3));
  for (const b of [laplacian, difference]) check('correlate2d', a, b, {}, every(7));
});

test('correlate1d and convolve1d are as accurate', () => {
  const { next } = createRandom(2);
  const n = 20000;
  const a = Float32Array.from({ length: n }, (_, i) => (i === 9000 ? 1e20 : next()));
  const b = Float32Array.from({ length: 700 }, () => next());
  const result = c.correlate1d(a, b, { mode: 'valid' });
  const norm = b.reduce((sum, w) => sum + w, 0);
  for (let i = 0; i < result.size; i += 97) {
    if (i > 9000 - 1050 && i < 9000 + 350) continue;
    const sum = b.reduce((all, w, j) => all + w * a[i + j], 0);
    assert.ok(Math.abs(result.data[i] - sum) <= 701 * EPSILON * norm, `${i}`);
  }
  result.dispose();
});
