// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTestArguments } from '../../tools/lib/node-tests.mjs';
import { runFile } from './run-file.mjs';

test('nodeTestArguments turns off concurrent recompilation', async () => {
  const args = await nodeTestArguments(['--test-reporter=tap']);
  const code = "test(process.execArgv.join(' '), () => {});";
  const { status, stdout } = runFile(code, args);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^ok 1 - .*--no-concurrent-recompilation/m);
});

test('a test file that hangs fails after the time limit and is named', async (t) => {
  const args = await nodeTestArguments(['--test-reporter=tap']);
  const limit = args.findIndex((arg) => arg.startsWith('--test-timeout='));
  if (limit < 0) return t.skip('this version of Node has no --test-timeout');
  assert.ok(Number(args[limit].split('=')[1]) >= 60_000, args[limit]);
  args[limit] = '--test-timeout=3000';
  const { status, stdout } = runFile("test('hangs', () => { for (;;); });", args);
  assert.equal(status, 1, stdout);
  assert.match(stdout, /^not ok 1 - .*a\.test\.mjs/m);
});
