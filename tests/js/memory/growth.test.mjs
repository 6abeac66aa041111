// When the heap grows, its buffer is replaced: tensors keep their contents, even during a call.

import assert from 'node:assert/strict';
import { assertStillComputes, assertTensor, moduleFunctions, threads } from '../helpers.mjs';
import { testMemory } from './support.mjs';

testMemory('when the heap grows, tensors keep their contents and data is a new view', (c) => {
  const t = c.arange(1000);
  const half = t.reshape([2, 500]).at(1);
  const [view, halfView] = [t.data, half.data];
  const { heapBytes } = c.memory();
  const n = 10 * 2 ** 20;
  const large = c.full([n], 3); // 40 MiB
  assert.ok(c.memory().heapBytes > heapBytes + 4 * n - 2 ** 20);
  // Growing detaches views, except those of shared memory.
  assert.equal(view.length, threads > 1 ? 1000 : 0);
  assert.equal(halfView.length, threads > 1 ? 500 : 0);
  assert.notEqual(t.data, view);
  assert.equal(t.data, t.data);
  assert.ok(t.data.every((value, i) => value === i));
  assertTensor(
    half,
    [500],
    Array.from({ length: 500 }, (_, i) => 500 + i),
  );
  t.data[999] = -1;
  assert.equal(half.data[499], -1);
  const larger = c.ones([2 * n]);
  assert.equal(large.data[n - 1], 3);
  assert.equal(large.sum().item(), 3 * n);
  assert.equal(t.data[998], 998);
  const { heapBytes: grown } = c.memory();
  large.dispose();
  larger.dispose();
  // Freed memory is used again.
  for (let i = 0; i < 5; i++) c.zeros([2 * n]).dispose();
  assert.equal(c.memory().heapBytes, grown);
  assertStillComputes(c);
});

/** Fills the heap and returns a tensor of 2²⁰ elements, so that a copy of it makes the heap grow. */
function fillHeap(c) {
  const n = 2 ** 20;
  const t = c.arange(n);
  while (true) {
    // Allocates blocks until one makes the heap grow.
    const { heapBytes } = c.memory();
    const block = moduleFunctions(c).allocate(2 ** 19);
    if (c.memory().heapBytes > heapBytes) return t;
    assert.ok(block > 0);
  }
}

for (const [name, call, shape] of [
  ['tensor(t)', (c, t) => c.tensor(t), [2 ** 20]],
  ['tensor(t, shape)', (c, t) => c.tensor(t, [2, 2 ** 19]), [2, 2 ** 19]],
  ['tensor(t.data)', (c, t) => c.tensor(t.data), [2 ** 20]],
  ['tensor(t.data, shape)', (c, t) => c.tensor(t.data, [2 ** 19, 2]), [2 ** 19, 2]],
  ['tensor({ data: t.data })', (c, t) => c.tensor({ data: t.data, shape: [2 ** 20] }), [2 ** 20]],
  ['tensor([t.data])', (c, t) => c.tensor([t.data]), [1, 2 ** 20]],
  ['clone', (_, t) => t.clone(), [2 ** 20]],
  ['abs', (_, t) => t.abs(), [2 ** 20]],
  ['mul(1)', (_, t) => t.mul(1), [2 ** 20]],
  ['add(view)', (c, t) => c.zeros([1]).add(t.data), [2 ** 20]],
  ['stack', (c, t) => c.stack([t]), [1, 2 ** 20]],
  ['stack of views', (c, t) => c.stack([t.data, t.data]).at(1), [2 ** 20]],
  ['corr2d', (c, t) => c.corr2d(t.reshape([1, 2 ** 20]), [[1]]), [1, 2 ** 20]],
  [
    'corr2d of a view',
    (c, t) => c.corr2d({ data: t.data, shape: [1, 2 ** 20] }, [[1]]),
    [1, 2 ** 20],
  ],
  [
    'matmul of views',
    (c, t) => c.matmul([[1]], { data: t.data, shape: [1, 2 ** 20] }),
    [1, 2 ** 20],
  ],
]) {
  testMemory(`${name}: the result is correct if the call makes the heap grow`, (c) => {
    const t = fillHeap(c);
    let grown = 0;
    // Each call makes the heap grow at one of its allocations; the loop covers all of them.
    for (let i = 0; i < 12; i++) {
      const { heapBytes } = c.memory();
      const result = call(c, t);
      grown += c.memory().heapBytes > heapBytes;
      assert.deepEqual(result.shape, shape);
      const { data } = result;
      for (let j = 0; j < data.length; j++) {
        if (data[j] !== j) assert.fail(`element ${j} is ${data[j]}`);
      }
      moduleFunctions(c).allocate(2 ** 18 * (i + 1));
    }
    assert.ok(grown > 2, `${grown}`);
  });
}
