// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeTestArguments } from '../../tools/lib/node-tests.mjs';

/** Runs a file of tests with these arguments. @param {string} code @param {string[]} args */
function runFile(code, args) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-tests-'));
  const file = join(dir, 'a.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\n${code}`);
  // A test run inside of this one must not report to it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const options = { encoding: /** @type {const} */ ('utf8'), env, timeout: 60_000 };
  const { status, stdout } = spawnSync(process.execPath, [...args, file], options);
  rmSync(dir, { recursive: true });
  return { status, stdout };
}

test('tests run where no compiler works in the background', async () => {
  const args = await nodeTestArguments(['--test-reporter=tap']);
  const code = "test(process.execArgv.join(' '), () => {});";
  const { status, stdout } = runFile(code, args);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^ok 1 - .*--no-concurrent-recompilation/m);
});

test('a file that hangs has failed after some time, by its name', async (t) => {
  const args = await nodeTestArguments(['--test-reporter=tap']);
  const limit = args.findIndex((arg) => arg.startsWith('--test-timeout='));
  if (limit < 0) return t.skip('this Node knows no time limit');
  assert.ok(Number(args[limit].split('=')[1]) >= 60_000, args[limit]);
  args[limit] = '--test-timeout=3000';
  const { status, stdout } = runFile("test('hangs', () => { for (;;); });", args);
  assert.equal(status, 1, stdout);
  assert.match(stdout, /^not ok 1 - .*a\.test\.mjs/m);
});
