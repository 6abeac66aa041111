// Threads that fail: workers that are lost, die or throw, and heaps without room for their stacks.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertStillComputes, loadVariant, memoryInUse, simd } from '../helpers.mjs';
import { createSkippingClock } from './skipping-clock.mjs';
import { createLayer, hasThreads, runWithLoad, taskCounts, threadFunctions } from './support.mjs';

describe('failures of threads', { skip: !hasThreads && 'this variant has none' }, () => {
  test('a run throws WORKER_FAILED if a worker is lost in a task; one thread takes over', async () => {
    const c = await loadVariant();
    const { plan, input } = createLayer(c);
    const out = c.zeros(plan.outputShape);
    const expected = plan.run(input).data.slice();
    threadFunctions(c).simulateWorkerLossAfter(2);
    const before = memoryInUse(c);
    const clock = createSkippingClock();
    let error;
    for (let i = 0; i < 100_000 && !error; i++) {
      try {
        clock.watch(() => plan.run(input, out));
      } catch (thrown) {
        error = thrown;
      }
    }
    clock.restore();
    assert.equal(error?.code, 'WORKER_FAILED', error?.stack);
    assert.equal(error.message, 'run: a worker does not respond; from now on, one thread computes');
    assert.deepEqual(memoryInUse(c), before);
    const [, ...done] = taskCounts(c);
    for (let i = 0; i < 10; i++) plan.run(input, out);
    assert.deepEqual(out.data.slice(), expected);
    assert.deepEqual(taskCounts(c).slice(1), done);
    assertStillComputes(c);
    c.dispose();
  });

  /** Code that collects all started workers in `workers` and defines a computation that needs them. */
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

  test('runs do not wait for a worker that has died between them', async () => {
    const results = await runWithLoad(`${reachWorkers}
      const c = await load(options);
      const results = [compute(c)];
      await workers[0].terminate();
      for (let i = 0; i < 20; i++) results.push(compute(c));
      await workers[1].terminate();
      results.push(compute(c), workers.length);
      console.log(JSON.stringify(results));`);
    assert.deepEqual(results, [...Array(22).fill(576), 2]);
  });

  test('a run throws WORKER_FAILED if its workers are terminated in the middle of a task', async () => {
    const { code, computed, right } = await runWithLoad(`${reachWorkers}
      const { createSkippingClock } = await import('./tests/js/threads/skipping-clock.mjs');
      // The caller reads the clock while it waits for a worker's task.
      const clock = createSkippingClock(() => {
        for (const worker of workers.splice(0)) worker.terminate();
      });
      let c, x, plan, wanted, out, code;
      // The run succeeds if every worker finishes its task before it ends; the loop then tries again with
      // new workers. The time limit of this process ends the loop.
      while (code === undefined) {
        c?.dispose();
        c = await load(options);
        // Few long tasks, so that the caller waits for those of the workers.
        x = c.normal(0, 1, [1, 1080, 1920], { seed: 1 });
        const weight = c.normal(0, 1, [1, 1, 31, 31], { seed: 2 });
        plan = c.planConv2d({ inputShape: x.shape, weight, algorithm: 'fft' });
        wanted = plan.run(x);
        out = c.zeros(plan.outputShape);
        for (let j = 0; j < 100 && workers.length > 0 && code === undefined; j++) {
          try { clock.watch(() => plan.run(x, out)); } catch (error) { code = error.code; }
        }
      }
      const computed = compute(c);
      plan.run(x, out);
      const { data } = wanted;
      const right = out.data.every((value, i) => value === data[i]);
      console.log(JSON.stringify({ code, computed, right }));`);
    assert.equal(code, 'WORKER_FAILED');
    assert.deepEqual([computed, right], [576, true]);
  });

  test('the instance throws CRASHED after a worker has thrown', async () => {
    const results = await runWithLoad(`${reachWorkers}
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

  test('a trap in a task throws CRASHED and lets the process end', async () => {
    const results = await runWithLoad(`
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

  test('the heap reserves less address space if 4 GiB are not available', async () => {
    const [threads, most, grown] = await runWithLoad(`
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

  test('one thread computes if the heap has no room for the stacks of all', async () => {
    const [features, computed] = await runWithLoad(
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
});
