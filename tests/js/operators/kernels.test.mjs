// Kernels of image filters, and pictures filtered with them, against OpenCV and SciPy (tests/fixtures/kernels).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertTensor, createSharedInstance, expectError } from '../helpers.mjs';

const c = await createSharedInstance();

const cases = ['cv2-4.6', 'scipy-1.10'].flatMap((file) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/kernels/${file}.json`, import.meta.url), 'utf8')),
);
const kernels = cases.filter((one) => one.filter === undefined);
const pictures = cases.filter((one) => one.filter !== undefined);

/** Calls `run` with the kernel of a case. */
const withKernel = ({ function: name, args, member }, run) =>
  c.tidy(() => {
    const made = c[name](...args);
    run(member === undefined ? made : made[member]);
  });

const HALF_ULP = 2 ** -24;

/** Expects float32 numbers that are correctly rounded, but for an error of 10⁻⁶ units. */
function assertRounded({ shape, data }, expected, what) {
  assert.deepEqual(shape, expected.shape, what);
  for (const [i, value] of expected.data.entries()) {
    const allowed = (1 + 1e-6) * Math.max(HALF_ULP * Math.abs(value), 2 ** -150);
    assert.ok(Math.abs(data[i] - value) <= allowed, `${what}: ${data[i]}, not ${value}`);
  }
}

for (const name of ['gaussianKernel', 'boxKernel', 'sobelKernels', 'laplacianKernel']) {
  const those = kernels.filter((one) => one.function === name);
  test(`${name}: ${those.length} kernels are those of OpenCV and SciPy, rounded once`, () => {
    assert.notEqual(those.length, 0);
    for (const one of those) {
      withKernel(one, (kernel) => assertRounded(kernel, one, `${name}(${one.args.join()})`));
    }
  });
}

/** The pixels beyond the edges: a border of filter2d as a padding mode of conv2d and a boundary of correlate2d. */
const BORDERS = {
  replicate: { paddingMode: 'replicate' },
  reflect: { paddingMode: 'reflect' },
  symmetric: { boundary: 'symm' },
  zeros: { paddingMode: 'zeros', boundary: 'fill' },
  wrap: { paddingMode: 'circular', boundary: 'wrap' },
};

/** Expects `filtered` to be the float32 result of a case, with the error bound of a sum of so many products. */
function assertFiltered(filtered, one, kernel, how) {
  const what = `${one.filter} with ${one.args.join()}, ${one.border}: ${how}`;
  assert.deepEqual(filtered.shape, one.shape, what);
  const sum = kernel.data.reduce((total, weight) => total + Math.abs(weight), 0);
  // One rounding of each weight and one of the expected number.
  const allowed = (kernel.size + 3) * HALF_ULP * sum * Math.max(...one.picture);
  for (const [i, value] of one.data.entries()) {
    const actual = filtered.data[i];
    assert.ok(Math.abs(actual - value) <= allowed, `${what}: ${actual}, not ${value}`);
  }
}

for (const filter of new Set(pictures.map((one) => one.filter))) {
  const those = pictures.filter((one) => one.filter === filter);

  test(`conv2d and correlate2d with a kernel give the pictures of ${filter}`, () => {
    for (const one of those) {
      const { paddingMode, boundary } = BORDERS[one.border];
      const image = { data: one.picture, shape: one.shape };
      withKernel(one, (kernel) => {
        if (paddingMode !== undefined) {
          const filtered = c.conv2d(image, kernel, { padding: 'same', paddingMode });
          assertFiltered(filtered, one, kernel, 'conv2d');
        }
        if (boundary !== undefined) {
          const filtered = c.correlate2d(image, kernel, { mode: 'same', boundary });
          assertFiltered(filtered, one, kernel, 'correlate2d');
        }
      });
    }
  });

  test(`filter2d with a kernel gives the pictures of ${filter} with 8 bits`, () => {
    for (const one of those) {
      const [height, width] = one.shape;
      const data = Uint8ClampedArray.from(
        one.picture.flatMap((grey) => [grey, 255 - grey, 0, 255]),
      );
      withKernel(one, (kernel) => {
        const filtered = c.filter2d({ data, width, height }, kernel, { border: one.border });
        for (const [i, value] of one.data.entries()) {
          const what = `${one.filter} with ${one.args.join()}, ${one.border}: pixel ${i}`;
          const level = Math.min(Math.max(value, 0), 255);
          // A number in the middle between two levels may be rounded either way.
          const isNear = Math.abs(filtered.data[4 * i] - level) <= 0.5 + 1e-4;
          assert.ok(isNear, `${what}: ${filtered.data[4 * i]}, not ${level}`);
          if (one.bytes === undefined) continue;
          const difference = Math.abs(filtered.data[4 * i] - one.bytes[i]);
          assert.ok(
            difference <= one.margin,
            `${what}: ${filtered.data[4 * i]}, not ${one.bytes[i]}`,
          );
        }
      });
    }
  });
}

test('a Gaussian kernel is symmetric and has the sum 1, for any sigma and size', () => {
  for (const sigma of [1e-300, 1e-30, 0.01, 0.2, 0.7, 3, 1e5, 1e38]) {
    for (const size of [1, 2, 3, 4, 9, [2, 5], [8, 1]]) {
      c.tidy(() => {
        const { shape, data } = c.gaussianKernel(sigma, size);
        assert.deepEqual(shape, Array.isArray(size) ? size : [size, size]);
        const sum = data.reduce((total, weight) => total + weight, 0);
        assert.ok(
          Math.abs(sum - 1) <= data.length * HALF_ULP,
          `sigma ${sigma}, size ${size}: ${sum}`,
        );
        assert.deepEqual(data.toReversed?.() ?? data.slice().reverse(), data);
      });
    }
  }
});

test('a Gaussian kernel extends over 4 sigma on both sides unless a size is given', () => {
  for (const [sigma, size] of [
    [0.1, 1],
    [0.125, 3],
    [0.37, 3],
    [0.375, 5],
    [1, 9],
    [2.6, 21],
  ]) {
    // biome-ignore format: pairs
    c.tidy(() => assert.deepEqual(c.gaussianKernel(sigma).shape, [size, size], `sigma ${sigma}`));
  }
});

test('sobelKernels gives derivatives that grow from left to right and from top to bottom', () => {
  c.tidy(() => {
    const ramp = c.arange(30).reshape([5, 6]); // 1 more from left to right, 6 more from top to bottom
    const { x, y } = c.sobelKernels();
    assertTensor(c.conv2d(ramp, x), [3, 4], new Array(12).fill(8));
    assertTensor(c.correlate2d(ramp, y, { mode: 'valid' }), [3, 4], new Array(12).fill(48));
    assertTensor(c.convolve2d(ramp, y, { mode: 'valid' }), [3, 4], new Array(12).fill(-48));
  });
});

test('kernels reject sizes and sigmas out of range', () => {
  const rejects = (code, message, name, ...args) =>
    expectError(c, code, message, () => c[name](...args));
  for (const sigma of [0, -1, -0]) {
    const message = `gaussianKernel: sigma is ${sigma}; expected a number above 0`;
    rejects('INVALID_ARGUMENT', message, 'gaussianKernel', sigma);
  }
  for (const sigma of [undefined, null, '1', [1, 1], 1n, NaN, Infinity, 1e39]) {
    rejects(
      'INVALID_ARGUMENT',
      /^gaussianKernel: sigma is .*; expected a/,
      'gaussianKernel',
      sigma,
    );
  }
  for (const size of [0, -1, 1.5, NaN, Infinity, null, '3', [], [3], [3, 0], [1, 2, 3], {}]) {
    rejects('INVALID_ARGUMENT', /^gaussianKernel: size/, 'gaussianKernel', 1, size);
    rejects('INVALID_ARGUMENT', /^boxKernel: size/, 'boxKernel', size);
  }
  rejects(
    'INVALID_ARGUMENT',
    'boxKernel: size is undefined; expected a number or [h, w]',
    'boxKernel',
  );
  rejects(
    'OUT_OF_MEMORY',
    /^boxKernel: a tensor of shape 99999×99999 is too large/,
    'boxKernel',
    99999,
  );
  rejects(
    'OUT_OF_MEMORY',
    /^gaussianKernel: a tensor of shape .* is too large/,
    'gaussianKernel',
    1e30,
  );
});
