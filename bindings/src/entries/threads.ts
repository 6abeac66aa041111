import chunk from 'corr2d-variant:threads';
import { type Load, loadFrom } from '../load.js';

export * from './exports.js';

/**
 * Loads corr2d with the `threads` binary, which is part of this entry. Use it where nothing can be
 * imported on demand. More than one thread needs Node or a page that is cross-origin isolated.
 */
export const load: Load = /* @__PURE__ */ loadFrom({ threads: () => chunk });
