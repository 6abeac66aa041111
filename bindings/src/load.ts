// `load()` is in a layer above the instance because it constructs one. The rest of loading is in
// runtime/, which does not import the class `Corr2d` and so stays below the operators.

import { Corr2d } from './instance.js';
import { tensorMethods } from './operators/tensor-methods.js';
import type { LoadOptions } from './runtime/load-options.js';
import { type ChunkSources, loadRuntime } from './runtime/load-runtime.js';
import { refuseSurplus } from './runtime/methods.js';
import { installTensorMethods } from './tensor/tensor.js';

/** The type of `load()`. See the entry that exports it. */
export type Load = (options?: LoadOptions) => Promise<Corr2d>;

/** @internal Creates the `load` function of an entry, which can load the variants in `sources`. */
export function loadFrom(sources: ChunkSources): Load {
  return async (...args) => {
    refuseSurplus('load', args, 1);
    const [options] = args;
    const { heap, features } = await loadRuntime(options, sources);
    installTensorMethods(tensorMethods);
    return new Corr2d(heap, features);
  };
}
