// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJunit, countTap, findProblems, formatSummary } from '../../tools/lib/test-report.mjs';
import { runFile } from './run-file.mjs';

const base = { suite: 'js', passed: 3, failed: 0, skipped: 0, milliseconds: 1500 };

test('countTap counts the report of node --test', () => {
  const lines = [
    "test('a', () => {});",
    "test('# fail 7', () => {});",
    "test('b', () => { throw new Error('expected'); });",
    "test('c', { skip: true }, () => {});",
    "test('d', { todo: true }, () => {});",
  ];
  const { stdout } = runFile(lines.join('\n'), ['--test', '--test-reporter=tap']);
  assert.deepEqual(countTap(stdout), { passed: 2, failed: 1, skipped: 2 });
});

test('countJunit counts the report of ctest', () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++"
	tests="9"
	failures="2"
	disabled="1"
	skipped="3"
	hostname=""
>
	<testcase name="a" tests="5"/>
</testsuite>`;
  assert.deepEqual(countJunit(xml), { passed: 3, failed: 2, skipped: 4 });
});

test('an empty report counts as no tests', () => {
  assert.deepEqual(countTap(''), { passed: 0, failed: 0, skipped: 0 });
  assert.deepEqual(countJunit(''), { passed: 0, failed: 0, skipped: 0 });
});

test('findProblems reports failures and empty suites, and skipped tests in CI', () => {
  const failing = { ...base, failed: 1 };
  const empty = { ...base, passed: 0 };
  const skipping = { ...base, skipped: 2 };
  assert.deepEqual(findProblems([base, skipping], false), []);
  assert.deepEqual(findProblems([base], true), []);
  assert.deepEqual(findProblems([failing, empty], false), ['js: 1 failed', 'js: ran no tests']);
  assert.deepEqual(findProblems([skipping], true), ['js: 2 skipped; not allowed with CI=true']);
});

test('formatSummary ends with the totals', () => {
  const other = { ...base, suite: 'cpp (debug)', passed: 100, milliseconds: 61_000 };
  assert.equal(
    formatSummary([other, base]),
    [
      'suite        passed  failed  skipped        time',
      'cpp (debug)     100       0        0  1 min 1 s',
      'js                3       0        0       1.5 s',
      '',
      '103 passed, 0 failed',
    ]
      .join('\n')
      .replace('        time', '       time')
      .replace('       1.5 s', '      1.5 s'),
  );
  assert.match(formatSummary([{ ...base, skipped: 2 }]), /\n3 passed, 0 failed, 2 skipped$/);
});
