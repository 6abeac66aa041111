// @ts-check
// Node's test runner on a file of its own, whose tests are none of those that run it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `a.test.mjs` with this text, in which `test` is known, and with these arguments.
 * @param {string} code
 * @param {readonly string[]} args
 */
export function runFile(code, args) {
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
