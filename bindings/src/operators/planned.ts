// The problems of plans, read from their options.

import { convolution, planOptions } from '../problem/convolution.js';
import type { Conv2dOptions } from '../problem/options.js';
import { type OutputShape, type Problem, solve } from '../problem/problem.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The options of `planConv2d`: the shape of the input, the weight, and the options of `conv2d`. */
export interface Conv2dPlanOptions extends Omit<Conv2dOptions, 'add' | 'out'> {
  /** The shape of the inputs: N×C×H×W or C×H×W, in the order of `layout`; or H×W if the weight is one kernel. */
  inputShape: readonly number[];
  /** The weight: Co×(C/groups)×kh×kw, in the order of `weightLayout`; or kh×kw, one kernel. It is copied. */
  weight: TensorLike;
  /** Whether each run adds a tensor, its option `add`, before the activation. Default false. */
  add?: boolean | undefined;
}

/** The options that all plans of convolutions have. */
type PlannedOptions = Pick<Conv2dPlanOptions, 'inputShape' | 'weight'>;

/** @internal The problem of a plan, its operands, and their names in messages. */
export interface Planned {
  /** The function that a run computes. */
  readonly kind: string;
  readonly problem: Problem;
  readonly inputShape: readonly number[];
  /** The shape of the output with this size. */
  readonly outputShape: OutputShape;
  readonly weight: Operand;
  readonly bias: Operand | undefined;
  /** The caller's option `algorithm`. */
  readonly algorithm?: unknown;
  /** The name of a run's input in messages. */
  readonly input: 'input' | 'image';
  /** Reads the input of a run. */
  readonly read: (heap: Heap, value: unknown, where: string) => Operand;
}

/** @internal Reads the options of a plan of a convolution. `read` turns them into a problem. */
export function plannedConvolution(
  heap: Heap,
  where: string,
  kind: 'conv1d' | 'conv2d',
  options: PlannedOptions,
  optionNames: readonly (typeof planOptions)[number][],
  read: typeof convolution,
): Planned {
  heap.assertUsable(`${where}:`);
  const { inputShape, weight, ...others } = argument.options(options, where, [
    'inputShape',
    'weight',
    'add',
    ...optionNames,
  ]);
  const shape = argument.shape(inputShape, `${where}: inputShape`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const hasAdd = argument.flag(others.add, `${where}: add`);
  return {
    ...read(heap, where, shape, kernel.shape, others, hasAdd),
    kind,
    inputShape: shape,
    weight: kernel,
    algorithm: others.algorithm,
    input: 'input',
    read: operand,
  };
}

/** @internal `conv2d`, called `where` in messages. */
export const plannedConv2d = (heap: Heap, where: string, options: Conv2dPlanOptions): Planned =>
  plannedConvolution(heap, where, 'conv2d', options, planOptions, convolution);

/** @internal Computes a planned problem at once. */
export const solvePlanned = (heap: Heap, planned: Planned, input: Operand): Tensor => {
  const { problem, weight, bias, outputShape } = planned;
  return solve(heap, problem, { input, weight, bias }, outputShape);
};
