// @ts-check
// npm test: sets up, builds what is missing, and runs all tests or those of the suites named.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { info, warn } from './lib/log.mjs';
import { listVariantFolders, nodeTestArguments } from './lib/node-tests.mjs';
import { readArguments, reportFailure, run, SetupError } from './lib/run.mjs';
import { countJunit, countTap, findProblems, formatSummary } from './lib/test-report.mjs';
import { VARIANTS } from './lib/variants.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureBrowser, ensureSystemTools } from './setup/system-tools.mjs';

/** @typedef {import('./lib/test-report.mjs').Counts} Counts */
/** @typedef {import('./lib/test-report.mjs').Result} Result */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SUITES = ['cpp', 'tsan', 'js', 'sweep', 'tools', 'package', 'browser'];
// Only when they are named: what they install is large.
const WIDE_SUITES = ['examples', 'engines'];
/** The suites that want a browser, and the folders of their tests. @type {Record<string, string[]>} */
const BROWSER_SUITES = {
  browser: ['browser', 'examples/quick'],
  examples: ['examples', 'examples/quick'],
  engines: ['engines'],
};
/** Files of tests at a time: each may start a browser, or threads, or take gigabytes. */
const CONCURRENCY = Math.min(availableParallelism(), 4);
/** The tests in which several threads are at work. */
const WITH_THREADS = '^ThreadPool[.]|^Plan[.]TasksMayRunSideBySide$';
const isCi = process.env.CI === 'true';

/**
 * @param {string} suite @param {(reportFile: string) => Promise<void>} runTests
 * @param {(report: string) => Counts} count
 * @returns {Promise<Result>}
 */
async function measure(suite, runTests, count) {
  info(`\n=== ${suite}`);
  const started = Date.now();
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-test-'));
  const reportFile = join(dir, 'report');
  /** @type {unknown} */
  let failure = null;
  try {
    await runTests(reportFile);
  } catch (error) {
    failure = error;
  }
  const counts = count(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : '');
  rmSync(dir, { recursive: true });
  if (failure && counts.failed === 0) {
    // The runner itself has failed; the tests' own failures it has printed already.
    info(failure instanceof Error ? failure.message : String(failure));
    counts.failed = 1;
  }
  return { suite, ...counts, milliseconds: Date.now() - started };
}

/** @param {string} preset @param {string} [pattern] Of the tests' names. */
function runCtest(preset, pattern = '.') {
  const args = ['--preset', preset, '--output-on-failure', '--no-tests=ignore'];
  args.push('--tests-regex', pattern);
  return measure(
    `cpp (${preset})`,
    (reportFile) =>
      run(
        'ctest',
        [...args, '--parallel', `${availableParallelism()}`, '--output-junit', reportFile],
        {
          cwd: ROOT,
        },
      ),
    countJunit,
  );
}

/** The tests that lie in a folder of tests/, but not deeper. @param {string} folder */
function listTests(folder) {
  const dir = join(ROOT, 'tests', folder);
  const names = existsSync(dir)
    ? readdirSync(dir).filter((name) => name.endsWith('.test.mjs'))
    : [];
  return names.sort().map((name) => join('tests', folder, name));
}

/**
 * @param {string} suite @param {string[]} folders
 * @param {{ variant?: string, concurrency?: number, env?: Record<string, string> }} [options]
 */
function runNodeTests(suite, folders, options = {}) {
  const { variant, concurrency = CONCURRENCY, env } = options;
  const files = folders.flatMap(listTests);
  /** @param {string} reportFile */
  const runTests = async (reportFile) => {
    if (files.length === 0) return;
    const reporters = [
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${reportFile}`],
    ];
    const args = await nodeTestArguments([...reporters, ...files], { variant, concurrency });
    await run(process.execPath, args, { cwd: ROOT, env });
  };
  return measure(suite, runTests, countTap);
}

/**
 * The tests of a suite, in these folders, for each variant.
 * @param {string} suite @param {string[]} folders @param {Record<string, string>} env
 */
async function runVariants(suite, folders, env) {
  const results = [];
  for (const variant of VARIANTS) {
    const options = { variant, env: { ...env, CORR2D_TEST_VARIANT: variant } };
    results.push(await runNodeTests(`${suite} (${variant})`, folders, options));
  }
  return results;
}

/**
 * Sets up and builds what the suites need; the tools' own tests need nothing but Node.
 * @param {Set<string>} suites
 */
async function prepare(suites) {
  const needsBrowser = Object.keys(BROWSER_SUITES).some((suite) => suites.has(suite));
  const needsPackage = needsBrowser || suites.has('js') || suites.has('package');
  const needsWasm = needsPackage || suites.has('sweep');
  const needsNative = suites.has('cpp') || suites.has('tsan');
  if (!needsWasm && !needsNative) return { browser: null, env: {} };

  info('Setting up');
  const needs = ['cmake', 'ninja'];
  if (needsNative) needs.push('compiler', 'simde', 'gtest');
  if (needsWasm) needs.push('python3');
  const engines = suites.has('engines') ? ['firefox', 'webkit', 'xvfb', 'xauth'] : [];
  if (isCi) needs.push(...engines);
  const browsers = needsBrowser ? ['chromium', 'firefox', ...engines] : [];
  await ensureSystemTools(needs, { optional: [...new Set(browsers)] });
  const browser = needsBrowser ? await ensureBrowser() : null;
  await ensureNodePackages();
  const emscripten = needsWasm ? await ensureEmscripten() : null;

  info('Building');
  // Only now: what it imports may come from node_modules.
  const { buildNative, buildPackage, buildSweep, buildWeb } = await import('./build.mjs');
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

/** @param {Set<string>} suites */
async function runSuites(suites) {
  const { browser, env } = await prepare(suites);
  /** @type {Result[]} */
  const results = [];
  if (suites.has('cpp')) {
    results.push(await runCtest('native-debug'), await runCtest('native-release'));
  }
  if (suites.has('tsan')) results.push(await runCtest('native-tsan', WITH_THREADS));
  if (suites.has('js')) {
    // What does not depend on the variant.
    results.push(await runNodeTests('js (once)', ['js/once'], { env }));
    results.push(...(await runVariants('js', listVariantFolders(ROOT), env)));
  }
  if (suites.has('sweep')) results.push(...(await runVariants('sweep', ['sweep'], env)));
  if (suites.has('tools')) results.push(await runNodeTests('tools', ['tools']));
  if (suites.has('package')) results.push(await runNodeTests('package', ['package'], { env }));
  for (const [suite, folders] of Object.entries(BROWSER_SUITES)) {
    if (!suites.has(suite)) continue;
    if (browser?.path) {
      const options = {
        // What the wide ones install and build has the machine to itself.
        concurrency: WIDE_SUITES.includes(suite) ? 1 : undefined,
        env: { ...env, CHROMIUM_PATH: browser.path },
      };
      results.push(await runNodeTests(suite, folders, options));
    } else {
      warn(`The tests of ${suite} are skipped, for want of a browser: ${browser?.help}`);
      results.push({ suite, passed: 0, failed: 0, skipped: 1, milliseconds: 0 });
    }
  }
  return results;
}

async function main() {
  const { positionals } = readArguments({ allowPositionals: true });
  const known = [...SUITES, ...WIDE_SUITES];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new SetupError(`No such suite: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  }
  const results = await runSuites(new Set(positionals.length > 0 ? positionals : SUITES));
  const problems = findProblems(results, isCi);
  info(`\n${problems.length > 0 ? `${problems.join('\n')}\n\n` : ''}${formatSummary(results)}`);
  if (problems.length > 0) process.exitCode = 1;
}

main().catch(reportFailure);
