// The functions that the host runs a few tasks at a time if the caller passes `signal` or `onProgress`.

import type { Corr2d } from '../instance.js';
import { observedFindTemplate, observedMatchTemplate } from '../operators/matching.js';
import { type RunOptions, runObserved } from '../operators/plan.js';
import { plannedConv2d } from '../operators/planned.js';
import { observedPhaseCorrelate } from '../operators/registration.js';
import { planOptions } from '../problem/convolution.js';
import type { Conv2dOptions } from '../problem/options.js';
import { addOperand } from '../problem/read-options.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import type { METHODS } from './methods.js';

async function conv2d(
  heap: Heap,
  observed: RunOptions,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv2dOptions,
): Promise<Tensor> {
  const where = 'conv2d';
  const image = operand(heap, input, `${where}: input`);
  const given = argument.options(options, where, [...planOptions, 'add']) as Conv2dOptions;
  const term = addOperand(heap, given.add, where);
  const planned = plannedConv2d(heap, where, {
    ...given,
    inputShape: image.shape,
    weight,
    add: term !== undefined,
  });
  return runObserved(heap, planned, image, observed, term);
}

/** The methods of the table that have tasks. */
type Observed = {
  [Name in keyof typeof METHODS]: (typeof METHODS)[Name] extends { hasTasks: true } ? Name : never;
}[keyof typeof METHODS];

/** A method of an instance, run a few tasks at a time. */
type ObservedMethod<Method> = Method extends (...args: infer Arguments) => infer Result
  ? (heap: Heap, observed: RunOptions, ...args: Arguments) => Promise<Result>
  : never;

export const OBSERVED: { readonly [Name in Observed]: ObservedMethod<Corr2d[Name]> } = {
  conv2d,
  matchTemplate: observedMatchTemplate,
  findTemplate: observedFindTemplate,
  phaseCorrelate: observedPhaseCorrelate,
};
