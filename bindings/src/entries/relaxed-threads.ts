import chunk from 'corr2d-variant:relaxed-threads';
import { type Load, loadFrom } from '../runtime/load.js';

export * from './exports.js';

/**
 * Loads corr2d's `relaxed-threads` binary, which is part of this entry, where nothing can be imported on
 * demand. With `threads` it needs a page that is cross-origin isolated, or Node.
 */
export const load: Load = /* @__PURE__ */ loadFrom({ 'relaxed-threads': () => chunk });
