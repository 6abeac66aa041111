import type { Tensor } from 'corr2d';
import { Comparison, windowSum } from './oracle';

export interface GroupedConvolutionOptions {
  stride?: number;
  padding?: number;
  groups?: number;
}

/**
 * Compares every element of Y (co×h'×w') with the oracle's convolution of X (ci×h×w) with K
 * (co×(ci/groups)×kh×kw). Adds the results to `comparison` and returns it.
 */
export function compareWithOracle(
  Y: Tensor,
  X: Tensor,
  K: Tensor,
  { stride = 1, padding = 0, groups = 1 }: GroupedConvolutionOptions = {},
  comparison = new Comparison(),
): Comparison {
  const [, h = 0, w = 0] = X.shape;
  const [co = 0, ci = 0, kh = 0, kw = 0] = K.shape;
  const [, rows = 0, columns = 0] = Y.shape;
  const [x, k, y] = [X.data, K.data, Y.data];
  for (let o = 0; o < co; o++) {
    const first = Math.floor(o / (co / groups)) * ci;
    const kernel = Array.from({ length: ci }, (_, c) =>
      Array.from({ length: kh }, (_, a) =>
        Array.from({ length: kw }, (_, b) => k[((o * ci + c) * kh + a) * kw + b] ?? Number.NaN),
      ),
    );
    const sample = (c: number, i: number, j: number) =>
      i < 0 || j < 0 || i >= h || j >= w ? 0 : (x[((first + c) * h + i) * w + j] ?? Number.NaN);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const expected = windowSum(sample, kernel, i, j, { stride, padding });
        comparison.add(y[(o * rows + i) * columns + j] ?? Number.NaN, expected);
      }
    }
  }
  return comparison;
}

/** The largest difference between the elements of two tensors; NaN if they are empty or differ in size. */
export function largestDifference(a: Tensor, b: Tensor): number {
  const [left, right] = [a.data, b.data];
  if (left.length !== right.length || left.length === 0) return Number.NaN;
  let largest = 0;
  left.forEach((value, i) => {
    const difference = Math.abs(value - (right[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
  });
  return largest;
}

/** Number of elements with the same bits in two tensors of equal size. */
export function countEqualBits(a: Tensor, b: Tensor): number {
  const [left, right] = [a, b].map(({ data }) => new Uint32Array(data.slice().buffer));
  return left?.filter((word, i) => word === right?.[i]).length ?? 0;
}
