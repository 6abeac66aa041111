import * as argument from './arguments.js';
import { hasRelaxedSimd, hasSimd, hasWebAssembly } from './engine.js';
import { Corr2dError, loadFailed, show } from './errors.js';
import { Heap } from './heap.js';
import { Corr2d, type Variant } from './instance.js';
import type { EmbindModule, VariantChunk } from './module.js';
import { compile, inflate } from './wasm.js';

/**
 * A corr2d .wasm: where it is (its URL), what it holds (its bytes), or compiled. `object` stands for
 * `URL` and `WebAssembly.Module`, which only the types of browsers and of Node know.
 */
export type WasmSource = string | ArrayBuffer | ArrayBufferView | object;

/** What `load()` takes; all of it may be left out. */
export interface LoadOptions {
  /**
   * Which binary: `'auto'` (the default) takes relaxed SIMD where the engine has it. `'relaxed'`
   * where it has not, and `'simd'` where it has no SIMD at all: LOAD_FAILED.
   */
  simd?: 'auto' | 'simd' | 'relaxed';
  /** How many threads compute; `'auto'`: one for each core. Default 1. */
  threads?: number | 'auto';
  /**
   * The module, for those who host the .wasm themselves: its URL (a string or a `URL`), its bytes (an
   * `ArrayBuffer` or a view of one), or a `WebAssembly.Module`. It must be of this very version.
   */
  wasm?: WasmSource;
}

/** `load()`: see the entry that exports it. */
export type Load = (options?: LoadOptions) => Promise<Corr2d>;

/** @internal Where each variant's chunk comes from: imported on demand, or already there. */
export type Variants = Partial<Record<Variant, () => VariantChunk | Promise<VariantChunk>>>;

/** @internal `load` for an entry that has these variants. */
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
    const own = source === undefined ? undefined : await compile(source, 'wasm');
    const variant = own?.variant ?? choose(simd, variants);
    if (own !== undefined && simd !== 'auto' && simd !== own.variant) {
      throw loadFailed(`wasm is the variant ${own.variant}, simd asks for ${simd}`);
    }
    const chunk = await chunkOf(variant, variants);
    const module = own?.module ?? (await inlined(variant, chunk));
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
      'this engine has no WebAssembly SIMD, corr2d needs Chrome 91, Firefox 113, Safari 16.4, ' +
        'Node 18, or later',
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

async function chunkOf(variant: Variant, variants: Variants): Promise<VariantChunk> {
  // A stamp can be any text, also the name of a property that every object has.
  const get = Object.entries(variants).find(([name]) => name === variant)?.[1];
  if (get === undefined) throw loadFailed(`this entry of the package has no variant ${variant}`);
  try {
    return await get();
  } catch (cause) {
    // The page is offline, say, or was replaced by a version whose chunks have other names.
    throw loadFailed(`the variant ${variant} could not be imported: ${cause}`, cause);
  }
}

/** The module in a chunk. Its bytes are sound, so that where they do not compile, the page forbids it. */
async function inlined(variant: Variant, chunk: VariantChunk): Promise<WebAssembly.Module> {
  const what = `the module of variant ${variant}`;
  const bytes = await inflate(chunk.compressed, what);
  const hint = " (a page's Content-Security-Policy needs script-src 'wasm-unsafe-eval')";
  return (await compile(bytes, what, hint)).module;
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
