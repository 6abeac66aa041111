import { cases } from './cases.js';
import { runConformance } from './conformance-runner.mjs';
import { load as loadSimd } from './node_modules/corr2d/dist/simd.js';
import { createClient } from './node_modules/corr2d/dist/worker.js';
import { outcomeOf } from './outcome.js';

/** The outcome of `load` with these options, and the conformance cases that fail. */
async function runCases(options, from) {
  const { c, ...outcome } = await outcomeOf(options, from);
  if (c === undefined) return outcome;
  const suites = cases.map((suite) => runConformance(c, suite));
  return {
    ...outcome,
    count: suites.reduce((sum, { count }) => sum + count, 0),
    failures: suites.flatMap(({ failures }) => failures),
  };
}

const found = {};
for (const simd of ['auto', 'simd', 'relaxed']) found[simd] = await runCases({ simd });
found.static = await runCases({}, loadSimd);
const worker = new Worker('worker.js', { type: 'module' });
found.worker = await new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => resolve({ message });
});
found.client = await createClient().then(
  async (client) => ({
    features: client.features,
    computed: [
      ...(
        await client.corr2d(
          [
            [0, 1, 2],
            [3, 4, 5],
            [6, 7, 8],
          ],
          [
            [0, 1],
            [2, 3],
          ],
        )
      ).data,
    ],
  }),
  ({ code, message }) => ({ code, message }),
);
found.violations = globalThis.violations;
document.documentElement.dataset.found = JSON.stringify(found);
