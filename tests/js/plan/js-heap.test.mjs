// JavaScript objects that runs of plans create. In its own file, because it collects garbage.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BLOCK, createConvolver } from '../../../examples/audio-worklet/convolver.js';
import { loadVariant, moduleFunctions } from '../helpers.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** The JavaScript bytes that `run` allocates. Most of them are the arguments of calls. */
function bytesOf(run) {
  const runs = 500;
  const bytesOfOne = () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < runs; i++) run();
    return (process.memoryUsage().heapUsed - before) / runs;
  };
  // The minimum of several measurements, because the engine allocates too.
  return Math.min(...Array.from({ length: 10 }, bytesOfOne));
}

test('plan.run with out creates no objects but the arguments of one call', async () => {
  const c = await loadVariant();
  const plan = c.planConv2d({ inputShape: [2, 3, 8, 9], weight: c.ones([4, 3, 3, 2]) });
  const input = c.ones([2, 3, 8, 9]);
  const out = c.zeros(plan.outputShape);
  // Warms up the optimising compiler.
  for (let i = 0; i < 20_000; i++) plan.run(input, out);
  const bytes = bytesOf(() => plan.run(input, out));
  assert.ok(bytes < 400, `${bytes} bytes for each run`);
  c.dispose();
});

test('a block of the reverb in examples/audio-worklet allocates nothing but arguments', async () => {
  const c = await loadVariant();
  const convolver = await createConvolver(c, new Float32Array(5 * BLOCK).fill(0.5));
  const [input, output] = [new Float32Array(BLOCK).fill(1), new Float32Array(BLOCK)];
  const plans = 4;
  for (let i = 0; i < 20_000 / plans; i++) convolver.run(input, output);
  const bytes = bytesOf(() => convolver.run(input, output));
  assert.ok(bytes < 400 * plans, `${bytes} bytes for each block`);

  // With this, any allocation in the WebAssembly heap fails.
  moduleFunctions(c).failAllocationAfter(0);
  convolver.run(input, output);
  moduleFunctions(c).failAllocationAfter(-1);
  c.dispose();
});
