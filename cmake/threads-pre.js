// Inside of the factory in Emscripten's glue, in front of its code: what it then has for these names.
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: that is the purpose
// biome-ignore-all lint/correctness/noUnusedVariables: the glue uses them

// Its workers are those that the package hands in.
const { Worker } = Module;

// It would wait for messages to this thread, of which there are none, by a promise that no engine
// gives up: the instance, with its memory, would never be collected.
const Atomics = Object.create(globalThis.Atomics, { waitAsync: { value: undefined } });
