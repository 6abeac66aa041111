// @ts-check
// npm run calibrate: times every algorithm in Node (tools/calibrate), fits the prices of what they
// do to it, and writes them to cpp/core/cost_table.hpp, from which a plan chooses. With --check it only
// tells how well those that are there fit.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildCalibration } from './build.mjs';
import { readArguments, reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const TABLE = fileURLToPath(new URL('../cpp/core/cost_table.hpp', import.meta.url));

/** In the order of cpp/include/corr2d/problem.hpp. */
const ALGORITHMS = ['auto', 'direct', 'gemm', 'depthwise', 'winograd', 'separable', 'fft'];

/** @typedef {{ algorithm: string, counts: number[], time: number, problem: string }} Run */

/** The runs in what the program prints: of each algorithm and problem the fastest. @param {string} text */
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
 * The prices, none of them negative, by which the costs of these runs are nearest to their times:
 * least squares of what cost and time differ by, relative to the time, so that small problems count
 * as much as large ones. Found coordinate by coordinate; what is minimised is convex.
 * @param {readonly Run[]} runs
 */
export function fit(runs) {
  const rows = runs.map(({ counts, time }) => counts.map((count) => count / time));
  const kinds = rows[0]?.length ?? 0;
  const prices = new Array(kinds).fill(0);
  const rests = rows.map(() => 1);
  for (let round = 0; round < 20_000; round++) {
    for (let kind = 0; kind < kinds; kind++) {
      let slope = 0;
      let curvature = 0;
      for (const [i, row] of rows.entries()) {
        slope += row[kind] * rests[i];
        curvature += row[kind] ** 2;
      }
      const price = curvature > 0 ? Math.max(0, prices[kind] + slope / curvature) : 0;
      for (const [i, row] of rows.entries()) rests[i] -= (price - prices[kind]) * row[kind];
      prices[kind] = price;
    }
  }
  return prices;
}

/** @param {readonly number[]} prices @param {Run} run */
const costOf = (prices, { counts }) =>
  counts.reduce((sum, count, kind) => sum + count * (prices[kind] ?? 0), 0);

/** How far costs are from times: the root mean square of the logarithms of their ratios, as a ratio. */
const spreadOf = (/** @type {readonly number[]} */ prices, /** @type {readonly Run[]} */ runs) =>
  Math.exp(
    Math.sqrt(
      runs.reduce((sum, run) => sum + Math.log(costOf(prices, run) / run.time) ** 2, 0) /
        runs.length,
    ),
  );

/** @param {Record<string, number[]>} prices @param {string} where */
function tableOf(prices, where) {
  const literal = (/** @type {number} */ price) => {
    const text = price.toPrecision(3);
    return price === 0 ? '0' : `${/[.e]/.test(text) ? text : `${text}.0`}f`;
  };
  const rows = ALGORITHMS.map((name) => {
    const row = (prices[name] ?? new Array(4).fill(0)).map(literal).join(', ');
    return `    {${row}},  // ${name}`;
  });
  return `#pragma once

#include "cost.hpp"

// Written by npm run calibrate.

namespace corr2d {

/// Nanoseconds for each of the counts of an algorithm's effort, by its number. Measured in
/// ${where}.
constexpr float kPrices[][Effort::kKinds] = {
${rows.join('\n')}
};

}  // namespace corr2d
`;
}

/** Prices as the table has them. @param {string} table @returns {Record<string, number[]>} */
export function pricesOf(table) {
  const rows = [...table.matchAll(/^ {4}\{(.*)\},\s+\/\/ (\w+)$/gm)];
  return Object.fromEntries(
    rows.map(([, row = '', name = '']) => [name, row.split(',').map(Number.parseFloat)]),
  );
}

async function main() {
  const { values } = readArguments({ options: { check: { type: 'boolean' } } });
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  const emscripten = await ensureEmscripten();
  // How FFT cuts its tiles depends on its prices: it is fitted twice.
  for (let round = 0; round < (values.check ? 1 : 2); round++) {
    const program = await buildCalibration({ emscripten, variant: 'simd' });
    const runs = parseRuns(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
    const known = pricesOf(await readFile(TABLE, 'utf8'));
    /** @type {Record<string, number[]>} */
    const prices = {};
    for (const name of ALGORITHMS.slice(1)) {
      const own = runs.filter(({ algorithm }) => algorithm === name);
      prices[name] = values.check ? (known[name] ?? []) : fit(own);
      process.stdout.write(
        `${name}: ${own.length} runs, spread ${spreadOf(prices[name], own).toFixed(2)}\n`,
      );
    }
    printChoices(runs, prices);
    if (values.check) continue;
    const where = `Node ${process.versions.node} on ${cpus()[0]?.model.trim()}, variant simd`;
    await writeFile(TABLE, tableOf(prices, where));
  }
}

/** Where the cheapest is not the fastest. @param {readonly Run[]} runs @param {Record<string, number[]>} prices */
function printChoices(runs, prices) {
  for (const [problem, own] of grouped(runs)) {
    const by = (/** @type {(run: Run) => number} */ key) =>
      own.reduce((best, run) => (key(run) < key(best) ? run : best));
    const cheapest = by((run) => costOf(prices[run.algorithm] ?? [], run));
    const fastest = by(({ time }) => time);
    if (cheapest.time > 1.1 * fastest.time) {
      const us = (/** @type {number} */ ns) => (ns / 1e3).toFixed(0);
      process.stdout.write(
        `${problem}: ${cheapest.algorithm} ${us(cheapest.time)} µs, ${fastest.algorithm} ${us(fastest.time)} µs\n`,
      );
    }
  }
}

/** @param {readonly Run[]} runs */
function grouped(runs) {
  /** @type {Map<string, Run[]>} */
  const groups = new Map();
  for (const run of runs) groups.set(run.problem, [...(groups.get(run.problem) ?? []), run]);
  return groups;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
