// Tests the table of operators without the other libraries.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cases, probesFor, rows } from '../../bench/operators/run.mjs';
import {
  findDifferences,
  formatCell,
  formatTable,
  isSame,
  markPeers,
  PEERS,
  readTable,
  replaceTable,
} from '../../bench/operators/table.mjs';

const PAGE = new URL('../../docs/comparison.md', import.meta.url);
const values = (...data) => [{ shape: [data.length], data }];

test('isSame compares shapes, and numbers up to rounding', () => {
  assert.ok(isSame(values(1, 2), values(1.000001, 2)));
  assert.ok(!isSame(values(1, 2), values(1.001, 2)));
  assert.ok(!isSame(values(1, Number.NaN), values(1, 2)));
  assert.ok(!isSame(values(1, 2), values(1, 2, 3)));
  assert.ok(!isSame([], values(1)));
  assert.ok(!isSame([{ shape: [2, 1], data: [1, 2] }], [{ shape: [1, 2], data: [1, 2] }]));
});

test('markPeers distinguishes equal, different, failing and missing results', () => {
  const definition = {
    a: 'code',
    b: { steps: true },
    c: { difference: 'is upside down' },
    d: 'code',
  };
  const peer = (result) => ({ version: '1', results: { id: result } });
  const equal = { values: values(1) };
  const peers = {
    a: peer(equal),
    b: peer(equal),
    c: peer({ values: values(2) }),
    d: peer({ error: 'no' }),
    e: { version: '1', results: {} },
    f: null,
  };
  assert.deepEqual(markPeers('id', definition, values(1), peers), {
    a: '✓',
    b: '*in steps*',
    c: '≠ is upside down',
    d: '✗',
    e: '✗',
    f: '?',
  });
});

test('formatCell names the cases only if their marks differ', () => {
  const cell = (...marks) =>
    formatCell(
      marks.map((mark, i) => ({ name: 'abc'[i], marks: { x: mark } })),
      'x',
    );
  assert.equal(cell('✓', '✓'), '✓');
  assert.equal(cell('✗'), '✗');
  assert.equal(cell('✓', '✗', '✓'), '✓ a, c');
  assert.equal(cell('✓', '≠ slow', '*in steps*'), '✓ a; ≠ slow: b; *in steps*: c');
});

test('readTable, replaceTable and findDifferences handle the table of a document', () => {
  const marks = Object.fromEntries(Object.keys(PEERS).map((peer) => [peer, '✓']));
  const rowsOf = (mark) => [
    { title: '`pad`', cases: [{ name: '', marks: { ...marks, ...mark } }] },
  ];
  const peers = { torch: { version: '1' }, scipy: null };
  const table = formatTable(rowsOf({ scipy: '?' }), peers);
  assert.match(table, /^\| {2}\| PyTorch 1 \| SciPy \| scikit-image \| tfjs/);
  const text = 'a\n<!-- operators -->\n<!-- /operators -->\nb\n';
  const written = replaceTable(text, table);
  assert.equal(readTable(written), table);
  assert.equal(written.replace(table, ''), text);

  const other = formatTable(rowsOf({ scipy: '✗', tfjs: '✗' }), peers);
  assert.deepEqual(findDifferences(table, table), []);
  assert.deepEqual(findDifferences(other, table), ['`pad`, tfjs (wasm) is "✗"; expected "✓"']);
  assert.deepEqual(findDifferences(table.split('\n').slice(0, 2).join('\n'), table), [
    'the document has 2 lines; expected 3',
  ]);
});

test('docs/comparison.md has every row, and explains every difference', () => {
  const table = readTable(readFileSync(PAGE, 'utf8'));
  const titles = table
    .split('\n')
    .slice(2, -1)
    .map((line) => line.split('|')[1].trim());
  assert.deepEqual(
    titles,
    rows.map(({ title }) => title),
  );
  assert.doesNotMatch(table, /\?|unexplained/);
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
});

test('probesFor returns the probes that break a library last', () => {
  const ids = probesFor('tfjs').map(({ id }) => id);
  assert.deepEqual(ids.slice(-3), ['`conv2d` batch of 0', '`padding` number', '`conv1d` padding']);
});
