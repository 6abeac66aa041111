// `signal` and `onProgress` of a client's functions: each runs a few tasks at a time, to the same bits.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { load } from 'corr2d';
import { createClient } from 'corr2d/worker';
import { createRandom } from '../helpers.mjs';
import { extendStartLimit } from '../long-start-limit.mjs';
import { validArguments } from '../valid-arguments.mjs';

extendStartLimit();

const script = new URL('./stepped-worker.mjs', import.meta.url);
const { uniform } = createRandom(31);

let c;
/** A client whose runs report after every batch of tasks. */
let client;
before(async () => {
  c = await load();
  client = await createClient({ worker: () => new Worker(script) });
});
after(() => {
  client.dispose();
  c.dispose();
});

/** The arguments before the options, and these. */
function splitOptions(args) {
  const last = args.at(-1);
  const hasOptions = last?.constructor === Object && !last.data;
  return hasOptions ? [args.slice(0, -1), last] : [args, {}];
}

/** The tensors in a result, as data. */
const dataOf = (result) =>
  result?.shape
    ? [{ shape: [...result.shape], data: Float32Array.from(result.data) }]
    : Object.values(result).flatMap(dataOf);

/** Calls that take several tasks; the last ones have several problems. */
const calls = {
  softmax: [uniform(64, 4000)],
  where: [uniform(300_000), uniform(300_000), 1],
  relu: [uniform(400_000)],
  matmul: [uniform(300, 200), uniform(200, 300)],
  maxPool3d: [uniform(8, 40, 40, 40), 2],
  interpolate: [uniform(8, 100, 100), { size: 300, mode: 'bicubic' }],
  layerNorm: [uniform(500, 800), [800]],
  conv1d: [uniform(8, 60_000), uniform(8, 8, 5)],
  conv2d: [uniform(16, 90, 90), uniform(16, 16, 3, 3), { padding: 1, activation: 'relu' }],
  conv3d: [uniform(4, 30, 30, 30), uniform(8, 4, 3, 3, 3), { padding: 1 }],
  convTranspose2d: [uniform(8, 60, 60), uniform(8, 8, 3, 3), { stride: 2 }],
  concat: [[uniform(200_000), uniform(300_000)]],
  split: [uniform(8, 90_000), 4],
  batchNorm: [uniform(1, 8, 200, 200), uniform(8), uniform(8).data.map((v) => v * v + 1)],
  conv2dBackward: [uniform(2, 8, 58, 58), uniform(2, 8, 60, 60), uniform(8, 8, 3, 3)],
};

for (const [name, args] of Object.entries(calls)) {
  test(`${name} reports its progress, and stops when its signal is aborted`, async () => {
    const [before, options] = splitOptions(args);
    const reports = [];
    const onProgress = (done, tasks) => reports.push([done, tasks]);
    const result = await client[name](...before, { ...options, onProgress });
    const tasks = reports.at(-1)[0];
    assert.ok(reports.length > 1, `${reports.length} reports`);
    for (const [i, [done, all]] of reports.entries()) {
      assert.equal(all, tasks);
      assert.ok(done > (reports[i - 1]?.[0] ?? 0));
    }
    const plain = await client[name](...args);
    // A plan may choose another algorithm than a single call.
    if (!name.startsWith('conv')) {
      assert.deepEqual(dataOf(result), dataOf(plain));
    } else {
      const [found, expected] = [dataOf(result), dataOf(plain)];
      for (const [i, { shape, data }] of expected.entries()) {
        assert.deepEqual(found[i].shape, shape);
        const most = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        for (const [k, value] of data.entries()) {
          assert.ok(Math.abs(value - found[i].data[k]) <= 1e-5 * most);
        }
      }
    }

    const pausing = new Worker(script, { workerData: { pauses: true } });
    const other = await createClient({ worker: () => pausing });
    const free = await other.memory();
    const controller = new AbortController();
    const call = other[name](...before, { ...options, signal: controller.signal, onProgress() {} });
    for (let isRunning = false; !isRunning; ) {
      const [message] = await once(pausing, 'message');
      isRunning = message?.done > 0;
    }
    controller.abort(new Error('enough'));
    await assert.rejects(call, /enough/);
    const { heapBytes, ...rest } = await other.memory();
    assert.ok(heapBytes >= free.heapBytes);
    assert.deepEqual(rest, { liveTensors: 0, liveBytes: 0 });
    other.dispose();
  });
}

const without = new Map();
// A client has `tidy` of its own, with `keep` on what it passes to its function.
const { tidy: _, keep: __, ...methods } = validArguments({ ones: () => [1] }).Corr2d;
for (const [name, args] of Object.entries(methods)) {
  test(`client.${name} reports its progress or refuses to`, async () => {
    const reports = [];
    const [before, options] = splitOptions(args);
    const call = client[name](...before, {
      ...options,
      onProgress: (done, tasks) => reports.push([done, tasks]),
    });
    let result;
    try {
      result = await call;
    } catch (error) {
      assert.match(error.message, /: onProgress is not supported/);
      without.set(name, error);
      return;
    }
    const [done, tasks] = reports.at(-1) ?? [0, 0];
    assert.equal(done, tasks);
    assert.ok(tasks > 0, `${name} has no tasks`);
    const expected = c[name](...args);
    if (typeof expected?.shape === 'object') assert.deepEqual(dataOf(result), dataOf(expected));
    assert.equal((await client.memory()).liveTensors, 0);
  });
}

test('the products of a batch are all observed', async () => {
  const [a, b] = [uniform(12, 60, 50), uniform(12, 50, 70)];
  const reports = [];
  const result = await client.matmul(a, b, { onProgress: (done) => reports.push(done) });
  assert.ok(reports.length >= 12, `${reports.length} reports`);
  const expected = c.matmul(a, b);
  assert.deepEqual(dataOf(result), dataOf(expected));
  expected.dispose();
});

test('only functions that create or read data refuse to report', () => {
  assert.deepEqual([...without.keys()].sort(), [
    ...['arange', 'boxKernel', 'filter2d', 'fromImage', 'fromImageAsync', 'fromImageData', 'full'],
    ...['gaussianKernel', 'normal', 'ones', 'planConv1d', 'planConv2d', 'planMatchTemplate'],
    ...['tensor', 'toImageData', 'zeros'],
  ]);
});
