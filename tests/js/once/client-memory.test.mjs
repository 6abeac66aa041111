// Calls of a client that run out of memory reject with OUT_OF_MEMORY and leak no memory in the worker.
// The same call gives the same result afterwards.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { createClient } from 'corr2d/worker';
import { createRandom, expectRejection } from '../helpers.mjs';
import { extendStartLimit } from '../long-start-limit.mjs';

extendStartLimit();

const { port1: control, port2 } = new MessageChannel();
let client;
before(async () => {
  const script = new URL('../../../dist/client-worker.js', import.meta.url).href;
  client = await createClient({
    worker: () =>
      new Worker(new URL('failing-worker.mjs', import.meta.url), {
        workerData: { control: port2, script },
        transferList: [port2],
      }),
  });
});
after(() => {
  client.dispose();
  control.close();
});

/**
 * Makes an allocation fail after `heap` successful ones in the heap, or after `copies` outside it; -1 means
 * never. Returns the memory that the idle instance in the worker uses.
 */
async function setFailures({ heap = -1, copies = -1 } = {}) {
  const { liveTensors } = await client.memory();
  const answer = once(control, 'message');
  control.postMessage({ heap, copies });
  const [allocatedBytes] = await answer;
  return { liveTensors, allocatedBytes };
}

const { uniform } = createRandom(4);
const [input, weight, gradient] = [uniform(3, 9, 8), uniform(4, 3, 3, 3), uniform(4, 7, 6)];
const image = { data: new Uint8ClampedArray(60).fill(7), width: 5, height: 3 };

const calls = {
  conv2d: () => client.conv2d(input, weight),
  'conv2d with onProgress': () => client.conv2d(input, weight, { onProgress() {} }),
  conv2dBackward: () => client.conv2dBackward(gradient, input, weight),
  planConv2d: async () => {
    const plan = await client.planConv2d({ inputShape: input.shape, weight });
    try {
      return await plan.run(input);
    } finally {
      plan.dispose();
    }
  },
  filter2d: () => client.filter2d(image, [[1, 2, 1]]),
  toImageData: () => client.toImageData(input),
  stack: () => client.stack([input, input]),
  'conv2d with handles': () =>
    client.tidy(async (c) => {
      const x = await c.tensor(input.data, input.shape);
      const y = await c.conv2d(x, weight, { keep: true });
      return y.data();
    }),
  'conv2dBackward with handles': () =>
    client.tidy(async (c) => {
      const kept = await c.conv2dBackward(gradient, input, weight, { keep: true });
      return Promise.all(Object.values(kept).map((one) => one.data()));
    }),
  'filter2d with handles': () =>
    client.tidy(async (c) => {
      const kept = await c.filter2d(image, [[1, 2, 1]], { keep: true });
      const { data } = await kept.imageData();
      return data;
    }),
};

for (const [name, call] of Object.entries(calls)) {
  for (const kind of ['heap', 'copies']) {
    test(`${name} rejects with OUT_OF_MEMORY whichever allocation fails (${kind})`, async () => {
      const expected = await call();
      const initial = await setFailures();
      let failures = 0;
      for (let isFailing = true; isFailing; failures += isFailing) {
        assert.ok(failures < 100, 'the call never succeeds');
        await setFailures({ [kind]: failures });
        const [{ status, value, reason }] = await Promise.allSettled([call()]);
        isFailing = status === 'rejected';
        if (isFailing) assert.equal(reason.code, 'OUT_OF_MEMORY', reason.message);
        else assert.deepEqual(value, expected);
        assert.deepEqual(await setFailures(), initial, `allocation ${failures}`);
        assert.deepEqual(await call(), expected, `after allocation ${failures}`);
      }
      const least = name.startsWith('conv2dBackward') ? 3 : 1;
      assert.ok(failures >= least, `only ${failures} allocations`);
    });
  }
}

test('a call rejects with OUT_OF_MEMORY if its arguments cannot be copied', async () => {
  await client.memory(); // After this, the worker is idle, and the copy is made at once.
  const { Float32Array: real } = globalThis;
  globalThis.Float32Array = class {
    constructor() {
      throw new RangeError('Array buffer allocation failed');
    }
  };
  let result;
  try {
    result = client.conv2d(input, weight);
  } finally {
    globalThis.Float32Array = real;
  }
  await expectRejection(
    'OUT_OF_MEMORY',
    'conv2d: not enough memory for 864 bytes outside the heap',
    result,
  );
});
