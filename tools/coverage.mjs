// @ts-check
// npm run coverage: measures test coverage, with llvm-cov for the native C++ library and with V8's
// counters for TypeScript. Fails if a percentage is below its minimum.
//   -- --only cpp  only C++ (or: ts)
//   -- --files     also print each file, with the missed lines of TypeScript
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildNative, buildPackage } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { listTests, listVariantTests, nodeTestArguments } from './lib/node-tests.mjs';
import { ROOT } from './lib/root.mjs';
import { capture, readArguments, reportFailure } from './lib/run.mjs';
import { measureScripts } from './lib/script-coverage.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

/** Minimum coverage in per cent. */
const MINIMUM = { 'C++ lines': 95, 'C++ branches': 85, 'TypeScript lines': 95 };

/**
 * Paths that are not counted, with the reason.
 * @type {Record<string, string>}
 */
export const EXCLUDED = {
  'cpp/oracle': 'the oracle of the tests, which is not published',
  'bindings/src/entries/relaxed.ts': 'only re-exports; tests/package loads it',
  'bindings/src/entries/simd.ts': 'for the same reason as relaxed.ts',
  'build/': "Emscripten's glue, which is generated",
  'bindings/src/runtime/thread-pool.ts':
    'its chunks have no source maps because they are mostly base64; tests/js/threads tests it',
  'bindings/src/entries/thread-worker.ts': 'for the same reason as thread-pool.ts',
};

/** @typedef {import('./lib/script-coverage.mjs').Share} Share */

/** @param {Share} share */
const percentOf = ({ covered, count }) => (count === 0 ? 100 : (100 * covered) / count);

/**
 * Line and branch coverage of the C++ library, in total and by file.
 * @returns {Promise<{ total: Share[], files: { file: string, lines: Share, branches: Share }[] }>}
 */
async function measureCpp() {
  await ensureSystemTools(['cmake', 'ninja', 'clang', 'llvm', 'simde', 'gtest']);
  await buildNative('native-coverage', 'corr2d_tests');
  await buildNative('native-coverage', 'corr2d_sweep');
  const build = join(ROOT, 'build', 'native-coverage');
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-coverage-'));
  const programs = {
    tests: [join(build, 'tests/cpp/corr2d_tests'), '--gtest_brief=1'],
    sweep: [join(build, 'tests/sweep/corr2d_sweep'), '--sample', '20000'],
  };
  try {
    for (const [name, [program, ...args]] of Object.entries(programs)) {
      const env = { LLVM_PROFILE_FILE: join(dir, `${name}.profraw`) };
      await step(`Running ${name}`, () => capture(program, args, { env }));
    }
    const profile = join(dir, 'all.profdata');
    const raw = Object.keys(programs).map((name) => join(dir, `${name}.profraw`));
    await capture('llvm-profdata', ['merge', '-sparse', ...raw, '-o', profile]);
    const [[first], [second]] = Object.values(programs);
    const options = ['-summary-only', `-instr-profile=${profile}`];
    const args = ['export', first, '-object', second, ...options, join(ROOT, 'cpp')];
    return summariseCpp(JSON.parse(await capture('llvm-cov', args)));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/**
 * @param {{ data: [{ files: { filename: string, summary: Record<string, { count: number, covered: number }> }[] }] }} report
 */
function summariseCpp({ data: [{ files: all }] }) {
  const files = all
    .map(({ filename, summary }) => ({
      file: filename.slice(ROOT.length),
      lines: { name: 'C++ lines', ...summary.lines },
      branches: { name: 'C++ branches', ...summary.branches },
    }))
    .filter(({ file }) => !Object.keys(EXCLUDED).some((part) => file.startsWith(part)));
  /** @param {'lines' | 'branches'} kind @param {string} name */
  const total = (kind, name) => ({
    name,
    covered: files.reduce((sum, file) => sum + file[kind].covered, 0),
    count: files.reduce((sum, file) => sum + file[kind].count, 0),
  });
  return { total: [total('lines', 'C++ lines'), total('branches', 'C++ branches')], files };
}

/** Line coverage of the TypeScript package by its tests in Node. */
async function measureTypeScript() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const emscripten = await ensureEmscripten();
  await buildPackage({ emscripten });
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-coverage-'));
  const tests = [...listTests(ROOT, ['js/once']), ...listVariantTests(ROOT)];
  const adapter = ['tfjs', 'tfjs-gradients', 'tfjs-training'];
  tests.push(...adapter.map((name) => `tests/package/${name}.test.mjs`));
  try {
    const env = { ...emscripten.env, NODE_V8_COVERAGE: dir };
    const args = await nodeTestArguments(tests);
    await step('Running tests/js', () => capture(process.execPath, args, { cwd: ROOT, env }));
    return measureScripts(dir, join(ROOT, 'dist'), (source) =>
      Object.keys(EXCLUDED).every((part) => !source.startsWith(part)),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/**
 * Measures the coverage of both languages, or of one.
 * @param {{ only?: string, files?: boolean }} [options] `files`: also print a line for each file.
 */
export async function measureCoverage({ only, files = false } = {}) {
  /** @type {Share[]} */
  const shares = [];
  if (only !== 'ts') {
    const cpp = await measureCpp();
    shares.push(...cpp.total);
    if (files) {
      for (const { file, lines, branches } of cpp.files) {
        const both = [lines, branches].map((share) => percentOf(share).toFixed(1).padStart(6));
        info(`  ${both.join(' ')}  ${file}`);
      }
    }
  }
  if (only !== 'cpp') {
    const scripts = await measureTypeScript();
    shares.push(scripts.total);
    if (files) {
      for (const { file, share, missed } of scripts.files) {
        info(`  ${percentOf(share).toFixed(1).padStart(6)}  ${file}  ${missed.join(' ')}`);
      }
    }
  }
  return shares.map((share) => {
    const minimum = MINIMUM[/** @type {keyof typeof MINIMUM} */ (share.name)];
    return { ...share, percent: percentOf(share), minimum, isEnough: percentOf(share) >= minimum };
  });
}

async function main() {
  const { values } = readArguments({
    options: { only: { type: 'string' }, files: { type: 'boolean' } },
  });
  const results = await measureCoverage(values);
  for (const [part, reason] of Object.entries(EXCLUDED)) info(`Not counted: ${part}, ${reason}`);
  for (const { name, covered, count, percent, minimum, isEnough } of results) {
    const verdict = isEnough ? '' : ': TOO LOW';
    info(
      `${name}: ${percent.toFixed(1)} % (${covered} of ${count}; minimum ${minimum} %)${verdict}`,
    );
    if (!isEnough) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
