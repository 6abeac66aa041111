// @ts-check
// npm run mutate: puts faults (tests/mutation) into a copy of the project, one at a time, and has
// the tests catch them. A fault that no test notices, or that no longer fits the text, is a failure.
// `-- --only fft --only gemm`: those of files whose path contains it; `-- --check`: whether they fit.
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
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nativeFaults, packageFaults } from '../tests/mutation/faults.mjs';
import { formatTime, info, step } from './lib/log.mjs';
import { listVariantTests, nodeTestArguments } from './lib/node-tests.mjs';
import { attempt, capture, readArguments, reportFailure } from './lib/run.mjs';
import { VARIANTS } from './lib/variants.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

/** @typedef {import('../tests/mutation/faults.mjs').Fault} Fault */
/** @typedef {{ fault: Fault, caughtBy: string | null, milliseconds: number }} Finding */
/**
 * @typedef {object} Suite Where faults of one kind are put, and what has to catch them.
 * @property {(root: string) => Promise<void>} prepare Makes ready a copy, which is without faults.
 * @property {(root: string) => Promise<string | null>} check Who has caught the fault that is there.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Enough files for both suites. */
const PARTS = ['bindings', 'cmake', 'cpp', 'tests', 'tools'];
const FILES = ['CMakeLists.txt', 'CMakePresets.json', 'package.json'];
/** The folders of tests/js that find most faults in the least time. */
const QUICK_TESTS = ['arguments/', 'memory/', 'tensor/'];
/** Faults that every file should have in which they can be. */
const FEWEST = 5;
/** What has not ended by then hangs: so a fault shows too. */
const PATIENCE_SECONDS = 300;

/**
 * The text with the fault in it; an error where it does not fit.
 * @param {string} text @param {Fault} fault
 */
export function withFault(text, [file, what, from, to]) {
  const count = text.split(from).length - 1;
  if (count !== 1) {
    throw new Error(`${file}: "${what}" fits ${count} places, not one: ${JSON.stringify(from)}`);
  }
  return text.replace(from, () => to);
}

/** Faults that do not fit, in words. @param {readonly Fault[]} faults */
export function findMisfits(faults) {
  return faults.flatMap((fault) => {
    try {
      withFault(readFileSync(join(ROOT, fault[0]), 'utf8'), fault);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/**
 * What need not have as many faults, and why.
 * @type {Record<string, string>}
 */
const EXEMPT = {
  'cpp/algorithms/tiling/partition.cpp':
    'most of it decides about speed alone, which tests do not see',
};

/** The paths of all files below a folder, relative to the project. @param {string} folder @returns {string[]} */
function listFiles(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

/** Kernel and algorithm files with fewer faults than this. @param {number} fewest */
export function findNeglected(fewest) {
  const files = ['cpp/algorithms', 'cpp/kernels'].flatMap(listFiles);
  return files.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    // Headers of kernels are templates; others declare, which compilers check.
    const isCode = file.endsWith('.cpp') || /template <typename Madd, int/.test(text);
    return (
      isCode && !(file in EXEMPT) && nativeFaults.filter(([of]) => of === file).length < fewest
    );
  });
}

/**
 * Copies what has changed, so that little is built again.
 * @param {string} from @param {string} to
 */
function refresh(from, to) {
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true });
    const names = readdirSync(from);
    for (const name of readdirSync(to)) {
      if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
    }
    for (const name of names) refresh(join(from, name), join(to, name));
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
    const patient = ['--kill-after=5', `${PATIENCE_SECONDS}`, program, ...args];
    return (await attempt('timeout', patient, { cwd })).status === 0;
  } catch {
    return false; // ended by a signal
  }
}

/** @type {Suite} */
const native = {
  async prepare(root) {
    const args = ['-S', root, '-B', join(root, 'build'), '-G', 'Ninja'];
    // Slower code than what ships, and compiled in a quarter of the time.
    await capture('cmake', [...args, '-DCMAKE_BUILD_TYPE=None', '-DCMAKE_CXX_FLAGS=-O1']);
    for (const target of ['corr2d_sweep', 'corr2d_tests']) {
      await capture('cmake', ['--build', join(root, 'build'), '--target', target, '-j', '1']);
    }
  },
  async check(root) {
    const sweep = join(root, 'build/tests/sweep/corr2d_sweep');
    const tests = join(root, 'build/tests/cpp/corr2d_tests');
    // The quickest first; what it does not see, the others have to.
    if ((await build(root, 'corr2d_sweep')).status !== 0) return 'compiler';
    if (!(await passes(sweep, ['--sample', '1000'], root))) return 'sweep';
    if ((await build(root, 'corr2d_tests')).status !== 0) return 'compiler';
    if (!(await passes(tests, ['--gtest_fail_fast', '--gtest_brief=1'], root))) return 'tests/cpp';
    return (await passes(sweep, ['--sample', '20000'], root)) ? null : 'sweep';
  },
};

/** @type {Suite} */
const bound = {
  async prepare(root) {
    // The binaries are those of the project: faults are in TypeScript alone.
    refresh(join(ROOT, 'dist'), join(root, 'dist'));
    for (const variant of VARIANTS) {
      const glue = join('build', `wasm-${variant}`, 'corr2d.mjs');
      mkdirSync(join(root, 'build', `wasm-${variant}`), { recursive: true });
      refresh(join(ROOT, glue), join(root, glue));
    }
  },
  async check(root) {
    const { bundleEntries } = await import('./build.mjs');
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
 * Puts each fault in, has it checked and takes it out again.
 * @param {Suite} suite @param {string} name @param {readonly Fault[]} faults
 * @param {(finding: Finding) => void} report
 */
async function inject(suite, name, faults, report) {
  const root = join(ROOT, 'build', 'mutate', name);
  for (const part of [...PARTS, ...FILES]) refresh(join(ROOT, part), join(root, part));
  await suite.prepare(root);
  const caughtWithout = await suite.check(root);
  if (caughtWithout !== null) throw new Error(`${caughtWithout} fails without any fault`);
  for (const fault of faults) {
    const started = Date.now();
    const file = join(root, fault[0]);
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, withFault(right, fault));
    try {
      const caughtBy = await suite.check(root);
      report({ fault, caughtBy, milliseconds: Date.now() - started });
    } finally {
      writeFileSync(file, right);
    }
  }
}

/**
 * Runs the mutation check.
 * @param {{ only?: string[], jobs?: number }} options `only`: faults whose file contains one of them
 */
export async function mutate({ only = [''], jobs = 1 } = {}) {
  const misfits = findMisfits([...nativeFaults, ...packageFaults]);
  for (const misfit of misfits) info(`Does not fit: ${misfit}`);
  const isMeant = (/** @type {Fault} */ fault) => only.some((part) => fault[0].includes(part));
  const fits = (/** @type {Fault} */ fault) => findMisfits([fault]).length === 0;
  const meant = nativeFaults.filter((fault) => isMeant(fault) && fits(fault));
  const ofPackage = packageFaults.filter((fault) => isMeant(fault) && fits(fault));

  await ensureSystemTools(['cmake', 'ninja', 'compiler', 'simde', 'gtest']);
  /** @type {Finding[]} */
  const findings = [];
  const total = meant.length + ofPackage.length;
  await step(`Injecting ${total} faults`, async (progress) => {
    const report = (/** @type {Finding} */ finding) => {
      findings.push(finding);
      const [file, what] = finding.fault;
      const outcome = finding.caughtBy === null ? 'SURVIVED' : `caught by ${finding.caughtBy}`;
      info(`    ${file}: ${what}: ${outcome} (${formatTime(finding.milliseconds)})`);
      progress(`${findings.length} of ${total}`);
    };
    // Files stay together, so that each fault has one file compiled once.
    const share = Math.ceil(meant.length / jobs);
    const runs = [];
    for (let job = 0; job * share < meant.length; job++) {
      const part = meant.slice(job * share, (job + 1) * share);
      runs.push(inject(native, `native-${job}`, part, report));
    }
    await Promise.all(runs);
    if (ofPackage.length > 0) await inject(bound, 'package', ofPackage, report);
  });
  const survivors = findings.filter(({ caughtBy }) => caughtBy === null);
  return { injected: findings.length, survivors, misfits };
}

/** Counts the mutations and lists those that do not fit their source, repeats, and files with too few. */
export function checkMutations() {
  const mutations = [...nativeFaults, ...packageFaults];
  const texts = mutations.map((mutation) => JSON.stringify(mutation));
  const repeated = mutations.filter((_, i) => texts.indexOf(texts[i]) !== i);
  const problems = [
    ...findMisfits(mutations).map((misfit) => `Does not fit: ${misfit}`),
    ...repeated.map(([file, what]) => `Listed twice: ${file}: ${what}`),
    ...findNeglected(FEWEST).map((file) => `Fewer than ${FEWEST} mutations: ${file}`),
  ];
  return { count: mutations.length, problems };
}

/** Reports what `checkMutations` finds, without building or running anything. */
function reportCheck() {
  const { count, problems } = checkMutations();
  for (const problem of problems) info(problem);
  info(`${count} mutations, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
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
    reportCheck();
    return;
  }
  const jobs = Number(values.jobs ?? Math.max(1, availableParallelism() >> 1));
  const { injected, survivors, misfits } = await mutate({ only: values.only, jobs });
  for (const { fault } of survivors) info(`Survived: ${fault[0]}: ${fault[1]}`);
  info(`${injected} faults injected, ${survivors.length} survived, ${misfits.length} do not fit`);
  if (survivors.length + misfits.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
