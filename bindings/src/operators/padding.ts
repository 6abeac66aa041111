import { fieldsOf, solve } from '../problem/problem.js';
import * as read from '../problem/read-options.js';
import { kinds, paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize, sizeOf } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Padding. */
export interface PaddingMethods {
  /**
   * Pads the last two axes, like torch.nn.functional.pad. Negative numbers crop.
   *
   * @example
   * ```js
   * console.log(c.pad([[1, 2]], [1, 0, 0, 0]).data.join()); // 0,1,2
   * ```
   *
   * @param input …×H×W
   * @param padding `[left, right, top, bottom]` in elements, in PyTorch's order. Note that the option
   * `padding` of convolutions has another order: `[top, bottom, left, right]`.
   * @param mode the values of the padding. Default `'constant'`.
   * @param value the value for the mode `'constant'`. Default 0.
   * @returns …×(top + H + bottom)×(left + W + right)
   * @throws `SHAPE_MISMATCH` if nothing is left of an axis
   */
  pad(
    input: TensorLike,
    padding: readonly [left: number, right: number, top: number, bottom: number],
    mode?: PadMode,
    value?: number,
  ): Tensor;
}

/** The values of `pad`'s padding: one value, or elements of the input as in PyTorch. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** The largest padding. The sum of two paddings and a size then fits into an int32. */
const MAX_PAD = 2 ** 29;

function pad(
  heap: Heap,
  input: TensorLike,
  padding: readonly [left: number, right: number, top: number, bottom: number],
  mode?: PadMode,
  value?: number,
): Tensor {
  const where = 'pad';
  const image = operand(heap, input, `${where}: input`);
  if (image.shape.length < 2) {
    throw unexpectedShape(`${where}: input`, image.shape, 'at least two axes');
  }
  if (!Array.isArray(padding) || padding.length !== 4) {
    throw unexpected(`${where}: padding`, padding, '[left, right, top, bottom]');
  }
  const [left, right, top, bottom] = Array.from(padding, (one, i) =>
    argument.integer(one, `${where}: padding[${i}]`, -MAX_PAD, MAX_PAD),
  ) as [number, number, number, number];
  const name = argument.choice(mode, `${where}: mode`, [
    'constant',
    'reflect',
    'replicate',
    'circular',
  ]);
  const fill = value === undefined ? 0 : argument.number(value, `${where}: value`);
  checkedSize(image.shape, `${where}: input`);
  const [height, width] = image.shape.slice(-2) as [number, number];
  if (name !== 'constant') {
    const pads = [0, 0, top, bottom, left, right];
    read.paddingMode(name, `${where}: mode`, pads, [1, height, width]);
  }
  return solve(
    heap,
    {
      where,
      given: [{ name: 'input', shape: image.shape }],
      fields: fieldsOf({
        kind: kinds.pad,
        // All axes before the last two form the batch.
        batch: sizeOf(image.shape.slice(0, -2)),
        input_height: height,
        input_width: width,
        pad_top: top,
        pad_bottom: bottom,
        pad_left: left,
        pad_right: right,
        padding_mode: paddingModes[name],
        fill_value: fill,
      }),
    },
    { input: image },
    (rows, columns) => [...image.shape.slice(0, -2), rows, columns],
  );
}

/** @internal The implementations of `PaddingMethods`. */
export const paddingMethods: Implementation<PaddingMethods> = {
  pad,
};
