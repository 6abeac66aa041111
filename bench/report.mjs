// Turns results into tables and means.
import { ALONE, OWN } from './session.mjs';

/** @typedef {import('./session.mjs').Result} Result */
/**
 * @typedef {object} Summary Of the ratios of some shapes.
 * @property {string} title
 * @property {number} count
 * @property {number} mean
 * @property {number} min
 * @property {string} worst The shape of the least ratio.
 * @property {number} meanOfMinima By minima instead of medians: what a busy machine hides less.
 */

/** The contenders that a result is compared with: those that have done the shape on equal terms. */
function peersOf({ entries }) {
  return Object.entries(entries).filter(
    ([name, { timing, isAside }]) => name !== OWN && timing && !isAside,
  );
}

/**
 * How many times faster than the faster peer; null without a peer.
 * @param {Result} result @param {'median' | 'min'} [by]
 */
export function ratioOf(result, by = 'median') {
  const own = result.entries[OWN]?.timing;
  const peers = peersOf(result);
  if (!own || peers.length === 0) return null;
  return Math.min(...peers.map(([, { timing }]) => timing[by])) / own[by];
}

/**
 * How many times faster than on one thread; null where it has but one.
 * @param {Result} result @param {'median' | 'min'} [by]
 */
export function speedupOf({ entries }, by = 'median') {
  const [own, alone] = [OWN, ALONE].map((name) => entries[name]?.timing);
  return own && alone ? alone[by] / own[by] : null;
}

/** 10⁹ operations a second, a multiply-add being two. @param {Result} result */
export function gflopsOf({ shape, entries }, name = OWN) {
  const { timing } = entries[name];
  return (2 * shape.macs) / timing.median / 1e6;
}

/**
 * @param {string} title @param {readonly Result[]} results
 * @param {typeof ratioOf} [of] Which ratio.
 * @returns {Summary | null}
 */
export function summariseRatios(title, results, of = ratioOf) {
  const known = results
    .map((result) => ({
      name: result.shape.name,
      ratio: of(result),
      ofMinima: of(result, 'min'),
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
    meanOfMinima: geometricMean(known.map(({ ofMinima }) => ofMinima)),
  };
}

/** @param {readonly number[]} numbers */
export function geometricMean(numbers) {
  return Math.exp(numbers.reduce((sum, one) => sum + Math.log(one), 0) / numbers.length);
}

/**
 * One for each class, and one for the main shapes.
 * @param {readonly Result[]} results @param {typeof ratioOf} [of] Which ratio.
 */
export function summaries(results, of = ratioOf) {
  const classes = [...new Set(results.map(({ shape }) => shape.className))];
  const main = results.filter(({ shape }) => shape.isMain);
  return [
    ...classes.map((name) =>
      summariseRatios(
        name,
        results.filter(({ shape }) => shape.className === name),
        of,
      ),
    ),
    summariseRatios(`main (${main.length})`, main, of),
  ].filter((summary) => summary !== null);
}

/** The table of one class. @param {readonly Result[]} results */
export function formatClass(results) {
  const names = namesIn(results);
  const peers = names.filter((name) => name !== OWN && name !== ALONE);
  const hasOwn = names.includes(OWN);
  const isThreaded = names.includes(ALONE);
  const header = [
    results[0].shape.className,
    ...(hasOwn ? [OWN, '', 'min', 'GFLOP/s', 'of peak', 'algorithm'] : []),
    ...(isThreaded ? ['one thread', '', 'min', 'speedup', 'of minima'] : []),
    ...peers.flatMap((name) => [name, '']),
    'ratio',
  ];
  const rows = results.map((result) => [
    result.shape.name,
    ...(hasOwn ? ownCells(result) : []),
    ...(isThreaded ? aloneCells(result) : []),
    ...peers.flatMap((name) => timeCells(result.entries[name])),
    ratioOf(result)?.toFixed(2) ?? 'no peer',
  ]);
  return [formatTable([header, ...rows]), ...reasons(results)].join('\n');
}

/** Those that have measured at least one of the shapes. */
function namesIn(results) {
  const measured = results.flatMap(({ entries }) =>
    Object.keys(entries).filter((name) => entries[name].timing),
  );
  return [...new Set(measured)].sort((a, b) => Number(b === OWN) - Number(a === OWN));
}

function ownCells(result) {
  const { timing, algorithm = '' } = result.entries[OWN] ?? {};
  if (!timing) return [...timeCells(), '', '', '', ''];
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

function aloneCells(result) {
  const { timing } = result.entries[ALONE] ?? {};
  if (!timing) return [...timeCells(), '', '', ''];
  const speedups = [speedupOf(result), speedupOf(result, 'min')].map(
    (one) => one?.toFixed(2) ?? '–',
  );
  return [...timeCells({ timing }), formatMs(timing.min), ...speedups];
}

/** The median, and half of what lies between the quartiles. */
function timeCells({ timing } = {}) {
  if (!timing) return ['–', ''];
  const spread = (50 * (timing.q3 - timing.q1)) / timing.median;
  return [formatMs(timing.median), `±${Math.round(spread)} %`];
}

/** Three digits. @param {number} time */
export function formatMs(time) {
  return time.toFixed(Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(time)))));
}

/** Why contenders have left shapes out, each reason once. */
function reasons(results) {
  const said = results.flatMap(({ entries }) =>
    Object.entries(entries).flatMap(([name, { unsupported }]) =>
      unsupported ? [`${name} ${unsupported}`] : [],
    ),
  );
  return [...new Set(said)].map((reason) => `– ${reason}`);
}

/** The times of first calls, each in a process of its own. */
export function formatCold(rows) {
  const cells = rows.map(({ shape, name, load, prepare, first }) => [
    shape,
    name,
    ...[load, prepare, first, load + prepare + first].map(formatMs),
  ]);
  return formatTable([['cold', '', 'load', 'prepare', 'first call', 'all'], ...cells]);
}

/** @param {readonly Summary[]} all @param {string} [title] What the ratios are of. */
export function formatSummaries(all, title = 'times the faster peer') {
  const rows = all.map(({ title, count, mean, meanOfMinima, min, worst }) => [
    title,
    `${count}`,
    mean.toFixed(2),
    meanOfMinima.toFixed(2),
    min.toFixed(2),
    worst,
  ]);
  const header = [title, 'shapes', 'mean', 'by minima', 'least', 'at'];
  return formatTable([header, ...rows]);
}

/** Text to the left, numbers to the right. @param {readonly (readonly string[])[]} rows */
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
 * Where another algorithm takes 10 % less time than the chosen one, by the median and by the least: a
 * line each.
 * @param {readonly Result[]} results
 */
export function slowChoices(results) {
  return results.flatMap(({ shape, entries }) => {
    const { algorithm, timing: own } = entries[OWN] ?? {};
    return Object.entries(entries)
      .filter(([, { timing, isAside }]) => isAside && own && timing && isSlower(own, timing))
      .map(([name, { timing }]) => {
        const times = [own, timing].map((one) => one.median.toPrecision(3));
        return `${shape.className}: ${shape.name}: ${algorithm} ${times[0]} ms, ${name} ${times[1]} ms`;
      });
  });
}

/** @param {{ median: number, min: number }} a @param {{ median: number, min: number }} b */
const isSlower = (a, b) => a.median > 1.1 * b.median && a.min > 1.1 * b.min;
