import { type Compute, fullGradient, type Inputs, refusalOf, take } from './compute.js';
import { elementsOf } from './convert.js';
import { paddedAxis } from './geometry.js';
import type { Attributes, ConvInfo, Tfjs } from './kernels.js';

/** A pool of tfjs in the terms of corr2d. */
interface Pool {
  readonly kernelSize: [number, number];
  readonly options: {
    layout: 'nhwc';
    stride: [number, number];
    padding: readonly [number, number, number, number];
  };
  /** The shape of corr2d's output, which can differ from tfjs'. */
  readonly outputShape: readonly number[];
}

/**
 * MaxPoolGrad or AvgPoolGrad. tfjs' MaxPoolGrad on the backend wasm is wrong for windows without a
 * positive element. As in tfjs, the padding counts in the gradient of a mean, though not in the mean.
 */
export const poolGradient =
  (isMaximum: boolean): Compute =>
  ({ tf, c }, { inputs, backend, attrs }) => {
    const { dy, input } = inputs as Inputs<'dy' | 'input'>;
    const pool = poolOf(tf, input.shape, attrs);
    const refusal = typeof pool === 'string' ? pool : refusalOf({ dy, input });
    if (refusal !== undefined) return refusal;
    const { kernelSize, options, outputShape } = pool as Pool;
    const { shape } = input;
    const gradient = fullGradient(backend, dy, outputShape);
    const dx = isMaximum
      ? c.maxPool2dBackward(
          gradient,
          { data: elementsOf(backend, input), shape },
          kernelSize,
          options,
        )
      : c.avgPool2dBackward(gradient, shape, kernelSize, options);
    return take(backend, shape, dx);
  };

/** Computes the geometry of a pool, or says what corr2d does not support. */
function poolOf(
  tf: Tfjs,
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: Attributes,
): Pool | string {
  const { computePool2DInfo } = tf.backend_util as {
    computePool2DInfo(...values: unknown[]): unknown;
  };
  const info = computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode) as ConvInfo;
  const { strideHeight, strideWidth, padInfo } = info;
  const [kh, kw] = [info.effectiveFilterHeight, info.effectiveFilterWidth];
  // A window in the padding alone has no gradient, and corr2d has no such windows at the end.
  const rows = paddedAxis(info.inHeight, padInfo.top, kh, strideHeight, info.outHeight, kh - 1);
  const columns = paddedAxis(info.inWidth, padInfo.left, kw, strideWidth, info.outWidth, kw - 1);
  const padding = [padInfo.top, rows.after, padInfo.left, columns.after] as const;
  if (!(padInfo.top < kh && padInfo.left < kw)) {
    return `the padding is ${padding.join(', ')}; expected less than the window, ${kh}×${kw}`;
  }
  const [batch] = shape as [number];
  return {
    kernelSize: [kh, kw],
    options: { layout: 'nhwc', stride: [strideHeight, strideWidth], padding },
    outputShape: [batch, rows.outputs, columns.outputs, info.outChannels],
  };
}
