// Formats results as tables and summarises them.
import { ALTERNATIVES, isBoundByMemory, OWN, SINGLE_THREADED } from './session.mjs';

/** @typedef {import('./session.mjs').Result} Result */
/**
 * @typedef {object} Summary A summary of the ratios of some shapes.
 * @property {string} title
 * @property {number} count
 * @property {number} mean Geometric.
 * @property {number} min
 * @property {string} worst The shape with the lowest ratio.
 * @property {number} meanOfMinima From minima instead of medians, which other load affects less.
 */

/** The contenders that corr2d is compared with: those that ran the shape on equal terms. */
function findPeers({ entries }) {
  return Object.entries(entries).filter(
    ([name, { timing, isUnranked }]) => name !== OWN && timing && !isUnranked,
  );
}

/**
 * The time of the faster peer divided by corr2d's, or null without a peer.
 * @param {Result} result @param {'median' | 'min'} [by]
 */
export function ratioOf(result, by = 'median') {
  const own = result.entries[OWN]?.timing;
  const peers = findPeers(result);
  if (!own || peers.length === 0) return null;
  return Math.min(...peers.map(([, { timing }]) => timing[by])) / own[by];
}

/**
 * The time of corr2d on one thread divided by that on several, or null if it ran on one only.
 * @param {Result} result @param {'median' | 'min'} [by]
 */
export function speedupOf({ entries }, by = 'median') {
  const [own, alone] = [OWN, SINGLE_THREADED].map((name) => entries[name]?.timing);
  return own && alone ? alone[by] / own[by] : null;
}

/** 10⁹ floating-point operations per second; a multiply-add counts as two. @param {Result} result */
export function gflopsOf({ shape, entries }, name = OWN) {
  const { timing } = entries[name];
  return (2 * shape.macs) / timing.median / 1e6;
}

/**
 * The bandwidth of corr2d divided by that of a copy of as many bytes, or null if memory does not limit the shape.
 * @param {Result} result @param {'median' | 'min'} [by]
 */
export function copyShareOf({ entries, copy }, by = 'median') {
  const own = entries[OWN]?.timing;
  return own && copy ? copy[by] / own[by] : null;
}

/**
 * @param {string} title @param {readonly Result[]} results
 * @param {typeof ratioOf} [getRatio]
 * @returns {Summary | null}
 */
export function summariseRatios(title, results, getRatio = ratioOf) {
  const known = results
    .map((result) => ({
      name: result.shape.name,
      ratio: getRatio(result),
      ratioOfMinima: getRatio(result, 'min'),
    }))
    .filter(({ ratio }) => ratio !== null);
  if (known.length === 0) return null;
  const worst = known.reduce((least, one) => (one.ratio < least.ratio ? one : least));
  return {
    title,
    count: known.length,
    mean: geometricMean(known.map(({ ratio }) => ratio)),
    min: worst.ratio,
    worst: worst.name,
    meanOfMinima: geometricMean(known.map(({ ratioOfMinima }) => ratioOfMinima)),
  };
}

/** @param {readonly number[]} numbers */
export function geometricMean(numbers) {
  return Math.exp(numbers.reduce((sum, one) => sum + Math.log(one), 0) / numbers.length);
}

/**
 * The summaries of each class, and of the main shapes.
 * @param {readonly Result[]} results @param {typeof ratioOf} [getRatio]
 */
export function summaries(results, getRatio = ratioOf) {
  const classes = [...new Set(results.map(({ shape }) => shape.className))];
  const main = results.filter(({ shape }) => shape.isMain);
  return [
    ...classes.map((name) =>
      summariseRatios(
        name,
        results.filter(({ shape }) => shape.className === name),
        getRatio,
      ),
    ),
    summariseRatios(`main (${main.length})`, main, getRatio),
  ].filter((summary) => summary !== null);
}

/** Formats the table of one class. @param {readonly Result[]} results */
export function formatClass(results) {
  const names = contendersIn(results);
  const peers = names.filter((name) => name !== OWN && name !== SINGLE_THREADED);
  const hasOwn = names.includes(OWN);
  const isThreaded = names.includes(SINGLE_THREADED);
  const isBound = results.every(({ shape }) => isBoundByMemory(shape));
  const speeds = isBound ? ['GB/s', 'of copy'] : ['GFLOP/s', 'of peak', 'algorithm'];
  const header = [
    results[0].shape.className,
    ...(hasOwn ? [OWN, '', 'min', ...speeds] : []),
    ...(isThreaded ? ['one thread', '', 'min', 'speedup', 'by minima'] : []),
    ...peers.flatMap((name) => [name, '', ...(isAlternative(name) ? [`/${OWN}`] : [])]),
    ...(isBound ? ['copy', '', 'GB/s'] : []),
    'ratio',
  ];
  const rows = results.map((result) => [
    result.shape.name,
    ...(hasOwn ? ownCells(result, isBound) : []),
    ...(isThreaded ? singleThreadedCells(result) : []),
    ...peers.flatMap((name) => peerCells(result, name)),
    ...(isBound ? copyCells(result) : []),
    ratioOf(result)?.toFixed(2) ?? (result.entries[OWN]?.unsupported ? '–' : 'no peer'),
  ]);
  return [formatTable([header, ...rows]), ...listReasons(results)].join('\n');
}

/** The contenders that ran at least one of the shapes. */
function contendersIn(results) {
  const measured = results.flatMap(({ entries }) =>
    Object.keys(entries).filter((name) => entries[name].timing),
  );
  return [...new Set(measured)].sort((a, b) => Number(b === OWN) - Number(a === OWN));
}

/** @param {string} name */
const isAlternative = (name) => ALTERNATIVES.includes(name);

function peerCells({ entries }, name) {
  const cells = timeCells(entries[name]);
  if (!isAlternative(name)) return cells;
  const [own, timing] = [OWN, name].map((one) => entries[one]?.timing);
  return [...cells, own && timing ? (timing.median / own.median).toFixed(2) : ''];
}

/** 10⁹ bytes per second. */
const bandwidthOf = ({ bytes }, { median }) => (bytes / median / 1e6).toFixed(1);

const copyCells = ({ shape, copy }) => [...timeCells({ timing: copy }), bandwidthOf(shape, copy)];

function ownCells(result, isBound) {
  const { timing, algorithm = '' } = result.entries[OWN] ?? {};
  if (!timing) return [...timeCells(), ...Array(isBound ? 3 : 4).fill('')];
  if (isBound) {
    return [
      ...timeCells({ timing }),
      formatMs(timing.min),
      bandwidthOf(result.shape, timing),
      `${Math.round(100 * copyShareOf(result))} %`,
    ];
  }
  const speed = gflopsOf(result);
  const part = (1e6 * speed) / result.peak;
  return [
    ...timeCells({ timing }),
    formatMs(timing.min),
    speed.toFixed(1),
    `${Math.round(100 * part)} %`,
    algorithm,
  ];
}

function singleThreadedCells(result) {
  const { timing } = result.entries[SINGLE_THREADED] ?? {};
  if (!timing) return [...timeCells(), '', '', ''];
  const speedups = [speedupOf(result), speedupOf(result, 'min')].map(
    (one) => one?.toFixed(2) ?? '–',
  );
  return [...timeCells({ timing }), formatMs(timing.min), ...speedups];
}

/** The median, and half of the interquartile range in per cent of it. */
function timeCells({ timing } = {}) {
  if (!timing) return ['–', ''];
  const deviation = (50 * (timing.q3 - timing.q1)) / timing.median;
  return [formatMs(timing.median), `±${Math.round(deviation)} %`];
}

/** Formats milliseconds with three digits. @param {number} time */
export function formatMs(time) {
  return time.toFixed(Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(time)))));
}

/** The reasons why contenders did not run shapes, without duplicates. */
function listReasons(results) {
  const reasons = results.flatMap(({ entries }) =>
    Object.entries(entries).flatMap(([name, { unsupported }]) =>
      unsupported ? [`${name} ${unsupported}`] : [],
    ),
  );
  return [...new Set(reasons)].map((reason) => `– ${reason}`);
}

/** Formats the times of first calls, each in a new process. */
export function formatCold(rows) {
  const cells = rows.map(({ shape, name, load, prepare, first }) => [
    shape,
    name,
    ...[load, prepare, first, load + prepare + first].map(formatMs),
  ]);
  return formatTable([['cold', '', 'load', 'prepare', 'first call', 'total'], ...cells]);
}

/** @param {readonly Summary[]} all @param {string} [title] The kind of ratio. */
export function formatSummaries(all, title = 'speed relative to the faster peer') {
  const rows = all.map(({ title, count, mean, meanOfMinima, min, worst }) => [
    title,
    `${count}`,
    mean.toFixed(2),
    meanOfMinima.toFixed(2),
    min.toFixed(2),
    worst,
  ]);
  const header = [title, 'shapes', 'mean', 'by minima', 'lowest', 'at'];
  return formatTable([header, ...rows]);
}

/** Aligns text to the left and numbers to the right. @param {readonly (readonly string[])[]} rows */
export function formatTable(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const isNumber = widths.map((_, i) => rows.slice(1).some((row) => /^[\d.±–]/.test(row[i])));
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          i > 0 && isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * The shapes for which the chosen algorithm is over 10 % slower than another, by median and by minimum,
 * one line each.
 * @param {readonly Result[]} results
 */
export function slowChoices(results) {
  return results.flatMap(({ shape, entries }) => {
    const { algorithm, timing: own } = entries[OWN] ?? {};
    return Object.entries(entries)
      .filter(([, { timing, isUnranked }]) => isUnranked && own && timing && isSlower(own, timing))
      .map(([name, { timing }]) => {
        const times = [own, timing].map((one) => one.median.toPrecision(3));
        return `${shape.className}: ${shape.name}: ${algorithm} ${times[0]} ms, ${name} ${times[1]} ms`;
      });
  });
}

/** @param {{ median: number, min: number }} a @param {{ median: number, min: number }} b */
const isSlower = (a, b) => a.median > 1.1 * b.median && a.min > 1.1 * b.min;
