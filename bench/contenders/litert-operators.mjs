// Operators of LiteRT, as graphs of one operator, or of few for normalisations, as converters write them.
import { permute } from '../data.mjs';
import { PADDING } from '../tflite-model.mjs';
import { Unsupported } from './unsupported.mjs';

/** @typedef {import('../tflite-model.mjs').TfliteOperator} TfliteOperator */
/**
 * Operators and further tensors, given a view. Operands are `x0` and `x1`, the result is `y`, and parameters have their own
 * names.
 * @typedef {{ operators: TfliteOperator[], tensors?: Record<string, import('../tflite-model.mjs').TfliteTensor> }} Body
 */

/** One operator; `constants` are its inputs after the operands. @returns {Body} */
const one = (op, { operands = ['x0'], constants = {}, options = undefined } = {}) => ({
  operators: [{ op, inputs: [...operands, ...Object.keys(constants)], outputs: ['y'], options }],
  tensors: constants,
});
const ints = (list) => ({ shape: [list.length], data: Int32Array.from(list) });
const scalar = (value) => ({ shape: [], data: Float32Array.of(value) });
const missing = (what) => () => {
  throw new Unsupported(`has no ${what}`);
};
const reduce = (op) => (view) =>
  one(op, { constants: { axis: ints(view.options.axis) }, options: { keepDims: 0 } });
const interpolate = (op, halfPixelCenters) => (view) =>
  one(op, {
    constants: { size: ints(view.options.to) },
    options: { alignCorners: 0, halfPixelCenters },
  });

const pool =
  (op) =>
  ({
    options: {
      kernel: [kernel],
      stride: [stride],
      padding: [padding],
    },
  }) => {
    if (padding > 0) throw new Unsupported('has only the paddings same and valid for pools');
    return one(op, {
      options: {
        padding: PADDING.valid,
        filterHeight: kernel,
        filterWidth: kernel,
        strideH: stride,
        strideW: stride,
      },
    });
  };

/** (x − mean) / √(variance + eps) · weight + bias, with mean and variance over the axes. */
const normalise = (axes) => (view) => {
  const [shape] = view.shapes;
  const last = axes(shape.length);
  const reduced = shape.map((size, axis) => (last.includes(axis) ? 1 : size));
  const node = (op, inputs, output, options) => ({ op, inputs, outputs: [output], options });
  return {
    operators: [
      node('MEAN', ['x0', 'axes'], 'mean', { keepDims: 1 }),
      node('SQUARED_DIFFERENCE', ['x0', 'mean'], 'squares'),
      node('MEAN', ['squares', 'axes'], 'variance', { keepDims: 1 }),
      node('ADD', ['variance', 'epsilon'], 'positive'),
      node('RSQRT', ['positive'], 'factor'),
      node('SUB', ['x0', 'mean'], 'centred'),
      node('MUL', ['centred', 'factor'], 'normalised'),
      node('MUL', ['normalised', 'weight'], 'weighted'),
      node('ADD', ['weighted', 'bias'], 'y'),
    ],
    tensors: {
      axes: ints(last),
      epsilon: scalar(1e-5),
      ...Object.fromEntries(
        ['mean', 'variance', 'positive', 'factor'].map((name) => [name, { shape: reduced }]),
      ),
      ...Object.fromEntries(
        ['squares', 'centred', 'normalised', 'weighted'].map((name) => [name, { shape }]),
      ),
    },
  };
};

/** With constant parameters a batch normalisation is one factor and one term for each channel. */
function batchnorm({ shapes: [shape], parameters: { mean, variance, weight, bias } }) {
  const factor = weight.map((w, i) => w / Math.sqrt(variance[i] + 1e-5));
  const term = bias.map((b, i) => b - mean[i] * factor[i]);
  return {
    operators: [
      { op: 'MUL', inputs: ['x0', 'factor'], outputs: ['scaled'] },
      { op: 'ADD', inputs: ['scaled', 'term'], outputs: ['y'] },
    ],
    tensors: {
      factor: { shape: [factor.length], data: factor },
      term: { shape: [term.length], data: term },
      scaled: { shape },
    },
  };
}

function conv3d({
  shapes: [, weight],
  arrays: [, data],
  options: {
    padding: [padding],
  },
}) {
  const kernel = weight.slice(1, 4);
  if (padding > 0 && kernel.some((size) => size !== 2 * padding + 1)) {
    throw new Unsupported('has only the paddings same and valid for conv3d');
  }
  // Co×D×H×W×Ci as D×H×W×Ci×Co.
  const order = [1, 2, 3, 4, 0];
  const filter = {
    shape: order.map((axis) => weight[axis]),
    data: permute(data, weight, order),
  };
  const bias = { shape: [weight[0]], data: new Float32Array(weight[0]) };
  return one('CONV_3D', {
    constants: { filter, bias },
    options: {
      padding: padding > 0 ? PADDING.same : PADDING.valid,
      strideD: 1,
      strideH: 1,
      strideW: 1,
    },
  });
}

/** @type {Record<string, (view: import('./layouts.mjs').View) => Body>} */
const bodies = {
  add: () => one('ADD', { operands: ['x0', 'x1'] }),
  relu: () => one('RELU'),
  sigmoid: () => one('LOGISTIC'),
  exp: () => one('EXP'),
  sum: reduce('SUM'),
  mean: reduce('MEAN'),
  max: reduce('REDUCE_MAX'),
  argmax: ({ options }) =>
    one('ARG_MAX', {
      constants: { axis: { shape: [], data: Int32Array.from(options.axis) } },
      options: { outputType: 2 },
    }),
  concat: ({ options }) =>
    one('CONCATENATION', { operands: ['x0', 'x1'], options: { axis: options.axis[0] } }),
  permute: ({ options }) => one('TRANSPOSE', { constants: { order: ints(options.order) } }),
  softmax: () => one('SOFTMAX', { options: { beta: 1 } }),
  batchnorm,
  instancenorm: normalise(() => [1, 2]),
  layernorm: normalise((rank) => [rank - 1]),
  groupnorm: missing('group normalisation'),
  nearest: interpolate('RESIZE_NEAREST_NEIGHBOR', 0),
  bilinear: interpolate('RESIZE_BILINEAR', 1),
  bicubic: missing('bicubic interpolation'),
  pixelshuffle: ({ options }) =>
    one('DEPTH_TO_SPACE', { options: { blockSize: options.factor[0] } }),
  maxpool: pool('MAX_POOL_2D'),
  avgpool: pool('AVERAGE_POOL_2D'),
  globalavgpool: () => one('MEAN', { constants: { axis: ints([1, 2]) }, options: { keepDims: 1 } }),
  conv3d,
};

/**
 * The graph of an operator, with its operands as inputs and its parameters as constants.
 * @param {import('./layouts.mjs').View} view
 */
export function operatorGraph(view) {
  const { op, shapes, arrays, parameters, output } = view;
  const { operators, tensors = {} } = bodies[op](view);
  // The weight of conv3d is a constant.
  const inputs = shapes.map((_, i) => `x${i}`).slice(0, op === 'conv3d' ? 1 : undefined);
  return {
    operators,
    tensors: {
      ...Object.fromEntries(inputs.map((name, i) => [name, { shape: shapes[i] }])),
      ...Object.fromEntries(
        Object.entries(parameters).map(([name, data]) => [name, { shape: [data.length], data }]),
      ),
      ...tensors,
      y: { shape: output, type: op === 'argmax' ? 'int32' : 'float32' },
    },
    inputs,
    outputs: ['y'],
    data: Object.fromEntries(inputs.map((name, i) => [name, arrays[i]])),
  };
}
