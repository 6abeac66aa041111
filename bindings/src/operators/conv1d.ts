import { type Convolution, convolution, convolutionOptions } from '../problem/convolution.js';
import type { Conv2dOptions } from '../problem/options.js';
import { solve } from '../problem/problem.js';
import { addOperand, quotedPaddings } from '../problem/read-options.js';
import { rowOptions, rowProblem, withRowAxis } from '../problem/rows.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { Plan } from './plan.js';
import { plannedConvolution } from './planned.js';

/** Convolution layers along one axis. */
export interface Convolution1dMethods {
  /**
   * Computes a one-dimensional convolution layer, like torch.nn.functional.conv1d. It does not reverse
   * the kernel: to filter a signal with the taps of an FIR filter, reverse the taps, or use `convolve1d`.
   * The output length is L' = ⌊(L + left + right − dilation·(k − 1) − 1) / stride⌋ + 1.
   *
   * @example
   * ```js
   * console.log(c.conv1d([1, 2, 4], [1, 1]).data.join()); // 3,6
   * ```
   *
   * @param input N×C×L or C×L; or L, one signal
   * @param weight Co×(C/groups)×k; for one signal k, one filter
   * @param options padding, stride, activation and others
   * @returns N×Co×L' or Co×L'; for one signal L'
   * @throws `INVALID_ARGUMENT` for a padding that `conv2d` refuses; `SHAPE_MISMATCH` if the shapes do not fit each
   * other; `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  conv1d(input: TensorLike, weight: TensorLike, options?: Conv1dOptions): Tensor;

  /**
   * Prepares a `conv1d` for many inputs of one shape. The weight and the bias are copied.
   *
   * @example
   * ```js
   * const smooth = c.planConv1d({ inputShape: [4], weight: [0.5, 0.5] });
   * console.log(smooth.run([1, 3, 5, 5]).data.join()); // 2,4,5
   * smooth.dispose();
   * ```
   *
   * @param options the shape of the input, the weight, and the options of `conv1d`
   * @returns the plan, which holds memory until its `dispose()`
   * @throws `INVALID_ARGUMENT` for a padding that `conv2d` refuses; `SHAPE_MISMATCH` if the shapes do not fit each
   * other; `UNSUPPORTED` if the requested algorithm cannot compute the problem
   */
  planConv1d(options: Conv1dPlanOptions): Plan;
}

/** The options of `conv1d`: those of `conv2d` for one axis, without layouts. */
export interface Conv1dOptions
  extends Omit<Conv2dOptions, 'stride' | 'dilation' | 'padding' | 'layout' | 'weightLayout'> {
  /** Step between neighbouring windows, in elements. Default 1. */
  stride?: number | undefined;
  /** Step between neighbouring elements of the kernel, in elements of the input. Default 1. */
  dilation?: number | undefined;
  /**
   * The padding before and after the input, in elements: one number for both, `[left, right]`, or a
   * name with the same meaning as for `conv2d`. Default 0.
   */
  padding?:
    | number
    | readonly [left: number, right: number]
    | 'valid'
    | 'same'
    | 'same-upper'
    | 'same-lower'
    | undefined;
}

/** The options of `planConv1d`: the shape of the input, the weight, and the options of `conv1d`. */
export interface Conv1dPlanOptions extends Omit<Conv1dOptions, 'add' | 'out'> {
  /** The shape of the inputs: N×C×L or C×L; or L, one signal. */
  inputShape: readonly number[];
  /** The weight: Co×(C/groups)×k; for one signal k. It is copied. */
  weight: TensorLike;
  /** Whether each run adds a tensor, its option `add`, before the activation. Default false. */
  add?: boolean | undefined;
}

function conv1d(
  heap: Heap,
  input: TensorLike,
  weight: TensorLike,
  options?: Conv1dOptions,
): Tensor {
  const where = 'conv1d';
  const signal = operand(heap, input, `${where}: input`);
  const kernel = operand(heap, weight, `${where}: weight`);
  const given = argument.options(options, where, [...convolutionOptions, 'add', 'out']);
  const second = addOperand(heap, given.add, where);
  const hasAdd = second !== undefined;
  const read = convolution1d(heap, where, signal.shape, kernel.shape, given, hasAdd);
  const operands = { input: signal, weight: kernel, bias: read.bias, second };
  return solve(heap, read.problem, operands, read.outputShape, read.out);
}

/** `convolution` for `conv1d`: a signal is an image with one row. */
const convolution1d: typeof convolution = (heap, where, inputShape, weightShape, given, hasAdd) => {
  const isSignal = inputShape.length === 1;
  const read: Convolution = convolution(
    heap,
    where,
    withRowAxis(inputShape, [1, 2, 3], `${where}: input`, 'N×C×L, C×L or L'),
    isSignal
      ? withRowAxis(weightShape, [1], `${where}: weight`, 'k, since input is one signal', 4)
      : withRowAxis(weightShape, [3], `${where}: weight`, 'Co×Ci/groups×k'),
    rowOptions(where, given, quotedPaddings, false),
    hasAdd,
  );
  const row = rowProblem(read, [
    { name: 'input', shape: inputShape },
    { name: 'weight', shape: weightShape },
  ]);
  return isSignal ? { ...row, outputShape: (_, width) => [width] } : row;
};

/** @internal The implementations of `Convolution1dMethods`. */
export const convolution1dMethods: Implementation<Convolution1dMethods> = {
  conv1d,
  planConv1d: (heap, options) =>
    new Plan(
      heap,
      plannedConvolution(heap, 'planConv1d', 'conv1d', options, convolutionOptions, convolution1d),
    ),
};
