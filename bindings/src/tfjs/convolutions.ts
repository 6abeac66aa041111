// tfjs' convolutions and their gradients, computed by corr2d.

import type { Activation } from '../problem/options.js';
import { invalid, show, showShape } from '../runtime/errors.js';
import { sizeOf } from '../tensor/nested.js';
import { type Compute, fullGradient, type Inputs, refusalOf, take } from './compute.js';
import { elementsOf } from './convert.js';
import { type Geometry, geometryOf } from './geometry.js';
import type { Attributes, TensorInfo } from './kernels.js';

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
    const { options, weightShape, outputShape, unread } = geometry as Geometry;
    const data = elementsOf(backend, filter);
    const dx = c.convTranspose2d(
      fullGradient(backend, dy, outputShape),
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
    const { options, weightShape, outputShape } = geometry as Geometry;
    const { weight } = c.conv2dBackward(
      fullGradient(backend, dy, outputShape),
      { data: elementsOf(backend, x), shape: x.shape },
      // The gradient of the weight does not depend on its values.
      { data: new Float32Array(sizeOf(weightShape)), shape: weightShape },
      { ...options, gradients: ['weight'] },
    );
    return take(backend, filterShape, weight);
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
