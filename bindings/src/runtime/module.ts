// The compiled module, and what the chunk of a variant contains.

import type { EmbindModule } from './abi.js';
import type { Variant } from './load-options.js';

export const isRelaxed = (variant: Variant): boolean => variant.startsWith('relaxed');
export const hasThreads = (variant: Variant): boolean => variant.endsWith('threads');

/** The factory function in Emscripten's glue. */
export type CreateModule = (
  options: {
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object;
  } & Partial<ThreadPool['moduleOptions']>,
) => Promise<EmbindModule>;

/** The default export of a variant's chunk. */
export interface VariantChunk {
  /** The binary: zlib format, then base64. */
  compressed: string;
  /** The glue of a variant with threads. The variants without threads share one glue, in the entry. */
  createModule?: CreateModule;
  /** Only in the variants with threads. */
  createThreadPool?: () => ThreadPool;
}

/** The thread pool of one instance, from thread-pool.ts. Only the chunks with threads contain it. */
export interface ThreadPool {
  /** Options for the module's factory. */
  readonly moduleOptions: {
    /** Absent if the engine cannot create shared memory. */
    wasmMemory?: WebAssembly.Memory;
    Worker: new () => object;
  };
  /** The number of cores, which is the number of threads for `threads: 'auto'`. */
  readonly cores: number;
  /** Why the pool cannot start more than one thread; undefined if it can. */
  readonly unavailable: string | undefined;
  /**
   * Starts the workers for `threads` threads; the calling thread is one of them. Resolves with the
   * reason if that fails, otherwise with undefined.
   */
  start(module: EmbindModule, threads: number): Promise<string | undefined>;
  /** Calls `onCrash` when a worker traps, and ends all workers when `owner` is collected. */
  attach(owner: WeakKey, onCrash: (cause: unknown) => void): void;
  /** Ends all workers. */
  stop(): void;
}
