// dispose() in any order, and random calls that leak no memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Corr2dError } from 'corr2d';
import {
  assertStillComputes,
  assertTensor,
  createRandom,
  loadVariant,
  memoryInUse,
} from '../helpers.mjs';
import { image, permutations, testMemory } from './support.mjs';

/** Returns `use(tensor)` and disposes of the tensor. */
function useAndDispose(tensor, use) {
  try {
    return use(tensor);
  } finally {
    tensor.dispose();
  }
}

// `npm run trust` sets a larger number.
const calls = Number(process.env.CORR2D_TEST_CALLS ?? 20_000);

testMemory(`${calls} random calls, some of them with errors, leak no memory`, (c) => {
  const { integer, pick, uniform: random } = createRandom(3);
  const kept = c.normal(0, 1, [3, 8, 9], { seed: 1 });
  const before = memoryInUse(c);
  let errors = 0;
  let heapBytes = 0;
  for (let i = 0; i < calls; i++) {
    const [ci, kh, kw] = [integer(1, 4), integer(1, 4), integer(1, 4)];
    const input = random(ci, integer(1, 12), integer(1, 16));
    const call = pick([
      () => c.corr2dMultiInOut(input, random(integer(1, 6), ci, kh, kw)),
      () => c.corr2dMultiInOut(kept, random(integer(1, 6), ci, kh, kw)),
      () => c.corr2dMultiIn(input, random(ci, kh, kw)),
      () => useAndDispose(kept.at(1), (slice) => c.corr2d(slice, random(kh, kw))),
      () => c.corr2dMultiInOut1x1(input, random(integer(1, 6), ci, 1, 1)),
      () => c.matmul(random(kh, kw), random(integer(1, 4), ci)),
      () => useAndDispose(c.tensor(input), (t) => t.add(random(integer(1, 2), 1))),
      () => kept.reshape([-1, kh]),
      () => c.stack([input, random(ci, 1, 1), input]),
      () => c.zeros([kh, kw - 2]),
      () => c.normal(0, 1, [integer(0, 3000)]),
      () => c.fromImageData(image, { channels: kw }),
      () => c.toImageData(input),
      () =>
        c.conv2d(input, random(integer(1, 6), ci, kh, kw), {
          padding: integer(0, 2),
          stride: kw,
        }),
      () => c.convTranspose2d(input, random(ci, integer(1, 6), kh, kw), { stride: kh }),
      () => c.maxPool2d(input, [kh, kw], { padding: integer(0, 2) }),
      () =>
        useAndDispose(
          c.planConv2d({ inputShape: input.shape, weight: random(2, ci, kh, kw) }),
          (plan) => plan.run(input),
        ),
      () => c.tensor([[1, 2], kw > 2 ? [3] : [3, 4]]),
      () => useAndDispose(kept.at(ci), (slice) => slice.sum()),
    ]);
    let result;
    try {
      result = call();
    } catch (error) {
      if (!(error instanceof Corr2dError)) throw error;
      errors++;
    }
    result?.dispose?.();
    if (i % 1000 === 999) assert.deepEqual(memoryInUse(c), before, `call ${i}`);
    if (i === 4000) heapBytes = c.memory().heapBytes;
  }
  assert.equal(c.memory().heapBytes, heapBytes);
  assert.ok(errors > calls / 5 && errors < (4 * calls) / 5, `${errors} errors`);
  assert.deepEqual(memoryInUse(c), before);
});

testMemory(
  'shared storage is freed with the last of its tensors, in any order of disposal',
  (c) => {
    const before = memoryInUse(c);
    const orders = permutations([0, 1, 2, 3]);
    assert.equal(orders.length, 24);
    for (const order of orders) {
      const base = c.arange(12);
      const middle = base.reshape([3, 4]);
      const tensors = [base, middle, middle.at(1), middle.at(-1)];
      const first = [0, 0, 4, 8];
      order.forEach((i, done) => {
        tensors[i].dispose();
        tensors[i].dispose();
        const left = order.slice(done + 1);
        // Shared storage counts once while any tensor uses it.
        const bytes = left.length > 0 ? 48 : 0;
        assert.deepEqual(memoryInUse(c), {
          liveTensors: before.liveTensors + left.length,
          liveBytes: before.liveBytes + bytes,
          allocatedBytes: before.allocatedBytes + bytes,
        });
        c.full([12], NaN).dispose();
        for (const j of left) {
          assert.ok(
            tensors[j].data.every((value, at) => value === first[j] + at),
            `${order}: ${j}`,
          );
        }
      });
    }
  },
);

test('tensor, view, plan and instance can be disposed of in any order, and twice', async () => {
  for (const order of permutations(['tensor', 'view', 'plan', 'instance'])) {
    const c = await loadVariant();
    const tensor = c.ones([1, 3, 3]);
    const plan = c.planConv2d({ inputShape: [1, 3, 3], weight: [[[[2]]]] });
    const things = { tensor, view: tensor.reshape([9]), plan, instance: c };
    for (const [i, name] of order.entries()) {
      things[name].dispose();
      things[name].dispose();
      const gone = order.slice(0, i + 1);
      if (gone.includes('instance')) {
        assert.throws(() => c.zeros([1]), { code: 'DISPOSED' });
        assert.throws(() => plan.run(tensor), { code: 'DISPOSED' });
        assert.throws(() => things.view.data, { code: 'DISPOSED' });
        continue;
      }
      assertStillComputes(c);
      if (!gone.includes('view')) assertTensor(things.view, [9], new Array(9).fill(1));
      if (gone.includes('plan') || gone.includes('tensor')) {
        assert.throws(() => plan.run(tensor), { code: 'DISPOSED' });
      } else {
        const result = plan.run(tensor);
        assertTensor(result, [1, 3, 3], new Array(9).fill(2));
        result.dispose();
      }
    }
  }
});
