import chunk from 'corr2d-variant:simd';
import { type Load, loadFrom } from '../load.js';

export * from './exports.js';

/**
 * Loads corr2d with the `simd` binary, which is part of this entry. Use it in service workers, worklets
 * and single-file bundles, where nothing can be imported on demand. In a worklet, `load()` needs the bytes
 * or the module as `wasm`.
 *
 * @example
 * ```js
 * import { load } from 'corr2d/simd';
 *
 * const c = await load();
 * console.log(c.features.variant); // simd
 * ```
 *
 * @param options the options of every entry's `load`; `simd` can only be what this binary has
 * @returns a promise of a new instance
 * @throws `LOAD_FAILED` if the engine cannot run the binary, `INVALID_ARGUMENT` for wrong options,
 * `OUT_OF_MEMORY` if the engine cannot allocate a heap
 */
export const load: Load = /* @__PURE__ */ loadFrom({ simd: () => chunk });
