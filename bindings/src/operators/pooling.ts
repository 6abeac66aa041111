import { imageShape, imageSizes, imageStrides } from '../problem/layout.js';
import type { Padding, Pair, WindowOptions } from '../problem/options.js';
import {
  fieldsOf,
  measureGradient,
  type OutputShape,
  type Problem,
  solve,
} from '../problem/problem.js';
import { poolPads } from '../problem/read-options.js';
import { requiredSize, windows } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Pooling layers and their gradients. */
export interface PoolingMethods {
  /**
   * Computes the maximum of each window, like torch.nn.functional.max_pool2d. NaN counts as greater
   * than any number. A window that contains only padding gives −∞.
   *
   * @example
   * ```js
   * const y = c.maxPool2d([[[1, 5, 2, 4], [3, 0, 9, 8]]], 2);
   * console.log(y.toString()); // tensor([[[5., 9.]]])
   * ```
   *
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`
   * @param kernelSize the size of a window: kh×kw
   * @param options the position of the windows
   * @returns N×C×H'×W' or C×H'×W' in the layout of the input, with H' and W' as for `conv2d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  maxPool2d(input: TensorLike, kernelSize: Pair, options?: MaxPool2dOptions): Tensor;

  /**
   * Computes the mean of each window, like torch.nn.functional.avg_pool2d. A window without elements
   * that count gives 0.
   *
   * @example
   * ```js
   * const y = c.avgPool2d([[[1, 5, 2, 4], [3, 1, 9, 9]]], 2);
   * console.log(y.toString()); // tensor([[[2.5000, 6.0000]]])
   * ```
   *
   * @param input N×C×H×W or C×H×W; N×H×W×C or H×W×C with `layout: 'nhwc'`
   * @param kernelSize the size of a window: kh×kw
   * @param options the position of the windows, and whether padding counts
   * @returns N×C×H'×W' or C×H'×W' in the layout of the input, with H' and W' as for `conv2d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  avgPool2d(input: TensorLike, kernelSize: Pair, options?: AvgPool2dOptions): Tensor;

  /**
   * Computes the gradient of a loss with respect to the input of a `maxPool2d`, as PyTorch's autograd
   * does: the gradient of each output goes to the maximum of its window. Of equal maxima it is the first
   * in row-major order; of several NaN, the last.
   *
   * @example
   * ```js
   * const x = [[[1, 5, 2, 4], [3, 0, 9, 8]]];
   * const dx = c.maxPool2dBackward([[[10, 20]]], x, 2);
   * console.log(dx.data.join()); // 0,10,0,0,0,0,20,0
   * ```
   *
   * @param gradOutput the gradient of the loss with respect to the output, in the output's shape
   * @param input the input of the `maxPool2d`
   * @param kernelSize the kernel size of the `maxPool2d`
   * @param options the options of the `maxPool2d`
   * @returns the gradient with respect to the input, in its shape
   * @throws `SHAPE_MISMATCH` if `gradOutput` does not have the shape of the output
   */
  maxPool2dBackward(
    gradOutput: TensorLike,
    input: TensorLike,
    kernelSize: Pair,
    options?: MaxPool2dOptions,
  ): Tensor;

  /**
   * Computes the gradient of a loss with respect to the input of an `avgPool2d`, as PyTorch's autograd
   * does: the gradient of each output, divided by the number of elements that count, goes to every
   * element of its window.
   *
   * @example
   * ```js
   * const dx = c.avgPool2dBackward([[[4, 8]]], [1, 2, 4], 2);
   * console.log(dx.data.join()); // 1,1,2,2,1,1,2,2
   * ```
   *
   * @param gradOutput the gradient of the loss with respect to the output, in the output's shape
   * @param inputShape the shape of the input of the `avgPool2d`
   * @param kernelSize the kernel size of the `avgPool2d`
   * @param options the options of the `avgPool2d`
   * @returns the gradient with respect to the input, in the shape `inputShape`
   * @throws `SHAPE_MISMATCH` if `gradOutput` does not have the shape of the output
   */
  avgPool2dBackward(
    gradOutput: TensorLike,
    inputShape: readonly number[],
    kernelSize: Pair,
    options?: AvgPool2dOptions,
  ): Tensor;
}

/** The options of `maxPool2d`. */
export interface MaxPool2dOptions extends WindowOptions {
  /** Step between neighbouring windows, in elements. Default: the kernel's size. */
  stride?: Pair | undefined;
  /**
   * The padding around the input, smaller than the dilated kernel. It never is the maximum. The names are
   * those of `conv2d`, except that `'same'` accepts any stride and equals `'same-upper'`. Default 0.
   */
  padding?: Padding | undefined;
  /**
   * Whether the last window of an axis may extend beyond the padded input, if it begins inside the input
   * or in the padding before it. Default false.
   */
  ceilMode?: boolean | undefined;
  /** The order of the axes of input and output. Default `'nchw'`. */
  layout?: 'nchw' | 'nhwc' | undefined;
}

/** The options of `avgPool2d`. */
export interface AvgPool2dOptions extends Omit<MaxPool2dOptions, 'padding'> {
  /**
   * The padding around the input, smaller than the dilated kernel. It counts as 0. The names are those of
   * `conv2d`, except that `'same'` accepts any stride and equals `'same-upper'`. Default 0.
   */
  padding?: Padding | undefined;
  /** Whether the mean divides by the padding's elements too. Default true. */
  countIncludePad?: boolean | undefined;
}

const maxPoolOptions = ['stride', 'padding', 'dilation', 'ceilMode', 'layout'] as const;
const avgPoolOptions = [...maxPoolOptions, 'countIncludePad'] as const;
type OptionNames = readonly (typeof avgPoolOptions)[number][];

/** Computes a pool. */
const forward =
  (where: string, kind: number, names: OptionNames) =>
  (heap: Heap, input: TensorLike, kernelSize: Pair, options?: AvgPool2dOptions): Tensor => {
    const image = operand(heap, input, `${where}: input`);
    const given = argument.options(options, where, names);
    const { problem, outputShape } = pool(where, kind, 'input', image.shape, kernelSize, given);
    return solve(heap, problem, { input: image }, outputShape);
  };

/** Computes the gradient of a pool from the input, or from its shape if messages call it `inputShape`. */
const backward =
  <Input>(where: string, kind: number, names: OptionNames, name: 'input' | 'inputShape') =>
  (
    heap: Heap,
    gradOutput: TensorLike,
    input: Input,
    kernelSize: Pair,
    options?: AvgPool2dOptions,
  ): Tensor => {
    const gradient = operand(heap, gradOutput, `${where}: gradOutput`);
    const inputName = `${where}: ${name}`;
    const image = name === 'input' ? operand(heap, input, inputName) : undefined;
    const shape = image?.shape ?? argument.shape(input, inputName);
    const given = argument.options(options, where, names);
    const { problem, outputShape } = pool(where, kind, name, shape, kernelSize, given);
    measureGradient(heap, problem, gradient.shape, outputShape);
    const operands = image === undefined ? { input: gradient } : { input: image, weight: gradient };
    return solve(heap, problem, operands, () => [...shape]);
  };

/** Reads the options of a pool for an input of this shape, which messages call `name`. */
function pool(
  where: string,
  kind: number,
  name: string,
  shape: readonly number[],
  kernelSize: Pair,
  given: Partial<Record<OptionNames[number], unknown>>,
): { problem: Problem; outputShape: OutputShape } {
  const kernel = requiredSize(kernelSize, `${where}: kernelSize`);
  const layout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const image = imageSizes(shape, layout, `${where}: ${name}`);
  const { channels } = image;
  const stride = given.stride === undefined ? [kernel.h, kernel.w] : given.stride;
  const { fields } = windows(where, { ...given, stride }, image, kernel, poolPads);
  const countIncludePad = argument.flag(given.countIncludePad, `${where}: countIncludePad`, true);
  return {
    problem: {
      where,
      given: [
        { name, shape },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      outputLayout: layout,
      fields: fieldsOf(fields, imageStrides('input', layout, channels, image.height, image.width), {
        kind,
        output_channels: channels,
        ceil_mode: Number(argument.flag(given.ceilMode, `${where}: ceilMode`)),
        count_include_pad: Number(countIncludePad),
      }),
    },
    outputShape: (...size) => imageShape(image, layout, channels, ...size),
  };
}

/** @internal The implementations of `PoolingMethods`. */
export const poolingMethods: Implementation<PoolingMethods> = {
  maxPool2d: forward('maxPool2d', kinds.maxPool, maxPoolOptions),
  avgPool2d: forward('avgPool2d', kinds.averagePool, avgPoolOptions),
  maxPool2dBackward: backward<TensorLike>(
    'maxPool2dBackward',
    kinds.maxPoolBackward,
    maxPoolOptions,
    'input',
  ),
  avgPool2dBackward: backward<readonly number[]>(
    'avgPool2dBackward',
    kinds.averagePoolBackward,
    avgPoolOptions,
    'inputShape',
  ),
};
