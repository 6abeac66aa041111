// add, sub and mul with broadcasting, abs and sum.

import { after, before, test } from 'node:test';
import { assertTensor, createRandom, loadVariant } from '../helpers.mjs';
import { broadcast } from './broadcast.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

const fround = (values) => Array.from(values, Math.fround);

const OPERATIONS = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
};

test('add, sub and mul broadcast as in PyTorch', () => {
  const { uniform } = createRandom(3);
  for (const [shapeA, shapeB] of [
    [[], []],
    [[4], []],
    [[], [4]],
    [[4], [1]],
    [[1], [4]],
    [[3, 4], [4]],
    [[4], [3, 4]],
    [[3, 1], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 3, 4],
      [2, 1, 1],
    ],
    [
      [2, 1, 4],
      [3, 1],
    ],
    [
      [1, 1, 1],
      [2, 3, 4],
    ],
    [
      [5, 1, 2, 1],
      [3, 1, 4],
    ],
    [[1, 1], [1]],
    [
      [0, 3],
      [1, 3],
    ],
    [[0], [1]],
    [
      [2, 1],
      [2, 0],
    ],
    [[2, 3, 0], [1]],
    [
      [2, 1, 3, 1, 2],
      [4, 1, 2, 1],
    ],
  ]) {
    const [a, b] = [uniform(...shapeA), uniform(...shapeB)];
    for (const [name, combine] of Object.entries(OPERATIONS)) {
      const expected = broadcast(a, b, combine);
      const what = `${name} of ${shapeA} and ${shapeB}`;
      const t = c.tensor(a);
      assertTensor(t[name](c.tensor(b)), expected.shape, expected.data, what);
      assertTensor(t[name](b), expected.shape, expected.data, what);
      assertTensor(t[name](c.tensor(b).toArray()), expected.shape, expected.data, what);
      assertTensor(t, shapeA, a.data, what);
    }
  }
});

test('add, sub and mul round numbers to float32', () => {
  const values = fround([0.1, -2.5, 1e30, 3, -0]);
  const t = c.tensor(values);
  for (const number of [0.1, 2, -1, 0, 1e39, NaN, Infinity, 1e-40]) {
    for (const [name, combine] of Object.entries(OPERATIONS)) {
      const expected = values.map((value) => Math.fround(combine(value, Math.fround(number))));
      assertTensor(t[name](number), [5], expected, `${name} ${number}`);
    }
  }
});

test('operands may be the same tensor or views of it', () => {
  const t = c.arange(6).reshape([2, 3]);
  assertTensor(t.mul(t), [2, 3], [0, 1, 4, 9, 16, 25]);
  assertTensor(t.sub(t), [2, 3], [0, 0, 0, 0, 0, 0]);
  assertTensor(t.add(t.at(1)), [2, 3], [3, 5, 7, 6, 8, 10]);
});

test('abs and sum compute absolute values and the total', () => {
  const t = c.tensor([
    [-1.5, 2],
    [-0, -Infinity],
  ]);
  assertTensor(t.abs(), [2, 2], [1.5, 2, 0, Infinity]);
  assertTensor(c.tensor([NaN]).abs(), [1], [NaN]);
  assertTensor(c.tensor(-3).abs(), [], [3]);
  assertTensor(
    c
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .sum(),
    [],
    [10],
  );
  assertTensor(c.zeros([0]).sum(), [], [0]);
  assertTensor(c.tensor([Infinity, -Infinity]).sum(), [], [NaN]);
  // A float32 accumulator would stop at 2²⁴.
  const n = 2 ** 24 + 2 ** 12;
  const many = c.ones([n]);
  assertTensor(many.sum(), [], [n]);
  many.dispose();
});
