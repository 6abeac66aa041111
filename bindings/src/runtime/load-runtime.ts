// Chooses, compiles and instantiates a binary.

import plainGlue from 'corr2d-glue';
import type { EmbindModule } from './abi.js';
import * as argument from './arguments.js';
import { compile, decompress } from './compile.js';
import { hasRelaxedSimd, hasSimd, hasWebAssembly, whyNotShared } from './engine.js';
import { Corr2dError, loadFailed, unexpected } from './errors.js';
import { Heap } from './heap.js';
import type { Features, Variant, WasmSource } from './load-options.js';
import {
  type CreateModule,
  hasThreads,
  isRelaxed,
  type ThreadPool,
  type VariantChunk,
} from './module.js';

/** The source of each variant's chunk: a dynamic import, or a chunk of the entry itself. */
export type ChunkSources = Partial<Record<Variant, () => VariantChunk | Promise<VariantChunk>>>;

/** Loads a module according to `options`. Throws INVALID_ARGUMENT, LOAD_FAILED or OUT_OF_MEMORY. */
export function loadRuntime(
  options: unknown,
  sources: ChunkSources,
): Promise<{ heap: Heap; features: Features }> {
  return keepEventLoopAlive(openRuntime(options, sources));
}

async function openRuntime(
  options: unknown,
  sources: ChunkSources,
): Promise<{ heap: Heap; features: Features }> {
  const given = argument.options(options, 'load', ['simd', 'threads', 'wasm']);
  const simd = given.simd === undefined ? 'auto' : given.simd;
  if (simd !== 'auto' && simd !== 'simd' && simd !== 'relaxed') {
    throw unexpected('load: simd', simd, "'auto', 'simd' or 'relaxed'");
  }
  const threads =
    given.threads === 'auto'
      ? given.threads
      : argument.integer(
          given.threads === undefined ? 1 : given.threads,
          'load: threads',
          1,
          1024,
          ", or 'auto'",
        );

  const source = given.wasm as WasmSource | undefined;
  const own = source === undefined ? undefined : await compile(source, 'wasm');
  if (own !== undefined && simd !== 'auto' && isRelaxed(own.variant) !== (simd === 'relaxed')) {
    throw loadFailed(`wasm is the variant ${own.variant}; expected one with simd: '${simd}'`);
  }

  /** Opens an instance with `wanted` threads, or returns why only one thread is possible. */
  const open = async (wanted: number | 'auto'): Promise<Opened | string> => {
    const obstacle = wanted === 1 ? '' : whyNotShared();
    if (obstacle !== '') return obstacle;
    const variant = own?.variant ?? chooseVariant(simd, wanted !== 1, sources);
    if (wanted !== 1 && !hasThreads(variant)) {
      return own ? `wasm is the variant ${variant}` : `${ENTRY} no variant with threads`;
    }
    const importChunk = chunkImporter(variant, sources);
    // With the caller's module, a chunk is needed only for the glue and the thread pool.
    const chunk = own && !hasThreads(variant) ? undefined : await importChunk();
    const module = own?.module ?? (await compileChunk(variant, chunk as VariantChunk));
    const pool = chunk?.createThreadPool?.();
    const count = wanted === 'auto' ? (pool?.cores ?? 1) : wanted;
    if (wanted !== 1 && pool?.unavailable) return pool.unavailable;
    if (wanted !== 1 && count === 1) return 'the machine has one core';
    const { instance, memory } = await instantiate(chunk?.createModule ?? plainGlue, module, pool);
    const failure = count === 1 ? undefined : await pool?.start(instance, count);
    if (failure === undefined) return { variant, heap: new Heap(instance, memory, count, pool) };
    pool?.stop();
    return failure;
  };

  const first = await open(threads);
  const whyOne = typeof first === 'string' ? first : '';
  const { variant, heap } = (whyOne === '' ? first : await open(1)) as Opened;
  const reasons = [
    simd === 'auto' && !isRelaxed(variant) ? whyNotRelaxed(own?.variant) : '',
    whyOne && `one thread: ${whyOne}`,
  ].filter((reason) => reason !== '');
  const features: Features = {
    variant,
    simd: isRelaxed(variant) ? 'relaxed' : 'simd',
    threads: heap.threads,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
  return { heap, features };
}

/**
 * Waits for `work` with a timer set. When Node's event loop is empty, Node waits for its background
 * compilers, and one of these may wait for Node's garbage collector (nodejs/node#54918).
 */
async function keepEventLoopAlive<Result>(work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    timer = setTimeout(() => {}, 2 ** 30);
  } catch {
    // Worklets have no timers, and Cloudflare's workers have none outside requests.
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

/** The beginning of messages about what an entry lacks. */
const ENTRY = 'this entry of the package has';

/** Chooses a variant. This is the only place where one is chosen. */
function chooseVariant(
  simd: 'auto' | 'simd' | 'relaxed',
  wantsThreads: boolean,
  sources: ChunkSources,
): Variant {
  if (!hasWebAssembly()) throw loadFailed('this engine has no WebAssembly');
  if (!hasSimd()) {
    throw loadFailed(
      'this engine has no WebAssembly SIMD; corr2d needs Chrome 91, Firefox 113, Safari 16.4, ' +
        'Node 18, or later',
    );
  }
  const names = Object.keys(sources) as Variant[];
  const matching = names.filter(
    (name) => simd === 'auto' || isRelaxed(name) === (simd === 'relaxed'),
  );
  if (matching.length === 0) throw loadFailed(`${ENTRY} no variant ${simd}`);
  const relaxed = hasRelaxedSimd();
  const rank = (name: Variant) =>
    2 * Number(hasThreads(name) === wantsThreads) + Number(isRelaxed(name));
  const [best] = matching
    .filter((name) => relaxed || !isRelaxed(name))
    .sort((a, b) => rank(b) - rank(a));
  if (best === undefined) {
    const hint = names.every(isRelaxed) ? '' : "; simd: 'auto' uses the best available variant";
    throw loadFailed(`this engine has no relaxed SIMD${hint}`);
  }
  return best;
}

/** Makes the function that imports a variant's chunk. Throws LOAD_FAILED if the entry has none. */
function chunkImporter(variant: Variant, sources: ChunkSources): () => Promise<VariantChunk> {
  // A stamp can contain any text, including the name of a property that every object has.
  const source = Object.entries(sources).find(([name]) => name === variant)?.[1];
  if (source === undefined) throw loadFailed(`${ENTRY} no variant ${variant}`);
  return async () => {
    try {
      return await source();
    } catch (cause) {
      // For example, the page is offline, or a new release has renamed the chunks.
      throw loadFailed(
        `the variant ${variant} could not be imported: ${cause} (service workers and worklets ` +
          'forbid import(); load from corr2d/simd there)',
        cause,
      );
    }
  };
}

/** Compiles the binary in a chunk. It fails only if the page's policy or the runtime forbids it. */
async function compileChunk(variant: Variant, chunk: VariantChunk): Promise<WebAssembly.Module> {
  const what = `the module of variant ${variant}`;
  const bytes = decompress(chunk.compressed, variant, what);
  const hint =
    " (a page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'; a runtime that " +
    'cannot compile bytes needs a WebAssembly.Module as `wasm`)';
  return (await compile(bytes, what, hint)).module;
}

function whyNotRelaxed(own: Variant | undefined): string {
  if (!hasRelaxedSimd())
    return 'this engine has no relaxed SIMD, which is normal for Node 20 and Safari';
  return own ? `wasm is the variant ${own}` : `${ENTRY} no relaxed variant`;
}

async function instantiate(
  createModule: CreateModule,
  module: WebAssembly.Module,
  pool: ThreadPool | undefined,
): Promise<{ instance: EmbindModule; memory: WebAssembly.Memory }> {
  let memory = pool?.moduleOptions.wasmMemory;
  // If the instantiation fails, the glue's own promise never settles.
  const instance = await new Promise<EmbindModule>((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object => {
      WebAssembly.instantiate(module, imports)
        .then((made) => {
          memory ??= Object.values(made.exports).find(
            (exported) => exported instanceof WebAssembly.Memory,
          );
          receive(made, module);
        })
        .catch(reject);
      return {};
    };
    createModule({ instantiateWasm, ...pool?.moduleOptions }).then(resolve, reject);
  }).catch((cause: unknown) => {
    // A lack of memory is a RangeError, which may be of another realm.
    if ((cause as Error)?.name === 'RangeError') {
      const message = `load: not enough memory for a heap: ${cause}`;
      throw new Corr2dError('OUT_OF_MEMORY', message, { cause });
    }
    throw loadFailed(`the module could not be instantiated: ${cause}`, cause);
  });
  return { instance, memory: memory as WebAssembly.Memory };
}
