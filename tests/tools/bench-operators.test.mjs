// The table of operators, as far as it can be made without the libraries that are asked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cases, probesFor, rows } from '../../bench/operators/ask.mjs';
import {
  cellOf,
  differences,
  formatTable,
  isSame,
  judge,
  PEERS,
  readTable,
  replaceTable,
} from '../../bench/operators/table.mjs';

const PAGE = new URL('../../docs/comparison.md', import.meta.url);
const values = (...data) => [{ shape: [data.length], data }];

test('answers are the same within rounding, and in shape', () => {
  assert.ok(isSame(values(1, 2), values(1.000001, 2)));
  assert.ok(!isSame(values(1, 2), values(1.001, 2)));
  assert.ok(!isSame(values(1, Number.NaN), values(1, 2)));
  assert.ok(!isSame(values(1, 2), values(1, 2, 3)));
  assert.ok(!isSame([], values(1)));
  assert.ok(!isSame([{ shape: [2, 1], data: [1, 2] }], [{ shape: [1, 2], data: [1, 2] }]));
});

test('a mark for every answer', () => {
  const one = { a: 'asked', b: { steps: true }, c: { how: 'is upside down' }, d: 'asked' };
  const answer = (found) => ({ version: '1', answers: { id: found } });
  const right = { values: values(1) };
  const peers = {
    a: answer(right),
    b: answer(right),
    c: answer({ values: values(2) }),
    d: answer({ error: 'no' }),
    e: { version: '1', answers: {} },
    f: null,
  };
  assert.deepEqual(judge('id', one, values(1), peers), {
    a: '✓',
    b: '*in steps*',
    c: '≠ is upside down',
    d: '✗',
    e: '✗',
    f: '?',
  });
});

test('a cell names cases only where they differ', () => {
  const cell = (...marks) =>
    cellOf(
      marks.map((mark, i) => ({ name: 'abc'[i], marks: { x: mark } })),
      'x',
    );
  assert.equal(cell('✓', '✓'), '✓');
  assert.equal(cell('✗'), '✗');
  assert.equal(cell('✓', '✗', '✓'), '✓ a, c');
  assert.equal(cell('✓', '≠ slow', '*in steps*'), '✓ a; ≠ slow: b; *in steps*: c');
});

test('the table is found, replaced and compared', () => {
  const marks = Object.fromEntries(Object.keys(PEERS).map((peer) => [peer, '✓']));
  const rowsOf = (mark) => [
    { title: '`pad`', cases: [{ name: '', marks: { ...marks, ...mark } }] },
  ];
  const peers = { torch: { version: '1' }, scipy: null };
  const table = formatTable(rowsOf({ scipy: '?' }), peers);
  assert.match(table, /^\| {2}\| PyTorch 1 \| SciPy \| tfjs/);
  const text = 'a\n<!-- operators -->\n<!-- /operators -->\nb\n';
  const written = replaceTable(text, table);
  assert.equal(readTable(written), table);
  assert.equal(written.replace(table, ''), text);

  const other = formatTable(rowsOf({ scipy: '✗', tfjs: '✗' }), peers);
  assert.deepEqual(differences(table, table), []);
  assert.deepEqual(differences(other, table), ['`pad`, tfjs (wasm): "✗", was found to be "✓"']);
  assert.deepEqual(differences(table.split('\n').slice(0, 2).join('\n'), table), [
    '2 rows, and 3 were asked for',
  ]);
});

test('docs/comparison.md has every row, and every difference is explained', () => {
  const table = readTable(readFileSync(PAGE, 'utf8'));
  const titles = table
    .split('\n')
    .slice(2, -1)
    .map((line) => line.split('|')[1].trim());
  assert.deepEqual(
    titles,
    rows.map(({ title }) => title),
  );
  assert.doesNotMatch(table, /\?|nobody says how/);
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
});

test('what breaks a library is asked in the end', () => {
  const ids = probesFor('tfjs').map(({ id }) => id);
  assert.deepEqual(ids.slice(-3), ['`conv2d` batch of 0', '`padding` number', '`conv1d` padding']);
});
