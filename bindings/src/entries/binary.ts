// The types of `corr2d/wasm/*.wasm`.

/** `WebAssembly.Module` if the program's `lib` declares it. */
type Module = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Known extends object } };
}
  ? Known
  : object;

/**
 * The compiled module for `load({ wasm })`, as runtimes import it that cannot compile bytes, such as
 * edge workers. Bundlers differ in what an import of a .wasm file yields.
 */
declare const module: Module;

export default module;
