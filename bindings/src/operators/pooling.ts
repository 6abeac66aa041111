import { imageShape, imageSizes, imageStrides } from '../problem/layout.js';
import type { Padding, Padding3d, Pair, Triple, WindowOptions } from '../problem/options.js';
import {
  fieldsOf,
  measureGradient,
  type OutputShape,
  type Problem,
  solve,
} from '../problem/problem.js';
import { poolPads, quotedPaddings, type Rank } from '../problem/read-options.js';
import { rowOptions, rowProblem, withRowAxis } from '../problem/rows.js';
import { requiredSize, windows } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import type { Conv1dOptions } from './conv1d.js';

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
   * Computes `maxPool2d` along one axis, like torch.nn.functional.max_pool1d.
   *
   * @example
   * ```js
   * console.log(c.maxPool1d([[1, 5, 2, 4]], 2).data.join()); // 5,4
   * ```
   *
   * @param input N×C×L or C×L
   * @param kernelSize the number of elements of a window
   * @param options the position of the windows
   * @returns N×C×L' or C×L', with L' as for `conv1d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  maxPool1d(input: TensorLike, kernelSize: number, options?: MaxPool1dOptions): Tensor;

  /**
   * Computes `avgPool2d` along one axis, like torch.nn.functional.avg_pool1d.
   *
   * @example
   * ```js
   * console.log(c.avgPool1d([[1, 5, 2, 4]], 2).data.join()); // 3,3
   * ```
   *
   * @param input N×C×L or C×L
   * @param kernelSize the number of elements of a window
   * @param options the position of the windows, and whether padding counts
   * @returns N×C×L' or C×L', with L' as for `conv1d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  avgPool1d(input: TensorLike, kernelSize: number, options?: AvgPool1dOptions): Tensor;

  /**
   * Computes `maxPool2d` of volumes, like torch.nn.functional.max_pool3d.
   *
   * @example
   * ```js
   * console.log(c.maxPool3d([[[[1, 2]], [[3, 4]]]], [2, 1, 1]).data.join()); // 3,4
   * ```
   *
   * @param input N×C×D×H×W or C×D×H×W; N×D×H×W×C or D×H×W×C with `layout: 'nhwc'`
   * @param kernelSize the size of a window: kd×kh×kw
   * @param options the position of the windows
   * @returns N×C×D'×H'×W' or C×D'×H'×W' in the layout of the input, with sizes as for `conv3d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  maxPool3d(input: TensorLike, kernelSize: Triple, options?: MaxPool3dOptions): Tensor;

  /**
   * Computes `avgPool2d` of volumes, like torch.nn.functional.avg_pool3d.
   *
   * @example
   * ```js
   * console.log(c.avgPool3d([[[[1, 2]], [[3, 4]]]], [2, 1, 1]).data.join()); // 2,3
   * ```
   *
   * @param input N×C×D×H×W or C×D×H×W; N×D×H×W×C or D×H×W×C with `layout: 'nhwc'`
   * @param kernelSize the size of a window: kd×kh×kw
   * @param options the position of the windows, and whether padding counts
   * @returns N×C×D'×H'×W' or C×D'×H'×W' in the layout of the input, with sizes as for `conv3d`
   * @throws `INVALID_ARGUMENT` if the padding is not smaller than the dilated kernel
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the padded input
   */
  avgPool3d(input: TensorLike, kernelSize: Triple, options?: AvgPool3dOptions): Tensor;

  /**
   * Computes the maximum of each channel, like torch.nn.functional.adaptive_max_pool2d with an output of 1×1.
   *
   * @example
   * ```js
   * console.log(c.globalMaxPool([[[1, 5], [3, 0]]]).toString()); // tensor([[[5.]]])
   * ```
   *
   * @param input N×C×H×W, C×H×W, N×C×D×H×W or C×L; with `layout: 'nhwc'` the channels are the last axis
   * @param options `layout`
   * @returns the shape of the input with 1 for each axis but those of batch and channels
   * @throws `SHAPE_MISMATCH` for other shapes
   */
  globalMaxPool(input: TensorLike, options?: GlobalPoolOptions): Tensor;

  /**
   * Computes the mean of each channel, like torch.nn.functional.adaptive_avg_pool2d with an output of 1×1.
   *
   * @example
   * ```js
   * console.log(c.globalAvgPool([[[1, 5], [3, 1]]]).toString()); // tensor([[[2.5000]]])
   * ```
   *
   * @param input N×C×H×W, C×H×W, N×C×D×H×W or C×L; with `layout: 'nhwc'` the channels are the last axis
   * @param options `layout`
   * @returns the shape of the input with 1 for each axis but those of batch and channels
   * @throws `SHAPE_MISMATCH` for other shapes
   */
  globalAvgPool(input: TensorLike, options?: GlobalPoolOptions): Tensor;

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

/** The options of `maxPool1d`: those of `maxPool2d` for one axis. */
export interface MaxPool1dOptions extends Pick<MaxPool2dOptions, 'ceilMode'> {
  /** Step between neighbouring windows, in elements. Default: the kernel's size. */
  stride?: number | undefined;
  /** Step between neighbouring elements of a window, in elements of the input. Default 1. */
  dilation?: number | undefined;
  /** The padding before and after the input: a number, `[left, right]` or a name. Default 0. */
  padding?: Conv1dOptions['padding'];
}

/** The options of `avgPool1d`. */
export interface AvgPool1dOptions
  extends MaxPool1dOptions,
    Pick<AvgPool2dOptions, 'countIncludePad'> {}

/** The options of `maxPool3d`: those of `maxPool2d` with three spatial axes. */
export interface MaxPool3dOptions extends Pick<MaxPool2dOptions, 'ceilMode' | 'layout'> {
  /** Step between neighbouring windows, in elements. Default: the kernel's size. */
  stride?: Triple | undefined;
  /** Step between neighbouring elements of a window, in elements of the input. Default 1. */
  dilation?: Triple | undefined;
  /** The padding around the input, see {@link Padding3d}. Default 0. */
  padding?: Padding3d | undefined;
}

/** The options of `avgPool3d`. */
export interface AvgPool3dOptions
  extends MaxPool3dOptions,
    Pick<AvgPool2dOptions, 'countIncludePad'> {}

/** The options of `globalMaxPool` and `globalAvgPool`. */
export type GlobalPoolOptions = Pick<MaxPool2dOptions, 'layout'>;

const maxPoolOptions = ['stride', 'padding', 'dilation', 'ceilMode', 'layout'] as const;
const avgPoolOptions = [...maxPoolOptions, 'countIncludePad'] as const;
type OptionNames = readonly (typeof avgPoolOptions)[number][];
type PoolValues = Partial<Record<OptionNames[number], unknown>>;

/** A pool that is ready to be computed. */
interface Pool {
  readonly problem: Problem;
  readonly outputShape: OutputShape;
}

type ReadPool = (
  where: string,
  kind: number,
  shape: readonly number[],
  kernelSize: unknown,
  given: PoolValues,
) => Pool;

/** Computes a pool. */
const forward =
  <Size, Options>(where: string, kind: number, names: OptionNames, readPool: ReadPool = pool) =>
  (heap: Heap, input: TensorLike, kernelSize: Size, options?: Options): Tensor => {
    const image = operand(heap, input, `${where}: input`);
    const given = argument.options(options, where, names);
    const { problem, outputShape } = readPool(where, kind, image.shape, kernelSize, given);
    return solve(heap, problem, { input: image }, outputShape);
  };

/** Computes a pool whose window is the whole image. */
const global =
  (where: string, kind: number) =>
  (heap: Heap, input: TensorLike, options?: GlobalPoolOptions): Tensor => {
    const image = operand(heap, input, `${where}: input`);
    const given = argument.options(options, where, ['layout']);
    const { shape } = image;
    const { length } = shape;
    const isNhwc = given.layout === 'nhwc';
    // A signal is an image with one row.
    const row = isNhwc ? [1, ...shape] : [shape[0] as number, 1, ...shape.slice(1)];
    const sizes = length === 2 ? row : shape;
    const rank = length === 5 ? 3 : 2;
    const size = isNhwc ? sizes.slice(-rank - 1, -1) : sizes.slice(-rank);
    // C++ rejects an axis of length 0.
    const kernelSize = size.map((one) => Math.max(one, 1));
    const { problem, outputShape } = pool(where, kind, sizes, kernelSize, given, 'input', rank);
    return solve(
      heap,
      { ...problem, given: [{ name: 'input', shape }] },
      { input: image },
      (...output) => {
        const pooled = outputShape(...output);
        return isNhwc ? pooled.slice(-length) : pooled.slice(0, length);
      },
    );
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
    const { problem, outputShape } = pool(where, kind, shape, kernelSize, given, name);
    measureGradient(heap, problem, gradient.shape, outputShape);
    const operands = image === undefined ? { input: gradient } : { input: image, weight: gradient };
    return solve(heap, problem, operands, () => [...shape]);
  };

/** Reads the options of a pool for an input of this shape, which messages call `name`. */
function pool(
  where: string,
  kind: number,
  shape: readonly number[],
  kernelSize: unknown,
  given: PoolValues,
  name = 'input',
  rank: Rank = 2,
): Pool {
  const kernel = requiredSize(kernelSize, `${where}: kernelSize`, rank);
  const layout = argument.choice(given.layout, `${where}: layout`, ['nchw', 'nhwc']);
  const image = imageSizes(shape, layout, `${where}: ${name}`, rank);
  const { channels } = image;
  const size = [kernel.d, kernel.h, kernel.w].slice(-rank);
  const { fields } = windows(
    where,
    { ...given, stride: given.stride === undefined ? size : given.stride },
    image,
    kernel,
    poolPads,
  );
  const countIncludePad = argument.flag(given.countIncludePad, `${where}: countIncludePad`, true);
  return {
    problem: {
      where,
      given: [
        { name, shape },
        { name: 'kernelSize', shape: size },
      ],
      outputLayout: layout,
      rank,
      fields: fieldsOf(
        fields,
        imageStrides('input', layout, channels, image.height, image.width, image.depth),
        {
          kind,
          output_channels: channels,
          ceil_mode: Number(argument.flag(given.ceilMode, `${where}: ceilMode`)),
          count_include_pad: Number(countIncludePad),
        },
      ),
    },
    outputShape: (...output) => imageShape(image, layout, channels, ...output),
  };
}

/** `pool` along one axis: a signal is an image with one row. */
const pool1d: ReadPool = (where, kind, shape, kernelSize, given) => {
  const one = Array.isArray(kernelSize) && kernelSize.length === 1 ? kernelSize[0] : kernelSize;
  const size = argument.integer(one, `${where}: kernelSize`, 1, argument.MAX_INT32);
  const image = withRowAxis(shape, [2, 3], `${where}: input`, 'N×C×L or C×L');
  const options = rowOptions(where, given, quotedPaddings);
  return rowProblem(pool(where, kind, image, [1, size], options), [
    { name: 'input', shape },
    { name: 'kernelSize', shape: [size] },
  ]);
};

/** `pool` of volumes. */
const pool3d: ReadPool = (...read) => pool(...read, 'input', 3);

const rowNames = (names: OptionNames) => names.filter((name) => name !== 'layout');

/** @internal The implementations of `PoolingMethods`. */
export const poolingMethods: Implementation<PoolingMethods> = {
  maxPool1d: forward('maxPool1d', kinds.maxPool, rowNames(maxPoolOptions), pool1d),
  avgPool1d: forward('avgPool1d', kinds.averagePool, rowNames(avgPoolOptions), pool1d),
  maxPool2d: forward('maxPool2d', kinds.maxPool, maxPoolOptions),
  avgPool2d: forward('avgPool2d', kinds.averagePool, avgPoolOptions),
  maxPool3d: forward('maxPool3d', kinds.maxPool, maxPoolOptions, pool3d),
  avgPool3d: forward('avgPool3d', kinds.averagePool, avgPoolOptions, pool3d),
  globalMaxPool: global('globalMaxPool', kinds.maxPool),
  globalAvgPool: global('globalAvgPool', kinds.averagePool),
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
