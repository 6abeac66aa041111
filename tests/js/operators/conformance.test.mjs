// The conformance cases of WebNN (tests/fixtures/conformance).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { runConformance } from '../conformance-runner.mjs';
import { loadVariant, memoryInUse } from '../helpers.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

for (const [name, count] of [
  ['webnn-baseline', 59],
  ['nnapi-cts', 15],
]) {
  const url = new URL(`../../fixtures/conformance/${name}.json`, import.meta.url);
  const suite = JSON.parse(readFileSync(url, 'utf8'));

  test(`${name}: ${count} cases pass`, () => {
    const before = memoryInUse(c);
    assert.deepEqual(runConformance(c, suite), { count, failures: [] });
    assert.deepEqual(memoryInUse(c), before);
  });

  test(`${name}: the runner reports wrong results`, () => {
    const wrong = suite.cases.map((one) => {
      const data = one.expected.data.map((value) => value * 1.01 + 0.1);
      return { ...one, expected: { ...one.expected, data } };
    });
    const { failures } = runConformance(c, { ...suite, cases: wrong });
    const runs = wrong.map(({ op }) => (op === 'conv2d' ? 2 : 1));
    assert.equal(
      failures.length,
      runs.reduce((sum, one) => sum + one),
    );
  });
}
