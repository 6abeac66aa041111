/*
 * The slow, plain way: one window at a time, in double precision, in JavaScript. It shares nothing
 * with the package and is what the package's results are held against.
 */

/** The input at channel c, row i, column j. */
export type Sample = (c: number, i: number, j: number) => number;

/** A kernel for one output channel: ci × kh × kw. */
export type Kernel = readonly (readonly (readonly number[])[])[];

export interface WindowSum {
  value: number;
  /** The farthest that float32 may end up from `value`, whatever the order of its sum. */
  bound: number;
}

export interface ConvolutionOptions {
  stride?: number;
  padding?: number;
  dilation?: number;
}

const FLOAT32_EPSILON = 2 ** -23;

/** Σ over c, a, b of input(c, row + a, column + b) · kernel[c][a][b], steps of 1 and no padding if not said. */
export function windowSum(
  input: Sample,
  kernel: Kernel,
  row: number,
  column: number,
  { stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions = {},
): WindowSum {
  let value = 0;
  let magnitude = 0;
  let terms = 0;
  kernel.forEach((channel, c) => {
    channel.forEach((line, a) => {
      line.forEach((weight, b) => {
        const i = row * stride - padding + a * dilation;
        const j = column * stride - padding + b * dilation;
        const term = input(c, i, j) * weight;
        value += term;
        magnitude += Math.abs(term);
        terms += 1;
      });
    });
  });
  return { value, bound: terms * FLOAT32_EPSILON * magnitude };
}

/** How a set of float32 results compares with the reference. */
export class Comparison {
  total = 0;
  withinBound = 0;
  /** The largest difference seen, and the largest bound that any result had. */
  largestDifference = 0;
  largestBound = 0;

  add(actual: number, expected: WindowSum): void {
    const difference = Math.abs(actual - expected.value);
    this.total += 1;
    if (difference <= expected.bound) this.withinBound += 1;
    if (!(difference <= this.largestDifference)) this.largestDifference = difference;
    if (expected.bound > this.largestBound) this.largestBound = expected.bound;
  }

  /** Every result within its own bound, and not because all of it was zero. */
  get holds(): boolean {
    return this.total > 0 && this.withinBound === this.total && this.largestBound > 0;
  }
}
