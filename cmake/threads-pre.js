// Emscripten inserts this file after glue-pre.js, in the glue of the variants with threads.
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: shadowing is the purpose
// biome-ignore-all lint/correctness/noUnusedVariables: the glue uses them

// The glue must use the workers that the package passes in.
const { Worker } = Module;

// With waitAsync the glue would wait for messages to this thread. There are none, and no engine
// collects such a promise, so the instance and its memory would never be collected.
const Atomics = Object.create(globalThis.Atomics, { waitAsync: { value: undefined } });

// Worklets lack this global.
const performance = globalThis.performance ?? { timeOrigin: 0, now: Date.now };
