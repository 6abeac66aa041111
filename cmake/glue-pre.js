// Emscripten inserts this file at the start of the glue's factory function. It replaces globals that the
// glue uses and that worklets lack, for the code that follows.
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: shadowing is the purpose
// biome-ignore-all lint/correctness/noUnusedVariables: the glue uses them

const console = globalThis.console ?? { log() {}, error() {} };
