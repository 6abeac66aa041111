// @ts-check
// npm run trust: fuzzing, memory, traps, threads, determinism, mutation check, coverage and supply
// chain, and a table of what each has done. `--minutes N` is for the fuzzers (2); `--skip a,b` leaves
// out rows of the table.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage } from './build.mjs';
import { measureCoverage } from './coverage.mjs';
import { fuzzNative, fuzzPackage } from './fuzz.mjs';
import { formatTime, info, step } from './lib/log.mjs';
import { listVariantTests, nodeTestArguments } from './lib/node-tests.mjs';
import { attempt, readArguments, reportFailure, SetupError } from './lib/run.mjs';
import { hasThreads, VARIANTS } from './lib/variants.mjs';
import { checkMutations, mutate } from './mutate.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';
import { checkSupplyChain } from './supply-chain.mjs';

/** @typedef {{ executions?: number, injected?: number, survived?: number, detail: string, isRight: boolean }} Outcome */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CALLS = 100_000;
const ROUNDS = 1000;

/**
 * Runs the files of tests/js whose paths begin with one of `files`, for each of these variants.
 * @param {readonly string[]} variants @param {string[]} files @param {Record<string, string>} [env]
 */
async function runTests(variants, files, env = {}) {
  let passed = 0;
  let isRight = true;
  for (const variant of variants) {
    const paths = listVariantTests(ROOT, files);
    const args = await nodeTestArguments(['--test-reporter=tap', ...paths], { variant });
    const { status, output } = await step(`Running ${files.join(', ')} (${variant})`, () =>
      attempt(process.execPath, args, { cwd: ROOT, env: { ...env, CORR2D_TEST_VARIANT: variant } }),
    );
    passed += Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
    if (status !== 0) info(output);
    isRight &&= status === 0;
  }
  return { passed, isRight };
}

/** Runs a suite of `npm test`. @param {string} suite */
async function runSuite(suite) {
  const args = [join(ROOT, 'tools', 'test.mjs'), suite];
  const { status, output } = await step(`Running npm test -- ${suite}`, () =>
    attempt(process.execPath, args, { cwd: ROOT }),
  );
  if (status !== 0) info(output);
  const detail = output.trim().split('\n').at(-1) ?? '';
  return { detail, isRight: status === 0 };
}

/** @param {number} minutes @returns {Record<string, () => Promise<Outcome>>} */
const rows = (minutes) => ({
  problems: async () => {
    const { executions, answers, edges, findings } = await fuzzNative(minutes);
    const detail = `${answers} answers judged, ${edges} edges, ${findings} findings`;
    return { executions, detail, isRight: findings === 0 };
  },
  arguments: async () => {
    const { executions, findings } = await fuzzPackage(minutes / 4);
    return { executions, detail: `${findings} findings`, isRight: findings === 0 };
  },
  memory: async () => {
    const files = ['memory/', 'properties/failing-allocation', 'properties/beyond-2-gib'];
    const { passed, isRight } = await runTests(VARIANTS, files, { CORR2D_TEST_CALLS: `${CALLS}` });
    return { executions: VARIANTS.length * CALLS, detail: `${passed} tests passed`, isRight };
  },
  traps: async () => {
    const { passed, isRight } = await runTests(VARIANTS, ['load/', 'arguments/changing-arguments']);
    return { detail: `${passed} tests passed`, isRight };
  },
  threads: async () => {
    const variants = VARIANTS.filter(hasThreads);
    const env = { CORR2D_TEST_ROUNDS: `${ROUNDS}` };
    const { passed, isRight } = await runTests(variants, ['threads/', 'plan/run-async'], env);
    return { executions: variants.length * ROUNDS, detail: `${passed} tests passed`, isRight };
  },
  races: () => runSuite('tsan'),
  engines: () => runSuite('engines'),
  fit: async () => {
    const { count, problems } = checkMutations();
    for (const problem of problems) info(problem);
    const detail = `${count} mutations, ${problems.length} problems`;
    return { detail, isRight: problems.length === 0 };
  },
  mutation: async () => {
    const { injected, survivors, misfits } = await mutate();
    const isRight = survivors.length === 0 && misfits.length === 0;
    const detail = `${misfits.length} do not fit`;
    return { injected, survived: survivors.length, detail, isRight };
  },
  coverage: async () => {
    const shares = await measureCoverage();
    const detail = shares.map(({ name, percent }) => `${name} ${percent.toFixed(1)} %`).join(', ');
    return { detail, isRight: shares.every(({ isEnough }) => isEnough) };
  },
  supply: async () => {
    const results = await checkSupplyChain();
    const wrong = results.filter(({ isRight }) => !isRight);
    const detail = wrong.map(({ name, detail: why }) => `${name}: ${why}`).join('; ');
    return { detail: detail || `${results.length} checks`, isRight: wrong.length === 0 };
  },
});

/** @param {string[][]} cells */
function formatTable(cells) {
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function main() {
  const { values } = readArguments({
    options: {
      minutes: { type: 'string', default: '2' },
      skip: { type: 'string', default: '' },
    },
  });
  const all = rows(Number(values.minutes));
  const skipped = values.skip.split(',').filter(Boolean);
  const unknown = skipped.filter((name) => !(name in all));
  if (unknown.length > 0 || !(Number(values.minutes) > 0)) {
    throw new SetupError(`--minutes is a number, --skip names of: ${Object.keys(all).join(', ')}`);
  }
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
  const table = [['', 'executions', 'faults', 'survived', 'time', 'result', '']];
  for (const [name, run] of Object.entries(all)) {
    if (skipped.includes(name)) {
      table.push([name, '', '', '', '', 'skipped', '']);
      continue;
    }
    const started = Date.now();
    /** @type {Outcome} */
    let outcome;
    try {
      outcome = await run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      info(message);
      outcome = { detail: message.split('\n')[0], isRight: false };
    }
    const numbers = [outcome.executions, outcome.injected, outcome.survived];
    table.push([
      name,
      ...numbers.map((number) => (number === undefined ? '' : `${number}`)),
      formatTime(Date.now() - started),
      outcome.isRight ? 'right' : 'WRONG',
      outcome.detail,
    ]);
    if (!outcome.isRight) process.exitCode = 1;
  }
  info(`\n${formatTable(table)}`);
}

main().catch(reportFailure);
