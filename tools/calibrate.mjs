// @ts-check
// npm run calibrate: calibrates the cost model. Times every implementation in Node (tools/calibrate), fits
// the nanoseconds per operation, and writes them to cpp/core/cost_table.hpp.
//   -- --check  only print how well the current table fits
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildCalibration } from './build.mjs';
import { readArguments, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const TABLE = fileURLToPath(new URL('../cpp/core/cost_table.hpp', import.meta.url));

/** @typedef {{ algorithm: string, counts: number[], time: number, problem: string }} Run */

/** Parses the program's output and keeps the fastest run of each algorithm and problem. @param {string} text */
export function parseRuns(text) {
  /** @type {Map<string, Run>} */
  const runs = new Map();
  for (const line of text.trim().split('\n')) {
    const [algorithm = '', ...words] = line.split(' ');
    const problem = words.pop() ?? '';
    const numbers = words.map(Number);
    const time = numbers.pop() ?? Number.NaN;
    const key = `${algorithm} ${problem}`;
    if (time < (runs.get(key)?.time ?? Number.POSITIVE_INFINITY)) {
      runs.set(key, { algorithm, counts: numbers, time, problem });
    }
  }
  return [...runs.values()];
}

/**
 * Fits the prices (nanoseconds per operation) of these runs: non-negative least squares of the
 * differences between cost and time, relative to the time, so that small problems count as much as
 * large ones. The objective is convex and minimised by coordinate descent.
 * @param {readonly Run[]} runs
 */
export function fit(runs) {
  const rows = runs.map(({ counts, time }) => counts.map((count) => count / time));
  const kinds = rows[0]?.length ?? 0;
  const prices = new Array(kinds).fill(0);
  const residuals = rows.map(() => 1);
  for (let round = 0; round < 20_000; round++) {
    for (let kind = 0; kind < kinds; kind++) {
      let slope = 0;
      let curvature = 0;
      for (const [i, row] of rows.entries()) {
        slope += row[kind] * residuals[i];
        curvature += row[kind] ** 2;
      }
      const price = curvature > 0 ? Math.max(0, prices[kind] + slope / curvature) : 0;
      for (const [i, row] of rows.entries()) residuals[i] -= (price - prices[kind]) * row[kind];
      prices[kind] = price;
    }
  }
  return prices;
}

/** @param {readonly number[]} prices @param {Run} run */
const costOf = (prices, { counts }) =>
  counts.reduce((sum, count, kind) => sum + count * (prices[kind] ?? 0), 0);

/** The root mean square of log(cost / time), as a ratio: 1 is a perfect fit. */
const fitError = (/** @type {readonly number[]} */ prices, /** @type {readonly Run[]} */ runs) =>
  Math.exp(
    Math.sqrt(
      runs.reduce((sum, run) => sum + Math.log(costOf(prices, run) / run.time) ** 2, 0) /
        runs.length,
    ),
  );

/**
 * The text of cost_table.hpp. The rows keep the order of the enumerators of Algorithm.
 * @param {Record<string, number[]>} prices @param {string} machine
 */
function formatTable(prices, machine) {
  const literal = (/** @type {number} */ price) => {
    const text = price.toPrecision(3);
    return price === 0 ? '0' : `${/[.e]/.test(text) ? text : `${text}.0`}f`;
  };
  const rows = Object.entries(prices).map(
    ([name, row]) => `    {${row.map(literal).join(', ')}},  // ${name}`,
  );
  return `#pragma once

#include "core/cost.hpp"

// Written by npm run calibrate.

namespace corr2d {

/// Nanoseconds per operation of each kind in an implementation's op_counts, by the number of the
/// implementation. Measured in ${machine}.
constexpr float kPrices[][OpCounts::kKinds] = {
${rows.join('\n')}
};

}  // namespace corr2d
`;
}

/** Reads the prices from cost_table.hpp. @param {string} table @returns {Record<string, number[]>} */
export function parsePrices(table) {
  const rows = [...table.matchAll(/^ {4}\{(.*)\},\s+\/\/ (\w+)$/gm)];
  return Object.fromEntries(
    rows.map(([, row = '', name = '']) => [name, row.split(',').map(Number.parseFloat)]),
  );
}

async function main() {
  const { values } = readArguments({ options: { check: { type: 'boolean' } } });
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  const emscripten = await ensureEmscripten();
  // The FFT chooses its tile size by these prices, so its fit is repeated with the new table.
  for (let round = 0; round < (values.check ? 1 : 2); round++) {
    const program = await buildCalibration({ emscripten, variant: 'simd' });
    const runs = parseRuns(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
    const known = parsePrices(await readFile(TABLE, 'utf8'));
    /** @type {Record<string, number[]>} */
    const prices = {};
    for (const [name, row] of Object.entries(known)) {
      prices[name] = row;
      const own = runs.filter(({ algorithm }) => algorithm === name);
      if (own.length === 0) continue;
      if (!values.check) prices[name] = fit(own);
      process.stdout.write(
        `${name}: ${own.length} runs, fit error ${fitError(prices[name], own).toFixed(2)}\n`,
      );
    }
    printChoices(runs, prices);
    if (values.check) continue;
    const machine = `Node ${process.versions.node} on ${cpus()[0]?.model.trim()}, variant simd`;
    await writeFile(TABLE, formatTable(prices, machine));
  }
}

/**
 * Prints the problems for which the algorithm with the lowest cost is over 10 % slower than the
 * fastest.
 * @param {readonly Run[]} runs @param {Record<string, number[]>} prices
 */
function printChoices(runs, prices) {
  for (const [problem, own] of groupByProblem(runs)) {
    const lowest = (/** @type {(run: Run) => number} */ key) =>
      own.reduce((best, run) => (key(run) < key(best) ? run : best));
    const cheapest = lowest((run) => costOf(prices[run.algorithm] ?? [], run));
    const fastest = lowest(({ time }) => time);
    if (cheapest.time > 1.1 * fastest.time) {
      const us = (/** @type {number} */ ns) => (ns / 1e3).toFixed(0);
      process.stdout.write(
        `${problem}: ${cheapest.algorithm} ${us(cheapest.time)} µs, ${fastest.algorithm} ${us(fastest.time)} µs\n`,
      );
    }
  }
}

/** @param {readonly Run[]} runs */
function groupByProblem(runs) {
  /** @type {Map<string, Run[]>} */
  const groups = new Map();
  for (const run of runs) groups.set(run.problem, [...(groups.get(run.problem) ?? []), run]);
  return groups;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
