// `deterministic: true` gives the recorded bits in every variant, for 1 to 8 threads. The tests of the
// native build, of the engines and of the runtimes compare with the same record.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'corr2d';
import { findDiffering, hashesOf, readProblems } from '../determinism-runner.mjs';
import { root, simd, threads, variant } from '../helpers.mjs';

const problems = readProblems(
  readFileSync(join(root, 'tests/fixtures/determinism/problems.txt'), 'utf8'),
);

for (const count of threads > 1 ? [1, 2, 3, 4, 5, 6, 7, 8] : [1]) {
  test(`${problems.length} problems have the recorded bits, by ${count} threads of ${variant}`, async () => {
    const c = await load({ simd, threads: count });
    assert.equal(c.features.threads, count);
    assert.deepEqual(findDiffering(c, problems), []);
    c.dispose();
  });
}

test('each problem has its own hash, and different results give different hashes', async () => {
  assert.ok(problems.length > 30);
  assert.ok(problems.every(({ hash }) => /^[0-9a-f]{8}$/.test(hash)));
  assert.equal(new Set(problems.map(({ hash }) => hash)).size, problems.length);
  const c = await load({ simd });
  const changed = problems.map((problem) => ({ ...problem, settings: { ...problem.settings } }));
  for (const { settings } of changed) settings.w = `${Number(settings.w ?? 1) + 1}`;
  const hashes = Object.values(hashesOf(c, changed));
  assert.ok(problems.every(({ hash }) => !hashes.includes(hash)));
  c.dispose();
});
