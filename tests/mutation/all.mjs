// @ts-check
// Mutations written by hand. `npm run mutate` applies them to a copy of the project, one at a time,
// and a test suite must detect each of them.
import { algorithmMutations } from './algorithms.mjs';
import { arrayMutations } from './arrays.mjs';
import { coreMutations } from './core.mjs';
import { kernelMutations } from './kernels.mjs';
import { largeKernelMutations } from './large_kernels.mjs';
import { matchingMutations } from './matching.mjs';
import { packageMutations } from './package.mjs';
import { registrationMutations } from './registration.mjs';

/** Mutations of the C++ library, which the native tests must detect. */
export const nativeMutations = [
  ...algorithmMutations,
  ...arrayMutations,
  ...largeKernelMutations,
  ...matchingMutations,
  ...registrationMutations,
  ...kernelMutations,
  ...coreMutations,
];

/** Mutations of the TypeScript package, which tests/js must detect. */
export { packageMutations };
