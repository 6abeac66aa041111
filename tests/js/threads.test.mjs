// Threads: that all of them work, to the same bits, that nothing is left of them, and what happens
// where there can be none.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { load } from 'corr2d';
import * as relaxedEntry from 'corr2d/relaxed';
import * as simdEntry from 'corr2d/simd';
import {
  account,
  assertComputes,
  assertWithinBound,
  correlate,
  expectError,
  generator,
  held,
  jsonFromNode,
  loadTested,
  moduleOf,
  root,
  runNode,
  simd,
  variant,
} from './helpers.mjs';

const hasThreads = variant.endsWith('threads');
const flags = process.execArgv.filter((flag) => flag.includes('wasm'));

/** The module of a variant with threads, with what `moduleOf` does not guard. */
const threadsOf = (c) => c[Symbol.for('corr2d.heap')].constants;

/** A plan of many tasks, and what it is run on. */
function layer(c, options = {}) {
  const { uniform } = generator(5);
  const weight = uniform(64, 64, 3, 3);
  const input = uniform(64, 28, 28);
  const plan = c.planConv2d({ inputShape: input.shape, weight, padding: 1, ...options });
  return { plan, input: c.tensor(input), weight };
}

/** Runs `code`, in which `load` and `options` are there, and gives what it prints as JSON. */
const inNode = (code, options = { simd, threads: 3 }, timeout = 60_000) =>
  jsonFromNode(
    `const { load } = await import('corr2d');
    const options = ${JSON.stringify(options)};
    ${code}`,
    flags,
    timeout,
  );

describe('with threads', { skip: !hasThreads && 'this variant has none' }, () => {
  test('as many as are asked for, or one for each core', async () => {
    for (const threads of [2, 5, 8]) {
      const c = await load({ simd, threads });
      assert.deepEqual(c.features, { variant, simd, threads });
      assertComputes(c);
      c.dispose();
    }
    const cores = availableParallelism();
    const c = await load({ simd, threads: 'auto' });
    if (cores === 1) assert.equal(c.features.reason, 'one thread: there is one core');
    else assert.deepEqual(c.features, { variant, simd, threads: cores });
    c.dispose();
  });

  test('every worker executes tasks', async () => {
    const c = await loadTested();
    const { plan, input } = layer(c);
    const out = c.zeros(plan.outputShape);
    const counts = () => [0, 1, 2].map((thread) => threadsOf(c).tasksOfThread(thread));
    let runs = 0;
    for (; Math.min(...counts()) === 0; runs++) {
      assert.ok(runs < 100_000, `${counts()}`);
      plan.run(input, out);
    }
    const total = counts().reduce((sum, count) => sum + count);
    assert.equal(total, runs * plan.tasks);
    c.dispose();
  });

  test('the same bits for 1 to 8 threads, deterministic or not, and the right ones', async () => {
    const { uniform } = generator(6);
    const image = uniform(3, 40, 60);
    const picture = {
      data: Uint8ClampedArray.from({ length: 4 * 90 * 70 }, (_, i) => (i * 7919) % 256),
      width: 90,
      height: 70,
    };
    const [input, few, deep] = [uniform(64, 28, 28), uniform(6, 3, 5, 5), uniform(512, 7, 7)];
    const [weight, pointwise] = [uniform(64, 64, 3, 3), uniform(128, 512, 1, 1)];
    const [dw, taps] = [uniform(64, 1, 3, 3), uniform(7, 7)];
    const [gradOutput, a, b] = [uniform(64, 26, 26), uniform(120, 300), uniform(300, 90)];
    const work = (c, options) => {
      const gradients = c.conv2dBackward(gradOutput, input, weight);
      return {
        layer: c.conv2d(input, weight, { padding: 1, ...options }),
        gelu: c.conv2d(input, weight, { activation: 'gelu', ...options }),
        direct: c.conv2d(image, few, { stride: 2, ...options }),
        product: c.conv2d(deep, pointwise, options),
        depthwise: c.conv2d(input, dw, { groups: 64, ...options }),
        transposed: c.convTranspose2d(input, weight, { stride: 2, ...options }),
        matmul: c.matmul(a, b),
        pool: c.maxPool2d(input, 3, { stride: 2 }),
        unfold: c.unfold(image, 5),
        ...gradients,
        filter: { data: c.filter2d(picture, taps).data },
      };
    };
    const bits = ({ data }) => Buffer.from(data.slice().buffer).toString('base64');
    for (const deterministic of [false, true]) {
      let expected;
      for (const threads of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const c = await load({ simd, threads });
        const results = work(c, { deterministic });
        const found = Object.fromEntries(
          Object.entries(results).map(([name, result]) => [name, bits(result)]),
        );
        expected ??= found;
        for (const name in found) {
          assert.ok(found[name] === expected[name], `${name} by ${threads} threads`);
        }
        const y = c.conv2d(deep, pointwise);
        assertWithinBound(y, correlate(deep, pointwise), `${threads} threads`);
        c.dispose();
      }
    }
  });

  test('instances side by side have workers of their own', async () => {
    const [a, b] = await Promise.all([loadTested(), loadTested()]);
    const [first, second] = [layer(a), layer(b)];
    const expected = first.plan.run(first.input).data.slice();
    assert.deepEqual(second.plan.run(second.input).data.slice(), expected);
    a.dispose();
    for (let i = 0; i < 20; i++) {
      const y = second.plan.run(second.input);
      assert.deepEqual(y.data.slice(), expected);
      y.dispose();
    }
    b.dispose();
  });

  test('running allocates nothing, also with several threads', async () => {
    const c = await loadTested();
    const { plan, input } = layer(c);
    const out = c.zeros(plan.outputShape);
    moduleOf(c).failAllocationAfter(0);
    for (let i = 0; i < 50; i++) plan.run(input, out);
    moduleOf(c).failAllocationAfter(-1);
    assert.deepEqual(out.data.slice(), plan.run(input).data.slice());
    c.dispose();
  });

  test('Node ends by itself after use, without a disposal', async () => {
    const code = `
      const c = await load(options);
      const plan = c.planConv2d({ inputShape: [64, 28, 28], weight: c.ones([64, 64, 3, 3]) });
      const x = c.ones([64, 28, 28]);
      for (let i = 0; i < 20; i++) plan.run(x).dispose();
      console.log(JSON.stringify([c.features.threads, Math.round(plan.run(x).data[0])]));`;
    assert.deepEqual(await inNode(code), [3, 576]);
    // Nor does a load that nobody waits for keep it, or an instance that is at work.
    assert.deepEqual(await inNode(`load(options); console.log('1');`), 1);
  });

  // `npm run trust` asks for more.
  const rounds = Number(process.env.CORR2D_TEST_ROUNDS ?? 20);

  test(`${rounds} rounds of load and dispose leave no worker and no memory`, async () => {
    const code = `
      import { readdirSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const threads = () => readdirSync('/proc/self/task').length;
      const least = async (most) => {
        for (let i = 0; i < 300 && threads() > most; i++) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          gc();
        }
        return threads();
      };
      const round = async (ends) => {
        const c = await load(options);
        c.conv2d(c.ones([8, 20, 20]), c.ones([8, 8, 3, 3])).dispose();
        if (ends) c.dispose();
      };
      for (let i = 0; i < 5; i++) await round(true);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = threads();
      const bytesBefore = process.memoryUsage().rss;
      for (let i = 0; i < ${rounds}; i++) await round(true);
      const after = await least(before);
      for (let i = 0; i < 5; i++) await round(false);
      const dropped = await least(before);
      const bytes = process.memoryUsage().rss - bytesBefore;
      console.log(JSON.stringify({ before, after, dropped, bytes }));`;
    const timeout = 60_000 + 1000 * rounds;
    const { before, after, dropped, bytes } = await inNode(code, { simd, threads: 3 }, timeout);
    assert.ok(after <= before, `${before} threads, and ${after} afterwards`);
    assert.ok(dropped <= before, `${before} threads, and ${dropped} when instances were dropped`);
    assert.ok(bytes < 100e6, `${bytes} bytes`);
  });

  test('a worker that is lost in a task: WORKER_FAILED, and one thread goes on', async () => {
    const c = await loadTested();
    const { plan, input } = layer(c);
    const out = c.zeros(plan.outputShape);
    const expected = plan.run(input).data.slice();
    threadsOf(c).loseWorkerAfter(2);
    const before = held(c);
    const begin = performance.now();
    let error;
    for (let i = 0; i < 100_000 && !error; i++) {
      try {
        plan.run(input, out);
      } catch (thrown) {
        error = thrown;
      }
    }
    assert.equal(error?.code, 'WORKER_FAILED', error?.stack);
    assert.equal(error.message, 'run: a worker does not answer; now one thread computes');
    assert.ok(performance.now() - begin < 20_000);
    assert.deepEqual(held(c), before);
    const others = () => threadsOf(c).tasksOfThread(1) + threadsOf(c).tasksOfThread(2);
    const done = others();
    for (let i = 0; i < 10; i++) plan.run(input, out);
    assert.deepEqual(out.data.slice(), expected);
    assert.equal(others(), done);
    assertComputes(c);
    c.dispose();
  });

  /** Lets the script reach every worker that is started. */
  const reachWorkers = `
    const threads = process.getBuiltinModule('worker_threads');
    const workers = [];
    threads.Worker = class extends threads.Worker {
      constructor(...given) {
        super(...given);
        workers.push(this);
      }
    };
    const compute = (c) => {
      const x = c.ones([64, 28, 28]);
      const plan = c.planConv2d({ inputShape: x.shape, weight: c.ones([64, 64, 3, 3]) });
      return Math.round(plan.run(x).data[0]);
    };`;

  test('a worker that dies in between is not waited for', async () => {
    const results = await inNode(`${reachWorkers}
      const c = await load(options);
      const results = [compute(c)];
      await workers[0].terminate();
      for (let i = 0; i < 20; i++) results.push(compute(c));
      await workers[1].terminate();
      results.push(compute(c), workers.length);
      console.log(JSON.stringify(results));`);
    assert.deepEqual(results, [...Array(22).fill(576), 2]);
  });

  test('workers that are terminated in the middle of a task: WORKER_FAILED in 20 s', async () => {
    const { code, seconds, computed, right } = await inNode(`${reachWorkers}
      // Whoever waits for tasks that others have in hand looks at the clock.
      let isWaiting = false;
      for (const clock of [Date, performance]) {
        const now = clock.now.bind(clock);
        clock.now = () => {
          if (isWaiting) for (const worker of workers.splice(0)) worker.terminate();
          return now();
        };
      }
      let c, x, plan, wanted, out, code, begin;
      // One that had just finished its task is not missed: then others are tried.
      for (let i = 0; i < 10 && code === undefined; i++) {
        c?.dispose();
        c = await load(options);
        // Few tasks that take long, so that whoever has done the last one waits for the others'.
        x = c.normal(0, 1, [1, 1080, 1920], { seed: 1 });
        const weight = c.normal(0, 1, [1, 1, 31, 31], { seed: 2 });
        plan = c.planConv2d({ inputShape: x.shape, weight, algorithm: 'fft' });
        wanted = plan.run(x);
        out = c.zeros(plan.outputShape);
        for (let j = 0; j < 100 && workers.length > 0 && code === undefined; j++) {
          isWaiting = true;
          begin = process.hrtime.bigint();
          try { plan.run(x, out); } catch (error) { code = error.code; }
          isWaiting = false;
        }
      }
      const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
      const computed = compute(c);
      plan.run(x, out);
      const { data } = wanted;
      const right = out.data.every((value, i) => value === data[i]);
      console.log(JSON.stringify({ code, seconds, computed, right }));`);
    assert.equal(code, 'WORKER_FAILED');
    assert.ok(seconds < 20, `${seconds} s`);
    assert.deepEqual([computed, right], [576, true]);
  });

  test('a worker that throws: CRASHED', async () => {
    const results = await inNode(`${reachWorkers}
      const c = await load(options);
      const results = [compute(c)];
      workers[0].emit('error', new WebAssembly.RuntimeError('unreachable'));
      for (const call of [() => compute(c), () => c.memory()]) {
        try { call(); } catch ({ code }) { results.push(code); }
      }
      results.push(compute(await load(options)));
      console.log(JSON.stringify(results));`);
    assert.deepEqual(results, [576, 'CRASHED', 'CRASHED', 576]);
  });

  test('a trap in a task: CRASHED, the process goes on and ends', async () => {
    const results = await inNode(`
      const c = await load(options);
      const plan = c.planConv2d({ inputShape: [64, 28, 28], weight: c.ones([64, 64, 3, 3]) });
      const { call } = c[Symbol.for('corr2d.heap')];
      const { runPlan } = call;
      call.runPlan = (plan, input, ...rest) => runPlan(plan, 0xffff0000, ...rest);
      const results = [];
      for (let i = 0; i < 2; i++) {
        try { plan.run(c.ones([64, 28, 28])); } catch ({ code }) { results.push(code); }
      }
      console.log(JSON.stringify(results));`);
    assert.deepEqual(results, ['CRASHED', 'CRASHED']);
  });

  test('a heap that cannot set 4 GiB aside takes less', async () => {
    const [threads, most, grown] = await inNode(`
      let most = 0;
      WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
        construct(Memory, [given]) {
          if (given.maximum > 2 ** 14) throw new RangeError('no address space');
          most = given.maximum;
          return new Memory(given);
        },
      });
      const c = await load(options);
      let grown;
      try { c.zeros([2 ** 28 + 1]); } catch ({ code }) { grown = code; }
      c.conv2d(c.ones([8, 20, 20]), c.ones([8, 8, 3, 3]));
      console.log(JSON.stringify([c.features.threads, most, grown]));`);
    assert.deepEqual([threads, most, grown], [3, 2 ** 14, 'OUT_OF_MEMORY']);
  });

  test('no room for the stacks of so many: one thread, and why', async () => {
    const [features, computed] = await inNode(
      `WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
        construct: (Memory, [given]) => new Memory({ ...given, maximum: 24 }),
      });
      const c = await load(options);
      console.log(JSON.stringify([c.features, c.corr2d([[1, 2]], [[3]]).data[1]]));`,
      { simd, threads: 200 },
    );
    const reason = 'one thread: the threads could not be created';
    assert.deepEqual(features, { variant: simd, simd, threads: 1, reason });
    assert.equal(computed, 6);
  });

  test('a worker that inherits nothing of how this process was started', async () => {
    const { stdout, stderr } = await runNode(
      `const { load } = await import('corr2d');
      console.log((await load({ simd: '${simd}', threads: 2 })).features.threads);`,
      [...flags, '--stack-trace-limit=5', '--import', 'data:text/javascript,'],
    );
    assert.deepEqual([stdout, stderr], ['2\n', '']);
  });
});

// ---------------------------------------------------------------------------------------------
// Where there can be none

/** What comes of `load` with two threads after `prelude`: features without what is about SIMD. */
async function degraded(prelude, folder) {
  const from = folder ? pathToFileURL(join(folder, 'index.js')).href : 'corr2d';
  const features = await jsonFromNode(
    `${prelude}
    const { load } = await import(${JSON.stringify(from)});
    const c = await load({ simd: '${simd}', threads: 2 });
    const { data } = c.corr2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]]);
    console.log(JSON.stringify({ ...c.features, data: [...data] }));`,
    flags,
  );
  const { reason, data, ...rest } = features;
  assert.deepEqual(rest, { variant: simd, simd, threads: 1 });
  assert.deepEqual(data, [19, 25, 37, 43]);
  return reason;
}

/** The package, built, with a script for its workers that is another one. */
async function withWorker(script, use) {
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-'));
  try {
    cpSync(join(root, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const path = join(folder, 'thread-worker.js');
    if (script === undefined) rmSync(path);
    else writeFileSync(path, script);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('without threads', { skip: hasThreads && 'this variant has some' }, () => {
  test('without shared memory: one thread, and why', async () => {
    assert.equal(
      await degraded('delete globalThis.SharedArrayBuffer;'),
      'one thread: this engine has no SharedArrayBuffer',
    );
    assert.equal(
      await degraded(
        'delete globalThis.SharedArrayBuffer; globalThis.crossOriginIsolated = false;',
      ),
      'one thread: the page is not cross-origin isolated',
    );
    assert.equal(
      await degraded(`WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
        construct() {
          throw new RangeError('nothing is shared');
        },
      });`),
      'one thread: no memory can be shared',
    );
  });

  test('a worker that cannot start: one thread, and why', async () => {
    assert.match(
      await degraded('process.getBuiltinModule = undefined; globalThis.navigator ??= {};'),
      /^one thread: a worker did not start: there are none here \(Node has them from 20\.16/,
    );
    assert.match(
      await withWorker(undefined, (folder) => degraded('', folder)),
      /^one thread: a worker did not start: Error: Cannot find module/,
    );
    assert.equal(
      await withWorker('throw new Error("broken")', (folder) => degraded('', folder)),
      'one thread: a worker did not start: Error: broken',
    );
    assert.equal(
      await withWorker('process.exit(0)', (folder) => degraded('', folder)),
      'one thread: a worker did not start: it has ended',
    );
    assert.match(
      await degraded(`const threads = process.getBuiltinModule('worker_threads');
        threads.Worker.prototype.postMessage = () => { throw new Error('DataCloneError'); };`),
      /^one thread: a worker did not start: Error: DataCloneError/,
    );
  });

  test('a worker that never answers: one thread after 10 s, and why', async () => {
    const begin = performance.now();
    const silent = 'setInterval(() => {}, 1000);';
    assert.equal(
      await withWorker(silent, (folder) => degraded('', folder)),
      'one thread: 1 of 1 workers did not start within 10 s',
    );
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(seconds > 9 && seconds < 30, `${seconds} s`);
  });

  test('one core: auto is one thread, a number is what it says', async () => {
    const oneCore = `process.getBuiltinModule('os').availableParallelism = () => 1;`;
    const code = (threads) => `${oneCore}
      const { load } = await import('corr2d');
      const { features } = await load({ simd: '${simd}', threads: ${threads} });
      console.log(JSON.stringify([features.threads, features.reason]));`;
    assert.deepEqual(await jsonFromNode(code("'auto'"), flags), [
      1,
      'one thread: there is one core',
    ]);
    assert.deepEqual((await jsonFromNode(code(2), flags))[0], 2);
  });

  test('an entry, or a wasm, that has no threads', async () => {
    const entry = simd === 'simd' ? simdEntry : relaxedEntry;
    const c = await entry.load({ simd, threads: 4 });
    assert.equal(
      c.features.reason,
      'one thread: this entry of the package has no variant with threads',
    );
    c.dispose();
    const wasmOf = (name) =>
      readFileSync(createRequire(import.meta.url).resolve(`corr2d/wasm/${name}.wasm`));
    const plain = await load({ simd, wasm: wasmOf(simd), threads: 4 });
    assert.deepEqual(plain.features, {
      variant: simd,
      simd,
      threads: 1,
      reason: `one thread: wasm is the variant ${simd}`,
    });
    plain.dispose();
    const name = simd === 'simd' ? 'threads' : 'relaxed-threads';
    for (const threads of [1, 2]) {
      const own = await load({ simd, wasm: wasmOf(name), threads });
      assert.deepEqual(own.features, { variant: name, simd, threads });
      assertComputes(own);
      own.dispose();
    }
  });

  test('the account of an instance with many threads begins at little', async () => {
    const c = await load({ simd, threads: 8 });
    const { heapBytes, allocatedBytes } = account(c);
    assert.ok(heapBytes <= 2 ** 21 && allocatedBytes < 16384, `${heapBytes} ${allocatedBytes}`);
    expectError(c, 'INVALID_ARGUMENT', /^zeros: /, () => c.zeros());
    c.dispose();
    await sleep(1);
  });
});
