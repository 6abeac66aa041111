// Runs a sample of the sweep on the WebAssembly of the variant under test, as it ships.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const variant = process.env.CORR2D_TEST_VARIANT ?? 'simd';
const program = fileURLToPath(
  new URL(`../../build/wasm-${variant}/tests/sweep/corr2d_sweep.cjs`, import.meta.url),
);

function sweep(...args) {
  const command = [...process.execArgv, program, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** The number of problems that each algorithm was checked on, by name. */
function countsIn(output) {
  const lines = [...output.matchAll(/^(\S+): (\d+) problems,/gm)];
  return new Map(lines.map(([, name, count]) => [name, Number(count)]));
}

test('every algorithm stays within its error bound on 20,000 problems', async (t) => {
  const samples = ['1', '2'].map((seed) => sweep('--sample', '10000', '--seed', seed));
  const counts = new Map();
  for (const { status, output } of await Promise.all(samples)) {
    assert.equal(status, 0, output);
    t.diagnostic(output);
    for (const [name, count] of countsIn(output)) {
      counts.set(name, count + (counts.get(name) ?? 0));
    }
  }
  for (const name of ['direct', 'gemm', 'images', 'weightless']) assert.ok(counts.has(name), name);
  for (const [name, count] of counts) assert.ok(count >= 20_000, `${name}: ${count}`);
});

test('the sweep fails if the selected algorithm does not support the problem', async () => {
  const { status, output } = await sweep('--algorithm', 'weightless', '--problem', 'forward:0');
  assert.equal(status, 1, output);
  assert.equal(countsIn(output).get('weightless'), 0);
  assert.match(output, /^1 failed$/m);
});

test('the sweep rejects unknown arguments', async () => {
  for (const args of [
    ['--sample', 'many'],
    ['--sample', '0'],
    ['--algorithm', 'magic'],
    ['--stratum', 'nowhere'],
    ['--problem', 'forward'],
    ['--part', '3/2'],
    ['--sample'],
    ['--fast', 'yes'],
  ]) {
    assert.equal((await sweep(...args)).status, 2, args.join(' '));
  }
});
