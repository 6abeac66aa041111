// @ts-check

/** The variants: one WebAssembly binary for each feature level, without and with threads. */
export const VARIANTS = ['simd', 'relaxed', 'threads', 'relaxed-threads'];

/** @param {string} variant */
export const isRelaxed = (variant) => variant.startsWith('relaxed');

/** @param {string} variant */
export const hasThreads = (variant) => variant.endsWith('threads');
