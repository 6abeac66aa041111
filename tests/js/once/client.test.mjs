// corr2d/worker: what becomes of arguments, of calls that are not wanted any more, of workers that
// end, and of processes that have one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Corr2dError as ErrorOfInstances, load } from 'corr2d';
import { Corr2dError, createClient } from 'corr2d/worker';
import { createRandom, expectRejection, root, runNode, runNodeJson } from '../helpers.mjs';

const script = new URL('../../../dist/client-worker.js', import.meta.url);
/** Its runs pause after each report of their progress until the client's next message. */
const pausingScript = new URL('stepped-worker.mjs', import.meta.url);

/**
 * A client whose runs pause, its worker, the names of the calls that were sent to the worker, and the
 * number of tasks that each call has reported as done.
 */
async function createPausingClient() {
  const names = [];
  const done = new Map();
  let worker;
  const client = await createClient({
    worker() {
      worker = new Worker(pausingScript, { workerData: { pauses: true } });
      const post = worker.postMessage;
      worker.postMessage = (message, transfer) => {
        names.push(message.name ?? Object.keys(message)[0]);
        post.call(worker, message, transfer);
      };
      worker.on('message', (message) => {
        if (message?.done) done.set(message.id, message.done);
      });
      return worker;
    },
  });
  names.length = 0;
  /** Waits until a run has reported progress, and so pauses. */
  const reported = async () => {
    while (done.size === 0) await once(worker, 'message');
  };
  return { client, worker, names, done, reported };
}

/** A plan of many tasks, and its input. */
async function createLongPlan(client) {
  const { uniform } = createRandom(9);
  const input = uniform(48, 160, 160);
  const weight = uniform(48, 48, 5, 5);
  const plan = await client.planConv2d({ inputShape: input.shape, weight, deterministic: true });
  return { plan, input };
}

test('arguments are copied when a function is called, and stay what they were', async () => {
  const client = await createClient();
  const c = await load();
  const all = new Float32Array(1000).map((_, i) => i);
  const part = all.subarray(10, 14);
  const shared = new Float32Array(new SharedArrayBuffer(16));
  shared.set([1, 2, 3, 4]);
  const tensor = c.tensor([1, 2, 3, 4]);
  const rows = [[1, 2], Float32Array.of(3, 4)];
  const row = [1, 2, 3, 4];
  const values = {
    part,
    shared,
    tensor,
    rows,
    row,
    bytes: Buffer.from([1, 2, 3, 4]),
    float64: Float64Array.of(1, 2, 3, 4),
    data: { data: all.subarray(1, 5), shape: [2, 2] },
  };
  const asked = Object.values(values).map((value) => client.relu(value));
  for (const one of [part, shared, tensor.data, rows[1], row, values.bytes, values.float64]) {
    one.fill?.(0);
  }
  const found = await Promise.all(asked);
  const four = Float32Array.of(1, 2, 3, 4);
  assert.deepEqual(Object.fromEntries(Object.keys(values).map((name, i) => [name, found[i]])), {
    part: { shape: [4], data: Float32Array.of(10, 11, 12, 13) },
    shared: { shape: [4], data: four },
    tensor: { shape: [4], data: four },
    rows: { shape: [2, 2], data: four },
    row: { shape: [4], data: four },
    bytes: { shape: [4], data: four },
    float64: { shape: [4], data: four },
    data: { shape: [2, 2], data: four },
  });
  for (const { data } of found) assert.equal(data.buffer.byteLength, data.byteLength);
  assert.equal(all.length, 1000);
  tensor.dispose();
  await expectRejection('DISPOSED', /disposed/, client.relu(tensor));
  client.dispose();
  c.dispose();
});

test('buffers in `transfer` are handed over, others are not', async () => {
  const client = await createClient();
  const [image, kernel] = [Float32Array.of(1, 2, 3), Float32Array.of(2)];
  const y = await client.corr2d(
    { data: image, shape: [1, 3] },
    { data: kernel, shape: [1, 1] },
    { transfer: [image.buffer] },
  );
  assert.deepEqual([...y.data], [2, 4, 6]);
  assert.deepEqual([image.length, kernel.length], [0, 1]);
  // It is gone.
  await expectRejection(
    'INVALID_ARGUMENT',
    /^relu: an argument cannot be /,
    client.relu(image, { transfer: [image.buffer] }),
  );
  await expectRejection('INVALID_ARGUMENT', /^relu: an argument cannot be /, client.relu(image));
  // Results can be handed over again.
  const z = await client.relu(y, { transfer: [y.data.buffer] });
  assert.deepEqual([...z.data], [2, 4, 6]);
  client.dispose();
});

test('what cannot be sent, and what a client does not take: INVALID_ARGUMENT', async () => {
  const client = await createClient();
  const loop = [[1]];
  loop.push(loop);
  const wrong = [
    [
      /^relu: an argument cannot be sent to the worker: DataCloneError/,
      () => client.relu([() => 1]),
    ],
    [/^relu: an argument cannot be sent/, () => client.relu(Symbol('x'))],
    [/^relu: tensor/, () => client.relu(loop)],
    [/^relu: tensor is "text"/, () => client.relu('text')],
    [/^relu: options is of type number/, () => client.relu([1], 3)],
    [/^relu: a client has no such option here: "alpha"/, () => client.relu([1], { alpha: 1 })],
    [/^relu: onProgress is an option of conv2d/, () => client.relu([1], { onProgress() {} })],
    [/^relu: signal must be/, () => client.relu([1], { signal: {} })],
    [
      /^relu: signal must be/,
      () => client.relu([1], { signal: { aborted: false, addEventListener() {} } }),
    ],
    [/^relu: transfer must be an array/, () => client.relu([1], { transfer: 5 })],
    [/^fromImage: transfer must be/, () => client.fromImage({}, { transfer: 5 })],
    [
      /^fromImage: source cannot be read/,
      () => client.fromImage({ [Symbol.toStringTag]: 'HTMLImageElement' }),
    ],
    [/^tensor: values\[1\] is undefined/, () => client.tensor(sparse([[1]]))],
    [/^tensor: values\[1\] is undefined/, () => client.tensor(sparse([1]))],
    [/^conv2d: a client has no .*"out"/, () => client.conv2d([[[1]]], [[[[1]]]], { out: [1] })],
    [/^conv2d: onProgress must be/, () => client.conv2d([[[1]]], [[[[1]]]], { onProgress: 1 })],
  ];
  for (const [message, ask] of wrong) await expectRejection('INVALID_ARGUMENT', message, ask());
  assert.deepEqual([...(await client.relu([-1, 1], {})).data], [0, 1]);
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const options = [{ worker: 1 }, { threads: 0 }, { simd: 'fast' }, { speed: 1 }, { wasm: 5 }];
  options.push(5, null, () => {}, { wasm: detached }, { wasm: Object.create(URL.prototype) });
  for (const one of options) await expectRejection('INVALID_ARGUMENT', /./, createClient(one));
  client.dispose();
});

/** With billions of holes. */
function sparse(array) {
  array.length = 2 ** 32 - 1;
  return array;
}

test('a plan that is not wanted any more stays nowhere', async () => {
  const client = await createClient();
  const { uniform } = createRandom(5);
  const weight = uniform(64, 64, 3, 3);
  const before = await client.memory();
  for (let i = 0; i < 300; i++) {
    const controller = new AbortController();
    const { signal } = controller;
    const plan = client.planConv2d({ inputShape: [64, 8, 8], weight, algorithm: 'gemm', signal });
    // Before it is sent, while it waits, and while it is made.
    if (i % 3 === 1) await client.version;
    if (i % 3 === 2) await sleep(1);
    controller.abort();
    await plan.then(
      (made) => made.dispose(),
      ({ name }) => assert.equal(name, 'AbortError'),
    );
  }
  const { heapBytes } = await client.memory();
  // Of 300 plans that stay each would take 147 kB.
  assert.ok(heapBytes - before.heapBytes < 10e6, `${heapBytes} bytes`);
  client.dispose();
});

test('a signal that throws, and a worker that says other things, keep nobody waiting', async () => {
  const { client, worker } = await createPausingClient();
  const signal = {
    aborted: false,
    addEventListener() {},
    removeEventListener() {
      throw new Error('my own');
    },
  };
  assert.deepEqual([...(await client.relu([1], { signal })).data], [1]);
  for (const message of ['hi', null, {}, [], { lock: 'none' }]) worker.emit('message', message);
  assert.deepEqual([...(await client.relu([2])).data], [2]);
  client.dispose();
});

test('errors are of the class that both entries export', async () => {
  assert.equal(Corr2dError, ErrorOfInstances);
});

test('a signal: one that waits is never started, one that runs stops between tasks', async () => {
  const { client, names, done, reported } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  names.length = 0;

  const reason = new Error('my own reason');
  const before = AbortSignal.abort(reason);
  await assert.rejects(client.relu([1], { signal: before }), (error) => error === reason);
  assert.deepEqual(names, []);

  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = plan.run(input, { signal: running.signal });
  const second = client.relu([1], { signal: waiting.signal });
  const third = client.relu([2]);
  waiting.abort(reason);
  await assert.rejects(second, (error) => error === reason);
  let isRejected = false;
  first.catch(() => {
    isRejected = true;
  });
  await reported();
  running.abort();
  // Promise jobs run before the worker's next message can arrive.
  for (let i = 0; i < 10; i++) await null;
  assert.ok(isRejected, 'the promise is rejected at once');
  await assert.rejects(first, (error) => error.name === 'AbortError');
  assert.deepEqual([...(await third).data], [2]);
  const [told] = done.values();
  assert.ok(told > 0 && told < plan.tasks, `it has stopped after ${told} of ${plan.tasks} tasks`);
  assert.deepEqual(names, ['run', 'abort', 'relu']);

  // conv2d too, and nothing is left of it.
  const other = new AbortController();
  const weight = createRandom(1).uniform(48, 48, 5, 5);
  const layer = client.conv2d(input, weight, { signal: other.signal });
  done.clear();
  await reported();
  other.abort(reason);
  await assert.rejects(layer, (error) => error === reason);
  assert.equal((await client.memory()).liveTensors, 0);

  // One that is not aborted changes nothing, and nothing listens to it any more.
  const kept = new AbortController();
  let listeners = 0;
  const signal = {
    aborted: false,
    addEventListener: (...args) => {
      listeners++;
      kept.signal.addEventListener(...args);
    },
    removeEventListener: (...args) => {
      listeners--;
      kept.signal.removeEventListener(...args);
    },
  };
  assert.deepEqual([...(await client.relu([3], { signal })).data], [3]);
  assert.equal(listeners, 0);
  kept.abort();
  client.dispose();
});

test('what onProgress throws ends the call', async () => {
  const { client, names } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  const reason = new Error('enough');
  let told = 0;
  const run = plan.run(input, {
    onProgress() {
      told++;
      throw reason;
    },
  });
  await assert.rejects(run, (error) => error === reason);
  assert.deepEqual([...(await client.relu([1])).data], [1]);
  assert.equal(told, 1);
  assert.deepEqual(names, ['planConv2d', 'run', 'abort', 'relu']);
  client.dispose();
});

test('several at once, each with its own', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => createClient()));
  const { uniform } = createRandom(2);
  const [input, weight] = [uniform(16, 40, 40), uniform(16, 16, 3, 3)];
  const c = await load();
  const expected = c.conv2d(input, weight);
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, i) => clients[i % 3].conv2d(input, weight)),
  );
  for (const { data } of results) assert.deepEqual(data, expected.data.slice());
  clients[1].dispose();
  assert.deepEqual([...(await clients[0].relu([1])).data], [1]);
  await expectRejection('DISPOSED', /^relu: this corr2d client/, clients[1].relu([1]));
  const plan = await clients[0].planConv2d({ inputShape: input.shape, weight });
  assert.deepEqual((await plan.run(input)).shape, [16, 38, 38]);
  for (const client of clients) client.dispose();
  await expectRejection('DISPOSED', /^run: this corr2d client/, plan.run(input));
  plan.dispose();
  c.dispose();
});

test('dispose ends the worker, and what waits', async () => {
  const { client, worker } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  const calls = [plan.run(input), client.relu([1]), client.planConv2d({})];
  const ended = once(worker, 'exit');
  // Nothing of a client keeps this process.
  const timer = setInterval(() => {}, 1000);
  client.dispose();
  client.dispose();
  for (const [i, name] of ['run', 'relu', 'planConv2d'].entries()) {
    const message = `${name}: this corr2d client has been disposed`;
    await expectRejection('DISPOSED', message, calls[i]);
  }
  await ended;
  clearInterval(timer);
  await expectRejection('DISPOSED', /^memory: /, client.memory());
});

test('a worker that ends: WORKER_FAILED for what waits and for all that comes', async () => {
  const { client, worker, reported } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  const calls = [plan.run(input, { onProgress() {} }), client.relu([1])];
  await reported();
  worker.terminate();
  const message = /: the worker of this client has ended$/;
  for (const one of calls) await expectRejection('WORKER_FAILED', message, one);
  await expectRejection('WORKER_FAILED', message, client.relu([1]));
  client.dispose();
  await expectRejection('WORKER_FAILED', message, client.relu([1]));
});

test('createClient rejects with WORKER_FAILED if the worker fails to start or is none', async () => {
  const code = (text) => () => new Worker(text, { eval: true });
  const cases = [
    [code('throw new Error("broken")'), /has failed: broken$/],
    [code('process.exit(3)'), /has ended$/],
    [() => new Worker(new URL('file:///missing.js')), /has failed: Cannot find module/],
    [
      () => {
        throw new Error('not here');
      },
      /could not be started: not here$/,
    ],
    [async () => new EventTarget(), /could not be started: what was made is no worker$/],
    [() => undefined, /could not be started: what was made is no worker$/],
  ];
  await Promise.all(
    cases.map(async ([worker, message]) => {
      await expectRejection('WORKER_FAILED', message, createClient({ worker }));
    }),
  );
});

test('createClient rejects with WORKER_FAILED if the worker does not start within 10 s', async () => {
  const { setTimeout: realSetTimeout } = globalThis;
  let expire;
  globalThis.setTimeout = (callback, delay, ...args) => {
    if (delay !== 10_000) return realSetTimeout(callback, delay, ...args);
    expire = callback;
    return realSetTimeout(() => {}, 0);
  };
  try {
    const worker = () => new Worker('setInterval(() => {}, 1000)', { eval: true });
    const client = createClient({ worker });
    while (expire === undefined) await yieldToEventLoop();
    expire();
    await expectRejection('WORKER_FAILED', /did not start within 10 s$/, client);
  } finally {
    globalThis.setTimeout = realSetTimeout;
  }
});

test('a module of one’s own: bytes or a Module; LOAD_FAILED says what was got', async () => {
  const bytes = readFileSync(join(root, 'dist/corr2d-simd.wasm'));
  for (const wasm of [bytes, new WebAssembly.Module(bytes)]) {
    const client = await createClient({ wasm });
    assert.equal(client.features.variant, 'simd');
    assert.deepEqual([...(await client.relu([1])).data], [1]);
    client.dispose();
  }
  assert.ok(bytes.length > 1000);
  await expectRejection(
    'LOAD_FAILED',
    /^load: wasm is no WebAssembly: 4 bytes/,
    createClient({ wasm: Buffer.from('text') }),
  );
});

test('nothing of it keeps a process, but a call without answer does', async () => {
  const prelude = `
    import { createClient } from 'corr2d/worker';
    const client = await createClient();`;
  const idle = await runNode(`${prelude} console.log((await client.relu([1])).data[0]);`);
  assert.deepEqual(idle, { status: 0, signal: null, stdout: '1\n', stderr: '' });
  const pending = await runNode(`${prelude}
    const [image, weight] = [await client.ones([48, 160, 160]), await client.ones([48, 48, 5, 5])];
    client.conv2d(image, weight).then(({ data }) => console.log(data[0]));`);
  assert.deepEqual(pending, { status: 0, signal: null, stdout: '1200\n', stderr: '' });
});

test('a client that is dropped takes its worker along; one that computes is not', async () => {
  const found = await runNodeJson(
    `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    import { createClient } from 'corr2d/worker';
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
    let worker;
    let exited = false;
    const make = () => {
      worker = new Worker(new URL(${JSON.stringify(script.href)}), { execArgv: [] });
      worker.on('exit', () => { exited = true; });
      return worker;
    };
    const promise = (async () => {
      const client = await createClient({ worker: make });
      const [x, w] = [await client.ones([48, 160, 160]), await client.ones([48, 48, 5, 5])];
      return client.conv2d(x, w);
    })();
    let done = false;
    promise.finally(() => { done = true; });
    while (!done) {
      globalThis.gc();
      await turn();
    }
    const { data } = await promise;
    // The time limit of this process guards against a worker that stays.
    while (!exited) {
      globalThis.gc();
      await turn();
    }
    console.log(JSON.stringify([data[0], exited]));
    `,
    ['--expose-gc'],
  );
  assert.deepEqual(found, [1200, true]);
});

test('plans that are dropped are freed', async () => {
  const heap = await runNodeJson(
    `
    import { createClient } from 'corr2d/worker';
    const client = await createClient();
    const weight = await client.ones([256, 256, 3, 3]);
    const sizes = [];
    for (let i = 0; i < 60; i++) {
      await client.planConv2d({ inputShape: [256, 8, 8], weight });
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 0));
      sizes.push((await client.memory()).heapBytes);
    }
    console.log(JSON.stringify(sizes));
    client.dispose();
    `,
    ['--expose-gc'],
  );
  assert.ok(heap.at(-1) < 100e6, `${heap.at(-1)} bytes for 60 plans of 2.4 MB`);
});

test('where there are no workers: WORKER_FAILED, and importing it does nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-client-'));
  try {
    const file = join(folder, 'old.mjs');
    writeFileSync(
      file,
      `
      process.getBuiltinModule = undefined;
      const { createClient } = await import(${JSON.stringify(new URL('../../../dist/worker.js', import.meta.url).href)});
      console.log(JSON.stringify(await createClient().catch(({ code, message }) => [code, message])));
      `,
    );
    const [code, message] = await runNodeJson(`await import(${JSON.stringify(file)})`);
    assert.equal(code, 'WORKER_FAILED');
    assert.match(message, /^createClient: .* there are none here \(Node has them from 20\.16/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
