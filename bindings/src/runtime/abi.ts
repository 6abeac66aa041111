// The interface between C++ and TypeScript. The build generates abi.generated.ts from the lists in C++:
// offsets, enumerators, and the signatures of the module's functions.

import type { ModuleFunctions, ThreadFunctions } from './abi.generated.js';

export * from './abi.generated.js';

/** The module that Emscripten's glue returns. Only variants with threads have `ThreadFunctions`. */
export type EmbindModule = ModuleFunctions & Partial<ThreadFunctions>;
