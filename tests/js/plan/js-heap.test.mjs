// JavaScript objects that a run of a plan creates. In its own file, because it collects garbage.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadVariant } from '../helpers.mjs';

test('plan.run with out creates no objects but the arguments of one call', async () => {
  const c = await loadVariant();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const plan = c.planConv2d({ inputShape: [2, 3, 8, 9], weight: c.ones([4, 3, 3, 2]) });
  const input = c.ones([2, 3, 8, 9]);
  const out = c.zeros(plan.outputShape);
  const runs = 500;
  const bytesOfOne = () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < runs; i++) plan.run(input, out);
    return (process.memoryUsage().heapUsed - before) / runs;
  };
  // Warms up the optimising compiler.
  for (let i = 0; i < 20_000; i++) plan.run(input, out);
  // The minimum of several measurements, because the engine allocates too.
  const least = Math.min(...Array.from({ length: 10 }, bytesOfOne));
  assert.ok(least < 400, `${least} bytes for each run`);
  c.dispose();
});
