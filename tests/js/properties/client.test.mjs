// Arbitrary valid calls through a client give the bits of an instance, with data and with handles.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteTensor } from 'corr2d/worker';
import fc from 'fast-check';
import { createSharedClient } from '../client-support.mjs';
import { assertSameBits, createRandom, createSharedInstance } from '../helpers.mjs';
import { validCalls } from './valid-calls.mjs';

const c = await createSharedInstance();
const client = await createSharedClient();

const seed = Number(process.env.CORR2D_TEST_SEED ?? 74);
const numRuns = Number(process.env.CORR2D_TEST_RUNS ?? 15);

const isTensor = (value) => value?.data !== undefined && value.shape !== undefined;

/** Replaces the tensors among some values by handles. */
const withHandles = (view, values) =>
  Promise.all(values.map((one) => (isTensor(one) ? view.tensor(one.data, one.shape) : one)));

/** The functions whose results are numbers, which cannot stay in the worker. */
const GIVE_NUMBERS = ['findTemplate', 'phaseCorrelate'];

/** The tensors of a result, by name. */
const partsOf = (result) => (isTensor(result) ? { '': result } : result);

for (const [name, calls] of Object.entries(validCalls)) {
  // `out` is not supported. Images have a test of their own.
  if (name === 'filter2d') continue;
  test(`${name} through a client gives the bits of an instance`, async () => {
    const property = fc.asyncProperty(calls, async (call) => {
      const { args, options: given, input, runOptions } = call;
      const { out: _, ...options } = given;
      const isPlan = name.startsWith('plan');
      const givesNumbers = GIVE_NUMBERS.includes(name);
      const made = c[name](...args, options);
      const expected = partsOf(isPlan ? made.run(input, runOptions) : made);
      await client.tidy(async (view) => {
        const remote = await view[name](...args, options);
        const copies = partsOf(isPlan ? await remote.run(input, runOptions) : remote);

        const kept = await withHandles(view, args);
        const names = Object.keys(options);
        const values = await withHandles(view, Object.values(options));
        const all = Object.fromEntries(names.map((one, i) => [one, values[i]]));
        const keeps = !isPlan && !givesNumbers;
        const result = await view[name](...kept, keeps ? { ...all, keep: true } : all);
        if (givesNumbers) {
          assert.deepEqual([remote, result], [made, made]);
          return;
        }
        const run = isPlan && (await withHandles(view, [input]));
        const handles = isPlan ? await result.run(run[0], { ...runOptions, keep: true }) : result;
        for (const [part, tensor] of Object.entries(expected)) {
          const handle = handles instanceof RemoteTensor ? handles : handles[part];
          assertSameBits(copies[part], tensor, `${name} ${part}`);
          const data = { shape: handle.shape, data: await handle.data() };
          assertSameBits(data, tensor, `${name} ${part}, with handles`);
          tensor.dispose();
        }
        for (const plan of isPlan ? [made, remote, result] : []) plan.dispose();
      });
    });
    await fc.assert(property, { seed, numRuns });
    assert.equal((await client.memory()).liveTensors, 0);
  });
}

test('filter2d through a client gives the bytes of an instance, with images and with handles', async () => {
  const property = fc.asyncProperty(validCalls.filter2d, fc.nat(), async (call, at) => {
    const { out: _, ...options } = call.options;
    const [image, kernel] = call.args;
    const random = createRandom(at);
    image.data.forEach((_, i) => {
      image.data[i] = random.integer(0, 255);
    });
    const expected = c.filter2d(image, kernel, options);
    await client.tidy(async (view) => {
      assert.deepEqual(await view.filter2d(image, kernel, options), expected);
      const [weight] = await withHandles(view, [kernel]);
      const kept = await view.image(image);
      const filtered = await view.filter2d(kept, weight, { ...options, keep: true });
      assert.deepEqual(await filtered.imageData(), expected);
    });
  });
  await fc.assert(property, { seed, numRuns });
  assert.equal((await client.memory()).liveTensors, 0);
});
