// The public types of loading. They must not depend on the types of WebAssembly, which not every `lib`
// declares.

/** The names of the WebAssembly binaries. */
export type Variant = 'simd' | 'relaxed' | 'threads' | 'relaxed-threads';

/**
 * A corr2d .wasm: its URL, its bytes, or the compiled module. `object` stands for `URL` and
 * `WebAssembly.Module`, which only the types of browsers and of Node declare.
 */
export type WasmSource = string | ArrayBuffer | ArrayBufferView | object;

/** The options of `load()`. All are optional. */
export interface LoadOptions {
  /**
   * The binary to use. `'auto'`, the default, uses relaxed SIMD if the engine supports it.
   * `'relaxed'` throws `LOAD_FAILED` without that support, and every choice throws it on an engine
   * without SIMD.
   */
  simd?: 'auto' | 'simd' | 'relaxed' | undefined;
  /**
   * The number of threads that compute; the calling thread is one of them. `'auto'` uses one for each
   * core. Default 1. Pages must be cross-origin isolated. If only one thread is possible,
   * `features.reason` says why.
   */
  threads?: number | 'auto' | undefined;
  /**
   * The module, if you host the .wasm yourself: its URL (a string or a `URL`), its bytes (an
   * `ArrayBuffer` or a view of one), or a `WebAssembly.Module`. Its version must be that of the
   * package. URLs are passed to `fetch`, which in Node reads no files: pass the bytes of a file there, as from
   * `await readFile(…)`.
   */
  wasm?: WasmSource | undefined;
}

/** The properties of a loaded instance, which `load()` has detected or chosen. */
export interface Features {
  /** The WebAssembly binary in use. */
  readonly variant: Variant;
  /** Its instruction set: `simd`, or `relaxed`, which has fused multiply-add. */
  readonly simd: 'simd' | 'relaxed';
  /** The number of threads that compute; the calling thread is one of them. */
  readonly threads: number;
  /**
   * Why the instance has fewer threads than requested, or no relaxed SIMD. Absent if neither applies. It is
   * information and not a fault: Node 20, for example, has no relaxed SIMD.
   */
  readonly reason?: string;
}
