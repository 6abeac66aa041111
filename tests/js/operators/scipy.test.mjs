// correlate2d, convolve2d, correlate1d and convolve1d against SciPy (tests/fixtures/operators), and
// their errors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTensor, createRandom, createSharedInstance, expectError } from '../helpers.mjs';
import { readCases, runCases } from '../operator-cases.mjs';
import { at } from './boundaries.mjs';

const cases = readCases('scipy-1.10.json');
const FUNCTIONS = ['correlate2d', 'convolve2d'];
const BOUNDARIES = ['fill', 'wrap', 'symm'];
const LARGER = 'kernel larger than the image';

const c = await createSharedInstance();

for (const name of FUNCTIONS) {
  for (const boundary of BOUNDARIES) {
    const those = cases.filter(
      (one) => one.function === name && (one.options?.boundary ?? 'fill') === boundary,
    );
    const larger = those.filter((one) => one.name.startsWith(LARGER));
    assert.ok(larger.length >= 12 && those.length >= 30);
    test(`${name}, boundary '${boundary}': ${those.length} cases equal SciPy's results`, () => {
      runCases(
        c,
        those.filter((one) => !larger.includes(one)),
      );
    });
    test(`${name}, boundary '${boundary}': cases with a ${LARGER} equal SciPy's results`, () =>
      runCases(c, larger));
  }
}

for (const name of ['correlate1d', 'convolve1d']) {
  const those = cases.filter((one) => one.function === name);
  assert.ok(those.length >= 60);
  test(`${name}: ${those.length} cases equal SciPy's results`, () => runCases(c, those));
}

test('leading axes of length 1 are dropped', () => {
  const picture = { data: new Uint8ClampedArray(4 * 20).fill(255), width: 5, height: 4 };
  const image = c.fromImageData(picture, { channels: 1 });
  assert.deepEqual(image.shape, [1, 4, 5]);
  const kernel = c.ones([1, 1, 2, 3]);
  const two = c.ones([2, 4, 5]);
  for (const name of FUNCTIONS) {
    const result = c[name](image, kernel, { mode: 'valid' });
    assertTensor(result, [3, 3], new Array(9).fill(6));
    result.dispose();
    expectError(
      c,
      'SHAPE_MISMATCH',
      `${name}: a is 2×4×5; expected h×w; conv2d accepts several channels`,
      () => c[name](two, kernel),
    );
  }
  for (const name of ['correlate1d', 'convolve1d']) {
    const result = c[name]([[1, 2, 3]], [[[1, 1]]]);
    assertTensor(result, [4], [1, 3, 5, 3]);
    result.dispose();
    expectError(
      c,
      'SHAPE_MISMATCH',
      `${name}: a is 2×4×5; expected n; conv1d accepts several channels`,
      () => c[name](two, [1]),
    );
  }
  for (const one of [image, kernel, two]) one.dispose();
});

test('random problems are correct, even if the boundary repeats the image several times', () => {
  for (let seed = 0; seed < 400; seed++) {
    const { integer, pick, exact } = createRandom(seed);
    const [h, w, kh, kw] = [integer(1, 6), integer(1, 7), integer(1, 13), integer(1, 13)];
    const a = exact(h, w);
    const b = exact(kh, kw);
    const [name, boundary] = [pick(FUNCTIONS), pick(BOUNDARIES)];
    const fillValue = integer(-3, 3);
    const shape = [h + kh - 1, w + kw - 1];
    const expected = [];
    for (let y = 0; y < shape[0]; y++) {
      for (let x = 0; x < shape[1]; x++) {
        let sum = 0;
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) {
            const row = at[boundary](y + i - kh + 1, h);
            const column = at[boundary](x + j - kw + 1, w);
            const isOutside = row === undefined || column === undefined;
            const value = isOutside ? fillValue : a.data[row * w + column];
            const tap = name === 'correlate2d' ? i * kw + j : (kh - i) * kw - 1 - j;
            sum += value * b.data[tap];
          }
        }
        expected.push(sum + 0);
      }
    }
    const result = c[name](a, b, { boundary, fillValue });
    assertTensor(
      { shape: result.shape, data: Array.from(result.data, (value) => value + 0) },
      shape,
      expected,
      `seed ${seed}: ${name} ${a.shape.join('×')} with ${b.shape.join('×')}, ${boundary}`,
    );
    result.dispose();
  }
});

test('correlate2d and convolve2d reject bad arguments', () => {
  const a = { shape: [4, 5], data: new Array(20).fill(1) };
  const b = { shape: [2, 3], data: new Array(6).fill(1) };
  for (const name of FUNCTIONS) {
    const invalid = (options, message) =>
      expectError(c, 'INVALID_ARGUMENT', message, () => c[name](a, b, options));
    const mismatch = (message, x, y, options) =>
      expectError(c, 'SHAPE_MISMATCH', message, () => c[name](x, y, options));
    const named = (what) => new RegExp(`^${name}: ${what}`);
    for (const mode of ['Full', 'fill', '', 'constructor', 1, null, ['full']]) {
      invalid({ mode }, named('mode'));
    }
    for (const boundary of ['symmetric', 'WRAP', 'reflect', 0, null]) {
      invalid({ boundary }, named('boundary'));
    }
    for (const fillValue of ['0', null, [0], true, 1n]) invalid({ fillValue }, named('fillValue'));
    for (const unknown of ['fillvalue', 'fill_value', 'Mode', 'stride', 'padding']) {
      invalid({ [unknown]: 0 }, new RegExp(`^${name}: .*${unknown}`));
    }
    for (const options of [null, 'same', 3, ['full']]) invalid(options, named('options'));
    for (const bad of [null, 'x', {}, [[1, 2], [3]]]) {
      expectError(c, 'INVALID_ARGUMENT', named('a'), () => c[name](bad, b));
      expectError(c, 'INVALID_ARGUMENT', named('b'), () => c[name](a, bad));
    }
    mismatch(named('a is'), { shape: [2, 2, 5], data: a.data }, b);
    mismatch(named('b is'), a, { shape: [6], data: b.data });
    mismatch(named(''), { shape: [0, 5], data: [] }, b);
    mismatch(named(''), a, { shape: [2, 0], data: [] });
    // Neither contains the other.
    const row = { shape: [1, 20], data: a.data };
    for (const boundary of BOUNDARIES) {
      mismatch(
        `${name}: a is 1×20 and b is 2×3; in mode 'valid', expected one of them to be at least as ` +
          'large as the other along both axes',
        row,
        b,
        { mode: 'valid', boundary },
      );
    }
  }
});

test('options that are undefined have their defaults', () => {
  const [plain] = cases.filter((one) => one.function === 'correlate2d' && !one.options);
  const undefineds = { mode: undefined, boundary: undefined, fillValue: undefined };
  runCases(c, [{ ...plain, options: undefineds }]);
});
