// @ts-check
// npm run bench: compares corr2d with the fastest other implementations for the web, in Node or Chromium.
// README.md in this folder describes the options and the method.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage } from '../tools/build.mjs';
import { info, step } from '../tools/lib/log.mjs';
import { relaxedFlags } from '../tools/lib/relaxed-simd.mjs';
import { ROOT } from '../tools/lib/root.mjs';
import { readArguments, reportFailure, SetupError } from '../tools/lib/run.mjs';
import { ensureEmscripten } from '../tools/setup/emscripten.mjs';
import { ensureNodePackages } from '../tools/setup/node-packages.mjs';
import { ensureSystemTools } from '../tools/setup/system-tools.mjs';
import { openChromium } from './chromium-host.mjs';
import { openNative } from './native.mjs';
import { nodeHasRelaxedSimd, openNode } from './node-host.mjs';
import { plot } from './plot.mjs';
import {
  copyShareOf,
  formatClass,
  formatCold,
  formatSummaries,
  slowChoices,
  speedupOf,
  summaries,
} from './report.mjs';
import { contenderNames, OWN } from './session.mjs';
import { parseShapes } from './shapes.mjs';

/** @typedef {import('./shapes.mjs').Shape} Shape */
/** @typedef {import('./session.mjs').Result} Result */

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** The copy of the build that `--baseline` names. */
const BASELINE = join(ROOT, 'build', 'baseline');
const BUDGET = { milliseconds: 1500, minRounds: 7, maxRounds: 300, warmupMs: 150 };
const QUICK_BUDGET = { milliseconds: 100, minRounds: 3, maxRounds: 300, warmupMs: 30 };
/** Selects all shapes with this mark, of any class. */
const MAIN = 'main';

function readOptions() {
  const { values } = readArguments({
    options: {
      runtime: { type: 'string', default: 'node' },
      variant: { type: 'string' },
      threads: { type: 'string', default: '1' },
      class: { type: 'string', multiple: true },
      shapes: { type: 'string', multiple: true },
      contenders: { type: 'string', default: contenderNames.join(',') },
      baseline: { type: 'string' },
      native: { type: 'boolean', default: false },
      'check-choice': { type: 'boolean', default: false },
      cold: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      plot: { type: 'string' },
    },
  });
  const { runtime, threads } = values;
  assertOneOf('runtime', runtime, ['node', 'chromium']);
  const variant =
    values.variant ?? (runtime === 'node' && !nodeHasRelaxedSimd() ? 'simd' : 'relaxed');
  assertOneOf('variant', variant, ['simd', 'relaxed']);
  if (!/^[1-9]\d?$/.test(threads)) {
    throw new SetupError(`--threads is ${threads}; expected a number from 1 to 99`);
  }
  const checksChoice = values['check-choice'];
  const contenders = selectContenders(values);
  const shapes = readShapes(values.shapes, values.class);
  return {
    ...values,
    checksChoice,
    shapes: checksChoice ? shapes.filter(({ kind }) => kind === 'plan') : shapes,
    session: {
      variant: /** @type {'simd' | 'relaxed'} */ (variant),
      threads: Number(threads),
      contenders,
    },
  };
}

/** @param {{ contenders: string, baseline?: string, 'check-choice': boolean }} values */
function selectContenders({ contenders, baseline, 'check-choice': checksChoice }) {
  if (checksChoice) return [OWN, 'algorithms'];
  if (baseline !== undefined) {
    if (!existsSync(join(baseline, 'index.js'))) {
      throw new SetupError(`--baseline is ${baseline}; expected a folder with a built index.js`);
    }
    return [OWN, 'baseline'];
  }
  const names = contenders.split(',');
  for (const name of names) assertOneOf('contenders', name, contenderNames);
  return names;
}

/** @param {string} option @param {string} value @param {readonly string[]} known */
function assertOneOf(option, value, known) {
  if (!known.includes(value)) {
    throw new SetupError(`--${option} is ${value}; expected one of ${known.join(', ')}`);
  }
}

/** @param {readonly string[] | undefined} files @param {readonly string[] | undefined} classes */
function readShapes(files, classes) {
  const folder = join(HERE, 'shapes');
  const paths = files ?? readdirSync(folder).map((name) => join(folder, name));
  const all = paths.flatMap((path) => {
    try {
      return parseShapes(readFileSync(path, 'utf8'), basename(path, extname(path)));
    } catch (error) {
      throw new SetupError(error instanceof Error ? error.message : String(error));
    }
  });
  if (!classes) return all;
  const known = [...new Set(all.map(({ className }) => className)), MAIN];
  for (const name of classes) assertOneOf('class', name, known);
  return all.filter(
    ({ className, isMain }) => classes.includes(className) || (isMain && classes.includes(MAIN)),
  );
}

/**
 * Node 20 needs a flag for relaxed SIMD. If this process lacks it, runs the benchmark in another process
 * with the flag and returns true.
 * @param {ReturnType<typeof readOptions>} options
 */
async function restartWithRelaxedSimd({ runtime, session }) {
  if (runtime !== 'node' || session.variant !== 'relaxed' || nodeHasRelaxedSimd()) return false;
  const flags = await relaxedFlags();
  if (flags.length === 0)
    throw new SetupError(
      `--variant is relaxed, but Node ${process.versions.node} has no relaxed SIMD; use --variant simd`,
    );
  const args = [...flags, ...process.argv.slice(1)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
  return true;
}

/** @param {ReturnType<typeof readOptions>} options */
async function setUp({ runtime, session, native, baseline }) {
  info('Setting up');
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await ensureNodePackages({ root: HERE });
  await buildPackage({ emscripten: await ensureEmscripten() });
  if (baseline !== undefined) {
    // Pages can import only files below the project's folder.
    rmSync(BASELINE, { recursive: true, force: true });
    cpSync(baseline, BASELINE, { recursive: true });
  }
  const python = native ? await openNative() : undefined;
  const sessionOptions = python
    ? { ...session, contenders: [...session.contenders, 'native'], sendRequest: python.sendRequest }
    : session;
  const host = await (runtime === 'node' ? openNode(sessionOptions) : openChromium(sessionOptions));
  return {
    ...host,
    async close() {
      await host.close();
      python?.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof setUp>>} Host */

/** Measures each class and prints its table. @param {Host} host @param {ReturnType<typeof readOptions>} options */
async function measureAll(host, { shapes, quick }) {
  /** @type {Result[]} */
  const results = [];
  for (const name of new Set(shapes.map(({ className }) => className))) {
    const own = shapes.filter(({ className }) => className === name);
    const classResults = await step(name, async (progress) => {
      /** @type {Result[]} */
      const done = [];
      for (const shape of own) {
        progress(`${done.length + 1} of ${own.length}`);
        done.push(await host.run(shape, quick ? QUICK_BUDGET : BUDGET));
      }
      return done;
    });
    results.push(...classResults);
    info(`\n${formatClass(classResults)}\n`);
  }
  return results;
}

/**
 * Measures first calls, each in a new process or page.
 * @param {Host} host @param {readonly Result[]} results @param {readonly string[]} contenders
 */
async function measureCold(host, results, contenders) {
  const work = results.flatMap(({ shape, entries }) =>
    contenders.filter((name) => entries[name]?.timing).map((name) => ({ shape, name })),
  );
  return step('first calls', async (progress) => {
    const rows = [];
    for (const { shape, name } of work) {
      progress(`${rows.length + 1} of ${work.length}`);
      rows.push({ shape: shape.name, name, ...(await host.cold(shape, name)) });
    }
    return rows;
  });
}

async function main() {
  const options = readOptions();
  if (await restartWithRelaxedSimd(options)) return;
  const { session, cold: isCold, json, plot: plotFile } = options;
  const host = await setUp(options);
  try {
    const { runtime, cpu, contenders } = host;
    const { variant } = session;
    info(`\n${runtime} on ${cpu}`);
    info(
      `corr2d's variant is ${variant}; times are medians in ms ± half of the interquartile range`,
    );
    for (const { name, version, threads } of contenders) {
      const note = threads < session.threads ? ' (the most it supports here)' : '';
      info(`${name} ${version}: ${threads} ${threads === 1 ? 'thread' : 'threads'}${note}`);
    }
    info('');
    const results = await measureAll(host, options);
    const all = summaries(results);
    if (all.length > 0) info(`${formatSummaries(all)}\n`);
    const shares = summaries(results, copyShareOf);
    if (shares.length > 0) info(`${formatSummaries(shares, 'share of the copy bandwidth')}\n`);
    const speedups = summaries(results, speedupOf);
    if (speedups.length > 0) info(`${formatSummaries(speedups, 'speed relative to one thread')}\n`);
    if (options.checksChoice) {
      const slow = slowChoices(results);
      info(
        slow.length > 0 ? slow.join('\n') : 'No algorithm is over 10 % faster than the chosen one.',
      );
      if (slow.length > 0) process.exitCode = 1;
    }
    const cold = isCold ? await measureCold(host, results, session.contenders) : undefined;
    if (cold) info(`\n${formatCold(cold)}`);

    const environment = { runtime, cpu, variant, contenders, date: new Date().toISOString() };
    const report = { environment, summaries: all, shares, speedups, results, cold };
    if (json) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    if (plotFile) writeFileSync(plotFile, plot(report));
  } finally {
    await host.close();
  }
  // The workers of tfjs and ort keep the process alive.
  process.exit();
}

main().catch((error) => {
  reportFailure(error);
  process.exit();
});
