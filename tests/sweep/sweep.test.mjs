// A sample of the sweep, in the very machine code that ships: of the variant under test.
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

/** How many problems each algorithm has done, by its name. */
function countsIn(output) {
  const lines = [...output.matchAll(/^(\S+): (\d+) problems,/gm)];
  return new Map(lines.map(([, name, count]) => [name, Number(count)]));
}

test('each algorithm is within its bound on 20,000 problems', async (t) => {
  const samples = ['1', '2'].map((seed) => sweep('--sample', '10000', '--seed', seed));
  const counts = new Map();
  for (const { status, output } of await Promise.all(samples)) {
    assert.equal(status, 0, output);
    t.diagnostic(output);
    for (const [name, count] of countsIn(output)) {
      counts.set(name, count + (counts.get(name) ?? 0));
    }
  }
  for (const name of ['direct', 'gemm', 'planes']) assert.ok(counts.has(name), name);
  for (const [name, count] of counts) assert.ok(count >= 20_000, `${name}: ${count}`);
});

test('a sweep fails where it could not do what it was asked', async () => {
  const { status, output } = await sweep('--algorithm', 'planes', '--problem', 'forward:0');
  assert.equal(status, 1, output);
  assert.equal(countsIn(output).get('planes'), 0);
  assert.match(output, /^1 failed$/m);
});

test('a sweep refuses what it does not know', async () => {
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
