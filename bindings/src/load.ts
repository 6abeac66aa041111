// `load()` is above the instance because it constructs one; runtime/ does the rest of the work without
// knowing the class. So runtime/ stays below the operators, and nothing is passed down to it.

import { Corr2d } from './instance.js';
import { tensorMethods } from './operators/elementwise.js';
import type { LoadOptions } from './runtime/load-options.js';
import { type ChunkSources, loadRuntime } from './runtime/load-runtime.js';
import { installTensorMethods } from './tensor/tensor.js';

/** The type of `load()`. See the entry that exports it. */
export type Load = (options?: LoadOptions) => Promise<Corr2d>;

/** @internal Makes the `load` of an entry that has the chunks of these variants. */
export function loadFrom(sources: ChunkSources): Load {
  return async (options) => {
    const { heap, features } = await loadRuntime(options, sources);
    installTensorMethods(tensorMethods);
    return new Corr2d(heap, features);
  };
}
