// @ts-check
// npm run mutate: mutation testing. Applies the mutations of tests/mutation to a copy of the project,
// one at a time, and runs the tests, which must detect each of them. Mutations that survive or no
// longer apply to their source are failures.
//   -- --only fft --only gemm   only mutations of files whose path contains one of these
//   -- --jobs 2                 number of native mutations to test at a time
//   -- --check                  only check that the mutations apply to their sources
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nativeMutations, packageMutations } from '../tests/mutation/all.mjs';
import { bundleEntries } from './build.mjs';
import { formatTime, info, step } from './lib/log.mjs';
import { listVariantTests, nodeTestArguments } from './lib/node-tests.mjs';
import { ROOT } from './lib/root.mjs';
import { attempt, capture, readArguments, reportFailure } from './lib/run.mjs';
import { VARIANTS } from './lib/variants.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

/** @typedef {import('../tests/mutation/types.mjs').Mutation} Mutation */
/** @typedef {{ mutation: Mutation, detectedBy: string | null, milliseconds: number }} Finding */
/**
 * @typedef {object} Target The code to mutate, and the tests that must detect the mutations.
 * @property {(root: string) => Promise<void>} prepare Builds an unmodified copy of the project.
 * @property {(root: string) => Promise<string | null>} test The first test program that fails on the
 *   copy, or null.
 */

/** The files and folders that the builds and tests of both targets need. */
const SOURCES = [
  ...['bindings', 'cmake', 'cpp', 'tests', 'tools'],
  ...['CMakeLists.txt', 'CMakePresets.json', 'package.json'],
];
/** The folders of tests/js that detect most mutations within seconds. They run first. */
const QUICK_TESTS = ['arguments/', 'memory/', 'tensor/'];
const MINIMUM_PER_FILE = 5;
/** A test that takes longer counts as hanging, so the mutation is detected. */
const TIMEOUT_SECONDS = 300;

/**
 * The text with the mutation applied.
 * @param {string} text @param {Mutation} mutation
 */
export function applyMutation(text, [file, what, from, to]) {
  const count = text.split(from).length - 1;
  if (count !== 1) {
    throw new Error(
      `${file}: "${what}" matches ${count} places; expected 1: ${JSON.stringify(from)}`,
    );
  }
  return text.replace(from, () => to);
}

/** The reasons why mutations do not apply to their sources, one sentence each. @param {readonly Mutation[]} mutations */
export function findInapplicable(mutations) {
  return mutations.flatMap((mutation) => {
    const [file, what] = mutation;
    if (!existsSync(join(ROOT, file)))
      return [`${file}: "${what}" is for a file that does not exist`];
    try {
      applyMutation(readFileSync(join(ROOT, file), 'utf8'), mutation);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/**
 * Files that need fewer mutations, with the reason.
 * @type {Record<string, string>}
 */
const EXEMPT = {
  'cpp/algorithms/tiling/partition.cpp': 'most of it affects speed only, which no test measures',
};

/** The paths of all files below a folder, relative to the project. @param {string} folder @returns {string[]} */
function listFiles(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

/** Kernel and algorithm files with fewer mutations than this. @param {number} minimum */
function findNeglected(minimum) {
  const files = ['cpp/algorithms', 'cpp/kernels'].flatMap(listFiles);
  return files.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    // Headers of kernels contain templates. Other headers have only declarations, which the compiler checks.
    const isCode = file.endsWith('.cpp') || /template <typename Madd, int/.test(text);
    const count = nativeMutations.filter(([of]) => of === file).length;
    return isCode && !(file in EXEMPT) && count < minimum;
  });
}

/**
 * Copies a file or folder. Files with equal contents are not touched, so that they are not rebuilt.
 * @param {string} from @param {string} to
 */
function copyChanged(from, to) {
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true });
    const names = readdirSync(from);
    for (const name of readdirSync(to)) {
      if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
    }
    for (const name of names) copyChanged(join(from, name), join(to, name));
  } else if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) {
    cpSync(from, to);
  }
}

/** @param {string} root @param {string} target */
const build = (root, target) =>
  attempt('cmake', ['--build', join(root, 'build'), '--target', target, '-j', '1']);

/** @param {string} program @param {string[]} args @param {string} cwd */
async function passes(program, args, cwd) {
  try {
    const limited = ['--kill-after=5', `${TIMEOUT_SECONDS}`, program, ...args];
    return (await attempt('timeout', limited, { cwd })).status === 0;
  } catch {
    return false; // ended by a signal
  }
}

/** @type {Target} */
const nativeLibrary = {
  async prepare(root) {
    const args = ['-S', root, '-B', join(root, 'build'), '-G', 'Ninja'];
    // -O1 compiles four times as fast as the published optimisation level.
    await capture('cmake', [...args, '-DCMAKE_BUILD_TYPE=None', '-DCMAKE_CXX_FLAGS=-O1']);
    for (const target of ['corr2d_sweep', 'corr2d_tests']) {
      await capture('cmake', ['--build', join(root, 'build'), '--target', target, '-j', '1']);
    }
  },
  async test(root) {
    const sweep = join(root, 'build/tests/sweep/corr2d_sweep');
    const tests = join(root, 'build/tests/cpp/corr2d_tests');
    // Run the fastest checks first.
    if ((await build(root, 'corr2d_sweep')).status !== 0) return 'compiler';
    if (!(await passes(sweep, ['--sample', '1000'], root))) return 'sweep';
    if ((await build(root, 'corr2d_tests')).status !== 0) return 'compiler';
    if (!(await passes(tests, ['--gtest_fail_fast', '--gtest_brief=1'], root))) return 'tests/cpp';
    return (await passes(sweep, ['--sample', '20000'], root)) ? null : 'sweep';
  },
};

/** @type {Target} */
const nodePackage = {
  async prepare(root) {
    // The binaries of the project are used as they are, because only TypeScript is mutated.
    copyChanged(join(ROOT, 'dist'), join(root, 'dist'));
    for (const variant of VARIANTS) {
      const glue = join('build', `wasm-${variant}`, 'corr2d.mjs');
      mkdirSync(join(root, 'build', `wasm-${variant}`), { recursive: true });
      copyChanged(join(ROOT, glue), join(root, glue));
    }
  },
  async test(root) {
    try {
      await bundleEntries(root);
    } catch {
      return 'bundler';
    }
    const quick = listVariantTests(root, QUICK_TESTS);
    const others = listVariantTests(root).filter(
      (path) => !quick.includes(path) && !path.startsWith('tests/js/properties/'),
    );
    for (const tests of [quick, others]) {
      const args = await nodeTestArguments(tests);
      if (!(await passes(process.execPath, args, root))) return 'tests/js';
    }
    return null;
  },
};

/**
 * Applies each mutation to a copy of the project, tests the copy, and restores it.
 * @param {Target} target @param {string} name @param {readonly Mutation[]} mutations
 * @param {(finding: Finding) => void} report
 */
async function testMutations(target, name, mutations, report) {
  const root = join(ROOT, 'build', 'mutate', name);
  for (const source of SOURCES) copyChanged(join(ROOT, source), join(root, source));
  await target.prepare(root);
  const failing = await target.test(root);
  if (failing !== null) throw new Error(`${failing} fails without any mutation`);
  for (const mutation of mutations) {
    const started = Date.now();
    const file = join(root, mutation[0]);
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, applyMutation(original, mutation));
    try {
      const detectedBy = await target.test(root);
      report({ mutation, detectedBy, milliseconds: Date.now() - started });
    } finally {
      writeFileSync(file, original);
    }
  }
}

/**
 * Runs the mutation tests.
 * @param {object} [options]
 * @param {string[]} [options.only] Only mutations of files whose path contains one of these.
 * @param {number} [options.jobs] Number of native mutations to test at a time.
 */
export async function mutate({ only = [''], jobs = 1 } = {}) {
  const inapplicable = findInapplicable([...nativeMutations, ...packageMutations]);
  for (const reason of inapplicable) info(`Does not apply: ${reason}`);
  const isSelected = (/** @type {Mutation} */ mutation) =>
    only.some((part) => mutation[0].includes(part)) && findInapplicable([mutation]).length === 0;
  const native = nativeMutations.filter(isSelected);
  const inPackage = packageMutations.filter(isSelected);

  await ensureSystemTools(['cmake', 'ninja', 'compiler', 'simde', 'gtest']);
  /** @type {Finding[]} */
  const findings = [];
  const total = native.length + inPackage.length;
  await step(`Testing ${total} mutations`, async (progress) => {
    const report = (/** @type {Finding} */ finding) => {
      findings.push(finding);
      const [file, what] = finding.mutation;
      const outcome =
        finding.detectedBy === null ? 'SURVIVED' : `detected by ${finding.detectedBy}`;
      info(`    ${file}: ${what}: ${outcome} (${formatTime(finding.milliseconds)})`);
      progress(`${findings.length} of ${total}`);
    };
    // Each job gets consecutive mutations, mostly of the same files, so that it compiles little.
    const jobSize = Math.ceil(native.length / jobs);
    const runs = [];
    for (let job = 0; job * jobSize < native.length; job++) {
      const part = native.slice(job * jobSize, (job + 1) * jobSize);
      runs.push(testMutations(nativeLibrary, `native-${job}`, part, report));
    }
    await Promise.all(runs);
    if (inPackage.length > 0) await testMutations(nodePackage, 'package', inPackage, report);
  });
  const survivors = findings.filter(({ detectedBy }) => detectedBy === null);
  return { tested: findings.length, survivors, inapplicable };
}

/**
 * Checks the list of mutations without running tests: each must apply to its source and be listed once,
 * and every kernel and algorithm must have enough of them.
 */
export function checkMutations() {
  const mutations = [...nativeMutations, ...packageMutations];
  const texts = mutations.map((mutation) => JSON.stringify(mutation));
  const repeated = mutations.filter((_, i) => texts.indexOf(texts[i]) !== i);
  const problems = [
    ...findInapplicable(mutations).map((reason) => `Does not apply: ${reason}`),
    ...repeated.map(([file, what]) => `Listed twice: ${file}: ${what}`),
    ...findNeglected(MINIMUM_PER_FILE).map(
      (file) => `Fewer than ${MINIMUM_PER_FILE} mutations: ${file}`,
    ),
  ];
  return { count: mutations.length, problems };
}

async function main() {
  const { values } = readArguments({
    options: {
      only: { type: 'string', multiple: true },
      jobs: { type: 'string' },
      check: { type: 'boolean' },
    },
  });
  if (values.check) {
    const { count, problems } = checkMutations();
    for (const problem of problems) info(problem);
    info(`${count} mutations, ${problems.length} problems`);
    if (problems.length > 0) process.exitCode = 1;
    return;
  }
  const jobs = Number(values.jobs ?? Math.max(1, availableParallelism() >> 1));
  const { tested, survivors, inapplicable } = await mutate({ only: values.only, jobs });
  for (const { mutation } of survivors) info(`Survived: ${mutation[0]}: ${mutation[1]}`);
  info(
    `${tested} mutations tested, ${survivors.length} survived, ${inapplicable.length} do not apply`,
  );
  if (survivors.length + inapplicable.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
