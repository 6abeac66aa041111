import chunk from 'corr2d-variant:relaxed';
import { type Load, loadFrom } from '../load.js';

export * from './exports.js';

/**
 * Loads corr2d with the `relaxed` binary, which is part of this entry. Use it in service workers, worklets
 * and single-file bundles, where nothing can be imported on demand.
 */
export const load: Load = /* @__PURE__ */ loadFrom({ relaxed: () => chunk });
