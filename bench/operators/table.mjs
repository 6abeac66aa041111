// What the answers amount to, and the table that they make.

/** The libraries, in the order of the columns. */
export const PEERS = {
  torch: 'PyTorch',
  scipy: 'SciPy',
  tfjs: 'tfjs (wasm)',
  ort: 'onnxruntime-web',
  opencv: 'opencv.js',
};
const [BEGIN, END] = ['<!-- operators -->\n', '<!-- /operators -->\n'];
const SAME = '✓';
const IN_STEPS = '*in steps*';
const OTHER = '≠';
const MISSING = '✗';
const NOT_ASKED = '?';

/** @typedef {import('./data.mjs').Values} Values */
/** @typedef {{ version: string, answers: Record<string, import('./peers.mjs').Answer> }} Peer */

/**
 * How each peer stands to what corr2d has answered.
 * @param {string} id
 * @param {import('./convolutions.mjs').Case} one
 * @param {readonly Values[]} own
 * @param {Readonly<Record<string, Peer | null>>} peers Null where one is not installed.
 */
export function judge(id, one, own, peers) {
  return Object.fromEntries(
    Object.entries(peers).map(([peer, found]) => {
      if (found === null) return [peer, NOT_ASKED];
      const { values } = found.answers[id] ?? {};
      if (!values) return [peer, MISSING];
      const { steps, how = 'nobody says how' } = one[peer];
      if (!isSame(values, own)) return [peer, `${OTHER} ${how}`];
      return [peer, steps ? IN_STEPS : SAME];
    }),
  );
}

/** The same shapes, and the same numbers but for the rounding of some dozen additions. */
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
 * The cell of a row for one peer: `✓`, or where its cases differ `✓ relu, tanh`.
 * @param {readonly { name: string, marks: Record<string, string> }[]} cases @param {string} peer
 */
export function cellOf(cases, peer) {
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

/** The table in Markdown. @param {Readonly<Record<string, Peer | null>>} peers */
export function formatTable(rows, peers) {
  const header = Object.entries(PEERS).map(([peer, name]) =>
    peers[peer] ? `${name} ${peers[peer].version}` : name,
  );
  const lines = [
    ['', ...header],
    ['---', ...header.map(() => '---')],
    ...rows.map(({ title, cases }) => [
      title,
      ...Object.keys(PEERS).map((peer) => cellOf(cases, peer)),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The table in the text of docs/comparison.md. @param {string} text */
export function readTable(text) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page has no ${BEGIN.trim()} … ${END.trim()}`);
  return text.slice(begin + BEGIN.length, end);
}

/** `text` with another table. @param {string} text @param {string} table */
export function replaceTable(text, table) {
  return text.replace(BEGIN + readTable(text) + END, BEGIN + table + END);
}

/** Where two tables differ, but for what could not be asked this time. */
export function differences(written, found) {
  const [before, now] = [written, found].map(cellsOf);
  if (before.length !== now.length)
    return [`${before.length} rows, and ${now.length} were asked for`];
  const skipped = now[0].map((_, i) => now.some((cells) => cells[i] === NOT_ASKED));
  return now.flatMap((cells, row) =>
    cells.flatMap((cell, i) =>
      skipped[i] || cell === before[row][i]
        ? []
        : [`${cells[0]}, ${now[0][i]}: "${before[row][i]}", was found to be "${cell}"`],
    ),
  );
}

const cellsOf = (table) =>
  table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
