import { fieldsOf, solve } from '../problem/problem.js';
import { paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The functions of scipy.signal. */
export interface SignalMethods {
  /**
   * Computes the two-dimensional cross-correlation, like scipy.signal.correlate2d. For a large `b` it
   * may use the FFT algorithm, whose accuracy is described at the option `algorithm` of `conv2d`. To
   * choose the algorithm yourself, use `conv2d`.
   *
   * @example
   * ```js
   * const a = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];
   * console.log(c.correlate2d(a, [[1, 0], [0, -1]], { mode: 'valid' }).data.join()); // -4,-4,-4,-4
   * ```
   *
   * @param a h×w
   * @param b kh×kw
   * @returns (h+kh−1)×(w+kw−1) in mode `'full'`, h×w in mode `'same'`, (h−kh+1)×(w−kw+1) in mode
   * `'valid'`
   * @throws `SHAPE_MISMATCH` if `b` is larger than `a` in mode `'valid'`
   */
  correlate2d(a: TensorLike, b: TensorLike, options?: Correlate2dOptions): Tensor;

  /**
   * Computes the two-dimensional convolution, like scipy.signal.convolve2d: `correlate2d` with `b`
   * rotated by 180°. Shapes and errors are those of `correlate2d`.
   */
  convolve2d(a: TensorLike, b: TensorLike, options?: Correlate2dOptions): Tensor;
}

/** The options of `correlate2d` and `convolve2d`, which are those of scipy.signal. */
export interface Correlate2dOptions {
  /**
   * The size of the output. `'full'`, the default: all places where `a` and `b` overlap. `'same'`: the
   * size of `a`, from the middle of `'full'`. `'valid'`: the places where `b` lies inside `a`.
   */
  mode?: 'full' | 'same' | 'valid';
  /**
   * The values beyond the edges of `a`. `'fill'`, the default: `fillValue`. `'wrap'`: `a` is repeated
   * periodically, so the row after the last is the first. `'symm'`: `a` is mirrored at its edges, so
   * the row after the last is the last again.
   */
  boundary?: 'fill' | 'wrap' | 'symm';
  /** The value beyond the edges of `a` for the boundary `'fill'`. Default 0. */
  fillValue?: number;
}

const boundaryModes = {
  fill: paddingModes.constant,
  wrap: paddingModes.circular,
  symm: paddingModes.symmetric,
} as const;

function correlate2d(
  heap: Heap,
  a: TensorLike,
  b: TensorLike,
  options?: Correlate2dOptions,
): Tensor {
  return slide(heap, 'correlate2d', a, b, false, options);
}

function convolve2d(
  heap: Heap,
  a: TensorLike,
  b: TensorLike,
  options?: Correlate2dOptions,
): Tensor {
  return slide(heap, 'convolve2d', a, b, true, options);
}

/** Slides `b` over `a`; `flipped` rotates `b` by 180°. */
function slide(
  heap: Heap,
  where: string,
  a: TensorLike,
  b: TensorLike,
  flipped: boolean,
  options?: Correlate2dOptions,
): Tensor {
  const input = operand(heap, a, `${where}: a`);
  const weight = operand(heap, b, `${where}: b`);
  const [height, width] = matrixSizes(input.shape, `${where}: a`);
  const [kh, kw] = matrixSizes(weight.shape, `${where}: b`);
  const given = argument.options(options, where, ['mode', 'boundary', 'fillValue']);
  const mode = argument.choice(given.mode, `${where}: mode`, ['full', 'same', 'valid']);
  const boundary = argument.choice(given.boundary, `${where}: boundary`, ['fill', 'wrap', 'symm']);
  const fill =
    given.fillValue === undefined ? 0 : argument.number(given.fillValue, `${where}: fillValue`);

  // 'same' is the middle of 'full'. If the size of `b` is even, correlate2d rounds the start of the
  // middle up and convolve2d rounds it down, as in SciPy.
  const padsAround = (k: number): [number, number] => {
    if (mode === 'valid') return [0, 0];
    if (mode === 'full') return [k - 1, k - 1];
    const smaller = Math.floor((k - 1) / 2);
    return flipped ? [k - 1 - smaller, smaller] : [smaller, k - 1 - smaller];
  };
  const [top, bottom] = padsAround(kh);
  const [left, right] = padsAround(kw);
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'a', shape: input.shape },
        { name: 'b', shape: weight.shape },
      ],
      fields: fieldsOf({
        input_height: height,
        input_width: width,
        kernel_height: kh,
        kernel_width: kw,
        pad_top: top,
        pad_bottom: bottom,
        pad_left: left,
        pad_right: right,
        padding_mode: boundaryModes[boundary],
        fill_value: fill,
        ...(flipped && {
          'weight_strides.n': kh * kw,
          'weight_strides.c': kh * kw,
          'weight_strides.h': -kw,
          'weight_strides.w': -1,
        }),
      }),
    },
    { input, weight, weightOffset: flipped ? kh * kw - 1 : 0 },
    (rows, columns) => [rows, columns],
  );
}

function matrixSizes(shape: readonly number[], where: string): [number, number] {
  if (shape.length !== 2) throw unexpectedShape(where, shape, 'h×w');
  checkedSize(shape, where);
  return shape as unknown as [number, number];
}

/** @internal The implementations of `SignalMethods`. */
export const signalMethods: Implementation<SignalMethods> = {
  correlate2d,
  convolve2d,
};
