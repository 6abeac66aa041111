// Operators of ONNX, as graphs of one node.

const int64 = (list) => ({ shape: [list.length], data: BigInt64Array.from(list, BigInt) });
const float = (value) => Float32Array.of(value);
const EPSILON = { epsilon: float(1e-5) };

/** @typedef {import('../operator-shapes.mjs').OperatorShape} OperatorShape */
/**
 * @typedef {object} NodeOf
 * @property {string} op
 * @property {Record<string, import('../onnx-model.mjs').Attribute>} [attributes]
 * @property {readonly string[]} [parameters] The order of the parameters among the inputs.
 * @property {number} [absent] The number of absent inputs after the operands.
 * @property {Record<string, any>} [constants] Further inputs.
 */
const reduce = (op) => (options) => ({
  op,
  attributes: { keepdims: 0 },
  constants: { axes: int64(options.axis) },
});
const axisOf = (op) => (options) => ({ op, attributes: { axis: options.axis[0] } });
const resize = (attributes) => (_, output) => ({
  op: 'Resize',
  attributes,
  // The region of interest and the scales.
  absent: 2,
  constants: { sizes: int64(output) },
});
const pool = (op) => (options) => {
  const [[kernel], [stride], [padding]] = [options.kernel, options.stride, options.padding];
  return {
    op,
    attributes: {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: Array(4).fill(padding),
    },
  };
};

/** @type {Record<string, (options: Record<string, number[]>, output: number[]) => NodeOf>} */
const nodes = {
  add: () => ({ op: 'Add' }),
  relu: () => ({ op: 'Relu' }),
  sigmoid: () => ({ op: 'Sigmoid' }),
  exp: () => ({ op: 'Exp' }),
  sum: reduce('ReduceSum'),
  mean: reduce('ReduceMean'),
  max: reduce('ReduceMax'),
  argmax: ({ axis }) => ({ op: 'ArgMax', attributes: { axis: axis[0], keepdims: 0 } }),
  concat: axisOf('Concat'),
  permute: ({ order }) => ({ op: 'Transpose', attributes: { perm: order } }),
  softmax: axisOf('Softmax'),
  batchnorm: () => ({
    op: 'BatchNormalization',
    attributes: EPSILON,
    parameters: ['weight', 'bias', 'mean', 'variance'],
  }),
  instancenorm: () => ({
    op: 'InstanceNormalization',
    attributes: EPSILON,
    parameters: ['weight', 'bias'],
  }),
  groupnorm: ({ groups }) => ({
    op: 'GroupNormalization',
    attributes: { ...EPSILON, num_groups: groups[0] },
    parameters: ['weight', 'bias'],
  }),
  layernorm: () => ({
    op: 'LayerNormalization',
    attributes: { ...EPSILON, axis: -1 },
    parameters: ['weight', 'bias'],
  }),
  nearest: resize({
    mode: 'nearest',
    nearest_mode: 'floor',
    coordinate_transformation_mode: 'asymmetric',
  }),
  bilinear: resize({ mode: 'linear', coordinate_transformation_mode: 'half_pixel' }),
  bicubic: resize({ mode: 'cubic', coordinate_transformation_mode: 'half_pixel' }),
  pixelshuffle: ({ factor }) => ({
    op: 'DepthToSpace',
    attributes: { blocksize: factor[0], mode: 'CRD' },
  }),
  maxpool: pool('MaxPool'),
  avgpool: pool('AveragePool'),
  globalavgpool: () => ({ op: 'GlobalAveragePool' }),
  conv3d: ({ padding }) => ({ op: 'Conv', attributes: { pads: Array(6).fill(padding[0]) } }),
};

/**
 * The graph of an operator, with its operands as constants that may be overridden.
 * @param {OperatorShape} shape @param {import('../data.mjs').Data} data
 */
export function operatorGraph({ op, operands, options, output }, { operands: arrays, parameters }) {
  const node = nodes[op](options, output);
  const names = operands.map((_, i) => `x${i}`);
  const operandConstants = operands.map((shape, i) => [names[i], { shape, data: arrays[i] }]);
  const vectors = (node.parameters ?? []).map((name) => [
    name,
    { shape: [parameters[name].length], data: parameters[name] },
  ]);
  const constants = [...vectors, ...Object.entries(node.constants ?? {})];
  return {
    nodes: [
      {
        op: node.op,
        inputs: [...names, ...Array(node.absent ?? 0).fill(''), ...constants.map(([name]) => name)],
        outputs: ['y'],
        attributes: node.attributes,
      },
    ],
    inputs: Object.fromEntries(operands.map((shape, i) => [names[i], shape])),
    constants: Object.fromEntries([...operandConstants, ...constants]),
    outputs: ['y'],
    ranks: [output.length],
    hasIndices: op === 'argmax',
  };
}
