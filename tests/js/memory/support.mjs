// Shared by the tests of memory: an instance for each test, and control of the garbage collector.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadVariant } from '../helpers.mjs';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/**
 * A test with its own instance. In a shared instance, the collection of a tensor that another test
 * dropped could change the memory that this test compares.
 */
export function testMemory(name, run) {
  test(name, async () => {
    const c = await loadVariant();
    try {
      await run(c);
    } finally {
      c.dispose();
    }
  });
}

/** Collects garbage until `isDone`; fails after 100 rounds, with what `describe` returns. */
export async function collectUntil(isDone, describe) {
  for (let round = 0; round < 100; round++) {
    // A WeakRef that was dereferenced keeps its target until the end of the current job.
    await yieldToEventLoop();
    gc();
    await yieldToEventLoop();
    if (isDone()) return;
  }
  assert.fail(`not collected in 100 rounds: ${describe()}`);
}

/** Collects garbage six times. */
export async function collectGarbage() {
  for (let round = 0; round < 6; round++) {
    gc();
    await yieldToEventLoop();
  }
}

/** All orders of some items. */
export const permutations = (items) =>
  items.length < 2
    ? [items]
    : items.flatMap((one, i) => permutations(items.toSpliced(i, 1)).map((rest) => [one, ...rest]));

/** A picture of 5×3 pixels, each byte 51. */
export const image = { data: new Uint8ClampedArray(4 * 15).fill(51), width: 5, height: 3 };
