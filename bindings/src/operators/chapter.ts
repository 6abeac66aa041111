// The functions of section 7.4 of Dive into Deep Learning. All four compute the same kind of problem;
// the first two have fewer axes. Their arguments are called X and K, as in the chapter.

import { withoutLeadingOnes } from '../problem/layout.js';
import { fieldsOf, solve } from '../problem/problem.js';
import { algorithms } from '../runtime/abi.js';
import { mismatch, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

/** The functions of section 7.4 of Dive into Deep Learning. */
export interface ChapterMethods {
  /**
   * Computes the two-dimensional cross-correlation: each output element is the sum of the products of
   * the kernel and the window of the input that begins there. Leading axes of length 1 are dropped, here
   * and in the next three functions. Source: Dive into Deep Learning, chapter 7.2.
   *
   * @example
   * ```js
   * const X = [[0, 1, 2], [3, 4, 5], [6, 7, 8]];
   * console.log(c.corr2d(X, [[0, 1], [2, 3]]).data.join()); // 19,25,37,43
   * ```
   *
   * @param X the input: h×w
   * @param K the kernel: kh×kw
   * @returns (h−kh+1)×(w−kw+1)
   * @throws `SHAPE_MISMATCH` if the kernel is larger than the input
   */
  corr2d(X: TensorLike, K: TensorLike): Tensor;

  /**
   * Correlates several input channels, each with a kernel of its own, and adds up the results.
   * Source: Dive into Deep Learning, section 7.4.1.
   *
   * @example
   * ```js
   * const X = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]];
   * const K = [[[0, 1], [2, 3]], [[1, 2], [3, 4]]];
   * console.log(c.corr2dMultiIn(X, K).data.join()); // 56,72,104,120
   * ```
   *
   * @param X the input: ci×h×w
   * @param K a kernel for each channel: ci×kh×kw
   * @returns (h−kh+1)×(w−kw+1)
   * @throws `SHAPE_MISMATCH` if the numbers of channels differ or the kernel is larger than the input
   */
  corr2dMultiIn(X: TensorLike, K: TensorLike): Tensor;

  /**
   * Computes several output channels, each with a kernel for every input channel.
   * Source: Dive into Deep Learning, section 7.4.2.
   *
   * @example
   * ```js
   * const K = c.ones([3, 2, 2, 2]);
   * console.log(c.corr2dMultiInOut(c.ones([2, 3, 3]), K).shape.join()); // 3,2,2
   * ```
   *
   * @param X the input: ci×h×w
   * @param K the kernels: co×ci×kh×kw
   * @returns co×(h−kh+1)×(w−kw+1)
   * @throws `SHAPE_MISMATCH` if the numbers of input channels differ or the kernel is larger than the input
   */
  corr2dMultiInOut(X: TensorLike, K: TensorLike): Tensor;

  /**
   * Computes the 1×1 layer as a matrix product over the channels, with the same bits as
   * `corr2dMultiInOut`. Source: Dive into Deep Learning, section 7.4.3.
   *
   * @example
   * ```js
   * const K = c.ones([2, 3, 1, 1]);
   * console.log(c.corr2dMultiInOut1x1(c.ones([3, 1, 2]), K).data.join()); // 3,3,3,3
   * ```
   *
   * @param X the input: ci×h×w
   * @param K the kernels: co×ci×1×1
   * @returns co×h×w
   * @throws `SHAPE_MISMATCH` if the numbers of input channels differ or the kernels are not 1×1
   */
  corr2dMultiInOut1x1(X: TensorLike, K: TensorLike): Tensor;
}

function corr2d(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  return correlate(heap, 'corr2d', X, K, ['h', 'w'], ['kh', 'kw']);
}

function corr2dMultiIn(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  return correlate(heap, 'corr2dMultiIn', X, K, ['ci', 'h', 'w'], ['ci', 'kh', 'kw']);
}

function corr2dMultiInOut(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  const axesK = ['co', 'ci', 'kh', 'kw'];
  return correlate(heap, 'corr2dMultiInOut', X, K, ['ci', 'h', 'w'], axesK, (kh, kw) =>
    // The chapter compares the result for a 1×1 kernel with the matrix product below. A 1×1 kernel is
    // not computed as a matrix product here, so that the comparison is between two algorithms.
    kh === 1 && kw === 1 ? algorithms.direct : algorithms.auto,
  );
}

function corr2dMultiInOut1x1(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  const axesK = ['co', 'ci', '1', '1'];
  return correlate(
    heap,
    'corr2dMultiInOut1x1',
    X,
    K,
    ['ci', 'h', 'w'],
    axesK,
    () => algorithms.gemm,
  );
}

function correlate(
  heap: Heap,
  where: string,
  X: TensorLike,
  K: TensorLike,
  axesX: readonly string[],
  axesK: readonly string[],
  algorithm: (kh: number, kw: number) => number = () => algorithms.auto,
): Tensor {
  const input = operand(heap, X, `${where}: X`);
  const weight = operand(heap, K, `${where}: K`);
  const [ci, h, w] = sizes(input.shape, axesX, 3, `${where}: X`) as [number, number, number];
  const [co, kci, kh, kw] = sizes(weight.shape, axesK, 4, `${where}: K`) as [
    number,
    number,
    number,
    number,
  ];
  if (kci !== ci) {
    throw mismatch(`${where}: K has ${kci} input channels; expected ${ci}, like X`);
  }
  checkedSize(input.shape, `${where}: X`);
  checkedSize(weight.shape, `${where}: K`);
  return solve(
    heap,
    {
      where,
      given: [
        { name: 'X', shape: input.shape },
        { name: 'K', shape: weight.shape },
      ],
      fields: fieldsOf({
        input_channels: ci,
        output_channels: co,
        input_height: h,
        input_width: w,
        kernel_height: kh,
        kernel_width: kw,
        algorithm: algorithm(kh, kw),
      }),
    },
    { input, weight },
    (height, width) => (axesK.length === 4 ? [co, height, width] : [height, width]),
  );
}

/**
 * Reads a shape with these axes, and returns `rank` sizes: those of the axes, after ones for the
 * missing axes. Leading axes of length 1 are dropped, since the chapter writes its first X and K with
 * one. Throws SHAPE_MISMATCH for any other rank, and if an axis called '1' is longer.
 */
function sizes(
  shape: readonly number[],
  axes: readonly string[],
  rank: number,
  where: string,
): number[] {
  const last = withoutLeadingOnes(shape, axes.length);
  if (last === undefined || last.some((size, axis) => axes[axis] === '1' && size !== 1)) {
    throw unexpectedShape(where, shape, axes.join('×'));
  }
  return [...new Array<number>(rank - axes.length).fill(1), ...last];
}

/** @internal The implementations of `ChapterMethods`. */
export const chapterMethods: Implementation<ChapterMethods> = {
  corr2d,
  corr2dMultiIn,
  corr2dMultiInOut,
  corr2dMultiInOut1x1,
};
