// The functions that read results of their own computations, and that wait for them if the caller passes `signal` or
// `onProgress`. All others only compute tensors, so that `runDeferred` runs them a few tasks at a time.

import type { Corr2d } from '../instance.js';
import { observedFindTemplate } from '../operators/matching.js';
import { observedPhaseCorrelate } from '../operators/registration.js';
import type { Observed } from '../problem/slices.js';
import type { Heap } from '../runtime/heap.js';

type Own = 'findTemplate' | 'phaseCorrelate';

/** A method of an instance, run a few tasks at a time. */
type ObservedMethod<Method> = Method extends (...args: infer Arguments) => infer Result
  ? (heap: Heap, observed: Observed, ...args: Arguments) => Promise<Result>
  : never;

export const OBSERVED: { readonly [Name in Own]: ObservedMethod<Corr2d[Name]> } = {
  findTemplate: observedFindTemplate,
  phaseCorrelate: observedPhaseCorrelate,
};
