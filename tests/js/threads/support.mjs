// Shared by the tests of threads: layers, counts of tasks, and child processes.

import { createRandom, runNodeJson, simd, variant } from '../helpers.mjs';

export const hasThreads = variant.endsWith('threads');
/** This process's flags for WebAssembly, such as the one for relaxed SIMD, which child processes need. */
export const flags = process.execArgv.filter((flag) => flag.includes('wasm'));

/** The functions of a module with threads, without the checks that `moduleFunctions` adds. */
export const threadFunctions = (c) => c[Symbol.for('corr2d.heap')].module;

/** How many tasks each thread of an instance has executed; thread 0 is the caller. */
export const taskCounts = (c) =>
  Array.from({ length: c.features.threads }, (_, thread) =>
    threadFunctions(c).tasksOfThread(thread),
  );

/** A plan of many tasks, and its input. */
export function createLayer(c, options = {}) {
  const { uniform } = createRandom(5);
  const weight = uniform(64, 64, 3, 3);
  const input = uniform(64, 28, 28);
  const plan = c.planConv2d({ inputShape: input.shape, weight, padding: 1, ...options });
  return { plan, input: c.tensor(input), weight };
}

/**
 * Runs `code` in its own Node process, where `load` and `options` are defined, and returns what it prints
 * as JSON.
 */
export const runWithLoad = (code, options = { simd, threads: 3 }, timeoutMs = 60_000) =>
  runNodeJson(
    `const { load } = await import('corr2d');
    const options = ${JSON.stringify(options)};
    ${code}`,
    flags,
    timeoutMs,
  );
