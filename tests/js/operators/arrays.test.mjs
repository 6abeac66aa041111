// Element-wise operators, reductions, copies and normalisations against PyTorch (tests/fixtures/arrays).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedInstance, expectError, memoryInUse } from '../helpers.mjs';
import { readCases } from '../operator-cases.mjs';

const c = await createSharedInstance();
const cases = readCases('torch-1.13.json', 'arrays').filter(
  (one) => one.function !== 'prelu' || c.prelu,
);

const isTensor = (value) => value?.data !== undefined;

/** Replaces the texts of NaN and infinities by numbers, and each tensor by `make(tensor)`. */
function decode(value, make) {
  if (isTensor(value)) return make({ shape: value.shape, data: value.data.map(Number) });
  if (Array.isArray(value)) return value.map((one) => decode(one, make));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, decode(one, make)]));
}

function assertNear(actual, expected, within, what) {
  assert.deepEqual([...actual.shape], expected.shape, what);
  expected.data.forEach((wanted, i) => {
    const value = actual.data[i];
    if (Object.is(value, wanted) || value === wanted) return;
    const allowed = (within ?? 0) * Math.max(1, Math.abs(wanted));
    assert.ok(
      Math.abs(value - wanted) <= allowed,
      `${what}: element ${i} is ${value}, not ${wanted}`,
    );
  });
}

/** Computes a case with its tensors in the heap, or as data where the function accepts that. */
function compute(one, make) {
  const args = [...decode(one.args, make), ...(one.options ? [decode(one.options, make)] : [])];
  if (!one.function.startsWith('.')) return c[one.function](...args);
  const [tensor, ...others] = args;
  return tensor[one.function.slice(1)](...others);
}

const functions = new Map();
for (const one of cases) functions.set(one.function, [...(functions.get(one.function) ?? []), one]);

test('the fixture has every function of this family', () => {
  assert.ok(functions.size >= 32, [...functions.keys()].join());
  assert.ok(cases.length > 300);
});

for (const [name, those] of functions) {
  test(`${name.replace('.', 't.')}: ${those.length} cases equal PyTorch's results`, () => {
    const before = memoryInUse(c);
    those.forEach((one, i) => {
      for (const inHeap of [true, false]) {
        if (!inHeap && name.startsWith('.')) continue;
        c.tidy(() => {
          const make = ({ data, shape }) => (inHeap ? c.tensor(data, shape) : { data, shape });
          const results = [compute(one, make)].flat();
          const expected = [decode(one.expected, (tensor) => tensor)].flat();
          assert.equal(results.length, expected.length);
          results.forEach((result, k) => {
            assertNear(result, expected[k], one.within, `case ${i}, result ${k}`);
          });
        });
      }
    });
    assert.deepEqual(memoryInUse(c), before);
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
