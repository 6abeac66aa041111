import type { Padding, Pair, WindowOptions } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import { requiredPair, windowFields } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Pooling layers. */
export interface PoolingMethods {
  /**
   * Computes the maximum of each window, like torch.nn.functional.max_pool2d.
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×C×H'×W' or C×H'×W', with H' and W' as for `conv2d`
   */
  maxPool2d(input: TensorLike, kernelSize: Pair, options?: MaxPool2dOptions): Tensor;

  /**
   * Computes the mean of each window, like torch.nn.functional.avg_pool2d.
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @returns N×C×H'×W' or C×H'×W', with H' and W' as for `conv2d`
   */
  avgPool2d(input: TensorLike, kernelSize: Pair, options?: AvgPool2dOptions): Tensor;
}

/** The options of `maxPool2d`. */
export interface MaxPool2dOptions extends WindowOptions {
  /** Step between neighbouring windows, in elements. Default: the kernel's size. */
  stride?: Pair;
  /** The padding around the input, at most half of the kernel. It counts as −∞. Default 0. */
  padding?: Padding;
  /** Whether the last window of an axis may extend beyond the padded input. Default false. */
  ceilMode?: boolean;
}

/** The options of `avgPool2d`. */
export interface AvgPool2dOptions extends Omit<MaxPool2dOptions, 'dilation' | 'padding'> {
  /** The padding around the input, at most half of the kernel. It counts as 0. Default 0. */
  padding?: Padding;
  /** Whether the mean divides by the padding's elements too. Default true. */
  countIncludePad?: boolean;
}

type PoolValues = Partial<
  Record<'stride' | 'padding' | 'dilation' | 'ceilMode' | 'countIncludePad', unknown>
>;

function maxPool2d(
  heap: Heap,
  input: TensorLike,
  kernelSize: Pair,
  options?: MaxPool2dOptions,
): Tensor {
  const names = ['stride', 'padding', 'dilation', 'ceilMode'] as const;
  const where = 'maxPool2d';
  const given = argument.options(options, where, names);
  return pool(heap, where, kinds.maxPool, input, kernelSize, given);
}

function avgPool2d(
  heap: Heap,
  input: TensorLike,
  kernelSize: Pair,
  options?: AvgPool2dOptions,
): Tensor {
  const names = ['stride', 'padding', 'ceilMode', 'countIncludePad'] as const;
  const where = 'avgPool2d';
  const given = argument.options(options, where, names);
  return pool(heap, where, kinds.averagePool, input, kernelSize, given);
}

function pool(
  heap: Heap,
  where: string,
  kind: number,
  input: TensorLike,
  kernelSize: Pair,
  given: PoolValues,
): Tensor {
  const image = operand(heap, input, `${where}: input`);
  const kernel = requiredPair(kernelSize, `${where}: kernelSize`);
  const stride = given.stride === undefined ? [kernel.h, kernel.w] : given.stride;
  const fields = windowFields(where, image.shape, kernel, { ...given, stride });
  const countIncludePad = argument.flag(given.countIncludePad, `${where}: countIncludePad`, true);
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: image.shape },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, {
        kind,
        ceil_mode: Number(argument.flag(given.ceilMode, `${where}: ceilMode`)),
        count_include_pad: Number(countIncludePad),
      }),
    },
    { input: image },
    (height, width) => [...image.shape.slice(0, -2), height, width],
  );
}

/** @internal The implementations of `PoolingMethods`. */
export const poolingMethods: Implementation<PoolingMethods> = {
  maxPool2d,
  avgPool2d,
};
