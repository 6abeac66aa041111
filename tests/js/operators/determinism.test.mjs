// `deterministic: true`: the bits that are written down, in every variant and by 1 to 8 threads. The
// native tests and those of the engines and runtimes hold theirs against the same.

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
  test(`${problems.length} problems by ${count} of ${variant}`, async () => {
    const c = await load({ simd, threads: count });
    assert.equal(c.features.threads, count);
    assert.deepEqual(findDiffering(c, problems), []);
    c.dispose();
  });
}

test('each hash is one of its own, and another answer would have another', async () => {
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
