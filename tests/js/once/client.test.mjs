// corr2d/worker: arguments, aborted calls, workers that end or do not start, and the end of the process.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { load, Corr2dError as MainCorr2dError } from 'corr2d';
import { Corr2dError, createClient } from 'corr2d/worker';
import { createRandom, expectRejection, root, runNode, runNodeJson } from '../helpers.mjs';
import { extendStartLimit } from '../long-start-limit.mjs';

extendStartLimit();

const script = new URL('../../../dist/client-worker.js', import.meta.url);
/** A worker whose runs pause after each progress report until the client's next message. */
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

test('arguments of every kind are copied', async () => {
  const client = await createClient();
  const c = await load();
  const all = new Float32Array(1000).map((_, i) => i);
  const shared = new Float32Array(new SharedArrayBuffer(16));
  shared.set([1, 2, 3, 4]);
  const tensor = c.tensor([1, 2, 3, 4]);
  const values = {
    part: all.subarray(10, 14),
    shared,
    tensor,
    rows: [[1, 2], Float32Array.of(3, 4)],
    row: [1, 2, 3, 4],
    bytes: Buffer.from([1, 2, 3, 4]),
    float64: Float64Array.of(1, 2, 3, 4),
    data: { data: all.subarray(1, 5), shape: [2, 2] },
  };
  const found = await Promise.all(Object.values(values).map((value) => client.relu(value)));
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

test('buffers in `transfer` are transferred, others are copied', async () => {
  const client = await createClient();
  const [image, kernel] = [Float32Array.of(1, 2, 3), Float32Array.of(2)];
  const y = await client.corr2d(
    { data: image, shape: [1, 3] },
    { data: kernel, shape: [1, 1] },
    { transfer: [image.buffer] },
  );
  assert.deepEqual([...y.data], [2, 4, 6]);
  assert.deepEqual([image.length, kernel.length], [0, 1]);
  // A transferred buffer cannot be used again.
  await expectRejection(
    'INVALID_ARGUMENT',
    /^relu: an argument cannot be sent to the worker: /,
    client.relu(image, { transfer: [image.buffer] }),
  );
  await expectRejection(
    'INVALID_ARGUMENT',
    /^relu: argument 1 cannot be sent to the worker: TypeError/,
    client.relu(image),
  );
  // Results can be transferred.
  const z = await client.relu(y, { transfer: [y.data.buffer] });
  assert.deepEqual([...z.data], [2, 4, 6]);
  client.dispose();
});

test('arguments that cannot be sent and unknown options reject with INVALID_ARGUMENT', async () => {
  const client = await createClient();
  const loop = [[1]];
  loop.push(loop);
  const wrong = [
    [
      /^relu: argument 1\[0\] is a function; expected a value that can be sent to a worker/,
      () => client.relu([() => 1]),
    ],
    [/^relu: argument 1 is a symbol; expected a value/, () => client.relu(Symbol('x'))],
    [
      /^relu: argument 1 cannot be sent to the worker: DataCloneError/,
      () => client.relu(new Promise(() => {})),
    ],
    [
      /^conv2d: bias cannot be sent to the worker: DataCloneError/,
      () => client.conv2d([[[1]]], [[[[1]]]], { bias: new WeakMap() }),
    ],
    [
      /^stack: argument 1\[1\] cannot be sent to the worker: Error: not now/,
      () =>
        client.stack([
          [1],
          {
            shape: [1],
            get data() {
              throw new Error('not now');
            },
          },
        ]),
    ],
    [/^relu: an argument cannot be sent/, () => client.relu([1], { transfer: [{}] })],
    [/^relu: tensor/, () => client.relu(loop)],
    [/^relu: tensor is "text"/, () => client.relu('text')],
    [/^relu: options is 3; expected an object/, () => client.relu([1], 3)],
    [
      /^conv2d: options is an array of length 0; expected an object/,
      () => client.conv2d([[[1]]], [[[[1]]]], []),
    ],
    [
      /^relu: unknown option "alpha"; expected one of signal, /,
      () => client.relu([1], { alpha: 1 }),
    ],
    [/^arange: onProgress is not supported/, () => client.arange(1, { onProgress() {} })],
    [/^relu: signal is an object; expected an AbortSignal/, () => client.relu([1], { signal: {} })],
    [
      /^relu: signal is an object; expected an AbortSignal/,
      () => client.relu([1], { signal: { aborted: false, addEventListener() {} } }),
    ],
    [/^relu: transfer is 5; expected an array/, () => client.relu([1], { transfer: 5 })],
    [/^fromImage: transfer is 5; expected an array/, () => client.fromImage({}, { transfer: 5 })],
    [
      /^fromImage: source cannot be read/,
      () => client.fromImage({ [Symbol.toStringTag]: 'HTMLImageElement', width: 2, height: 2 }),
    ],
    [/^tensor: values\[1\] is undefined/, () => client.tensor(sparse([[1]]))],
    [/^tensor: values\[1\] is undefined/, () => client.tensor(sparse([1]))],
    [
      /^conv2d: option "out" is not supported/,
      () => client.conv2d([[[1]]], [[[[1]]]], { out: [1] }),
    ],
    [
      /^conv2d: onProgress is 1; expected a function/,
      () => client.conv2d([[[1]]], [[[[1]]]], { onProgress: 1 }),
    ],
  ];
  for (const [message, call] of wrong) await expectRejection('INVALID_ARGUMENT', message, call());
  assert.deepEqual([...(await client.relu([-1, 1], {})).data], [0, 1]);
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const options = [{ worker: 1 }, { threads: 0 }, { simd: 'fast' }, { speed: 1 }, { wasm: 5 }];
  options.push(5, null, () => {}, { wasm: detached }, { wasm: Object.create(URL.prototype) });
  for (const one of options) await expectRejection('INVALID_ARGUMENT', /./, createClient(one));
  client.dispose();
});

/** Makes an array sparse, with billions of holes. */
function sparse(array) {
  array.length = 2 ** 32 - 1;
  return array;
}

test('aborted plans are freed in the worker', async () => {
  const client = await createClient();
  const { uniform } = createRandom(5);
  const weight = uniform(64, 64, 3, 3);
  const before = await client.memory();
  for (let i = 0; i < 300; i++) {
    const controller = new AbortController();
    const { signal } = controller;
    const plan = client.planConv2d({ inputShape: [64, 8, 8], weight, algorithm: 'gemm', signal });
    // Aborts before the call is sent, while it waits, and while it runs.
    if (i % 3 === 1) await client.version;
    if (i % 3 === 2) await sleep(1);
    controller.abort();
    await plan.then(
      (made) => made.dispose(),
      ({ name }) => assert.equal(name, 'AbortError'),
    );
  }
  const { heapBytes } = await client.memory();
  // Each of the 300 plans would take 147 kB.
  assert.ok(heapBytes - before.heapBytes < 10e6, `${heapBytes} bytes`);
  client.dispose();
});

test('a signal that throws and unknown messages of the worker do not block calls', async () => {
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

test('the worker entry and the main entry export the same Corr2dError', async () => {
  assert.equal(Corr2dError, MainCorr2dError);
});

test('an aborted call is not sent if it is waiting, and stops between tasks if it is running', async () => {
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
  assert.ok(isRejected, 'the promise was not rejected at once');
  await assert.rejects(first, (error) => error.name === 'AbortError');
  assert.deepEqual([...(await third).data], [2]);
  const [tasksDone] = done.values();
  assert.ok(tasksDone > 0 && tasksDone < plan.tasks, `${tasksDone} of ${plan.tasks} tasks`);
  assert.deepEqual(names, ['run', 'abort', 'relu']);

  // An aborted conv2d leaves no tensors behind.
  const other = new AbortController();
  const weight = createRandom(1).uniform(48, 48, 5, 5);
  const layer = client.conv2d(input, weight, { signal: other.signal });
  done.clear();
  await reported();
  other.abort(reason);
  await assert.rejects(layer, (error) => error === reason);
  assert.equal((await client.memory()).liveTensors, 0);

  // A signal that is not aborted has no listeners left after the call.
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

test('an error thrown by onProgress aborts the call', async () => {
  const { client, names } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  const reason = new Error('enough');
  let reports = 0;
  const run = plan.run(input, {
    onProgress() {
      reports++;
      throw reason;
    },
  });
  await assert.rejects(run, (error) => error === reason);
  assert.deepEqual([...(await client.relu([1])).data], [1]);
  assert.equal(reports, 1);
  assert.deepEqual(names, ['planConv2d', 'run', 'abort', 'relu']);
  client.dispose();
});

test('several clients have separate workers', async () => {
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

test('dispose ends the worker and rejects pending calls with DISPOSED', async () => {
  const { client, worker } = await createPausingClient();
  const { plan, input } = await createLongPlan(client);
  const calls = [plan.run(input), client.relu([1]), client.planConv2d({})];
  const ended = once(worker, 'exit');
  // The client does not keep this process running.
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

test('pending and later calls reject with WORKER_FAILED if the worker ends', async () => {
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

test('createClient rejects with WORKER_FAILED if the worker fails to start or is not a worker', async () => {
  const code = (text) => () => new Worker(text, { eval: true });
  const cases = [
    [code('throw new Error("broken")'), /has failed: broken$/],
    [code('process.exit(3)'), /has ended$/],
    [
      () => new Worker(new URL('file:///missing.js')),
      /has failed: its script could not be loaded: Cannot find module .*; usual causes: .*bundlers$/,
    ],
    [
      () => {
        throw new Error('not here');
      },
      /could not be started: not here$/,
    ],
    [
      async () => new EventTarget(),
      /could not be started: the function `worker` did not return a worker$/,
    ],
    [() => undefined, /could not be started: the function `worker` did not return a worker$/],
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

test('createClient accepts bytes or a Module, and rejects other bytes with LOAD_FAILED', async () => {
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
    /^createClient: wasm is not WebAssembly: 4 bytes/,
    createClient({ wasm: Buffer.from('text') }),
  );
  const simd = createClient({ simd: 'fast' });
  await expectRejection('INVALID_ARGUMENT', /^createClient: simd is "fast"; expected /, simd);
  const message = 'createClient: wasm is a function; expected a value that can be sent to a worker';
  await expectRejection('INVALID_ARGUMENT', message, createClient({ wasm: () => bytes }));
});

test('an idle client lets the process end; a pending call keeps it running', async () => {
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

test('the worker of a dropped client ends, but not while it computes', async () => {
  const found = await runNodeJson(
    `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    import { createClient } from 'corr2d/worker';
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
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
      await wait();
    }
    const { data } = await promise;
    // The time limit of this process guards against a worker that stays.
    while (!exited) {
      globalThis.gc();
      await wait();
    }
    console.log(JSON.stringify([data[0], exited]));
    `,
    ['--expose-gc'],
  );
  assert.deepEqual(found, [1200, true]);
});

test('dropped plans are freed in the worker', async () => {
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

test('createClient rejects with WORKER_FAILED where there are no workers', async () => {
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
    assert.match(
      message,
      /^createClient: .* this engine has no workers \(Node needs version 20\.16/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
