// @ts-check
// npm test: sets up, builds what is missing, and runs all suites.
//   -- js sweep  run only these suites
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNative, buildPackage, buildSweep, buildWeb } from './build.mjs';
import { formatTime, info, warn } from './lib/log.mjs';
import { listTests, listVariantFolders, nodeTestArguments } from './lib/node-tests.mjs';
import { ROOT } from './lib/root.mjs';
import { attempt, readArguments, reportFailure, run, SetupError } from './lib/run.mjs';
import { countJunit, countTap, findProblems, formatSummary } from './lib/test-report.mjs';
import { VARIANTS } from './lib/variants.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureBrowser, ensureSystemTools } from './setup/system-tools.mjs';

/** @typedef {import('./lib/test-report.mjs').Counts} Counts */
/** @typedef {import('./lib/test-report.mjs').Result} Result */
/**
 * @typedef {object} Run One call of a test runner, which is one row of the summary.
 * @property {string} name
 * @property {string} program
 * @property {(reportFile: string) => Promise<string[]>} getArguments
 * @property {Record<string, string>} [env]
 * @property {(report: string) => Counts} count Counts the tests in the report file.
 */
/** @typedef {{ browser: Awaited<ReturnType<typeof ensureBrowser>> | null, env: Record<string, string> }} Context */

/** The default suites. The ones that take longest come first, because they start in this order. */
const SUITES = ['browser', 'js', 'cpp', 'sweep', 'package', 'tsan', 'tools'];
/** Suites that run only if named, because they download much. They run alone. */
const LARGE_SUITES = ['examples', 'engines'];
/** The suites that need a browser, with the folders of their tests. @type {Record<string, string[]>} */
const BROWSER_SUITES = {
  browser: ['browser', 'examples/quick'],
  examples: ['examples', 'examples/quick'],
  engines: ['engines'],
};
/** Suites that run at a time. Each sometimes waits or uses one core; another can use the rest. */
const SUITE_CONCURRENCY = Math.min(availableParallelism(), 2);
/** Test files of a suite that run at a time. Each may start a browser or threads, or use gigabytes. */
const FILE_CONCURRENCY = Math.min(availableParallelism(), 4);
/** The C++ tests that use several threads, for ThreadSanitizer. */
const THREADED_TESTS = '^ThreadPool[.]|^Plan[.]TasksMayRunSideBySide$';
const isCi = process.env.CI === 'true';

/** @param {string} preset @param {string} [pattern] Selects tests by name. @returns {Run} */
function ctestRun(preset, pattern = '.') {
  const args = ['--preset', preset, '--output-on-failure', '--no-tests=ignore'];
  args.push('--tests-regex', pattern, '--parallel', `${availableParallelism()}`);
  return {
    name: `cpp (${preset})`,
    program: 'ctest',
    getArguments: async (reportFile) => [...args, '--output-junit', reportFile],
    count: countJunit,
  };
}

/**
 * @param {string} name @param {string[]} folders
 * @param {{ variant?: string, concurrency?: number, env?: Record<string, string> }} [options]
 * @returns {Run}
 */
function nodeRun(name, folders, { variant, concurrency = FILE_CONCURRENCY, env } = {}) {
  return {
    name,
    program: process.execPath,
    getArguments: (reportFile) => {
      const reporters = [
        ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...['--test-reporter=tap', `--test-reporter-destination=${reportFile}`],
      ];
      const files = listTests(ROOT, folders);
      return nodeTestArguments([...reporters, ...files], { variant, concurrency });
    },
    env,
    count: countTap,
  };
}

/**
 * The tests in these folders, for each variant.
 * @param {string} suite @param {string[]} folders @param {Record<string, string>} env
 */
function variantRuns(suite, folders, env) {
  return VARIANTS.map((variant) =>
    nodeRun(`${suite} (${variant})`, folders, {
      variant,
      env: { ...env, CORR2D_TEST_VARIANT: variant },
    }),
  );
}

/** The runs of a suite, in the order in which they run. @param {string} suite @param {Context} context */
function listRuns(suite, { browser, env }) {
  switch (suite) {
    case 'cpp':
      return [ctestRun('native-debug'), ctestRun('native-release')];
    case 'tsan':
      return [ctestRun('native-tsan', THREADED_TESTS)];
    case 'js':
      // Tests in js/once do not depend on the variant.
      return [
        nodeRun('js (once)', ['js/once'], { env }),
        ...variantRuns('js', listVariantFolders(ROOT), env),
      ];
    case 'sweep':
      return variantRuns('sweep', ['sweep'], env);
    case 'tools':
    case 'package':
      return [nodeRun(suite, [suite], { env })];
    default: {
      // The large suites install and build, which uses the whole machine.
      const concurrency = LARGE_SUITES.includes(suite) ? 1 : undefined;
      const browserEnv = { ...env, CHROMIUM_PATH: browser?.path ?? '' };
      return [nodeRun(suite, BROWSER_SUITES[suite], { concurrency, env: browserEnv })];
    }
  }
}

/**
 * Runs a test runner and counts its tests. Unless `isLive`, its output is printed at the end.
 * @param {Run} testRun @param {boolean} isLive @returns {Promise<Result>}
 */
async function execute({ name, program, getArguments, env, count }, isLive) {
  const started = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'corr2d-test-'));
  const reportFile = join(folder, 'report');
  /** @type {string | null} */
  let failure = null;
  let output = '';
  info(isLive ? `\n=== ${name}` : `Started ${name}`);
  try {
    const args = await getArguments(reportFile);
    const options = { cwd: ROOT, env };
    if (isLive) await run(program, args, options);
    else {
      const outcome = await attempt(program, args, options);
      output = outcome.output;
      if (outcome.status !== 0) failure = `${program} ended with status ${outcome.status}`;
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const milliseconds = Date.now() - started;
  if (!isLive) info(`\n=== ${name} (${formatTime(milliseconds)})\n${output.trim()}\n`);
  const counts = count(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : '');
  rmSync(folder, { recursive: true });
  if (failure && counts.failed === 0) {
    // No test has failed, so the runner itself has.
    info(failure);
    counts.failed = 1;
  }
  return { suite: name, ...counts, milliseconds };
}

/** @param {string} suite @param {Context} context @param {boolean} isLive */
async function runSuite(suite, context, isLive) {
  if (suite in BROWSER_SUITES && !context.browser?.path) {
    warn(`The suite ${suite} is skipped because there is no browser: ${context.browser?.help}`);
    return [{ suite, passed: 0, failed: 0, skipped: 1, milliseconds: 0 }];
  }
  const results = [];
  for (const testRun of listRuns(suite, context)) results.push(await execute(testRun, isLive));
  return results;
}

/**
 * Runs the suites, some of them at the same time.
 * @param {Set<string>} suites @param {Context} context
 */
async function runSuites(suites, context) {
  /** @type {Map<string, Result[]>} */
  const results = new Map();
  const queue = SUITES.filter((suite) => suites.has(suite));
  const isLive = queue.length === 1 || SUITE_CONCURRENCY === 1;
  const runQueue = async () => {
    for (let suite = queue.shift(); suite; suite = queue.shift()) {
      results.set(suite, await runSuite(suite, context, isLive));
    }
  };
  await Promise.all(Array.from({ length: SUITE_CONCURRENCY }, runQueue));
  for (const suite of LARGE_SUITES) {
    if (suites.has(suite)) results.set(suite, await runSuite(suite, context, true));
  }
  return [...SUITES, ...LARGE_SUITES].flatMap((suite) => results.get(suite) ?? []);
}

/**
 * Sets up and builds what the suites need.
 * @param {Set<string>} suites @returns {Promise<Context>}
 */
async function prepare(suites) {
  const needsBrowser = Object.keys(BROWSER_SUITES).some((suite) => suites.has(suite));
  const needsPackage = needsBrowser || suites.has('js') || suites.has('package');
  const needsWasm = needsPackage || suites.has('sweep');
  const needsNative = suites.has('cpp') || suites.has('tsan');

  info('Setting up');
  const needs = needsWasm || needsNative ? ['cmake', 'ninja'] : [];
  if (needsNative) needs.push('compiler', 'simde', 'gtest');
  if (needsWasm) needs.push('python3');
  const engines = suites.has('engines') ? ['firefox', 'webkit', 'xvfb', 'xauth'] : [];
  if (isCi) needs.push(...engines);
  const browsers = needsBrowser ? ['chromium', 'firefox', ...engines] : [];
  await ensureSystemTools(needs, { optional: [...new Set(browsers)] });
  const browser = needsBrowser ? await ensureBrowser() : null;
  await ensureNodePackages();
  // Before the tests, which run side by side, so that only one of them installs.
  if (suites.has('package') || suites.has('browser')) {
    await ensureNodePackages({ root: join(ROOT, 'tests', 'package') });
  }
  const emscripten = needsWasm ? await ensureEmscripten() : null;

  if (needsNative || needsWasm) info('Building');
  if (suites.has('cpp')) {
    await buildNative('native-debug');
    await buildNative('native-release');
  }
  if (suites.has('tsan')) await buildNative('native-tsan', 'corr2d_tests');
  if (emscripten && needsPackage) await buildPackage({ emscripten });
  if (emscripten && suites.has('sweep')) {
    for (const variant of VARIANTS) await buildSweep({ emscripten, variant });
  }
  if (suites.has('browser')) await buildWeb();
  return { browser, env: emscripten?.env ?? {} };
}

async function main() {
  const { positionals } = readArguments({ allowPositionals: true });
  const known = [...SUITES, ...LARGE_SUITES];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new SetupError(
      `Unknown suite: ${unknown.join(', ')}. The suites are: ${known.join(', ')}`,
    );
  }
  const suites = new Set(positionals.length > 0 ? positionals : SUITES);
  const results = await runSuites(suites, await prepare(suites));
  const problems = findProblems(results, isCi);
  info(`\n${problems.length > 0 ? `${problems.join('\n')}\n\n` : ''}${formatSummary(results)}`);
  if (problems.length > 0) process.exitCode = 1;
}

main().catch(reportFailure);
