// Emscripten inserts this file at the start of the glue's factory function. It redefines two globals
// for the code that follows.
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: shadowing is the purpose
// biome-ignore-all lint/correctness/noUnusedVariables: the glue uses them

// The glue must use the workers that the package passes in.
const { Worker } = Module;

// With waitAsync the glue would wait for messages to this thread. There are none, and no engine
// collects such a promise, so the instance and its memory would never be collected.
const Atomics = Object.create(globalThis.Atomics, { waitAsync: { value: undefined } });
