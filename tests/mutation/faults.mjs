// @ts-check
// Faults made by hand: each is one small change in one file, and each must be caught by a test
// suite. `npm run mutate` puts them into a copy, one at a time.
import { algorithmFaults } from './algorithms.mjs';
import { coreFaults } from './core.mjs';
import { kernelFaults } from './kernels.mjs';
import { largeKernelFaults } from './large_kernels.mjs';
import { packageFaults } from './package.mjs';

/** @typedef {[file: string, what: string, from: string, to: string]} Fault */

/** Faults of the C++ library, which its native tests have to catch. */
export const nativeFaults = [
  ...algorithmFaults,
  ...largeKernelFaults,
  ...kernelFaults,
  ...coreFaults,
];

/** Faults of the TypeScript package, which tests/js has to catch. */
export { packageFaults };
