import plainGlue from 'corr2d-glue';
import { Corr2d, type Variant } from '../instance.js';
import type { CreateModule, Crew, EmbindModule, VariantChunk } from './abi.js';
import * as argument from './arguments.js';
import { compile, inflate } from './compile.js';
import { hasRelaxedSimd, hasSimd, hasWebAssembly } from './engine.js';
import { Corr2dError, loadFailed, show } from './errors.js';
import { Heap } from './heap.js';

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
  /**
   * How many threads compute, the calling one included; `'auto'`: one for each core. Default 1.
   * Where there can be but one, `features.reason` says why: pages have to be cross-origin isolated.
   */
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
  const loadWith: Load = async (options) => {
    const given = argument.options(options, 'load', ['simd', 'threads', 'wasm']);
    const simd = given.simd === undefined ? 'auto' : given.simd;
    if (simd !== 'auto' && simd !== 'simd' && simd !== 'relaxed') {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `load: simd is ${show(simd)}, must be 'auto', 'simd' or 'relaxed'`,
      );
    }
    const threads =
      given.threads === 'auto'
        ? given.threads
        : argument.integer(
            given.threads === undefined ? 1 : given.threads,
            'load: threads',
            1,
            1024,
          );

    const source = given.wasm as WasmSource | undefined;
    const own = source === undefined ? undefined : await compile(source, 'wasm');
    if (own !== undefined && simd !== 'auto' && isRelaxed(own.variant) !== (simd === 'relaxed')) {
      throw loadFailed(`wasm is the variant ${own.variant}, simd asks for ${simd}`);
    }

    /** An instance with so many threads, or why there is none with more than one. */
    const open = async (wanted: number | 'auto'): Promise<Opened | string> => {
      const why = wanted === 1 ? '' : whyNotShared();
      if (why !== '') return why;
      const variant = own?.variant ?? choose(simd, wanted !== 1, variants);
      if (wanted !== 1 && !hasThreads(variant)) {
        return own ? `wasm is the variant ${variant}` : `${entry} no variant with threads`;
      }
      const get = chunkOf(variant, variants);
      // Who has a module of their own needs no bytes.
      const chunk = own && !hasThreads(variant) ? undefined : await get();
      const module = own?.module ?? (await inlined(variant, chunk as VariantChunk));
      const crew = chunk?.makeCrew?.();
      const count = wanted === 'auto' ? (crew?.cores ?? 1) : wanted;
      if (wanted !== 1 && crew?.refusal) return crew.refusal;
      if (wanted !== 1 && count === 1) return 'there is one core';
      const { made, memory } = await instantiate(chunk?.createModule ?? plainGlue, module, crew);
      const failure = count === 1 ? undefined : await crew?.start(made, count);
      if (failure === undefined) return { variant, heap: new Heap(made, memory, count, crew) };
      crew?.stop();
      return failure;
    };

    const first = await open(threads);
    const whyOne = typeof first === 'string' ? first : '';
    const { variant, heap } = (whyOne === '' ? first : await open(1)) as Opened;
    const reasons = [
      simd === 'auto' && !isRelaxed(variant) ? whyNotRelaxed(own?.variant) : '',
      whyOne && `one thread: ${whyOne}`,
    ].filter((reason) => reason !== '');
    return new Corr2d(heap, {
      variant,
      simd: isRelaxed(variant) ? 'relaxed' : 'simd',
      threads: heap.threads,
      ...(reasons.length > 0 && { reason: reasons.join('; ') }),
    });
  };
  return (options) => awake(loadWith(options));
}

/**
 * What `work` gives. Until then a timer is set: Node with nothing else to do waits for its compilers
 * in the background, of which one may be waiting for Node's own collector (nodejs/node#54918).
 */
async function awake<Result>(work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    timer = setTimeout(() => {}, 2 ** 30);
  } catch {
    // Worklets have none, and Cloudflare's workers none outside of requests.
  }
  try {
    return await work;
  } finally {
    if (timer) clearTimeout(timer);
  }
}

interface Opened {
  readonly variant: Variant;
  readonly heap: Heap;
}

const entry = 'this entry of the package has';
const isRelaxed = (variant: Variant) => variant.startsWith('relaxed');
const hasThreads = (variant: Variant) => variant.endsWith('threads');

/** The only place where a variant is chosen. */
function choose(simd: 'auto' | 'simd' | 'relaxed', threaded: boolean, variants: Variants): Variant {
  if (!hasWebAssembly()) throw loadFailed('this engine has no WebAssembly');
  if (!hasSimd()) {
    throw loadFailed(
      'this engine has no WebAssembly SIMD, corr2d needs Chrome 91, Firefox 113, Safari 16.4, ' +
        'Node 18, or later',
    );
  }
  const names = Object.keys(variants) as Variant[];
  const fitting = names.filter(
    (name) => simd === 'auto' || isRelaxed(name) === (simd === 'relaxed'),
  );
  if (fitting.length === 0) throw loadFailed(`${entry} no variant ${simd}`);
  const relaxed = hasRelaxedSimd();
  const rank = (name: Variant) =>
    2 * Number(hasThreads(name) === threaded) + Number(isRelaxed(name));
  const [best] = fitting
    .filter((name) => relaxed || !isRelaxed(name))
    .sort((a, b) => rank(b) - rank(a));
  if (best === undefined) {
    const hint = names.every(isRelaxed) ? '' : "; simd: 'auto' takes the best there is";
    throw loadFailed(`this engine has no relaxed SIMD${hint}`);
  }
  return best;
}

/** Why memory cannot be shared with workers; '' where it can. */
function whyNotShared(): string {
  if (typeof SharedArrayBuffer === 'function') return '';
  return globalThis.crossOriginIsolated === false
    ? 'the page is not cross-origin isolated'
    : 'this engine has no SharedArrayBuffer';
}

/** How to get a variant's chunk; LOAD_FAILED where there is none. */
function chunkOf(variant: Variant, variants: Variants): () => Promise<VariantChunk> {
  // A stamp can be any text, also the name of a property that every object has.
  const get = Object.entries(variants).find(([name]) => name === variant)?.[1];
  if (get === undefined) throw loadFailed(`${entry} no variant ${variant}`);
  return async () => {
    try {
      return await get();
    } catch (cause) {
      // The page is offline, say, or was replaced by a version whose chunks have other names.
      throw loadFailed(`the variant ${variant} could not be imported: ${cause}`, cause);
    }
  };
}

/** The module in a chunk. Its bytes are sound, so that where they do not compile, the page forbids it. */
async function inlined(variant: Variant, chunk: VariantChunk): Promise<WebAssembly.Module> {
  const what = `the module of variant ${variant}`;
  const bytes = await inflate(chunk.compressed, what);
  const hint =
    " (a page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'; a runtime that " +
    'compiles no bytes needs a WebAssembly.Module, handed in as `wasm`)';
  return (await compile(bytes, what, hint)).module;
}

function whyNotRelaxed(own: Variant | undefined): string {
  if (!hasRelaxedSimd()) return 'this engine has no relaxed SIMD';
  return own ? `wasm is the variant ${own}` : `${entry} no relaxed variant`;
}

async function instantiate(
  createModule: CreateModule,
  module: WebAssembly.Module,
  crew: Crew | undefined,
): Promise<{ made: EmbindModule; memory: WebAssembly.Memory }> {
  let memory = crew?.incoming.wasmMemory;
  // The glue waits for ever for an instance that cannot be made.
  const made = await new Promise<EmbindModule>((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object => {
      WebAssembly.instantiate(module, imports)
        .then((instance) => {
          memory ??= Object.values(instance.exports).find(
            (exported) => exported instanceof WebAssembly.Memory,
          );
          receive(instance, module);
        })
        .catch(reject);
      return {};
    };
    createModule({ instantiateWasm, ...crew?.incoming }).then(resolve, reject);
  }).catch((cause: unknown) => {
    // As JavaScript says that memory cannot be had; of which realm the error is, differs.
    if ((cause as Error)?.name === 'RangeError') {
      throw new Corr2dError('OUT_OF_MEMORY', `load: no room for a heap: ${cause}`, { cause });
    }
    throw loadFailed(`the module could not be instantiated: ${cause}`, cause);
  });
  return { made, memory: memory as WebAssembly.Memory };
}
