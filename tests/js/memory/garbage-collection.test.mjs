// The garbage collector frees dropped tensors and instances, and keeps those that are still used.

import assert from 'node:assert/strict';
import { assertTensor, loadVariant, memoryInUse } from '../helpers.mjs';
import { collectGarbage, collectUntil, testMemory } from './support.mjs';

testMemory('the garbage collector frees dropped tensors', async (c) => {
  const before = memoryInUse(c);
  (() => {
    for (let i = 0; i < 100; i++) {
      const t = c.ones([10, 100]);
      t.at(3).reshape([10, 10]).add(t.at(1).data[0]);
      c.corr2d(t, t.at(0).reshape([1, 100]));
    }
  })();
  assert.ok(memoryInUse(c).liveTensors >= before.liveTensors + 600);
  await collectUntil(
    () => memoryInUse(c).liveTensors === before.liveTensors,
    () => JSON.stringify(memoryInUse(c)),
  );
  assert.deepEqual(memoryInUse(c), before);
});

testMemory('tensors that are disposed of and then dropped are freed once', async (c) => {
  const before = memoryInUse(c);
  (() => {
    for (let i = 0; i < 100; i++) {
      const t = c.ones([100]);
      const view = t.reshape([10, 10]);
      t.dispose();
      if (i % 2 === 0) view.dispose();
    }
  })();
  await collectUntil(
    () => memoryInUse(c).liveTensors <= before.liveTensors,
    () => JSON.stringify(memoryInUse(c)),
  );
  await collectGarbage();
  assert.deepEqual(memoryInUse(c), before);
});

testMemory('a view of its data keeps the memory of a dropped tensor', async (c) => {
  const before = memoryInUse(c);
  const kept = {};
  (() => {
    kept.views = Array.from({ length: 40 }, (_, i) => c.full([50], i).data);
    kept.slices = Array.from({ length: 40 }, (_, i) => c.full([2, 25], 100 + i).at(1).data);
  })();
  const others = [];
  for (let round = 0; round < 10; round++) {
    await collectGarbage();
    for (let i = 0; i < 20; i++) others.push(c.full([50], NaN));
  }
  // This is a separate function so that no variable keeps a view afterwards.
  (() => {
    for (const [i, view] of kept.views.entries()) {
      assert.deepEqual([...view], new Array(50).fill(i));
    }
    for (const [i, view] of kept.slices.entries()) {
      assert.deepEqual([...view], new Array(25).fill(100 + i));
    }
  })();
  assert.equal(memoryInUse(c).liveTensors, before.liveTensors + 80 + others.length);
  for (const one of others) one.dispose();
  kept.views = undefined;
  kept.slices = undefined;
  await collectUntil(
    () => memoryInUse(c).liveTensors === before.liveTensors,
    () => JSON.stringify(memoryInUse(c)),
  );
  assert.deepEqual(memoryInUse(c), before);
});

testMemory('a reshaped view keeps the storage of dropped tensors', async (c) => {
  const before = memoryInUse(c);
  const kept = {};
  (() => {
    kept.view = c.arange(600).reshape([2, 3, 100]).at(1).reshape([300]);
  })();
  await collectUntil(
    () => memoryInUse(c).liveTensors === before.liveTensors + 1,
    () => JSON.stringify(memoryInUse(c)),
  );
  for (let i = 0; i < 10; i++) c.full([600], NaN).dispose();
  assertTensor(
    kept.view,
    [300],
    Array.from({ length: 300 }, (_, i) => 300 + i),
  );
  assert.equal(memoryInUse(c).liveBytes, before.liveBytes + 2400);
  kept.view.dispose();
  assert.deepEqual(memoryInUse(c), before);
});

testMemory('a dropped instance is collected with its memory and tensors', async () => {
  const kept = {};
  await (async () => {
    const c = await loadVariant();
    const t = c.zeros([1000]);
    t.reshape([10, 100]);
    kept.instance = new WeakRef(c);
    kept.tensor = new WeakRef(t);
    kept.buffer = new WeakRef(t.data.buffer);
  })();
  await collectUntil(
    () => Object.values(kept).every((ref) => ref.deref() === undefined),
    () => Object.keys(kept).filter((name) => kept[name].deref() !== undefined),
  );
});

testMemory('a disposed instance releases its memory', async () => {
  const kept = {};
  await (async () => {
    kept.c = await loadVariant();
    kept.buffer = new WeakRef(kept.c.zeros([1000]).data.buffer);
    kept.c.dispose();
  })();
  await collectUntil(
    () => kept.buffer.deref() === undefined,
    () => 'the buffer has not been collected',
  );
  assert.throws(() => kept.c.memory(), { code: 'DISPOSED' });
});
