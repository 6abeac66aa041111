// Builds small ONNX models.
import { x } from './data.mjs';

export const int64 = (...list) => ({
  shape: [list.length],
  data: BigInt64Array.from(list, BigInt),
});
/** A float attribute or constant. */
export const floatAttribute = (value) => Float32Array.of(value);
const node = (op, inputs, attributes = {}) => ({ op, inputs, outputs: ['y'], attributes });

/** A model with one node, whose inputs are these inputs followed by the constants. */
export const createModel = (op, inputs, attributes, constants = {}) => ({
  nodes: [node(op, [...Object.keys(inputs), ...Object.keys(constants)], attributes)],
  inputs,
  constants,
});

/** Appends a node, whose inputs are the output of `first`, these inputs and the constants. */
export const thenNode = (first, op, inputs = {}, attributes = {}, constants = {}) => ({
  nodes: [
    { ...first.nodes[0], outputs: ['z'] },
    node(op, ['z', ...Object.keys(inputs), ...Object.keys(constants)], attributes),
  ],
  inputs: { ...first.inputs, ...inputs },
  constants: { ...first.constants, ...constants },
});

/** Pads an image; `pads` are top, bottom, left, right. */
export const padModel = (mode, [top, bottom, left, right], input = x, constants = {}) =>
  createModel(
    'Pad',
    { x: input },
    { mode },
    { pads: int64(0, 0, top, left, 0, 0, bottom, right), ...constants },
  );

/** A matrix as an image with one channel. */
export const plane = ({ shape, data }) => ({ shape: [1, 1, ...shape], data });

/** A scalar constant. */
export const scalar = (value) => ({ shape: [], data: floatAttribute(value) });

/** The constant input of Pad that sets the padding value to 0.5. */
export const half = { value: { shape: [1], data: floatAttribute(0.5) } };
