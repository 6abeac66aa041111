// @ts-check

/** The WebAssembly binaries that there are. */
export const VARIANTS = ['simd', 'relaxed', 'threads', 'relaxed-threads'];

/** @param {string} variant */
export const isRelaxed = (variant) => variant.startsWith('relaxed');

/** @param {string} variant */
export const hasThreads = (variant) => variant.endsWith('threads');
