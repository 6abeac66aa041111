// @ts-check
// Runs Node's test runner on a temporary test file, separate from the tests that call it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a test file `a.test.mjs`.
 * @param {string} code The file's code; `test` is imported.
 * @param {readonly string[]} args Node's arguments.
 */
export function runFile(code, args) {
  const dir = mkdtempSync(join(tmpdir(), 'corr2d-tests-'));
  const file = join(dir, 'a.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\n${code}`);
  // If this variable were set, the inner run would report to the outer one.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const options = { encoding: /** @type {const} */ ('utf8'), env, timeout: 60_000 };
  const { status, stdout } = spawnSync(process.execPath, [...args, file], options);
  rmSync(dir, { recursive: true });
  return { status, stdout };
}
