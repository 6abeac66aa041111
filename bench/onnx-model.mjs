// @ts-check
// Encodes small ONNX models in the protobuf format. The field numbers are those of onnx.proto.

/** @typedef {{ shape: readonly number[], data: Float32Array | BigInt64Array }} Constant */
/** @typedef {number | string | readonly number[] | Float32Array} Attribute An integer, a string, a list of integers, or a float as Float32Array of one element. */
/**
 * @typedef {object} Node
 * @property {string} op For example 'Conv'.
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 * @property {Readonly<Record<string, Attribute>>} [attributes]
 */
/**
 * @typedef {object} Model
 * @property {readonly Node[]} nodes
 * @property {Readonly<Record<string, readonly number[]>>} inputs Their shapes. If an input is also a
 *   constant, the constant is its default value: calls may omit the input, and it is not folded.
 * @property {Readonly<Record<string, Constant>>} constants
 * @property {readonly string[]} outputs
 * @property {Readonly<Record<string, 'int64'>>} [types] Of outputs that are not float32.
 */

const OPSET = 21;
const IR_VERSION = 10;
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 };

/** @param {Model} model @returns {Uint8Array} */
export function encodeModel({ nodes, inputs, constants, outputs, types = {} }) {
  const graph = join([
    ...nodes.map((node) => bytesField(1, encodeNode(node))),
    textField(2, 'graph'),
    ...Object.entries(constants).map(([name, value]) => bytesField(5, encodeTensor(name, value))),
    ...Object.entries(inputs).map(([name, shape]) => bytesField(11, encodeValueInfo(name, shape))),
    ...outputs.map((name) =>
      bytesField(12, encodeValueInfo(name, undefined, types[name] ? INT64 : FLOAT)),
    ),
  ]);
  return join([
    numberField(1, IR_VERSION),
    bytesField(7, graph),
    bytesField(8, numberField(2, OPSET)),
  ]);
}

/** @param {Node} node */
function encodeNode({ op, inputs, outputs, attributes = {} }) {
  return join([
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, encodeAttribute(name, value)),
    ),
  ]);
}

/** @param {string} name @param {Attribute} value */
function encodeAttribute(name, value) {
  if (typeof value === 'string') {
    return join([textField(1, name), textField(4, value), numberField(20, ATTRIBUTE_TYPES.string)]);
  }
  if (typeof value === 'number') {
    return join([textField(1, name), numberField(3, value), numberField(20, ATTRIBUTE_TYPES.int)]);
  }
  if (value instanceof Float32Array) {
    const bits = new Uint8Array(value.buffer, value.byteOffset, 4);
    return join([
      textField(1, name),
      varint((2 << 3) | 5),
      bits,
      numberField(20, ATTRIBUTE_TYPES.float),
    ]);
  }
  const items = value.map((item) => numberField(8, item));
  return join([textField(1, name), ...items, numberField(20, ATTRIBUTE_TYPES.ints)]);
}

/** @param {string} name @param {Constant} constant */
function encodeTensor(name, { shape, data }) {
  const { buffer, byteOffset, byteLength } = data;
  return join([
    ...shape.map((size) => numberField(1, size)),
    numberField(2, data instanceof Float32Array ? FLOAT : INT64),
    textField(8, name),
    bytesField(9, new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

/**
 * Without a shape, ONNX Runtime infers it.
 * @param {string} name @param {readonly number[]} [shape] @param {number} [type]
 */
function encodeValueInfo(name, shape, type = FLOAT) {
  const dims = shape?.map((size) => bytesField(1, numberField(1, size)));
  const tensor = join([numberField(1, type), ...(dims ? [bytesField(2, join(dims))] : [])]);
  return join([textField(1, name), bytesField(2, bytesField(1, tensor))]);
}

/** A varint field. @param {number} field @param {number} value */
function numberField(field, value) {
  return join([varint(field << 3), varint(value)]);
}

/** A length-delimited field. @param {number} field @param {Uint8Array} bytes */
function bytesField(field, bytes) {
  return join([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

/** @param {number} field @param {string} text */
function textField(field, text) {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Seven bits per byte, lowest first. Negative numbers are 64-bit two's complement. @param {number} value */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** @param {readonly Uint8Array[]} parts */
function join(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
