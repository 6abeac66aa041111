import { cases } from './cases.js';
import { runConformance } from './conformance-runner.mjs';
import { load as loadSimd } from './node_modules/corr2d/dist/simd.js';
import { outcomeOf } from './outcome.js';

/** The same, and the conformance cases that fail. */
async function conforming(options, from) {
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
for (const simd of ['auto', 'simd', 'relaxed']) found[simd] = await conforming({ simd });
found.static = await conforming({}, loadSimd);
const worker = new Worker('worker.js', { type: 'module' });
found.worker = await new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => resolve({ message });
});
found.violations = globalThis.violations;
document.documentElement.dataset.found = JSON.stringify(found);
