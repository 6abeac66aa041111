// Reading tensors: data, text, views, clones, and disposal.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { format, inspect } from 'node:util';
import { Corr2dError, Tensor } from 'corr2d';
import { assertTensor, loadVariant, memoryInUse, moduleFunctions } from '../helpers.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

test('shape, size, toArray, item and Number() read a tensor', () => {
  const t = c.arange(24).reshape([2, 3, 4]);
  assert.deepEqual([t.shape, t.size], [[2, 3, 4], 24]);
  assert.deepEqual(t.toArray(), [
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
    [
      [12, 13, 14, 15],
      [16, 17, 18, 19],
      [20, 21, 22, 23],
    ],
  ]);
  assert.ok(Object.isFrozen(t.shape));
  const copy = t.toArray();
  copy[0][0][0] = 99;
  assert.equal(t.data[0], 0);
  for (const one of [c.tensor(2.5), c.tensor([2.5]), c.tensor([[[2.5]]])]) {
    assert.equal(one.item(), 2.5);
    assert.equal(Number(one), 2.5);
    assert.ok(one > 2 && one < 3);
    assert.equal(Math.max(one, 1), 2.5);
  }
  assert.equal(c.tensor(4).toArray(), 4);
  assert.equal(`${c.tensor(4)}`, 'tensor(4.)');
  assert.equal(`${c.tensor([4])} and`, 'tensor([4.]) and');
  assert.equal(String(c.tensor(4)), 'tensor(4.)');
  assert.ok(t instanceof Tensor);
});

test('inspect prints tensors, even disposed ones and those of disposed or crashed instances', async () => {
  const t = c.tensor([
    [1, 2],
    [3, 4],
  ]);
  const text = 'tensor([[1., 2.],\n        [3., 4.]])';
  assert.equal(inspect(t), text);
  assert.equal(format('%s and %o', t, c.tensor(5)), `${text} and tensor(5.)`);
  assert.equal(inspect([c.ones([2])]), '[ tensor([1., 1.]) ]');
  assert.equal(inspect({ t }), `{\n  t: ${text.replace('\n', '\n  ')}\n}`);
  const disposed = c.ones([2]);
  disposed.dispose();
  assert.equal(inspect(disposed), 'tensor (disposed)');
  const lost = await loadVariant();
  const orphan = lost.ones([2]);
  lost.dispose();
  assert.equal(inspect(orphan), 'tensor (disposed)');
  const broken = await loadVariant();
  const stuck = broken.ones([2]);
  assert.throws(() => moduleFunctions(broken).readImage(0xffff0000, 1000, 4, 1, 0xffff8000));
  assert.equal(inspect(stuck), 'tensor (crashed)');
});

test('minification keeps the names of classes', () => {
  const t = c.ones([1]);
  assert.equal(Object.prototype.toString.call(t), '[object Tensor]');
  assert.equal(t.constructor.name, 'Tensor');
  assert.equal(c.constructor.name, 'Corr2d');
  assert.equal(Corr2dError.name, 'Corr2dError');
  assert.match(inspect(c), /^Corr2d \{/);
});

test('{ data, shape } survives structuredClone and is accepted as a tensor', () => {
  const t = c.arange(6).reshape([2, 3]);
  const sent = structuredClone({ data: t.data.slice(), shape: t.shape });
  assertTensor(c.tensor(sent), [2, 3], [0, 1, 2, 3, 4, 5]);
});

test('data is always the same view of the elements', () => {
  const t = c.arange(6).reshape([2, 3]);
  const { data } = t;
  assert.ok(data instanceof Float32Array);
  assert.equal(data.length, 6);
  assert.equal(t.data, data);
  data[4] = 40;
  assert.deepEqual(t.toArray(), [
    [0, 1, 2],
    [3, 40, 5],
  ]);
  assert.equal(t.at(1).at(1).item(), 40);
  t.at(1).data.fill(7);
  assert.deepEqual([...data], [0, 1, 2, 7, 7, 7]);
});

test('reshape returns views of the same storage', () => {
  const t = c.arange(24);
  const before = memoryInUse(c);
  const views = [];
  for (const [asked, got] of [
    [[24], [24]],
    [
      [4, 6],
      [4, 6],
    ],
    [[-1], [24]],
    [
      [2, -1],
      [2, 12],
    ],
    [
      [-1, 3, 2],
      [4, 3, 2],
    ],
    [
      [2, 3, 4, -1],
      [2, 3, 4, 1],
    ],
    [
      [1, 24, 1],
      [1, 24, 1],
    ],
  ]) {
    const view = t.reshape(asked);
    assertTensor(view, got, t.data);
    views.push(view);
  }
  assert.equal(memoryInUse(c).allocatedBytes, before.allocatedBytes);
  assert.equal(memoryInUse(c).liveBytes, before.liveBytes);
  assert.equal(memoryInUse(c).liveTensors, before.liveTensors + views.length);
  views[1].data[5] = -5;
  for (const view of views) assert.equal(view.data[5], -5);
  assertTensor(c.tensor([6]).reshape([]), [], [6]);
  assertTensor(c.tensor(6).reshape([1, -1]), [1, 1], [6]);
  assertTensor(t.reshape([4, 6]).at(2).reshape([3, 2]), [3, 2], [12, 13, 14, 15, 16, 17]);
});

test('at returns slices of axis 0 from either end', () => {
  const t = c.arange(24).reshape([4, 3, 2]);
  for (let i = 0; i < 4; i++) {
    const expected = Array.from({ length: 6 }, (_, j) => 6 * i + j);
    assertTensor(t.at(i), [3, 2], expected);
    assertTensor(t.at(i - 4), [3, 2], expected);
  }
  assertTensor(t.at(-1).at(-1), [2], [22, 23]);
  assertTensor(t.at(-1).at(-1).at(0), [], [22]);
});

test('clone has its own memory, even if it clones a view', () => {
  const t = c.arange(6).reshape([2, 3]);
  const copy = t.at(1).clone();
  t.data.fill(0);
  assertTensor(copy, [3], [3, 4, 5]);
});

test('dispose and Symbol.dispose free a tensor and may be called twice', () => {
  const before = memoryInUse(c);
  const t = c.ones([5]);
  const view = t.reshape([5, 1]);
  assert.deepEqual(memoryInUse(c), {
    liveTensors: before.liveTensors + 2,
    liveBytes: before.liveBytes + 20,
    allocatedBytes: before.allocatedBytes + 20,
  });
  assert.equal(t.dispose(), undefined);
  t.dispose();
  assertTensor(view, [5, 1], [1, 1, 1, 1, 1]);
  view.dispose();
  view.dispose();
  assert.deepEqual(memoryInUse(c), before);
  assert.deepEqual(t.shape, [5]);

  if (Symbol.dispose === undefined) {
    assert.ok(!('undefined' in t));
  } else {
    assert.equal(typeof Tensor.prototype[Symbol.dispose], 'function');
    const other = c.ones([5]);
    other[Symbol.dispose]();
    assert.throws(() => other.item(), { code: 'DISPOSED' });
    other[Symbol.dispose]();
    assert.deepEqual(memoryInUse(c), before);
  }
});

test('JSON.stringify of a tensor does not contain the heap', () => {
  const text = JSON.stringify(c.ones([2]));
  assert.ok(text.length < 1000, `${text.length} letters: ${text.slice(0, 200)}`);
});
