import chunk from 'corr2d-variant:relaxed';
import { type Load, loadFrom } from '../runtime/load.js';

export * from './exports.js';

/**
 * Loads corr2d's `relaxed` binary, which is part of this entry: for service workers, worklets and
 * bundles in one file, where nothing can be imported on demand.
 */
export const load: Load = /* @__PURE__ */ loadFrom({ relaxed: () => chunk });
