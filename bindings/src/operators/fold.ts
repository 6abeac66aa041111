import type { Pair, WindowOptions } from '../problem/options.js';
import { fieldsOf, solve } from '../problem/problem.js';
import { requiredSize, windowFields } from '../problem/windows.js';
import { kinds } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** Windows as columns. */
export interface FoldMethods {
  /**
   * Copies windows of an image to columns, like torch.nn.functional.unfold.
   *
   * @example
   * ```js
   * const columns = c.unfold([[[1, 2, 3]]], [1, 2]);
   * console.log(columns.shape.join(), columns.data.join()); // 2,2 1,2,2,3
   * ```
   *
   * @param input N×C×H×W or C×H×W
   * @param kernelSize the size of a window: kh×kw
   * @param options `stride`, `padding` and `dilation` of the windows
   * @returns N×(C·kh·kw)×L or (C·kh·kw)×L, with a column for each of the L windows
   * @throws `SHAPE_MISMATCH` if the window is larger than the padded input
   */
  unfold(input: TensorLike, kernelSize: Pair, options?: WindowOptions): Tensor;

  /**
   * Adds columns to the windows of an image, like torch.nn.functional.fold. This is the adjoint of
   * `unfold`: where windows overlap, their values are added up.
   *
   * @example
   * ```js
   * console.log(c.fold([[1, 2], [2, 3]], [1, 3], [1, 2]).data.join()); // 1,4,3
   * ```
   *
   * @param input N×(C·kh·kw)×L or (C·kh·kw)×L
   * @param outputSize the size of the image: H×W
   * @param kernelSize the size of a window: kh×kw
   * @param options `stride`, `padding` and `dilation` of the windows
   * @returns N×C×H×W or C×H×W
   * @throws `SHAPE_MISMATCH` if the number of columns is not that of the windows
   */
  fold(input: TensorLike, outputSize: Pair, kernelSize: Pair, options?: WindowOptions): Tensor;
}

const windowOptions = ['stride', 'padding', 'dilation'] as const;

function unfold(heap: Heap, input: TensorLike, kernelSize: Pair, options?: WindowOptions): Tensor {
  const where = 'unfold';
  const image = operand(heap, input, `${where}: input`);
  const kernel = requiredSize(kernelSize, `${where}: kernelSize`);
  const given = argument.options(options, where, windowOptions);
  const fields = windowFields(where, image.shape, kernel, given);
  const channels = image.shape[image.shape.length - 3] as number;
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: image.shape },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, { kind: kinds.unfold }),
    },
    { input: image },
    (height, width) => [
      ...image.shape.slice(0, -3),
      channels * kernel.h * kernel.w,
      height * width,
    ],
  );
}

function fold(
  heap: Heap,
  input: TensorLike,
  outputSize: Pair,
  kernelSize: Pair,
  options?: WindowOptions,
): Tensor {
  const where = 'fold';
  const columns = operand(heap, input, `${where}: input`);
  const { h: height, w: width } = requiredSize(outputSize, `${where}: outputSize`);
  const kernel = requiredSize(kernelSize, `${where}: kernelSize`);
  const given = argument.options(options, where, windowOptions);
  const kernelElements = kernel.h * kernel.w;
  const [rows = 0, length = 0] = columns.shape.slice(-2);
  const rank = columns.shape.length;
  if ((rank !== 2 && rank !== 3) || rows % kernelElements !== 0) {
    throw unexpectedShape(
      `${where}: input`,
      columns.shape,
      `N×(C·${kernelElements})×L or (C·${kernelElements})×L`,
    );
  }
  const shape = [...columns.shape.slice(0, -2), rows / kernelElements, height, width];
  checkedSize(shape, `${where}: the output`);
  const fields = windowFields(where, shape, kernel, given);
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'input', shape: columns.shape },
        { name: 'outputSize', shape: [height, width] },
        { name: 'kernelSize', shape: [kernel.h, kernel.w] },
      ],
      fields: fieldsOf(fields, { kind: kinds.fold }),
    },
    { input: columns },
    (windowRows, windowColumns) => {
      if (windowRows * windowColumns !== length) {
        throw mismatch(
          `${where}: input has ${length} columns; expected ${windowRows * windowColumns}, ` +
            `one for each of ${windowRows}×${windowColumns} windows`,
        );
      }
      return shape;
    },
  );
}

/** @internal The implementations of `FoldMethods`. */
export const foldMethods: Implementation<FoldMethods> = {
  unfold,
  fold,
};
