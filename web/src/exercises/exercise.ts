import type { Corr2d, Tensor } from 'corr2d';
import type { MeasurementClient } from '../measure/client';
import { type Check, type CheckLabels, createCheck } from '../shared/check';
import { find, yieldToEventLoop } from '../shared/dom';
import { Comparison, windowSum } from '../shared/oracle';

/** What every exercise needs. */
export interface ExerciseContext {
  c: Corr2d;
  measurements: MeasurementClient;
}

/** Frees the tensors that `work` owns, whatever happens. */
export function withTensors<T>(work: (own: (tensor: Tensor) => Tensor) => T): T {
  const tensors: Tensor[] = [];
  try {
    return work((tensor) => {
      tensors.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** Calls `open` when the answer of an exercise is first opened. */
function onFirstOpen(article: HTMLElement, open: () => void): void {
  const details = find<HTMLDetailsElement>('details', article);
  details.addEventListener('toggle', () => details.open && open(), { once: true });
}

/** Creates the check of an answer and computes it when the answer is first opened. */
export function checkAnswer(
  article: HTMLElement,
  id: string,
  words: CheckLabels,
  compute: (check: Check) => void | Promise<void>,
): void {
  onFirstOpen(article, async () => {
    const check = createCheck(find(`[data-example="${id}"]`, article), '…', words);
    await yieldToEventLoop();
    try {
      await compute(check);
    } catch (error) {
      check.fail(error);
    }
  });
}

export interface GroupedConvolutionOptions {
  stride?: number;
  padding?: number;
  groups?: number;
}

/** Compares every element of Y (co×h'×w') with the oracle's convolution of X (ci×h×w) with K. */
export function compareWithOracle(
  Y: Tensor,
  X: Tensor,
  K: Tensor,
  { stride = 1, padding = 0, groups = 1 }: GroupedConvolutionOptions = {},
): Comparison {
  const [, h = 0, w = 0] = X.shape;
  const [co = 0, ci = 0, kh = 0, kw = 0] = K.shape;
  const [, rows = 0, columns = 0] = Y.shape;
  const [x, k, y] = [X.data, K.data, Y.data];
  const comparison = new Comparison();
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

export const randomSeed = (): number =>
  (crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) % 1_000_000;
