// Models for ONNX Runtime, short to write.
import { x } from './data.mjs';

export const int64 = (...list) => ({
  shape: [list.length],
  data: BigInt64Array.from(list, BigInt),
});
export const float = (value) => Float32Array.of(value);
const node = (op, inputs, attributes = {}) => ({ op, inputs, outputs: ['y'], attributes });

/** One node on these inputs, in their order, and constants after them. */
export const one = (op, inputs, attributes, constants = {}) => ({
  nodes: [node(op, [...Object.keys(inputs), ...Object.keys(constants)], attributes)],
  inputs,
  constants,
});

/** Another node on the result of `first`, on these inputs besides, and on constants after them. */
export const thenOne = (first, op, inputs = {}, attributes = {}, constants = {}) => ({
  nodes: [
    { ...first.nodes[0], outputs: ['z'] },
    node(op, ['z', ...Object.keys(inputs), ...Object.keys(constants)], attributes),
  ],
  inputs: { ...first.inputs, ...inputs },
  constants: { ...first.constants, ...constants },
});

/** `x` with pads top, bottom, left, right. */
export const padded = (mode, [top, bottom, left, right], input = x, constants = {}) =>
  one(
    'Pad',
    { x: input },
    { mode },
    { pads: int64(0, 0, top, left, 0, 0, bottom, right), ...constants },
  );

/** A matrix as an image of one channel. */
export const plane = ({ shape, data }) => ({ shape: [1, 1, ...shape], data });

/** A constant of no axes. */
export const scalar = (value) => ({ shape: [], data: float(value) });
