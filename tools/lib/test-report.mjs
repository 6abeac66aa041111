// @ts-check
// Counts the tests in the reports of node --test and ctest, and formats the summary.
import { formatTime } from './log.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { suite: string, milliseconds: number }} Result */

/**
 * The counts at the end of a TAP report of `node --test`.
 * @param {string} tap @returns {Counts}
 */
export function countTap(tap) {
  /** @param {string} name */
  const count = (name) => Number(tap.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
}

/**
 * The counts in a JUnit report of ctest.
 * @param {string} xml @returns {Counts}
 */
export function countJunit(xml) {
  const suite = /<testsuite\b[^>]*>/.exec(xml)?.[0] ?? '';
  /** @param {string} name */
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures');
  const skipped = count('skipped') + count('disabled');
  return { passed: count('tests') - failed - skipped, failed, skipped };
}

/**
 * The problems of the results, one sentence each. There are none if the run passed.
 * @param {Result[]} results @param {boolean} isCi
 */
export function findProblems(results, isCi) {
  return results.flatMap(({ suite, passed, failed, skipped }) => {
    if (failed > 0) return [`${suite}: ${failed} failed`];
    if (passed + skipped === 0) return [`${suite}: ran no tests`];
    if (isCi && skipped > 0) return [`${suite}: ${skipped} skipped; not allowed with CI=true`];
    return [];
  });
}

/** @param {Result[]} results */
export function formatSummary(results) {
  const header = ['suite', 'passed', 'failed', 'skipped', 'time'];
  const rows = results.map((result) => [
    result.suite,
    ...[result.passed, result.failed, result.skipped].map(String),
    formatTime(result.milliseconds),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i].length)));
  const lines = [header, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  /** @param {keyof Counts} key */
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
  return `${lines.join('\n')}\n\n${total('passed')} passed, ${total('failed')} failed${skipped}`;
}
