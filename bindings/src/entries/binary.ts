// The types of `corr2d/wasm/*.wasm`.

/** `WebAssembly.Module`, if the program's `lib` knows it. */
type Module = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Known extends object } };
}
  ? Known
  : object;

/**
 * The compiled module, as runtimes import it that compile no bytes (edge workers): for
 * `load({ wasm })`. Bundlers differ in what an import of a .wasm gives.
 */
declare const module: Module;

export default module;
