// plan.runAsync: a run in batches of tasks, with progress, which can be aborted between batches.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createRandom,
  expectRejection,
  loadVariant,
  memoryInUse,
  moduleFunctions,
} from '../helpers.mjs';
import { stepClock } from '../stepped-clock.mjs';

let restoreClock;
before(() => {
  restoreClock = stepClock();
});
after(() => restoreClock());

/** An instance and a plan of at least ten batches of tasks. A batch has one task for each thread. */
async function setUp() {
  const c = await loadVariant();
  const { uniform } = createRandom(9);
  const [input, weight] = [uniform(48, 160, 160), uniform(48, 48, 5, 5)];
  const plan = c.planConv2d({ inputShape: input.shape, weight, deterministic: true });
  assert.ok(plan.tasks >= 10 * c.features.threads, `${plan.tasks} tasks`);
  return { c, input, plan };
}

const catchError = (work) => work.catch((error) => error);

test('runAsync computes what run computes and yields to the event loop after every batch', async () => {
  const { c, input, plan } = await setUp();
  const x = c.tensor(input);
  const expected = plan.run(x);
  const before = memoryInUse(c);
  let yields = 0;
  let immediate;
  const count = () => {
    yields++;
    immediate = setImmediate(count);
  };
  immediate = setImmediate(count);
  const y = await plan.runAsync(x);
  clearImmediate(immediate);
  assert.deepEqual(y.data.slice(), expected.data.slice());
  assert.deepEqual(y.shape, plan.outputShape);
  assert.ok(yields >= Math.ceil(plan.tasks / c.features.threads) - 1, `${yields} yields`);
  y.dispose();
  assert.deepEqual(memoryInUse(c), before);

  // Input that is not a tensor is copied to the heap for the duration of the run.
  const z = await plan.runAsync(input);
  assert.deepEqual(z.data.slice(), expected.data.slice());
  z.dispose();
  assert.deepEqual(memoryInUse(c), before);

  const out = c.zeros(plan.outputShape);
  assert.equal(await plan.runAsync(x, { out }), out);
  assert.deepEqual(out.data.slice(), expected.data.slice());
  c.dispose();
});

test('onProgress is called after every batch, with the number of tasks done', async () => {
  const { c, input, plan } = await setUp();
  const seen = [];
  const y = await plan.runAsync(input, {
    onProgress: (done, tasks) => {
      assert.equal(tasks, plan.tasks);
      seen.push(done);
    },
  });
  const { threads } = c.features;
  const batches = Math.ceil(plan.tasks / threads);
  assert.deepEqual(
    seen,
    Array.from({ length: batches }, (_, i) => Math.min((i + 1) * threads, plan.tasks)),
  );
  y.dispose();
  // A plan of one task reports once.
  const small = c.planConv2d({ inputShape: [1, 3, 3], weight: [[[[2]]]] });
  const reports = [];
  const z = await small.runAsync(c.ones([1, 3, 3]), {
    onProgress: (...given) => reports.push(given),
  });
  assert.deepEqual([reports, z.data[8]], [[[1, 1]], 2]);
  // A plan without tasks does not report.
  const none = c.planConv2d({ inputShape: [0, 1, 3, 3], weight: [[[[2]]]] });
  const empty = await none.runAsync(c.ones([0, 1, 3, 3]), { onProgress: assert.fail });
  assert.deepEqual(empty.shape, [0, 1, 3, 3]);
  c.dispose();
});

test('an aborted signal rejects with its reason and frees what the run allocated', async () => {
  const { c, input, plan } = await setUp();
  const x = c.tensor(input);
  const out = c.zeros(plan.outputShape);
  const before = memoryInUse(c);
  const reason = new Error('my own reason');
  for (const options of [{}, { out }]) {
    for (const source of [x, input]) {
      // Before the run, at its first report, while it yields to the event loop, and at its last report.
      for (const when of ['before', 'first', 'yield', 'last']) {
        const controller = new AbortController();
        const end = () => controller.abort(reason);
        if (when === 'before') end();
        if (when === 'yield') setImmediate(end);
        const onProgress = (done, tasks) => {
          if (when === 'first' || (when === 'last' && done === tasks)) end();
        };
        const { signal } = controller;
        const error = await catchError(plan.runAsync(source, { ...options, signal, onProgress }));
        assert.equal(error, reason, when);
        assert.deepEqual(memoryInUse(c), before, when);
      }
    }
  }
  // At later reports.
  for (const stage of [2, 3, 4]) {
    const controller = new AbortController();
    let reports = 0;
    const onProgress = () => {
      reports++;
      if (reports === stage) controller.abort(reason);
    };
    const error = await catchError(plan.runAsync(x, { signal: controller.signal, onProgress }));
    assert.deepEqual([error, reports], [reason, stage]);
    assert.deepEqual(memoryInUse(c), before);
  }
  const controller = new AbortController();
  controller.abort();
  const error = await catchError(plan.runAsync(x, { signal: controller.signal }));
  assert.deepEqual([error.name, error instanceof DOMException], ['AbortError', true]);
  // Older engines give no reason.
  const old = await catchError(plan.runAsync(x, { signal: { aborted: true } }));
  assert.deepEqual([old.name, old instanceof DOMException], ['AbortError', true]);
  // A signal that is aborted after the run has no effect.
  const fresh = new AbortController();
  const y = await plan.runAsync(x, { signal: fresh.signal });
  fresh.abort();
  assert.deepEqual(y.data.slice(), plan.run(x).data.slice());
  c.dispose();
});

test('disposing of the plan, a tensor or the instance during a run rejects with DISPOSED', async () => {
  for (const what of ['plan', 'input', 'out', 'instance']) {
    const { c, input, plan } = await setUp();
    const x = c.tensor(input);
    const out = c.zeros(plan.outputShape);
    const all = { plan, input: x, out, instance: c };
    const before = memoryInUse(c);
    let calls = 0;
    const running = plan.runAsync(x, {
      ...(what === 'out' && { out }),
      onProgress: () => {
        calls++;
        all[what].dispose();
      },
    });
    const message = {
      plan: 'runAsync: the plan has been disposed',
      input: 'runAsync: input (shape 48×160×160) has been disposed',
      out: 'runAsync: out (shape 48×156×156) has been disposed',
      instance: 'runAsync: this corr2d instance has been disposed',
    }[what];
    await expectRejection('DISPOSED', message, running);
    assert.equal(calls, 1);
    if (what === 'instance') continue;
    const { liveTensors } = memoryInUse(c);
    assert.equal(liveTensors, before.liveTensors - (what === 'plan' ? 0 : 1));
    // The instance still computes.
    assert.equal(c.corr2d([[1, 2]], [[3]]).data[1], 6);
    c.dispose();
  }
});

test('an error thrown by onProgress rejects the run', async () => {
  const { c, input, plan } = await setUp();
  const before = memoryInUse(c);
  const own = new TypeError('my own');
  const error = await catchError(
    plan.runAsync(input, {
      onProgress: () => {
        throw own;
      },
    }),
  );
  assert.equal(error, own);
  assert.deepEqual(memoryInUse(c), before);
  c.dispose();
});

test('bad arguments are rejected and leak no memory', async () => {
  const { c, input, plan } = await setUp();
  const small = c.ones([3, 8, 9]);
  const before = memoryInUse(c);
  const rejects = async (code, message, ...given) => {
    await expectRejection(code, message, plan.runAsync(...given));
    assert.deepEqual(memoryInUse(c), before);
  };
  await rejects(
    'SHAPE_MISMATCH',
    'runAsync: input is 3×8×9; expected 48×160×160, the shape of the plan',
    small,
  );
  await rejects('INVALID_ARGUMENT', /^runAsync: unknown option "progress"/, input, { progress: 1 });
  await rejects('SHAPE_MISMATCH', /^runAsync: out is 3×8×9; expected/, input, { out: small });
  for (const [signal, shown] of [
    [null, 'null'],
    [{}, 'an object'],
    ['abort', '"abort"'],
    [new AbortController(), 'an object of type AbortController'],
  ]) {
    const message = `runAsync: signal is ${shown}; expected an AbortSignal`;
    await rejects('INVALID_ARGUMENT', message, input, { signal });
  }
  for (const [onProgress, shown] of [
    [null, 'null'],
    [7, '7'],
  ]) {
    const message = `runAsync: onProgress is ${shown}; expected a function`;
    await rejects('INVALID_ARGUMENT', message, input, { onProgress });
  }
  plan.dispose();
  await expectRejection('DISPOSED', 'runAsync: the plan has been disposed', plan.runAsync(small));
  c.dispose();
});

test('runs of the same or of different plans interleave with each other and with run', async () => {
  const { c, input, plan } = await setUp();
  const { uniform } = createRandom(10);
  const other = c.tensor(uniform(48, 160, 160));
  const x = c.tensor(input);
  const [expected, expectedOther] = [x, other].map((one) => plan.run(one).data.slice());
  const second = c.planConv2d({ inputShape: x.shape, weight: uniform(5, 48, 3, 3) });
  const expectedSecond = second.run(x).data.slice();
  let isFirst = true;
  const results = await Promise.all([
    plan.runAsync(x, {
      onProgress: () => {
        if (!isFirst) return;
        isFirst = false;
        const y = plan.run(other);
        assert.deepEqual(y.data.slice(), expectedOther);
        y.dispose();
      },
    }),
    plan.runAsync(other),
    second.runAsync(x),
  ]);
  assert.deepEqual(
    results.map((one) => one.data.slice()),
    [expected, expectedOther, expectedSecond],
  );
  c.dispose();
});

test('runAsync rejects with OUT_OF_MEMORY whichever allocation fails', async () => {
  const { c, input, plan } = await setUp();
  const before = memoryInUse(c);
  for (const failing of [0, 1]) {
    moduleFunctions(c).failAllocationAfter(failing);
    await expectRejection('OUT_OF_MEMORY', /^runAsync: not enough memory/, plan.runAsync(input));
    assert.deepEqual(memoryInUse(c), before);
  }
  moduleFunctions(c).failAllocationAfter(-1);
  (await plan.runAsync(input)).dispose();
  assert.deepEqual(memoryInUse(c), before);
  c.dispose();
});
