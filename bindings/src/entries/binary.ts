// The types of `corr2d/wasm/*.wasm`.

/** `WebAssembly.Module` if the program's `lib` declares it. */
type Module = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Known extends object } };
}
  ? Known
  : object;

/**
 * The compiled module, to be passed to `load({ wasm })`. Runtimes that cannot compile bytes, such as
 * edge workers, import it as a module. Bundlers differ in what an import of a .wasm file yields.
 */
declare const module: Module;

export default module;
