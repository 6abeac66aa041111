/**
 * The main entry. `corr2d/simd`, `corr2d/relaxed`, `corr2d/threads` and `corr2d/relaxed-threads` have
 * the same exports, with one binary each.
 * @module corr2d
 */

import { type Load, loadFrom } from '../load.js';

export * from './exports.js';

/**
 * Loads corr2d. It imports the best binary for the engine on demand; there is nothing to host and
 * nothing to configure. Each call returns a new instance with a heap of its own.
 *
 * @example
 * ```js
 * import { load } from 'corr2d';
 *
 * const c = await load();
 * console.log(c.conv2d(c.ones([3, 8, 8]), c.ones([4, 3, 3, 3])).shape.join()); // 4,6,6
 * ```
 *
 * @param options which binary to load, from where, and the number of threads; see {@link LoadOptions}
 * @returns a promise of a new instance
 * @throws `LOAD_FAILED` if the engine has no WebAssembly SIMD or the binary cannot be loaded,
 * `INVALID_ARGUMENT` for wrong options, `OUT_OF_MEMORY` if the engine cannot allocate a heap
 */
export const load: Load = /* @__PURE__ */ loadFrom({
  simd: async () => (await import('corr2d-variant:simd')).default,
  relaxed: async () => (await import('corr2d-variant:relaxed')).default,
  threads: async () => (await import('corr2d-variant:threads')).default,
  'relaxed-threads': async () => (await import('corr2d-variant:relaxed-threads')).default,
});
