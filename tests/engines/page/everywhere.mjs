import { findDiffering } from './determinism-runner.mjs';
import { load } from './node_modules/corr2d/dist/index.js';

/** Variant and number of threads → the problems whose bits differ from the recorded ones. */
export async function findDifferingInAllVariants(problems) {
  const found = {};
  for (const simd of ['simd', 'relaxed']) {
    for (let threads = 1; threads <= 8; threads++) {
      try {
        const c = await load({ simd, threads });
        const { variant, threads: started } = c.features;
        found[`${variant} ${started}`] ??= findDiffering(c, problems);
        c.dispose();
      } catch (error) {
        // The engine has no relaxed SIMD.
        if (error.code !== 'LOAD_FAILED') throw error;
      }
    }
  }
  return found;
}
