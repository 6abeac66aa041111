import * as argument from './arguments.js';
import { hasRelaxedSimd, hasSimd, hasWebAssembly } from './engine.js';
import { Corr2dError, loadFailed, show } from './errors.js';
import { Heap } from './heap.js';
import { Corr2d } from './instance.js';
import type { EmbindModule, Variant, VariantChunk } from './module.js';
import { compile, inflate, type WasmSource } from './wasm.js';

export interface LoadOptions {
  /**
   * Which binary: `'auto'` (the default) takes relaxed SIMD where the engine has it. `'relaxed'`
   * where it has not, and `'simd'` where it has no SIMD at all: LOAD_FAILED.
   */
  simd?: 'auto' | 'simd' | 'relaxed';
  /** How many threads compute; `'auto'`: one for each core. Default 1. */
  threads?: number | 'auto';
  /** The module, for those who host the .wasm themselves: its URL, its bytes, or compiled. */
  wasm?: WasmSource;
}

export type Load = (options?: LoadOptions) => Promise<Corr2d>;

/** Where each variant's chunk comes from: imported on demand, or already there. */
export type Variants = Partial<Record<Variant, () => VariantChunk | Promise<VariantChunk>>>;

/** `load` for an entry that has these variants. */
export function loadFrom(variants: Variants): Load {
  return async (options) => {
    const given = argument.options(options, 'load', ['simd', 'threads', 'wasm']);
    const simd = given.simd === undefined ? 'auto' : given.simd;
    if (simd !== 'auto' && simd !== 'simd' && simd !== 'relaxed') {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `load: simd is ${show(simd)}, must be 'auto', 'simd' or 'relaxed'`,
      );
    }
    const threads =
      given.threads === undefined || given.threads === 'auto'
        ? given.threads
        : argument.integer(given.threads, 'load: threads', 1, 1024);

    const source = given.wasm as WasmSource | undefined;
    const own = source === undefined ? undefined : await compile(source);
    const variant = own?.variant ?? choose(simd, variants);
    if (own !== undefined && simd !== 'auto' && simd !== own.variant) {
      throw loadFailed(`wasm is the variant ${own.variant}, simd asks for ${simd}`);
    }
    // A stamp can be any text, also the name of a property that every object has.
    const chunk = Object.hasOwn(variants, variant) ? await variants[variant]?.() : undefined;
    if (chunk === undefined) {
      throw loadFailed(`this entry of the package has no variant ${variant}`);
    }
    const module = own?.module ?? (await compile(await inflate(chunk.compressed))).module;
    const heap = await instantiate(chunk, module);

    const reasons = [
      simd === 'auto' && variant === 'simd' ? whyNotRelaxed(own !== undefined) : '',
      threads !== undefined && threads !== 1 ? 'this version computes on one thread' : '',
    ].filter((reason) => reason !== '');
    return new Corr2d(heap, {
      variant,
      simd: variant === 'relaxed' ? 'relaxed' : 'simd',
      threads: 1,
      ...(reasons.length > 0 && { reason: reasons.join('; ') }),
    });
  };
}

/** The only place where a variant is chosen. */
function choose(simd: 'auto' | 'simd' | 'relaxed', variants: Variants): Variant {
  if (!hasWebAssembly()) throw loadFailed('this engine has no WebAssembly');
  if (!hasSimd()) {
    throw loadFailed(
      'this engine has no WebAssembly SIMD, which Chrome 91, Firefox 89, Safari 16.4, Node 16 and ' +
        'all later ones have',
    );
  }
  const relaxed = hasRelaxedSimd();
  // An entry with a single variant has that one to offer.
  const best = variants.simd === undefined || (relaxed && variants.relaxed) ? 'relaxed' : 'simd';
  const wanted = simd === 'auto' ? best : simd;
  if (wanted === 'relaxed' && !relaxed) {
    const hint = variants.simd === undefined ? '' : "; simd: 'auto' takes the best there is";
    throw loadFailed(`this engine has no relaxed SIMD${hint}`);
  }
  return wanted;
}

function whyNotRelaxed(own: boolean): string {
  if (!hasRelaxedSimd()) return 'this engine has no relaxed SIMD';
  return own ? 'wasm is the variant simd' : 'this entry of the package has no relaxed variant';
}

async function instantiate(chunk: VariantChunk, module: WebAssembly.Module): Promise<Heap> {
  let memory: WebAssembly.Memory | undefined;
  // The glue waits for ever for an instance that cannot be made.
  const made = await new Promise<EmbindModule>((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ): object => {
      WebAssembly.instantiate(module, imports)
        .then((instance) => {
          memory = Object.values(instance.exports).find(
            (exported) => exported instanceof WebAssembly.Memory,
          );
          receive(instance);
        })
        .catch(reject);
      return {};
    };
    chunk.createModule({ instantiateWasm }).then(resolve, reject);
  }).catch((cause: unknown) => {
    throw loadFailed(`the module could not be instantiated: ${cause}`, cause);
  });
  return new Heap(made, memory as WebAssembly.Memory);
}
