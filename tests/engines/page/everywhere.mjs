import { findDiffering } from './determinism-runner.mjs';
import { load } from './node_modules/corr2d/dist/index.js';

/** What computes other bits than are written down: by variant and number of threads. */
export async function differingEverywhere(problems) {
  const found = {};
  for (const simd of ['simd', 'relaxed']) {
    for (let threads = 1; threads <= 8; threads++) {
      try {
        const c = await load({ simd, threads });
        const { variant, threads: had } = c.features;
        found[`${variant} ${had}`] ??= findDiffering(c, problems);
        c.dispose();
      } catch (error) {
        // An engine without relaxed SIMD.
        if (error.code !== 'LOAD_FAILED') throw error;
      }
    }
  }
  return found;
}
