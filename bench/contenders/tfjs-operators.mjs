// Operators in TensorFlow.js, by the kernels of its WebAssembly backend.
import { permute } from '../data.mjs';
import { Unsupported } from './unsupported.mjs';

const only = (op) => (k, _, x) => k(op, { x });
const reduce = (op) => (k, v, x) => k(op, { x }, { axis: v.options.axis, keepDims: false });
const interpolate = (op, halfPixelCenters) => (k, v, images) =>
  k(op, { images }, { size: v.options.to, alignCorners: false, halfPixelCenters });
const pool = (op) => (k, v, x) => {
  const [[kernel], [stride], [padding]] = [v.options.kernel, v.options.stride, v.options.padding];
  const pad = padding === 0 ? 'valid' : padding;
  const attributes = { filterSize: [kernel, kernel], strides: [stride, stride], pad };
  return k(op, { x }, { ...attributes, dimRoundingMode: 'floor' });
};
const missing = (what) => () => {
  throw new Unsupported(`has no ${what}`);
};

/**
 * Functions of `(kernel, view, ...tensors)` with the operands and, after them, the parameters of the view.
 * @type {Record<string, (k: Function, view: import('./layouts.mjs').View, ...tensors: any[]) => any>}
 */
const operators = {
  add: (k, _, a, b) => k('Add', { a, b }),
  relu: only('Relu'),
  sigmoid: only('Sigmoid'),
  exp: only('Exp'),
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: (k, v, x) => k('Max', { x }, { reductionIndices: v.options.axis, keepDims: false }),
  argmax: (k, v, x) => k('ArgMax', { x }, { axis: v.options.axis[0] }),
  concat: (k, v, a, b) => k('Concat', [a, b], { axis: v.options.axis[0] }),
  permute: (k, v, x) => k('Transpose', { x }, { perm: v.options.order }),
  softmax: (k, v, logits) => k('Softmax', { logits }, { dim: v.options.axis[0] }),
  batchnorm: (k, _, x, mean, variance, scale, offset) =>
    k('FusedBatchNorm', { x, mean, variance, scale, offset }, { varianceEpsilon: 1e-5 }),
  instancenorm: missing('instance normalisation'),
  groupnorm: missing('group normalisation'),
  layernorm: missing('layer normalisation in one kernel'),
  nearest: interpolate('ResizeNearestNeighbor', false),
  bilinear: interpolate('ResizeBilinear', true),
  bicubic: missing('bicubic interpolation'),
  pixelshuffle: (k, v, x) =>
    k('DepthToSpace', { x }, { blockSize: v.options.factor[0], dataFormat: 'NHWC' }),
  maxpool: pool('MaxPool'),
  avgpool: pool('AvgPool'),
  globalavgpool: (k, _, x) => k('Mean', { x }, { axis: [1, 2], keepDims: true }),
  conv3d: (k, v, x, filter) =>
    k('Conv3D', { x, filter }, { strides: [1, 1, 1], dilations: [1, 1, 1], pad: conv3dPad(v) }),
};

/** The wasm backend takes only names. */
function conv3dPad({
  options: {
    padding: [padding],
  },
  shapes: [, [, ...kernel]],
}) {
  if (padding === 0) return 'valid';
  if (kernel.slice(0, 3).every((size) => size === 2 * padding + 1)) return 'same';
  throw new Unsupported('has only the paddings same and valid for conv3d');
}

/** @param {import('./layouts.mjs').View} view */
export async function prepareOperator(tf, view) {
  const { op, shapes, arrays, parameters } = view;
  const tensors = arrays.map((data, i) => {
    if (op !== 'conv3d' || i === 0) return tf.tensor(data, shapes[i]);
    // Co×D×H×W×Ci as D×H×W×Ci×Co.
    const order = [1, 2, 3, 4, 0];
    return tf.tensor(
      permute(data, shapes[i], order),
      order.map((axis) => shapes[i][axis]),
    );
  });
  tensors.push(...Object.values(parameters).map((data) => tf.tensor1d(data)));
  const kernel = (name, inputs, attributes) => tf.engine().runKernel(name, inputs, attributes);
  const run = () => operators[op](kernel, view, ...tensors);
  return {
    run: () => run().dispose(),
    outputs() {
      const result = run();
      const numbers = Float32Array.from(result.dataSync());
      result.dispose();
      return [view.toOutput(numbers)];
    },
    dispose() {
      for (const tensor of tensors) tensor.dispose();
    },
  };
}
