// filter2d for arbitrary sizes.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRandom, createSharedInstance } from '../helpers.mjs';
import { both, integer } from './arbitraries.mjs';
import { indexInside } from './float64.mjs';
import { forAll } from './support.mjs';

const c = await createSharedInstance();

forAll(
  'filter2d correlates R, G and B, rounds and clamps, and keeps alpha',
  fc.record({
    border: fc.constantFrom('zeros', 'replicate', 'reflect'),
    kernel: both(1, 6),
    more: fc.tuple(integer(0, 9), integer(0, 30)),
    bias: integer(-40, 40),
    seed: fc.nat(),
  }),
  ({ border, kernel: [kh, kw], more, seed, ...given }) => {
    const numbers = createRandom(seed);
    // Reflecting needs a picture larger than half the kernel.
    const least = (k) => (border === 'reflect' ? Math.floor(k / 2) + 1 : 1);
    const [height, width] = [least(kh) + more[0], least(kw) + more[1]];
    const data = Uint8ClampedArray.from({ length: height * width * 4 }, () =>
      numbers.integer(0, 255),
    );
    const kernel = {
      shape: [kh, kw],
      data: Array.from({ length: kh * kw }, () => numbers.integer(-4, 6) / 8),
    };
    const bias = given.bias + 1 / 16; // No result is halfway between two bytes.
    const at = indexInside[border];
    const expected = Uint8ClampedArray.from(data, (value, i) => {
      const [y, x, channel] = [Math.floor(i / (4 * width)), Math.floor(i / 4) % width, i % 4];
      if (channel === 3) return value;
      let sum = bias;
      for (let k = 0; k < kh; k++) {
        for (let l = 0; l < kw; l++) {
          const row = at(y + k - Math.floor(kh / 2), height);
          const column = at(x + l - Math.floor(kw / 2), width);
          if (row === undefined || column === undefined) continue;
          sum += kernel.data[k * kw + l] * data[(row * width + column) * 4 + channel];
        }
      }
      return sum;
    });
    const original = data.slice();
    const result = c.filter2d({ data, width, height }, kernel, { bias, border });
    assert.deepEqual([result.width, result.height], [width, height]);
    assert.deepEqual(result.data, expected);
    assert.deepEqual(data, original);
    const picture = { data, width, height };
    assert.equal(c.filter2d(picture, kernel, { bias, border, out: picture }), picture);
    assert.deepEqual(data, expected, 'in place');
  },
);
