// @ts-check
// Node's test runner: the one place that knows with which flags it is started.
import { relaxedFlags } from './relaxed-simd.mjs';
import { attempt } from './run.mjs';
import { isRelaxed } from './variants.mjs';

/** After so many minutes a file of tests has failed, lest one that hangs keeps all others waiting. */
const MINUTES_OF_A_FILE = 30;

// Where its event loop runs dry, as it does while a module is compiled, Node waits for the compilers
// in the background. One of them may wait for the garbage collector, which runs on the main thread:
// both wait for ever (nodejs/node#54918; seen in Node 20 once in some 70 runs of memory.test.mjs).
const NO_BACKGROUND_COMPILERS = '--no-concurrent-recompilation';

/** @type {Promise<string[]> | undefined} */
let steadyFlags;

/** Those of the flags that this Node knows: the time limit is younger than Node 20.0. */
async function findSteadyFlags() {
  const known = [];
  for (const flag of [NO_BACKGROUND_COMPILERS, `--test-timeout=${60_000 * MINUTES_OF_A_FILE}`]) {
    const { status } = await attempt(process.execPath, [flag, '-e', '']);
    if (status === 0) known.push(flag);
  }
  return known;
}

/**
 * The arguments with which Node tests a variant, or what does not depend on one.
 * @param {readonly string[]} args The files, and the reporters
 * @param {string} [variant]
 */
export async function nodeTestArguments(args, variant = 'simd') {
  steadyFlags ??= findSteadyFlags();
  const flags = isRelaxed(variant) ? await relaxedFlags() : [];
  return [...flags, ...(await steadyFlags), '--test', ...args];
}
