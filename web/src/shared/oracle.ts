/*
 * The oracle: convolution in JavaScript, one window at a time, in double precision. It shares no code
 * with the package. The page checks the package's results against it.
 */

/** The input at channel c, row i, column j. */
export type Sample = (c: number, i: number, j: number) => number;

/** A kernel for one output channel: ci × kh × kw. */
export type Kernel = readonly (readonly (readonly number[])[])[];

export interface WindowSum {
  value: number;
  /** Largest error of a float32 result, for any order of summation: K·ε·Σ|x·w| for K products. */
  bound: number;
}

export interface ConvolutionOptions {
  stride?: number;
  padding?: number;
  dilation?: number;
}

const FLOAT32_EPSILON = 2 ** -23;

/**
 * The output at `row` and `column`: the sum over c, a and b of kernel[c][a][b] and the input elements
 * of its window. Stride and dilation default to 1, padding to 0. `input` supplies the padding values.
 */
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
    channel.forEach((weights, a) => {
      weights.forEach((weight, b) => {
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

/** Compares float32 results with the oracle. */
export class Comparison {
  total = 0;
  withinBound = 0;
  /** Largest difference from the oracle, and largest bound, over all results. */
  largestDifference = 0;
  largestBound = 0;

  add(actual: number, expected: WindowSum): void {
    const difference = Math.abs(actual - expected.value);
    this.total += 1;
    if (difference <= expected.bound) this.withinBound += 1;
    if (!(difference <= this.largestDifference)) this.largestDifference = difference;
    if (expected.bound > this.largestBound) this.largestBound = expected.bound;
  }

  /** Whether every result is within its own bound. False if there is no result or all bounds are 0. */
  get holds(): boolean {
    return this.total > 0 && this.withinBound === this.total && this.largestBound > 0;
  }
}
