// tfjs' convolutions and their gradients, computed by corr2d.

import type { Corr2d } from '../instance.js';
import type { Activation } from '../problem/options.js';
import { invalid, show, showShape } from '../runtime/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { elementsOf, resized, sizeOf, toTfjs } from './convert.js';
import type {
  Attributes,
  Backend,
  ConvInfo,
  Kernel,
  KernelCall,
  TensorInfo,
  Tfjs,
} from './kernels.js';
import type { WeightPlans } from './plans.js';

/** What a kernel of the adapter works with. */
export interface Context {
  readonly tf: Tfjs;
  readonly c: Corr2d;
  readonly plans: WeightPlans;
  /** The function of tfjs that messages name. */
  readonly where: string;
  /** Returns a kernel of the backend. */
  readonly kernel: (name: string) => Kernel | undefined;
}

/** Computes a kernel. Returns the result, or what corr2d does not support about the call. */
export type Compute = (context: Context, call: KernelCall) => TensorInfo | string;

/** A convolution of tfjs in the terms of corr2d. */
interface Geometry {
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

/** Conv2D, FusedConv2D and their depthwise forms. */
export const convolution =
  (isDepthwise: boolean): Compute =>
  (context, { inputs, backend, attrs }) => {
    const { x, filter, bias, preluActivationWeights: alpha } = inputs as Inputs<'x' | 'filter'>;
    const { where, plans } = context;
    const activation = activationOf(attrs, where);
    if (activation === undefined) return `leakyreluAlpha is ${show(attrs.leakyreluAlpha)}`;
    const geometry = geometryOf(context.tf, x.shape, filter.shape, attrs, isDepthwise);
    const refusal = typeof geometry === 'string' ? geometry : refusalOf({ x, filter, bias });
    if (refusal !== undefined) return refusal;
    const { info, options, weightShape } = geometry as Geometry;
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== info.outChannels)) {
      return `bias is ${showShape(bias.shape)}; expected [${info.outChannels}]`;
    }
    const next = POINTWISE[attrs.activation ?? ''];
    const pointwise = next && context.kernel(next);
    if (next && !pointwise) return `the backend has no kernel ${next}`;
    if (next === 'Prelu' && alpha === undefined) {
      throw invalid(`${where}: preluActivationWeights is ${alpha}; expected a tensor`);
    }
    if (next === 'Prelu' && options.layout === 'nchw') return "dataFormat is 'NCHW' with prelu";

    const plan = plans.find(
      backend,
      filter,
      bias,
      { ...options, inputShape: x.shape, activation },
      weightShape,
      (name) => elementsOf(backend, name === 'bias' ? (bias as TensorInfo) : filter),
    );
    const y = take(
      backend,
      info.outShape,
      plan.run({ data: elementsOf(backend, x), shape: x.shape }),
    );
    if (!pointwise) return y;
    try {
      return pointwise.kernelFunc({ inputs: { x: y, alpha }, backend, attrs: {} }) as TensorInfo;
    } finally {
      backend.disposeData(y.dataId);
    }
  };

/** Conv2DBackpropInput, which is `tf.conv2dTranspose` too, and its depthwise form. */
export const inputGradient =
  (isDepthwise: boolean): Compute =>
  ({ tf, c }, { inputs, backend, attrs }) => {
    const { dy, filter } = inputs as Inputs<'dy' | 'filter'>;
    const inputShape = attrs.inputShape as readonly number[];
    const geometry = geometryOf(tf, inputShape, filter.shape, attrs, isDepthwise);
    const refusal = typeof geometry === 'string' ? geometry : refusalOf({ dy, filter });
    if (refusal !== undefined) return refusal;
    const { options, weightShape, unread } = geometry as Geometry;
    const data = elementsOf(backend, filter);
    const dx = c.convTranspose2d(
      fullGradient(backend, dy, geometry as Geometry),
      { data, shape: weightShape },
      // The output channels of the convolution are the input channels of its transpose.
      { ...options, weightLayout: 'hwoi', outputPadding: unread },
    );
    return take(backend, inputShape, dx);
  };

/** Conv2DBackpropFilter and its depthwise form. */
export const filterGradient =
  (isDepthwise: boolean): Compute =>
  ({ tf, c }, { inputs, backend, attrs }) => {
    const { x, dy } = inputs as Inputs<'x' | 'dy'>;
    const filterShape = attrs.filterShape as readonly number[];
    const geometry = geometryOf(tf, x.shape, filterShape, attrs, isDepthwise);
    const refusal = typeof geometry === 'string' ? geometry : refusalOf({ x, dy });
    if (refusal !== undefined) return refusal;
    const { options, weightShape } = geometry as Geometry;
    const { weight } = c.conv2dBackward(
      fullGradient(backend, dy, geometry as Geometry),
      { data: elementsOf(backend, x), shape: x.shape },
      // The gradient of the weight does not depend on its values.
      { data: new Float32Array(sizeOf(weightShape)), shape: weightShape },
      { ...options, gradients: ['weight'] },
    );
    return take(backend, filterShape, weight);
  };

type Inputs<Names extends string> = Readonly<Record<Names, TensorInfo>> & {
  readonly [name: string]: TensorInfo | undefined;
};

/** The kernels that compute the activations which corr2d does not have. */
const POINTWISE: Readonly<Record<string, string | undefined>> = { elu: 'Elu', prelu: 'Prelu' };

/** Each activation of tfjs as corr2d computes it with the convolution. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: 'none',
  relu: 'relu',
  relu6: 'relu6',
  sigmoid: 'sigmoid',
  elu: 'none',
  prelu: 'none',
};

/** The activation of a call; undefined for 'leakyrelu' without a finite slope. */
function activationOf(attrs: Attributes, where: string): Activation | undefined {
  const { activation = 'linear', leakyreluAlpha: alpha } = attrs;
  if (activation === 'leakyrelu') {
    return Number.isFinite(alpha) ? { type: 'leaky-relu', alpha: alpha as number } : undefined;
  }
  if (!Object.hasOwn(ACTIVATIONS, activation)) {
    const names = [...Object.keys(ACTIVATIONS), 'leakyrelu'].map((name) => `'${name}'`);
    throw invalid(
      `${where}: activation is ${show(activation)}; expected one of ${names.join(', ')}`,
    );
  }
  return ACTIVATIONS[activation];
}

/** The first of these tensors that corr2d cannot read. */
function refusalOf(tensors: Readonly<Record<string, TensorInfo | undefined>>): string | undefined {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor && tensor.dtype !== 'float32') return `${name} is ${tensor.dtype}; expected float32`;
    if (tensor?.shape.includes(0))
      return `${name} is ${showShape(tensor.shape)}; expected elements`;
  }
  return undefined;
}

/** Computes the geometry of a convolution, or says what corr2d does not support. */
function geometryOf(
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
    ...[
      inputShape,
      filterShape,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      isDepthwise,
      format,
    ],
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
 * The padding after an axis with which corr2d's output is at least as large as tfjs', the number of its
 * outputs, and the number of elements at the end that no window reads. tfjs rounds output sizes by
 * `dimRoundingMode`, and assumes a square kernel if the padding is a number. Where tfjs would read beyond
 * its padding, this padding adds zeros; outputs that tfjs does not compute are dropped.
 */
function paddedAxis(size: number, before: number, window: number, stride: number, outputs: number) {
  const after = Math.max((outputs - 1) * stride + window - size - before, 0);
  const rest = before + size + after - window;
  return { after, outputs: Math.floor(rest / stride) + 1, unread: rest % stride };
}

/** The gradient of corr2d's output: zeros where tfjs has no output. */
function fullGradient(backend: Backend, dy: TensorInfo, { info, outputShape }: Geometry) {
  const data = elementsOf(backend, dy);
  const isSame = sizeOf(outputShape) === sizeOf(info.outShape);
  return { data: isSame ? data : resized(data, dy.shape, outputShape), shape: outputShape };
}

/** Copies a result to the backend, in this shape, and disposes it. */
function take(backend: Backend, shape: readonly number[], result: Tensor): TensorInfo {
  try {
    return toTfjs(backend, shape, result);
  } finally {
    result.dispose();
  }
}
