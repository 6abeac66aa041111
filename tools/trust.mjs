// @ts-check
// npm run trust: runs the long checks (fuzzing, memory, traps, threads, races, engines, mutation tests,
// coverage, supply chain) and prints a table with one row for each.
//   -- --minutes 60        minutes for the fuzzers, default 2
//   -- --skip races,supply leave out these rows
import { join } from 'node:path';
import { buildPackage } from './build.mjs';
import { measureCoverage } from './coverage.mjs';
import { fuzzNative, fuzzPackage } from './fuzz.mjs';
import { formatTime, info, step } from './lib/log.mjs';
import { listVariantTests, nodeTestArguments } from './lib/node-tests.mjs';
import { ROOT } from './lib/root.mjs';
import { attempt, readArguments, reportFailure, SetupError } from './lib/run.mjs';
import { hasThreads, VARIANTS } from './lib/variants.mjs';
import { checkMutations, mutate } from './mutate.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';
import { checkSupplyChain } from './supply-chain.mjs';

/**
 * @typedef {object} Outcome The result of one check.
 * @property {number} [executions]
 * @property {number} [mutations]
 * @property {number} [survived] Mutations that no test detected.
 * @property {string} detail
 * @property {boolean} ok
 */

/** Calls in the memory tests, and rounds of `load` and `dispose` in the thread tests. */
const CALLS = 100_000;
const ROUNDS = 1000;

/**
 * Runs the tests whose paths in tests/js start with one of these prefixes, for each variant.
 * @param {readonly string[]} variants @param {string[]} prefixes @param {Record<string, string>} [env]
 */
async function runTests(variants, prefixes, env = {}) {
  let passed = 0;
  let ok = true;
  for (const variant of variants) {
    const paths = listVariantTests(ROOT, prefixes);
    const args = await nodeTestArguments(['--test-reporter=tap', ...paths], { variant });
    const { status, output } = await step(`Running ${prefixes.join(', ')} (${variant})`, () =>
      attempt(process.execPath, args, { cwd: ROOT, env: { ...env, CORR2D_TEST_VARIANT: variant } }),
    );
    passed += Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
    if (status !== 0) info(output);
    ok &&= status === 0;
  }
  return { passed, ok };
}

/** Runs a suite of `npm test`. @param {string} suite */
async function runSuite(suite) {
  const args = [join(ROOT, 'tools', 'test.mjs'), suite];
  const { status, output } = await step(`Running npm test -- ${suite}`, () =>
    attempt(process.execPath, args, { cwd: ROOT }),
  );
  if (status !== 0) info(output);
  const detail = output.trim().split('\n').at(-1) ?? '';
  return { detail, ok: status === 0 };
}

/**
 * The checks, by the name of their row.
 * @param {number} minutes Time for the fuzzers. @returns {Record<string, () => Promise<Outcome>>}
 */
const createChecks = (minutes) => ({
  problems: async () => {
    const { executions, compared, edges, findings } = await fuzzNative(minutes);
    const detail = `${compared} results compared, ${edges} edges, ${findings} findings`;
    return { executions, detail, ok: findings === 0 };
  },
  arguments: async () => {
    const { executions, findings } = await fuzzPackage(minutes / 4);
    return { executions, detail: `${findings} findings`, ok: findings === 0 };
  },
  memory: async () => {
    const prefixes = ['memory/', 'properties/failing-allocation', 'properties/beyond-2-gib'];
    const { passed, ok } = await runTests(VARIANTS, prefixes, { CORR2D_TEST_CALLS: `${CALLS}` });
    return { executions: VARIANTS.length * CALLS, detail: `${passed} tests passed`, ok };
  },
  traps: async () => {
    const { passed, ok } = await runTests(VARIANTS, ['load/', 'arguments/changing-arguments']);
    return { detail: `${passed} tests passed`, ok };
  },
  threads: async () => {
    const variants = VARIANTS.filter(hasThreads);
    const env = { CORR2D_TEST_ROUNDS: `${ROUNDS}` };
    const { passed, ok } = await runTests(variants, ['threads/', 'plan/run-async'], env);
    return { executions: variants.length * ROUNDS, detail: `${passed} tests passed`, ok };
  },
  races: () => runSuite('tsan'),
  engines: () => runSuite('engines'),
  'mutation list': async () => {
    const { count, problems } = checkMutations();
    for (const problem of problems) info(problem);
    return { detail: `${count} mutations, ${problems.length} problems`, ok: problems.length === 0 };
  },
  mutations: async () => {
    const { tested, survivors, inapplicable } = await mutate();
    const ok = survivors.length === 0 && inapplicable.length === 0;
    const detail = `${inapplicable.length} do not apply`;
    return { mutations: tested, survived: survivors.length, detail, ok };
  },
  coverage: async () => {
    const shares = await measureCoverage();
    const detail = shares.map(({ name, percent }) => `${name} ${percent.toFixed(1)} %`).join(', ');
    return { detail, ok: shares.every(({ isEnough }) => isEnough) };
  },
  supply: async () => {
    const results = await checkSupplyChain();
    const failed = results.filter(({ ok }) => !ok);
    const detail = failed.map(({ name, detail: why }) => `${name}: ${why}`).join('; ');
    return { detail: detail || `${results.length} checks`, ok: failed.length === 0 };
  },
});

/**
 * Runs one check and returns its row of the table.
 * @param {string} name @param {() => Promise<Outcome>} check
 */
async function runCheck(name, check) {
  const started = Date.now();
  /** @type {Outcome} */
  let outcome;
  try {
    outcome = await check();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    info(message);
    outcome = { detail: message.split('\n')[0], ok: false };
  }
  const numbers = [outcome.executions, outcome.mutations, outcome.survived];
  const row = [
    name,
    ...numbers.map((number) => (number === undefined ? '' : `${number}`)),
    formatTime(Date.now() - started),
    outcome.ok ? 'passed' : 'FAILED',
    outcome.detail,
  ];
  return { row, ok: outcome.ok };
}

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
  const checks = createChecks(Number(values.minutes));
  const skipped = values.skip.split(',').filter(Boolean);
  const unknown = skipped.filter((name) => !(name in checks));
  if (unknown.length > 0) {
    const names = Object.keys(checks).join(', ');
    throw new SetupError(`--skip contains ${unknown.join(', ')}; expected some of: ${names}`);
  }
  if (!(Number(values.minutes) > 0)) {
    throw new SetupError(`--minutes is ${values.minutes}; expected a positive number`);
  }
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
  const table = [['', 'executions', 'mutations', 'survived', 'time', 'result', '']];
  for (const [name, check] of Object.entries(checks)) {
    if (skipped.includes(name)) {
      table.push([name, '', '', '', '', 'skipped', '']);
      continue;
    }
    const { row, ok } = await runCheck(name, check);
    table.push(row);
    if (!ok) process.exitCode = 1;
  }
  info(`\n${formatTable(table)}`);
}

main().catch(reportFailure);
