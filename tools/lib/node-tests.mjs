// @ts-check
// Starts Node's test runner: the flags, and the lists of test files.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { relaxedFlags } from './relaxed-simd.mjs';
import { attempt } from './run.mjs';
import { isRelaxed } from './variants.mjs';

/** A test file that runs longer fails, so that a file that hangs does not block the others. */
const FILE_TIMEOUT_MINUTES = 30;

// When the event loop is empty, for example while a module is compiled, Node waits for the background
// compilers. A background compiler may wait for the garbage collector on the main thread, which is a deadlock
// (nodejs/node#54918; seen in Node 20 in 1 of about 70 runs of memory.test.mjs).
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
 * The test files in these folders of tests/, without their subfolders, relative to the repository.
 * @param {string} root The repository @param {readonly string[]} folders
 */
export function listTests(root, folders) {
  return folders.flatMap((folder) => {
    const names = readdirSync(join(root, 'tests', folder));
    const tests = names.filter((name) => name.endsWith('.test.mjs'));
    return tests.sort().map((name) => `tests/${folder}/${name}`);
  });
}

/**
 * The test files that run once per variant, relative to the repository.
 * @param {string} root The repository @param {readonly string[]} [only] Prefixes of paths in tests/js
 */
export function listVariantTests(root, only = ['']) {
  const paths = listTests(root, listVariantFolders(root));
  return paths.filter((path) => only.some((begin) => path.startsWith(`tests/js/${begin}`))).sort();
}

/** @type {Map<string, Promise<boolean>>} */
const supported = new Map();

/** Whether this Node has a flag. Some flags of the test runner were added after Node 20.0. */
function isSupported(/** @type {string} */ flag) {
  let result = supported.get(flag);
  if (!result) {
    result = attempt(process.execPath, [flag, '-e', '']).then(({ status }) => status === 0);
    supported.set(flag, result);
  }
  return result;
}

/**
 * The arguments with which Node runs the tests of a variant, or tests that do not depend on one.
 * @param {readonly string[]} args The files, and the reporters
 * @param {object} [options]
 * @param {string} [options.variant]
 * @param {number} [options.concurrency] Number of files that run at a time. Default: Node's own
 */
export async function nodeTestArguments(args, { variant = 'simd', concurrency } = {}) {
  const flags = isRelaxed(variant) ? await relaxedFlags() : [];
  const wanted = [NO_BACKGROUND_COMPILERS, `--test-timeout=${60_000 * FILE_TIMEOUT_MINUTES}`];
  if (concurrency) wanted.push(`--test-concurrency=${concurrency}`);
  for (const flag of wanted) {
    if (await isSupported(flag)) flags.push(flag);
  }
  return [...flags, '--test', ...args];
}
