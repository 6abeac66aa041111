// filter2d for arbitrary sizes.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRandom, createSharedInstance } from '../helpers.mjs';
import { both, integer } from './arbitraries.mjs';
import { indexInside } from './float64.mjs';
import { forAll } from './support.mjs';

const c = await createSharedInstance();

const BORDERS = {
  zeros: indexInside.zeros,
  replicate: indexInside.replicate,
  reflect: indexInside.reflect,
  symmetric: indexInside.symmetric,
  wrap: indexInside.circular,
};

/** The kernel's sums of one channel, whose values `valueAt` gives by pixel. */
function sums(border, [height, width], [kh, kw], kernel, valueAt) {
  const at = BORDERS[border];
  return Array.from({ length: height * width }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < kh; k++) {
      for (let l = 0; l < kw; l++) {
        const row = at(Math.floor(i / width) + k - Math.floor(kh / 2), height);
        const column = at((i % width) + l - Math.floor(kw / 2), width);
        if (row === undefined || column === undefined) continue;
        sum += kernel[k * kw + l] * valueAt(row * width + column);
      }
    }
    return sum;
  });
}

/** Pictures of any size, kernels of up to 6×6, which may be larger than the picture, and biases. */
const filters = fc
  .record({
    border: fc.constantFrom(...Object.keys(BORDERS)),
    kernelSize: both(1, 6),
    size: fc.tuple(integer(1, 12), integer(1, 36)),
    bias: integer(-40, 40),
    seed: fc.nat(),
  })
  .map(({ border, kernelSize, size: [height, width], seed, ...given }) => {
    const numbers = createRandom(seed);
    const data = Uint8ClampedArray.from({ length: height * width * 4 }, (_, i) =>
      i % 4 === 3 && numbers.integer(0, 1) ? 255 * numbers.integer(0, 1) : numbers.integer(0, 255),
    );
    const kernel = Array.from(
      { length: kernelSize[0] * kernelSize[1] },
      () => numbers.integer(-4, 6) / 8,
    );
    const bias = given.bias + 1 / 16; // No sum is halfway between two bytes.
    const channel = (valueAt) => sums(border, [height, width], kernelSize, kernel, valueAt);
    return { border, kernel, kernelSize, bias, channel, data, height, width };
  });

forAll(
  'filter2d correlates R, G and B, rounds and clamps, and keeps alpha',
  filters,
  ({ border, kernel, kernelSize, bias, channel, data, height, width }) => {
    const colours = [0, 1, 2].map((at) => channel((pixel) => data[4 * pixel + at]));
    const expected = Uint8ClampedArray.from(data, (value, i) =>
      i % 4 === 3 ? value : colours[i % 4][Math.floor(i / 4)] + bias,
    );
    const original = data.slice();
    const weight = { shape: kernelSize, data: kernel };
    const result = c.filter2d({ data, width, height }, weight, { bias, border });
    assert.deepEqual([result.width, result.height], [width, height]);
    assert.deepEqual(result.data, expected);
    assert.deepEqual(data, original);
    const picture = { data, width, height };
    assert.equal(c.filter2d(picture, weight, { bias, border, out: picture }), picture);
    assert.deepEqual(data, expected, 'in place');
  },
);

forAll(
  'without preserveAlpha, filter2d filters alpha and the colours that it multiplies',
  filters,
  ({ border, kernel, kernelSize, bias, channel, data, height, width }) => {
    const alphaAt = (pixel) => data[4 * pixel + 3];
    const alphas = channel(alphaAt).map((sum) => Math.min(255, Math.max(0, sum + bias)));
    const products = [0, 1, 2].map((at) =>
      channel((pixel) => data[4 * pixel + at] * alphaAt(pixel)),
    );
    const weight = { shape: kernelSize, data: kernel };
    const options = { bias, border, preserveAlpha: false };
    const result = c.filter2d({ data, width, height }, weight, options);
    alphas.forEach((alpha, i) => {
      const pixel = result.data.subarray(4 * i, 4 * i + 4);
      assert.equal(pixel[3], Math.round(alpha));
      products.forEach((product, at) => {
        const straight = Math.min(255, Math.max(0, product[i] / alpha + bias));
        const exact = pixel[3] === 0 ? 0 : straight;
        assert.ok(Math.abs(pixel[at] - exact) < 0.501, `${pixel[at]}, expected ${exact}`);
      });
    });
  },
);
