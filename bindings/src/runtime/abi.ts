// The C++ module and the chunks that contain it. The generated file tells its functions and the layout
// of its structs.

import type { ModuleFunctions, ThreadFunctions } from './abi.generated.js';

export * from './abi.generated.js';

/** The module as Emscripten's glue returns it; the variants with threads also have ThreadFunctions. */
export type EmbindModule = ModuleFunctions & Partial<ThreadFunctions>;

/** The factory in Emscripten's glue. */
export type CreateModule = (
  incoming: {
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object;
  } & Partial<Crew['incoming']>,
) => Promise<EmbindModule>;

/** What a variant's chunk exports. */
export interface VariantChunk {
  /** Its bytes: zlib, then base64. */
  compressed: string;
  /** Of the variants with threads; the others have one glue, which is not in their chunks. */
  createModule?: CreateModule;
  makeCrew?: () => Crew;
}

/** The threads of an instance: see crew.ts, which is part of the chunks that have some. */
export interface Crew {
  /** For the module's factory. */
  readonly incoming: {
    /** Absent where none can be shared. */
    wasmMemory?: WebAssembly.Memory;
    Worker: new () => object;
  };
  /** What `'auto'` stands for. */
  readonly cores: number;
  /** Why there cannot be several threads. */
  readonly refusal: string | undefined;
  /** Starts so many threads, the caller's included: why it cannot, or nothing. */
  start(module: EmbindModule, threads: number): Promise<string | undefined>;
  /** Calls `crashed` when a worker has trapped, and ends all workers when `owner` is collected. */
  serve(owner: WeakKey, crashed: (cause: unknown) => void): void;
  stop(): void;
}
