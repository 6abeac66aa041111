// @ts-check
// Node's test runner: the one place that knows with which flags it is started.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { relaxedFlags } from './relaxed-simd.mjs';
import { attempt } from './run.mjs';
import { isRelaxed } from './variants.mjs';

/** After so many minutes a file of tests has failed, lest one that hangs keeps all others waiting. */
const MINUTES_OF_A_FILE = 30;

// Where its event loop runs dry, as it does while a module is compiled, Node waits for the compilers
// in the background. One of them may wait for the garbage collector, which runs on the main thread:
// both wait for ever (nodejs/node#54918; seen in Node 20 once in some 70 runs of memory.test.mjs).
const NO_BACKGROUND_COMPILERS = '--no-concurrent-recompilation';

/**
 * The folders of tests/js whose tests run once per variant, relative to tests/: all but once/.
 * @param {string} root The repository
 */
export function listVariantFolders(root) {
  const entries = readdirSync(join(root, 'tests/js'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'once');
  return ['js', ...folders.map(({ name }) => `js/${name}`).sort()];
}

/**
 * The files of these folders, relative to the repository.
 * @param {string} root The repository @param {readonly string[]} [only] Beginnings of paths in tests/js
 */
export function listVariantTests(root, only = ['']) {
  const paths = listVariantFolders(root).flatMap((folder) =>
    readdirSync(join(root, 'tests', folder)).map((name) => `tests/${folder}/${name}`),
  );
  const isWanted = (/** @type {string} */ path) =>
    path.endsWith('.test.mjs') && only.some((begin) => path.startsWith(`tests/js/${begin}`));
  return paths.filter(isWanted).sort();
}

/** @type {Map<string, Promise<boolean>>} */
const known = new Map();

/** Whether this Node knows a flag: those of the test runner are younger than Node 20.0. */
function isKnown(/** @type {string} */ flag) {
  let answer = known.get(flag);
  if (!answer) {
    answer = attempt(process.execPath, [flag, '-e', '']).then(({ status }) => status === 0);
    known.set(flag, answer);
  }
  return answer;
}

/**
 * The arguments with which Node tests a variant, or what does not depend on one.
 * @param {readonly string[]} args The files, and the reporters
 * @param {object} [options]
 * @param {string} [options.variant]
 * @param {number} [options.concurrency] So many files at a time; Node's own default if absent
 */
export async function nodeTestArguments(args, { variant = 'simd', concurrency } = {}) {
  const flags = isRelaxed(variant) ? await relaxedFlags() : [];
  const wanted = [NO_BACKGROUND_COMPILERS, `--test-timeout=${60_000 * MINUTES_OF_A_FILE}`];
  if (concurrency) wanted.push(`--test-concurrency=${concurrency}`);
  for (const flag of wanted) {
    if (await isKnown(flag)) flags.push(flag);
  }
  return [...flags, '--test', ...args];
}
