/**
 * The main entry. `corr2d/simd` and `corr2d/relaxed` export the same, with one variant each.
 * @module corr2d
 */

import { type Load, loadFrom } from '../runtime/load.js';

export * from './exports.js';

/**
 * Loads corr2d: the binary that suits the engine is imported on demand, with nothing to host and
 * nothing to configure. Each call gives an instance of its own.
 */
export const load: Load = /* @__PURE__ */ loadFrom({
  simd: async () => (await import('corr2d-variant:simd')).default,
  relaxed: async () => (await import('corr2d-variant:relaxed')).default,
  threads: async () => (await import('corr2d-variant:threads')).default,
  'relaxed-threads': async () => (await import('corr2d-variant:relaxed-threads')).default,
});
