/* The layers that the photographs apply: convolutions of red, green and blue, computed by corr2d. */
import type { Corr2d, Tensor } from 'corr2d';
import type { Matrix } from '../shared/grid';
import { Comparison, type Sample, windowSum } from '../shared/oracle';
import { withTensors } from '../shared/tensors';

/** co×(ci/groups) slices of kh×kw weights. */
export type Weights = readonly (readonly Matrix[])[];

export interface Layer {
  weights: Weights;
  /** 3 if each output reads only one channel. */
  groups: 1 | 3;
}

export const CHANNELS = 3;

/** Results are compared with the oracle at every CHECK_STEP-th row and column. */
const CHECK_STEP = 6;

/** The slice of the kernel from an input channel to an output; null if no weight connects them. */
export function sliceOf({ weights, groups }: Layer, output: number, input: number): Matrix | null {
  if (groups === 1) return weights[output]?.[input] ?? null;
  return output === input ? (weights[output]?.[0] ?? null) : null;
}

/** Convolves X; the result has its height and width, with the border pixels repeated outside. */
function convolve(c: Corr2d, X: Tensor, { weights, groups }: Layer): Tensor {
  const padding = (weights[0]?.[0]?.length ?? 1) >> 1;
  return c.conv2d(X, weights as unknown as number[][][][], {
    groups,
    padding,
    ...(padding && { paddingMode: 'replicate' }),
  });
}

/** The layer without the channels that are switched off: their slices become zero. */
const withChannels = ({ weights, groups }: Layer, isOn: readonly boolean[]): Layer => ({
  groups,
  weights: weights.map((kernel, output) =>
    kernel.map((slice, input) =>
      isOn[groups === 1 ? input : output] ? slice : slice.map((row) => row.map(() => 0)),
    ),
  ),
});

/** The layer that keeps the three partial results of the first output instead of adding them up. */
const partialLayer = ({ weights }: Layer): Layer => ({
  groups: 3,
  weights: (weights[0] ?? []).map((slice) => [slice]),
});

export interface Results {
  /** The outputs: the sums over the channels that are switched on. */
  sums: Tensor;
  /** The contribution of each channel to the first output. */
  partials: Tensor | null;
  comparison: Comparison;
}

/**
 * Runs the layer on X (3×h×w), passes the results to `use`, and disposes of them. A sample of them is
 * compared with the oracle.
 */
export function runLayer(
  c: Corr2d,
  X: Tensor,
  layer: Layer,
  isOn: readonly boolean[],
  hasPartials: boolean,
  use: (results: Results) => void,
): void {
  withTensors((own) => {
    const comparison = new Comparison();
    const counted = withChannels(layer, isOn);
    const sums = own(convolve(c, X, counted));
    compare(sums, X, counted, comparison);
    let partials: Tensor | null = null;
    if (hasPartials) {
      const separate = partialLayer(layer);
      partials = own(convolve(c, X, separate));
      compare(partials, X, separate, comparison);
    }
    use({ sums, partials, comparison });
  });
}

/** Adds the comparison of a layer's result with the oracle to `comparison`. */
function compare(Y: Tensor, X: Tensor, layer: Layer, comparison: Comparison): void {
  const [, h = 0, w = 0] = X.shape;
  const [x, y] = [X.data, Y.data];
  const inside = (at: number, size: number) => Math.min(size - 1, Math.max(0, at));
  layer.weights.forEach((kernel, output) => {
    const first = layer.groups === 1 ? 0 : output;
    const sample: Sample = (channel, i, j) =>
      x[((first + channel) * h + inside(i, h)) * w + inside(j, w)] ?? Number.NaN;
    const padding = (kernel[0]?.length ?? 1) >> 1;
    for (let i = 0; i < h; i += CHECK_STEP) {
      for (let j = 0; j < w; j += CHECK_STEP) {
        comparison.add(
          y[(output * h + i) * w + j] ?? Number.NaN,
          windowSum(sample, kernel, i, j, { padding }),
        );
      }
    }
  });
}
