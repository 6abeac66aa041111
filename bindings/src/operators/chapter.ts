// The functions of section 7.4 of Dive into Deep Learning. All four compute the same kind of problem;
// the first two have fewer axes. Their arguments are called X and K, as in the chapter.

import { fieldsOf, solve } from '../problem/problem.js';
import { algorithms } from '../runtime/abi.js';
import { mismatch, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { checkedSize } from '../tensor/nested.js';
import { operand } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';

export function corr2d(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  return correlate(heap, 'corr2d', X, K, ['h', 'w'], ['kh', 'kw']);
}

export function corr2dMultiIn(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  return correlate(heap, 'corr2dMultiIn', X, K, ['ci', 'h', 'w'], ['ci', 'kh', 'kw']);
}

export function corr2dMultiInOut(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
  const axesK = ['co', 'ci', 'kh', 'kw'];
  return correlate(heap, 'corr2dMultiInOut', X, K, ['ci', 'h', 'w'], axesK, (kh, kw) =>
    // The chapter compares the result for a 1×1 kernel with the matrix product below. A 1×1 kernel is
    // not computed as a matrix product here, so that the comparison is between two algorithms.
    kh === 1 && kw === 1 ? algorithms.direct : algorithms.auto,
  );
}

export function corr2dMultiInOut1x1(heap: Heap, X: TensorLike, K: TensorLike): Tensor {
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
  const excess = shape.length - axes.length;
  const last = shape.slice(Math.max(excess, 0));
  if (
    excess < 0 ||
    shape.slice(0, excess).some((size) => size !== 1) ||
    last.some((size, axis) => axes[axis] === '1' && size !== 1)
  ) {
    throw unexpectedShape(where, shape, axes.join('×'));
  }
  return [...new Array<number>(rank - axes.length).fill(1), ...last];
}
