import { withoutLeadingOnes } from '../problem/layout.js';
import type { Conv2dOptions } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { algorithms, paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, showShape, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize } from '../tensor/nested.js';
import { type Operand, operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The functions of scipy.signal. */
export interface SignalMethods {
  /**
   * Computes the two-dimensional cross-correlation, like scipy.signal.correlate2d. It is as accurate as direct
   * summation; faster algorithms are used only where they keep that accuracy. If `a` and `b` consist of integers,
   * sums are exact as long as float32 can represent them. NaN and infinities reach only the outputs whose windows
   * contain them. Errors are relative to the numbers around an output, not to larger ones further away.
   *
   * @example
   * ```js
   * const a = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];
   * console.log(c.correlate2d(a, [[1, 0], [0, -1]], { mode: 'valid' }).data.join()); // -4,-4,-4,-4
   * ```
   *
   * @param a h×w; leading axes of length 1 are dropped
   * @param b kh×kw; leading axes of length 1 are dropped
   * @param options the size of the output, the values beyond the edges, and the algorithm
   * @returns (h+kh−1)×(w+kw−1) in mode `'full'`, h×w in mode `'same'`, (h−kh+1)×(w−kw+1) in mode
   * `'valid'`. If `a` is the smaller one, `'valid'` gives the places where `a` lies inside `b`, in the
   * same order as in `'full'`, like SciPy.
   * @throws `SHAPE_MISMATCH` if `a` or `b` is no matrix or has no elements, or if, in mode `'valid'`, `a` is
   * larger along one axis and `b` along the other; `UNSUPPORTED` if the algorithm does not support the problem
   */
  correlate2d(a: TensorLike, b: TensorLike, options?: Correlate2dOptions): Tensor;

  /**
   * Computes the two-dimensional convolution, like scipy.signal.convolve2d: `correlate2d` with `b`
   * rotated by 180°, and as accurate.
   *
   * @example
   * ```js
   * const blurred = c.convolve2d([[0, 8, 0]], [[0.25, 0.5, 0.25]], { mode: 'same' });
   * console.log(blurred.data.join()); // 2,4,2
   * ```
   *
   * @param a h×w; leading axes of length 1 are dropped
   * @param b kh×kw; leading axes of length 1 are dropped
   * @param options the size of the output, the values beyond the edges, and the algorithm
   * @returns a matrix of the same shape as that of `correlate2d`
   * @throws `SHAPE_MISMATCH` and `UNSUPPORTED`, like `correlate2d`
   */
  convolve2d(a: TensorLike, b: TensorLike, options?: Correlate2dOptions): Tensor;

  /**
   * Computes the cross-correlation of two signals, like scipy.signal.correlate for one axis, as
   * accurately as `correlate2d`.
   *
   * @example
   * ```js
   * console.log(c.correlate1d([1, 2, 3], [0, 1, 0.5]).data.join()); // 0.5,2,3.5,3,0
   * ```
   *
   * @param a n numbers; leading axes of length 1 are dropped
   * @param b k numbers; leading axes of length 1 are dropped
   * @param options the size of the output and the algorithm
   * @returns n+k−1 numbers in mode `'full'`, n in mode `'same'`, |n−k|+1 in mode `'valid'`
   * @throws `SHAPE_MISMATCH` if `a` or `b` has more than one axis or no elements; `UNSUPPORTED` if the
   * algorithm does not support the problem
   */
  correlate1d(a: TensorLike, b: TensorLike, options?: Correlate1dOptions): Tensor;

  /**
   * Computes the convolution of two signals, like scipy.signal.convolve for one axis: filters the signal
   * `a` with the taps `b`, in either order, as accurately as `correlate2d`.
   *
   * @example
   * ```js
   * console.log(c.convolve1d([1, 2, 3], [0, 1, 0.5]).data.join()); // 0,1,2.5,4,1.5
   * ```
   *
   * @param a n numbers; leading axes of length 1 are dropped
   * @param b k numbers; leading axes of length 1 are dropped
   * @param options the size of the output and the algorithm
   * @returns as many numbers as `correlate1d` returns
   * @throws `SHAPE_MISMATCH` and `UNSUPPORTED`, like `correlate1d`
   */
  convolve1d(a: TensorLike, b: TensorLike, options?: Correlate1dOptions): Tensor;
}

/** The options of `correlate1d` and `convolve1d`. */
export interface Correlate1dOptions {
  /**
   * The size of the output. `'full'`, the default: all places where `a` and `b` overlap. `'same'`: the
   * size of `a`, from the middle of `'full'`. `'valid'`: the places where the shorter one lies inside
   * the longer one.
   */
  mode?: 'full' | 'same' | 'valid' | undefined;
  /**
   * The algorithm. `'auto'`, the default, is as accurate as `'direct'`; see `correlate2d`. The others are
   * those of `conv2d`, with the accuracy that is described there.
   */
  algorithm?: Conv2dOptions['algorithm'] | undefined;
  /**
   * Whether the result must have the same bits on every machine, in every engine and with any number of
   * threads. It may take longer. Default false.
   */
  deterministic?: boolean | undefined;
}

/** The options of `correlate2d` and `convolve2d`, which are those of scipy.signal. */
export interface Correlate2dOptions extends Correlate1dOptions {
  /**
   * The values beyond the edges of `a`. `'fill'`, the default: `fillValue`. `'wrap'`: `a` is repeated
   * periodically, so the row after the last is the first. `'symm'`: `a` is mirrored at its edges, so
   * the row after the last is the last again.
   */
  boundary?: 'fill' | 'wrap' | 'symm' | undefined;
  /** The value beyond the edges of `a` for the boundary `'fill'`. Default 0. */
  fillValue?: number | undefined;
}

const boundaryModes = {
  fill: paddingModes.constant,
  wrap: paddingModes.circular,
  symm: paddingModes.symmetric,
} as const;

/** The functions differ in the number of axes and in whether they reverse `b`. */
const methodOf =
  (where: string, rank: 1 | 2, reverses: boolean) =>
  (heap: Heap, a: TensorLike, b: TensorLike, options?: Correlate2dOptions): Tensor => {
    const input = operandOf(heap, a, rank, `${where}: a`);
    const weight = operandOf(heap, b, rank, `${where}: b`);
    const names = rank === 2 ? optionNames : optionNames1d;
    const given: Partial<Record<keyof Correlate2dOptions, unknown>> = argument.options(
      options,
      where,
      names,
    );
    const mode = argument.choice(given.mode, `${where}: mode`, ['full', 'same', 'valid']);
    const boundary = argument.choice(given.boundary, `${where}: boundary`, [
      'fill',
      'wrap',
      'symm',
    ]);
    const fill =
      given.fillValue === undefined ? 0 : argument.number(given.fillValue, `${where}: fillValue`);

    const algorithm = read.algorithm(given.algorithm, `${where}: algorithm`);

    const isSmaller = input.height < weight.height || input.width < weight.width;
    const swaps = mode === 'valid' && isSmaller;
    if (swaps && (input.height > weight.height || input.width > weight.width)) {
      throw mismatch(
        `${where}: a is ${showShape(input.sizes)} and b is ${showShape(weight.sizes)}; in mode ` +
          "'valid', expected one of them to be at least as large as the other along both axes",
      );
    }
    // The correlation of b with a is that of a with b in reverse order. Reversing both operands
    // restores the order. A convolution stays the same.
    const [image, kernel] = swaps ? [weight, input] : [input, weight];
    const reversesImage = swaps && !reverses;
    const reversesKernel = swaps || reverses;
    // 'same' is the middle of 'full'. If the size of `b` is even, correlate2d rounds the start of the
    // middle up; the others round it down, as in SciPy.
    const padsAround = (k: number): [number, number] => {
      if (mode === 'valid') return [0, 0];
      if (mode === 'full') return [k - 1, k - 1];
      const smaller = Math.floor((k - 1) / 2);
      return reverses || rank === 1 ? [k - 1 - smaller, smaller] : [smaller, k - 1 - smaller];
    };
    const [top, bottom] = padsAround(kernel.height);
    const [left, right] = padsAround(kernel.width);
    return solve(
      heap,
      {
        where,
        given: [
          { name: 'a', shape: input.sizes },
          { name: 'b', shape: weight.sizes },
        ],
        fields: fieldsOf({
          input_height: image.height,
          input_width: image.width,
          kernel_height: kernel.height,
          kernel_width: kernel.width,
          pad_top: top,
          pad_bottom: bottom,
          pad_left: left,
          pad_right: right,
          padding_mode: boundaryModes[boundary],
          fill_value: fill,
          algorithm,
          // A named algorithm has its own accuracy, as for conv2d.
          local_accuracy: Number(algorithm === algorithms.auto),
          deterministic: Number(argument.flag(given.deterministic, `${where}: deterministic`)),
          ...(reversesImage && reversedStrides('input', image)),
          ...(reversesKernel && reversedStrides('weight', kernel)),
        }),
      },
      {
        input: image.operand,
        weight: kernel.operand,
        inputOffset: reversesImage ? image.height * image.width - 1 : 0,
        weightOffset: reversesKernel ? kernel.height * kernel.width - 1 : 0,
      },
      (rows, columns) => (rank === 1 ? [columns] : [rows, columns]),
    );
  };

const optionNames1d = ['mode', 'algorithm', 'deterministic'] as const;
const optionNames = [...optionNames1d, 'boundary', 'fillValue'] as const;

/** An operand without its leading axes of length 1, as a matrix. */
interface Matrix {
  readonly operand: Operand;
  readonly sizes: readonly number[];
  readonly height: number;
  readonly width: number;
}

function operandOf(heap: Heap, value: TensorLike, rank: 1 | 2, where: string): Matrix {
  const one = operand(heap, value, where);
  const sizes = withoutLeadingOnes(one.shape, rank);
  if (sizes === undefined) {
    const expected = `${rank === 1 ? 'n' : 'h×w'}; conv${rank}d accepts several channels`;
    throw unexpectedShape(where, one.shape, expected);
  }
  checkedSize(sizes, where);
  const [height, width] = [1, ...sizes].slice(-2) as [number, number];
  return { operand: one, sizes, height, width };
}

/** The strides of a matrix that is read from its last element to its first. */
const reversedStrides = (tensor: 'input' | 'weight', { height, width }: Matrix) => ({
  [`${tensor}_strides.n`]: height * width,
  [`${tensor}_strides.c`]: height * width,
  [`${tensor}_strides.h`]: -width,
  [`${tensor}_strides.w`]: -1,
});

/** @internal The implementations of `SignalMethods`. */
export const signalMethods: Implementation<SignalMethods> = {
  correlate2d: methodOf('correlate2d', 2, false),
  convolve2d: methodOf('convolve2d', 2, true),
  correlate1d: methodOf('correlate1d', 1, false),
  convolve1d: methodOf('convolve1d', 1, true),
};
