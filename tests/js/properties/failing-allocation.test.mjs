// Calls with arbitrary options throw OUT_OF_MEMORY whichever allocation fails. They leak no memory, and
// the same call gives the same result afterwards.

import assert from 'node:assert/strict';
import { createSharedInstance, failEachAllocation } from '../helpers.mjs';
import { forAll } from './support.mjs';
import { validCalls } from './valid-calls.mjs';

const c = await createSharedInstance();

/** The results of a call as text, after disposing of them. */
function textOf(where, { args, options, input, runOptions }) {
  const result = c[where](...args, options);
  const made = [result];
  try {
    if (where.startsWith('plan')) made.push(result.run(input, runOptions));
    if (where === 'phaseCorrelate') return JSON.stringify(result);
    if (where === 'conv2dBackward') made.push(...Object.values(result));
    if (where === 'findTemplate') return JSON.stringify(result);
    const tensors = made.filter((one) => one?.data !== undefined);
    return JSON.stringify(tensors.map(({ data }) => Array.from(data)));
  } finally {
    for (const one of made) one?.dispose?.();
  }
}

for (const [where, calls] of Object.entries(validCalls)) {
  forAll(
    `${where} throws OUT_OF_MEMORY whichever allocation fails`,
    calls,
    (call) => {
      const expected = textOf(where, call);
      const failures = failEachAllocation(c, () => {
        assert.equal(textOf(where, call), expected);
      });
      assert.ok(failures >= 1, `only ${failures} allocations`);
      assert.equal(textOf(where, call), expected);
    },
    15,
  );
}
