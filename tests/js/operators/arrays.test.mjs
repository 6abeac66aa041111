// Element-wise operators, reductions, copies and normalisations against PyTorch (tests/fixtures/arrays).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byFunction, runArrayCases } from '../array-cases.mjs';
import { createSharedInstance, expectError, failEachAllocation } from '../helpers.mjs';
import { readCases } from '../operator-cases.mjs';

const c = await createSharedInstance();
const cases = readCases('torch-1.13.json', 'arrays').filter(
  (one) => one.function !== 'prelu' || c.prelu,
);

const functions = byFunction(cases);

test('the fixture has every function of this family', () => {
  assert.ok(functions.size >= 32, [...functions.keys()].join());
  assert.ok(cases.length > 300);
});

for (const [name, those] of functions) {
  test(`${name.replace('.', 't.')}: ${those.length} cases equal PyTorch's results`, () => {
    runArrayCases(c, those);
  });
}

for (const [name, those] of functions) {
  test(`${name.replace('.', 't.')} throws OUT_OF_MEMORY whichever allocation fails`, () => {
    // Cases of different lengths, since short ones allocate the least.
    for (const one of [those[0], those[those.length >> 1], those.at(-1)]) {
      failEachAllocation(c, () => runArrayCases(c, [one]));
    }
  });
}

test('sums of many numbers keep the digits that float32 has', () => {
  c.tidy(() => {
    const ones = c.full([1 << 20], 0.1);
    assert.equal(ones.sum().item(), Math.fround(2 ** 20 * Math.fround(0.1)));
    const columns = ones.reshape([1 << 15, 32]).mean(0);
    for (const mean of columns.data) assert.ok(Math.abs(mean - Math.fround(0.1)) < 1e-8);
  });
});

test('an axis, a shape or an order that does not fit is refused with its values', () => {
  c.tidy(() => {
    const t = c.zeros([2, 3]);
    const throws = (...expected) => expectError(c, ...expected);
    const empty = c.zeros([0, 3]);
    const wide = c.zeros([2, 4]);
    const pixels = c.zeros([2, 1, 1]);
    const row = c.zeros([1, 1, 2]);
    const many = c.zeros(new Array(9).fill(2));
    throws('INVALID_ARGUMENT', /^sum: axis is 2; expected a whole number from -2 to 1$/, () =>
      t.sum(2),
    );
    throws('INVALID_ARGUMENT', /^mean: axis\[1\] is 0, which occurs twice/, () => t.mean([0, -2]));
    throws('INVALID_ARGUMENT', /^argMax: axis is an array of length 1; expected one axis/, () =>
      t.argMax([0]),
    );
    throws('INVALID_ARGUMENT', /^permute: axes has 1 entries; expected 2/, () => t.permute([0]));
    throws('INVALID_ARGUMENT', /^permute: axes\[1\] is 1, which occurs twice/, () =>
      t.permute([1, 1]),
    );
    throws('INVALID_ARGUMENT', /^slice: begin has 1 entries; expected 2/, () => t.slice([0]));
    throws('INVALID_ARGUMENT', /^slice: step is 0; expected a whole number from 1/, () =>
      t.slice([0, 0], [1, 1], 0),
    );
    throws('INVALID_ARGUMENT', /^clamp: min is NaN; expected a number/, () =>
      t.clamp(Number.NaN, 1),
    );
    throws('SHAPE_MISMATCH', /^div: shapes 2×3 and \[2\] do not broadcast/, () => t.div([1, 2]));
    throws('SHAPE_MISMATCH', /^where: shapes 2×3 and \[4\] do not broadcast/, () =>
      c.where(t, [1, 2, 3, 4], 0),
    );
    throws('SHAPE_MISMATCH', /^max: the tensor is 0×3; expected no axis of length 0$/, () =>
      empty.max(),
    );
    throws(
      'SHAPE_MISMATCH',
      /^concat: tensors\[1\] is 2×4; expected 2×3, like tensors\[0\], except for axis 0/,
      () => c.concat([t, wide]),
    );
    throws('SHAPE_MISMATCH', /^split: sizes has the sum 2; expected 3, the length of axis 1$/, () =>
      c.split(t, [1, 1], 1),
    );
    throws('SHAPE_MISMATCH', /^pixelShuffle: tensor has 2 channels; expected a multiple of 4/, () =>
      c.pixelShuffle(pixels, 2),
    );
    throws(
      'SHAPE_MISMATCH',
      /^pixelUnshuffle: tensor has 1×2 pixels; expected multiples of 2/,
      () => c.pixelUnshuffle(row, 2),
    );
    throws(
      'SHAPE_MISMATCH',
      /^layerNorm: normalizedShape is \[2\]; expected the last axes of 2×3/,
      () => c.layerNorm(t, 2),
    );
    throws('SHAPE_MISMATCH', /^batchNorm: mean is \[2\]; expected \[3\]/, () =>
      c.batchNorm(t, [1, 2], [1, 2, 3]),
    );
    throws('SHAPE_MISMATCH', /^groupNorm: groups is 2; expected a divisor of 3/, () =>
      c.groupNorm(t, 2),
    );
    throws('SHAPE_MISMATCH', /^instanceNorm: x is 2×3; expected N×C×…/, () => c.instanceNorm(t));
    throws('INVALID_ARGUMENT', /^layerNorm: eps is -1; expected a number of at least 0/, () =>
      c.layerNorm(t, 3, { eps: -1 }),
    );
    throws('SHAPE_MISMATCH', /^linear: weight is 2×2; expected N×3/, () => c.linear(t, [[1, 2], [3, 4]])); // biome-ignore format: a matrix
    throws('SHAPE_MISMATCH', /^softmax: the tensor is a single number/, () => c.softmax(1));
    throws(
      'UNSUPPORTED',
      /^permute: a tensor has 9 axes that cannot be joined; expected at most 8/,
      () => many.permute([8, 7, 6, 5, 4, 3, 2, 1, 0]),
    );
  });
});
