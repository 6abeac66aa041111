// @ts-check
// npm run fuzz: fuzzes the library. libFuzzer generates problems for the native library (tests/fuzz), and
// fast-check generates arguments for the package (tests/js/properties/any-argument.test.mjs).
//   -- --minutes 60   minutes for the native library, default 2; the package gets a quarter of them
//   -- --only native  only the native library (or: js)
//   -- --seed 1       start from this seed instead of the time
//   -- --minimise     reduce the corpus to the inputs that are needed for its coverage
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildNative, buildPackage } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { nodeTestArguments } from './lib/node-tests.mjs';
import { ROOT } from './lib/root.mjs';
import { attempt, capture, readArguments, reportFailure, SetupError } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const FUZZER = join(ROOT, 'build/native-fuzz/tests/fuzz/corr2d_fuzz');
const WORK = join(ROOT, 'build', 'fuzz');
/** One input per line, as hexadecimal digits. */
const CORPUS = join(ROOT, 'tests', 'fuzz', 'corpus.txt');
const ANY_ARGUMENT = 'tests/js/properties/any-argument.test.mjs';
/** libFuzzer's options. A problem has 50 bytes, plus some for strides. */
const LIMITS = ['-max_len=96', '-len_control=0', '-timeout=60', '-rss_limit_mb=4096'];
// A failed allocation must return null, as in WebAssembly, instead of ending the process.
const ENVIRONMENT = { ASAN_OPTIONS: 'allocator_may_return_null=1' };
/** Runs of each property per round; they take a few seconds. */
const RUNS_PER_ROUND = 500;

/** Creates an empty folder in build/fuzz. @param {string} name */
function createEmptyFolder(name) {
  const path = join(WORK, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

/** Writes each input of the corpus to a file. @param {string} folder */
function unpackCorpus(folder) {
  const lines = readFileSync(CORPUS, 'utf8').split('\n').filter(Boolean);
  for (const line of lines) {
    const name = createHash('sha1').update(line).digest('hex');
    writeFileSync(join(folder, name), Buffer.from(line, 'hex'));
  }
}

const newSeed = () => Date.now() % 2 ** 31;

async function buildFuzzer() {
  await ensureSystemTools(['cmake', 'ninja', 'clang', 'libfuzzer', 'simde', 'gtest']);
  await buildNative('native-fuzz', 'corr2d_fuzz');
}

/** The number in the last match, or 0. @param {string} output @param {RegExp} pattern */
function lastNumber(output, pattern) {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

/**
 * Fuzzes the native library with problems.
 * @param {number} minutes @param {number} [seed]
 */
export async function fuzzNative(minutes, seed = newSeed()) {
  await buildFuzzer();
  const corpus = join(WORK, 'corpus');
  // Inputs that earlier runs found are kept in this folder.
  mkdirSync(corpus, { recursive: true });
  unpackCorpus(corpus);
  const crashes = createEmptyFolder('crashes');
  const args = [...LIMITS, `-seed=${seed}`, `-max_total_time=${Math.ceil(60 * minutes)}`];
  args.push('-print_final_stats=1', `-artifact_prefix=${crashes}/`, corpus);
  const { status, output } = await step(`Fuzzing problems for ${minutes} min`, () =>
    attempt(FUZZER, args, { env: ENVIRONMENT }),
  );
  const [, rejected = 0, large = 0, compared = 0] =
    /(\d+) cases rejected, (\d+) too large; (\d+) results compared/.exec(output)?.map(Number) ?? [];
  if (status !== 0) {
    info(output.split('\n').slice(-60).join('\n'));
    for (const name of readdirSync(crashes)) info(`  ${FUZZER} ${join(crashes, name)}`);
  }
  return {
    executions: lastNumber(output, /stat::number_of_executed_units:\s*(\d+)/g),
    edges: lastNumber(output, / cov: (\d+) /g),
    rejected,
    large,
    compared,
    findings: status === 0 ? 0 : 1,
  };
}

/**
 * Fuzzes the package with arguments. Each round uses the next seed.
 * @param {number} minutes @param {number} [firstSeed]
 */
export async function fuzzPackage(minutes, firstSeed = newSeed()) {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
  const end = Date.now() + 60_000 * minutes;
  let executions = 0;
  let findings = 0;
  const args = await nodeTestArguments(['--test-reporter=tap', ANY_ARGUMENT]);
  await step(`Fuzzing arguments for ${minutes} min`, async (progress) => {
    for (let seed = firstSeed; Date.now() < end && findings === 0; seed++) {
      const env = { CORR2D_TEST_SEED: `${seed}`, CORR2D_TEST_RUNS: `${RUNS_PER_ROUND}` };
      const { status, output } = await attempt(process.execPath, args, { cwd: ROOT, env });
      // All but one of the tests in the file are properties.
      executions += (lastNumber(output, /^# pass (\d+)$/gm) - 1) * RUNS_PER_ROUND;
      if (status !== 0) {
        findings++;
        info(
          `CORR2D_TEST_SEED=${seed} CORR2D_TEST_RUNS=${RUNS_PER_ROUND} npm test -- js\n${output}`,
        );
      }
      progress(`${executions} calls`);
    }
  });
  return { executions, findings };
}

/** Replaces the corpus with a minimal set of inputs with the same coverage. */
async function minimise() {
  await buildFuzzer();
  const all = join(WORK, 'corpus');
  mkdirSync(all, { recursive: true });
  unpackCorpus(all);
  const kept = createEmptyFolder('kept');
  await step('Minimising the corpus', () =>
    capture(FUZZER, [...LIMITS, '-set_cover_merge=1', kept, all], { env: ENVIRONMENT }),
  );
  const lines = readdirSync(kept).map((name) => readFileSync(join(kept, name)).toString('hex'));
  lines.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(CORPUS, `${lines.join('\n')}\n`);
  info(`${lines.length} inputs`);
}

async function main() {
  const { values } = readArguments({
    options: {
      minutes: { type: 'string', default: '2' },
      only: { type: 'string' },
      seed: { type: 'string' },
      minimise: { type: 'boolean' },
    },
  });
  if (values.minimise) {
    await minimise();
    return;
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0))
    throw new SetupError(`--minutes is ${values.minutes}; expected a positive number`);
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !(Number.isInteger(seed) && seed > 0)) {
    throw new SetupError(`--seed is ${values.seed}; expected a positive integer`);
  }
  let findings = 0;
  if (values.only !== 'js') {
    const result = await fuzzNative(minutes, seed);
    info(
      `problems: ${result.executions} executions, ${result.edges} edges covered; ` +
        `${result.findings} findings. Last run: ${result.rejected} problems rejected, ` +
        `${result.large} too large to compute, ${result.compared} results compared`,
    );
    findings += result.findings;
  }
  if (values.only !== 'native') {
    const result = await fuzzPackage(minutes / 4, seed);
    info(`arguments: ${result.executions} calls, ${result.findings} findings`);
    findings += result.findings;
  }
  if (findings > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
