// When a client copies arguments, `latest`, and handles that are dropped. Calls that are made in one
// synchronous stretch wait for the first of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { load } from 'corr2d';
import { createClient } from 'corr2d/worker';
import { expectRejection, runNodeJson } from '../helpers.mjs';
import { extendStartLimit } from '../long-start-limit.mjs';

extendStartLimit();

const script = new URL('../../../dist/client-worker.js', import.meta.url);

let client;
/** The calls that were sent to the worker: their names, and the bytes that were transferred. */
const sent = [];
before(async () => {
  client = await createClient({
    worker() {
      const worker = new Worker(script);
      const post = worker.postMessage;
      worker.postMessage = (message, transfer = []) => {
        const bytes = transfer.reduce((sum, one) => sum + one.byteLength, 0);
        if (message.name) sent.push([message.name, bytes]);
        post.call(worker, message, transfer);
      };
      return worker;
    },
  });
  sent.length = 0;
});
after(() => client.dispose());

const isAbortError = ({ name }) => name === 'AbortError';

test('arguments are copied when the call is sent: at once if the worker is idle', async () => {
  const [first, second] = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
  const rows = [[5], [6]];
  const calls = [client.relu(first), client.relu(second), client.relu(rows)];
  assert.deepEqual(sent, [['relu', 8]]);
  for (const one of [first, second, rows[1]]) one.fill(9);
  const all = await Promise.all(calls);
  assert.deepEqual(
    all.map(({ data }) => [...data]),
    [
      [1, 2],
      [9, 9],
      [5, 9],
    ],
  );
  assert.deepEqual(sent, [
    ['relu', 8],
    ['relu', 8],
    ['relu', 0],
  ]);
});

test('a call that is cancelled while it waits copies nothing and releases its arguments', async () => {
  sent.length = 0;
  const first = client.relu([1]);
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  const image = new Float32Array(1000);
  const waiting = controllers.map(({ signal }) => client.relu(image, { signal }));
  for (const one of controllers) one.abort();
  for (const one of waiting) await assert.rejects(one, isAbortError);
  await first;
  await client.relu([2]);
  assert.deepEqual(sent, [
    ['relu', 0],
    ['relu', 0],
  ]);
});

test('calls that wait hold no copies, and their arguments are collected when they are cancelled', async () => {
  const found = await runNodeJson(
    `
    import { createClient } from 'corr2d/worker';
    const client = await createClient();
    const bytes = () => process.memoryUsage().arrayBuffers;
    const image = new Float32Array(4e6);
    const before = bytes();
    // Node warns about more than ten listeners of one signal.
    const controllers = Array.from({ length: 21 }, () => new AbortController());
    const waits = (array, { signal }) => client.relu(array, { signal });
    const calls = [client.ones([100]), ...controllers.slice(1).map((one) => waits(image, one))];
    const waiting = bytes() - before;
    const own = new WeakRef(new Float32Array(10));
    calls.push(waits(own.deref(), controllers[0]));
    for (const one of controllers) one.abort();
    const settled = await Promise.allSettled(calls);
    while (own.deref()) {
      await new Promise((resolve) => setTimeout(resolve));
      globalThis.gc();
    }
    console.log(JSON.stringify([waiting, settled.filter(({ status }) => status === 'rejected').length]));
    client.dispose();
    `,
    ['--expose-gc'],
  );
  assert.ok(found[0] < 1e6, `${found[0]} bytes for 20 calls that wait`);
  assert.equal(found[1], 21);
});

test('buffers are transferred when the call is sent', async () => {
  const [first, second] = [new Float32Array(4), new Float32Array(4)];
  const calls = [first, second].map((one) => client.relu(one, { transfer: [one.buffer] }));
  assert.deepEqual([first.length, second.length], [0, 4]);
  await Promise.all(calls);
  assert.equal(second.length, 0);
});

test('a tensor of an instance must not be disposed of while a call waits', async () => {
  const c = await load();
  const [a, b] = [c.tensor([1]), c.tensor([2])];
  const calls = [client.relu(a), client.relu(b)];
  for (const one of [a, b]) one.dispose();
  assert.deepEqual([...(await calls[0]).data], [1]);
  await expectRejection('DISPOSED', /disposed/, calls[1]);
  c.dispose();
});

test('many calls that fail when they are sent do not overflow the stack', async () => {
  const handle = await client.tensor([1]);
  const other = await createClient();
  const calls = Array.from({ length: 20_000 }, () => other.relu(handle));
  for (const { status, reason } of await Promise.allSettled(calls)) {
    assert.equal(status, 'rejected');
    assert.equal(reason.code, 'INVALID_ARGUMENT');
  }
  assert.deepEqual([...(await other.relu([1])).data], [1]);
  other.dispose();
  handle.dispose();
});

test('with latest, older calls of the same function that wait are rejected with an AbortError', async () => {
  await client.memory(); // After this, the worker is idle.
  sent.length = 0;
  const ticks = Array.from({ length: 20 }, (_, i) => client.relu([i], { latest: true }));
  const outcomes = await Promise.allSettled(ticks);
  // The first had started.
  assert.deepEqual(
    outcomes.map(({ value, reason }) => value?.data[0] ?? reason.name),
    [0, ...new Array(18).fill('AbortError'), 19],
  );
  assert.ok(outcomes[1].reason instanceof DOMException);
  assert.deepEqual(
    sent.map(([name]) => name),
    ['relu', 'relu'],
  );
});

test('latest concerns the same function, the same plan and the same handle only', async () => {
  const weight = [[[[1, 1]]]];
  const inputShape = [1, 1, 2];
  const plans = await Promise.all([0, 1].map(() => client.planConv2d({ inputShape, weight })));
  const handles = [await client.tensor([1]), await client.tensor([2])];
  const x = [[[1, 2]]];
  const options = { latest: true };
  const settled = await Promise.allSettled([
    client.zeros([1]),
    client.relu([-1]), // aborted by the last one, although it does not ask for it
    client.tanh([0], options),
    plans[0].run(x), // aborted
    plans[0].run(x, options),
    plans[1].run(x, options),
    handles[0].data(options), // aborted
    handles[0].data(options),
    handles[1].data(options),
    client.relu([2], options),
  ]);
  const isAborted = settled.map(({ status }) => status === 'rejected');
  assert.deepEqual(isAborted, [false, true, false, true, false, false, true, false, false, false]);
  for (const one of [...plans, ...handles]) one.dispose();
});

test('what an aborted call has kept is freed', async () => {
  const calls = ['relu', 'conv2d', 'conv2dBackward'];
  const args = { relu: [[1]], conv2d: [[[[1]]], [[[[1]]]]] };
  args.conv2dBackward = [[[[1]]], ...args.conv2d];
  for (const name of calls) {
    const controller = new AbortController();
    const all = [...args[name], { keep: true, signal: controller.signal }];
    const running = client[name](...all);
    const waiting = client[name](...all);
    controller.abort();
    for (const one of [running, waiting]) await assert.rejects(one, isAbortError);
    await client.zeros([1]);
    assert.equal((await client.memory()).liveTensors, 0, name);
  }
});

test('10,000 handles that are dropped are freed in the worker', async () => {
  const left = await runNodeJson(
    `
    import { createClient } from 'corr2d/worker';
    const client = await createClient();
    await (async () => {
      for (let i = 0; i < 10; i++) {
        await Promise.all(Array.from({ length: 1000 }, () => client.tensor([i])));
      }
    })();
    let left;
    let rounds = 0;
    do {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve));
      left = (await client.memory()).liveTensors;
    } while (left > 0 && ++rounds < 1000);
    console.log(JSON.stringify(left));
    client.dispose();
    `,
    ['--expose-gc'],
  );
  assert.equal(left, 0);
});

test('handles keep their client alive', async () => {
  const data = await runNodeJson(
    `
    import { createClient } from 'corr2d/worker';
    const handle = await (async () => (await createClient()).tensor([1, 2]))();
    const view = await (async () => (await createClient()).tidy((c) => c))();
    for (let i = 0; i < 20; i++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.log(JSON.stringify([[...(await handle.data())], (await view.relu([3])).data[0]]));
    `,
    ['--expose-gc'],
  );
  assert.deepEqual(data, [[1, 2], 3]);
});

test('handles reject with WORKER_FAILED after the worker has ended', async () => {
  let worker;
  const other = await createClient({
    worker() {
      worker = new Worker(script);
      return worker;
    },
  });
  const handle = await other.tensor([1]);
  await worker.terminate();
  await expectRejection(
    'WORKER_FAILED',
    /^data: the worker of this client has ended$/,
    handle.data(),
  );
  await expectRejection('WORKER_FAILED', /^relu: /, other.relu(handle));
  handle.dispose();
  await expectRejection('DISPOSED', /^data: /, handle.data());
  other.dispose();
});

test('createClient with a signal that is aborted starts no worker, or ends it', async () => {
  const reason = new Error('my own');
  let workers = 0;
  const ended = [];
  const worker = () => {
    workers++;
    const one = new Worker(script);
    ended.push(new Promise((resolve) => one.on('exit', resolve)));
    return one;
  };
  const isReason = (error) => error === reason;
  const aborted = createClient({ worker, signal: AbortSignal.abort(reason) });
  await assert.rejects(aborted, isReason);
  assert.equal(workers, 0);
  await assert.rejects(createClient({ signal: AbortSignal.abort() }), isAbortError);

  const controller = new AbortController();
  const starting = createClient({ worker, signal: controller.signal });
  assert.equal(workers, 1);
  controller.abort(reason);
  await assert.rejects(starting, isReason);
  // The client does not keep this process running.
  const timer = setInterval(() => {}, 1000);
  await ended[0];

  const later = new AbortController();
  const started = await createClient({ worker, signal: later.signal });
  later.abort(reason);
  assert.deepEqual([...(await started.relu([1])).data], [1]);
  started.dispose();
  await ended[1];
  clearInterval(timer);
});

test('createClient refuses what is not its options', async () => {
  const names = 'simd, threads, wasm, worker, signal';
  const wrong = [
    [[[]], 'createClient: options is an array of length 0; expected an object such as { simd: … }'],
    [[new Map()], /^createClient: options is an object of type Map/],
    [[{ speed: 1 }], `createClient: unknown option "speed"; expected one of ${names}`],
    [[{ abort: AbortSignal.abort() }], /^createClient: unknown option "abort"/],
    [[{ signal: {} }], 'createClient: signal is an object; expected an AbortSignal'],
    [[{ worker: 1 }], 'createClient: worker is 1; expected a function that returns a worker'],
    [[{}, {}], 'createClient: the number of arguments is 2; expected at most 1'],
  ];
  for (const [args, message] of wrong) {
    await expectRejection('INVALID_ARGUMENT', message, createClient(...args));
  }
});
