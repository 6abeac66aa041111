// Compares the libraries' results with corr2d's, and formats the table.

/** The libraries, in the order of their columns. */
export const PEERS = {
  torch: 'PyTorch',
  scipy: 'SciPy',
  skimage: 'scikit-image',
  tfjs: 'tfjs (wasm)',
  ort: 'onnxruntime-web',
  opencv: 'opencv.js',
};
const [BEGIN, END] = ['<!-- operators -->\n', '<!-- /operators -->\n'];
const SAME = '✓';
const IN_STEPS = '*in steps*';
const DIFFERENT = '≠';
const MISSING = '✗';
const NOT_INSTALLED = '?';

/** @typedef {import('./data.mjs').Values} Values */
/** @typedef {{ version: string, results: Record<string, import('./peers.mjs').ProbeResult> }} Peer */

/**
 * The mark of each library for one case.
 * @param {string} id
 * @param {import('./rows/types.mjs').Case} definition
 * @param {readonly Values[]} own
 * @param {Readonly<Record<string, Peer | null>>} peers Null if not installed.
 */
export function markPeers(id, definition, own, peers) {
  return Object.fromEntries(
    Object.entries(peers).map(([peer, found]) => {
      if (found === null) return [peer, NOT_INSTALLED];
      const { values } = found.results[id] ?? {};
      if (!values) return [peer, MISSING];
      const { steps, difference = 'unexplained' } = definition[peer];
      if (!isSame(values, own)) return [peer, `${DIFFERENT} ${difference}`];
      return [peer, steps ? IN_STEPS : SAME];
    }),
  );
}

/** Whether the shapes are equal, and the numbers up to the rounding errors of a few dozen additions. */
export function isSame(some, others) {
  return (
    some.length === others.length &&
    some.every(({ shape, data }, i) => {
      const other = others[i];
      return (
        shape.join() === other.shape.join() &&
        Array.from(data).every((x, j) => Math.abs(x - other.data[j]) <= 1e-5 * (1 + Math.abs(x)))
      );
    })
  );
}

/**
 * The cell of a row for one library: one mark, or each mark with its cases, such as `✓ relu, tanh`.
 * @param {readonly { name: string, marks: Record<string, string> }[]} cases @param {string} peer
 */
export function formatCell(cases, peer) {
  const marks = [...new Set(cases.map((one) => one.marks[peer]))];
  if (marks.length === 1) return marks[0];
  return marks
    .filter((mark) => mark !== MISSING)
    .map((mark) => {
      const names = cases.filter((one) => one.marks[peer] === mark).map(({ name }) => name);
      return mark === SAME ? `${SAME} ${names.join(', ')}` : `${mark}: ${names.join(', ')}`;
    })
    .join('; ');
}

/** Formats the table in Markdown. @param {Readonly<Record<string, Peer | null>>} peers */
export function formatTable(rows, peers) {
  const header = Object.entries(PEERS).map(([peer, name]) =>
    peers[peer] ? `${name} ${peers[peer].version}` : name,
  );
  const lines = [
    ['', ...header],
    ['---', ...header.map(() => '---')],
    ...rows.map(({ title, cases }) => [
      title,
      ...Object.keys(PEERS).map((peer) => formatCell(cases, peer)),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Finds the table in a Markdown document. @param {string} text */
export function readTable(text) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`the document has no ${BEGIN.trim()} … ${END.trim()}`);
  return text.slice(begin + BEGIN.length, end);
}

/** Replaces the table in a Markdown document. @param {string} text @param {string} table */
export function replaceTable(text, table) {
  return text.replace(BEGIN + readTable(text) + END, BEGIN + table + END);
}

/** The differences between two tables, without the libraries that are not installed. */
export function findDifferences(written, found) {
  const [before, now] = [written, found].map(parseCells);
  if (before.length !== now.length)
    return [`the document has ${before.length} lines; expected ${now.length}`];
  const skipped = now[0].map((_, i) => now.some((cells) => cells[i] === NOT_INSTALLED));
  return now.flatMap((cells, row) =>
    cells.flatMap((cell, i) =>
      skipped[i] || cell === before[row][i]
        ? []
        : [`${cells[0]}, ${now[0][i]} is "${before[row][i]}"; expected "${cell}"`],
    ),
  );
}

const parseCells = (table) =>
  table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
