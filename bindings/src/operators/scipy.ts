import * as option from '../problem/options.js';
import { fieldsOf, paddingModes, solve } from '../problem/problem.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The options of `correlate2d` and `convolve2d`, as scipy.signal has them. */
export interface Correlate2dOptions {
  /** Default `'full'`. */
  mode?: 'full' | 'same' | 'valid';
  /** Default `'fill'`. */
  boundary?: 'fill' | 'wrap' | 'symm';
  /** What stands around `a` where `boundary` is `'fill'`. Default 0. */
  fillValue?: number;
}

const boundaries = {
  fill: paddingModes.constant,
  wrap: paddingModes.circular,
  symm: paddingModes.symmetric,
} as const;

/** @internal */
export function correlate2d(
  heap: Heap,
  a: TensorLike,
  b: TensorLike,
  options?: Correlate2dOptions,
): Tensor {
  return slide(heap, 'correlate2d', a, b, false, options);
}

/** @internal */
export function convolve2d(
  heap: Heap,
  a: TensorLike,
  b: TensorLike,
  options?: Correlate2dOptions,
): Tensor {
  return slide(heap, 'convolve2d', a, b, true, options);
}

/** Slides `b`, turned round where `flipped`, over `a`. */
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
  const [height, width] = matrix(input.shape, `${where}: a`);
  const [kh, kw] = matrix(weight.shape, `${where}: b`);
  const given = argument.options(options, where, ['mode', 'boundary', 'fillValue']);
  const mode = option.choice(given.mode, `${where}: mode`, ['full', 'same', 'valid']);
  const boundary = option.choice(given.boundary, `${where}: boundary`, ['fill', 'wrap', 'symm']);
  const fill =
    given.fillValue === undefined ? 0 : argument.number(given.fillValue, `${where}: fillValue`);

  // 'same' is the middle of 'full'; of an even kernel the two functions have different middles.
  const around = (k: number): [number, number] => {
    if (mode === 'valid') return [0, 0];
    if (mode === 'full') return [k - 1, k - 1];
    const less = Math.floor((k - 1) / 2);
    return flipped ? [k - 1 - less, less] : [less, k - 1 - less];
  };
  const [top, bottom] = around(kh);
  const [left, right] = around(kw);
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
        padding_mode: boundaries[boundary],
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

function matrix(shape: readonly number[], where: string): [number, number] {
  if (shape.length !== 2) {
    throw new Corr2dError('SHAPE_MISMATCH', `${where} is ${showShape(shape)}, must be h×w`);
  }
  checkedSize(shape, where);
  return shape as unknown as [number, number];
}
