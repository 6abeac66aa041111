// Threads: all of them execute tasks, results have the same bits for any number, and no worker is left.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { load } from 'corr2d';
import {
  assertStillComputes,
  assertWithinBound,
  correlateFloat64,
  createRandom,
  loadVariant,
  moduleFunctions,
  runNode,
  simd,
  variant,
} from '../helpers.mjs';
import { createLayer, flags, hasThreads, runWithLoad, threadFunctions } from './support.mjs';

describe('with threads', { skip: !hasThreads && 'this variant has none' }, () => {
  test('load starts the requested number of threads, or one per core', async () => {
    for (const threads of [2, 5, 8]) {
      const c = await load({ simd, threads });
      assert.deepEqual(c.features, { variant, simd, threads });
      assertStillComputes(c);
      c.dispose();
    }
    const cores = availableParallelism();
    const c = await load({ simd, threads: 'auto' });
    if (cores === 1) assert.equal(c.features.reason, 'one thread: the machine has one core');
    else assert.deepEqual(c.features, { variant, simd, threads: cores });
    c.dispose();
  });

  test('every thread executes tasks', async () => {
    const c = await loadVariant();
    const { plan, input } = createLayer(c);
    const out = c.zeros(plan.outputShape);
    const counts = () => [0, 1, 2].map((thread) => threadFunctions(c).tasksOfThread(thread));
    let runs = 0;
    // A worker that the system does not schedule executes nothing; the tests' time limit ends the loop.
    for (; Math.min(...counts()) === 0; runs++) plan.run(input, out);
    const total = counts().reduce((sum, count) => sum + count);
    assert.equal(total, runs * plan.tasks);
    c.dispose();
  });

  test('results have the same correct bits for 1 to 8 threads, deterministic or not', async () => {
    const { uniform } = createRandom(6);
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
    // FFT computes a part of the outputs, and depthwise those near the bright row.
    const bright = uniform(190, 210);
    bright.data.fill(1e9, 50 * 210, 51 * 210);
    const large = uniform(21, 21);
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
        signal: c.correlate2d(bright, large, options),
        pool: c.maxPool2d(input, 3, { stride: 2 }),
        maxGradient: c.maxPool2dBackward(gradOutput, input, 3, { stride: 1 }),
        meanGradient: c.avgPool2dBackward(gradOutput, input.shape, 3, { stride: 1 }),
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
        assertWithinBound(y, correlateFloat64(deep, pointwise), `${threads} threads`);
        c.dispose();
      }
    }
  });

  test('concurrent instances have separate workers', async () => {
    const [a, b] = await Promise.all([loadVariant(), loadVariant()]);
    const [first, second] = [createLayer(a), createLayer(b)];
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

  test('plan.run with out allocates nothing in the heap', async () => {
    const c = await loadVariant();
    const { plan, input } = createLayer(c);
    const out = c.zeros(plan.outputShape);
    moduleFunctions(c).failAllocationAfter(0);
    for (let i = 0; i < 50; i++) plan.run(input, out);
    moduleFunctions(c).failAllocationAfter(-1);
    assert.deepEqual(out.data.slice(), plan.run(input).data.slice());
    c.dispose();
  });

  test('threads do not keep Node running, even without disposal', async () => {
    const code = `
      const c = await load(options);
      const plan = c.planConv2d({ inputShape: [64, 28, 28], weight: c.ones([64, 64, 3, 3]) });
      const x = c.ones([64, 28, 28]);
      for (let i = 0; i < 20; i++) plan.run(x).dispose();
      console.log(JSON.stringify([c.features.threads, Math.round(plan.run(x).data[0])]));`;
    assert.deepEqual(await runWithLoad(code), [3, 576]);
    // A load that is not awaited does not keep it running either.
    assert.deepEqual(await runWithLoad(`load(options); console.log('1');`), 1);
  });

  // `npm run trust` sets a larger number.
  const rounds = Number(process.env.CORR2D_TEST_ROUNDS ?? 20);

  test(`${rounds} rounds of load and dispose leave no worker and leak no memory`, async () => {
    const code = `
      import { readdirSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const threads = () => readdirSync('/proc/self/task').length;
      const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
      // The time limit of this process guards against threads that stay.
      const waitForThreads = async (most) => {
        while (threads() > most) {
          await wait();
          gc();
        }
      };
      const round = async (ends) => {
        const c = await load(options);
        c.conv2d(c.ones([8, 20, 20]), c.ones([8, 8, 3, 3])).dispose();
        if (ends) c.dispose();
      };
      // Loading once starts threads of the engine itself, which stay.
      const workers = [];
      const { Worker } = process.getBuiltinModule('worker_threads');
      process.getBuiltinModule('worker_threads').Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          workers.push(new Promise((resolve) => this.on('exit', resolve)));
        }
      };
      for (let i = 0; i < 5; i++) await round(true);
      await Promise.all(workers.splice(0));
      const before = threads();
      const bytesBefore = process.memoryUsage().rss;
      for (let i = 0; i < ${rounds}; i++) await round(true);
      await waitForThreads(before);
      for (let i = 0; i < 5; i++) await round(false);
      await waitForThreads(before);
      const bytes = process.memoryUsage().rss - bytesBefore;
      console.log(JSON.stringify({ bytes }));`;
    const timeout = 60_000 + 1000 * rounds;
    const { bytes } = await runWithLoad(code, { simd, threads: 3 }, timeout);
    assert.ok(bytes < 100e6, `${bytes} bytes`);
  });

  test('workers do not inherit the command-line flags of the process', async () => {
    const { stdout, stderr } = await runNode(
      `const { load } = await import('corr2d');
      console.log((await load({ simd: '${simd}', threads: 2 })).features.threads);`,
      [...flags, '--stack-trace-limit=5', '--import', 'data:text/javascript,'],
    );
    assert.deepEqual([stdout, stderr], ['2\n', '']);
  });
});
