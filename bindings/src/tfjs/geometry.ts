// The geometry of tfjs' convolutions and pools in the terms of corr2d.

import type { Attributes, ConvInfo, Tfjs } from './kernels.js';

/** A convolution of tfjs in the terms of corr2d. */
export interface Geometry {
  readonly info: ConvInfo;
  readonly options: {
    layout: 'nchw' | 'nhwc';
    weightLayout: 'hwio';
    groups: number;
    stride: [number, number];
    dilation: [number, number];
    padding: readonly [number, number, number, number];
  };
  readonly weightShape: readonly number[];
  /** The shape of corr2d's output, which can be larger than tfjs'. */
  readonly outputShape: readonly number[];
  /** The rows and columns at the end of the padded input that no window reads. */
  readonly unread: readonly [number, number];
}

/** Computes the geometry of a convolution, or says what corr2d does not support. */
export function geometryOf(
  tf: Tfjs,
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode, dataFormat = 'NHWC' }: Attributes,
  isDepthwise: boolean,
): Geometry | string {
  const { computeConv2DInfo, convertConv2DDataFormat } = tf.backend_util as {
    computeConv2DInfo(...values: unknown[]): unknown;
    convertConv2DDataFormat(format: unknown): unknown;
  };
  const format = convertConv2DDataFormat(dataFormat);
  const info = computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    isDepthwise,
    format,
  ) as ConvInfo;
  const { inChannels, outChannels, strideHeight, strideWidth, padInfo } = info;
  if (filterShape[2] !== inChannels) {
    return `filter has ${filterShape[2]} input channels; expected ${inChannels}`;
  }
  if (info.outShape.includes(0)) return 'the output has no elements';
  const rows = paddedAxis(
    info.inHeight,
    padInfo.top,
    info.effectiveFilterHeight,
    strideHeight,
    info.outHeight,
  );
  const columns = paddedAxis(
    info.inWidth,
    padInfo.left,
    info.effectiveFilterWidth,
    strideWidth,
    info.outWidth,
  );
  const padding = [padInfo.top, rows.after, padInfo.left, columns.after] as const;
  if (!padding.every((side) => Number.isInteger(side) && side >= 0)) {
    return `the padding is ${padding.join(', ')}; expected whole numbers of at least 0`;
  }
  const layout = info.dataFormat === 'channelsLast' ? 'nhwc' : 'nchw';
  const [batch] = info.outShape as [number];
  const sizes = [rows.outputs, columns.outputs];
  const [kh, kw] = filterShape as [number, number];
  return {
    info,
    options: {
      layout,
      weightLayout: 'hwio',
      groups: isDepthwise ? inChannels : 1,
      stride: [strideHeight, strideWidth],
      dilation: [info.dilationHeight, info.dilationWidth],
      padding,
    },
    // In this order, a depthwise weight kh×kw×Ci×multiplier is a weight of Ci groups.
    weightShape: isDepthwise ? [kh, kw, 1, outChannels] : filterShape,
    outputShape:
      layout === 'nhwc' ? [batch, ...sizes, outChannels] : [batch, outChannels, ...sizes],
    unread: [rows.unread, columns.unread],
  };
}

/**
 * The padding after an axis with which corr2d's output is at least as large as tfjs', the number of
 * corr2d's outputs, and the number of elements at the end that no window reads. tfjs rounds output sizes
 * by `dimRoundingMode`, and assumes a square kernel if the padding is a number. Where tfjs would read
 * beyond its padding, this padding adds elements, but at most `limit`.
 */
export function paddedAxis(
  size: number,
  before: number,
  window: number,
  stride: number,
  outputs: number,
  limit = Number.POSITIVE_INFINITY,
) {
  const needed = (outputs - 1) * stride + window - size - before;
  const after = Math.min(Math.max(needed, 0), limit);
  const rest = before + size + after - window;
  return { after, outputs: Math.floor(rest / stride) + 1, unread: rest % stride };
}
