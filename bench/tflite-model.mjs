// @ts-check
// Encodes small LiteRT (TensorFlow Lite) models as FlatBuffers. The numbers of operators, options and fields are those of
// schema.fbs.
import { Builder } from 'flatbuffers';

/** @typedef {Float32Array | Int32Array} TypedArray */
/**
 * @typedef {object} TfliteTensor
 * @property {readonly number[]} shape
 * @property {'float32' | 'int32' | 'int64'} [type] The default is float32, or int32 if `data` is an Int32Array.
 * @property {TypedArray} [data] Of a constant.
 */
/**
 * @typedef {object} TfliteOperator
 * @property {keyof typeof OPERATORS} op
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 * @property {Readonly<Record<string, number>>} [options] Fields that are absent have the default of the schema.
 */
/**
 * @typedef {object} TfliteModel
 * @property {Readonly<Record<string, TfliteTensor>>} tensors
 * @property {readonly TfliteOperator[]} operators
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 */

export const PADDING = { same: 0, valid: 1 };
export const ACTIVATION = { none: 0, relu: 1 };

const SCHEMA_VERSION = 3;
const FILE_IDENTIFIER = 'TFL3';
const TENSOR_TYPES = { float32: 0, int32: 2, int64: 4 };
/** The largest number of an operator that the field `deprecated_builtin_code` can hold. */
const MAX_DEPRECATED_CODE = 127;
const ALIGNMENT = 16;

/** Fields of options, in the order of the schema; undefined marks a deprecated field. */
const activation = /** @type {const} */ (['activation', 'Int8']);
const stride = /** @type {const} */ ([
  ['padding', 'Int8'],
  ['strideW', 'Int32'],
  ['strideH', 'Int32'],
]);
const dilation = /** @type {const} */ ([
  ['dilationW', 'Int32'],
  ['dilationH', 'Int32'],
]);
const pool = [...stride, ['filterWidth', 'Int32'], ['filterHeight', 'Int32'], activation];
const resize = [
  ['alignCorners', 'Int8'],
  ['halfPixelCenters', 'Int8'],
];
const reduction = [['keepDims', 'Int8']];

/**
 * By name: the number in `BuiltinOperator`, the version, the number in `BuiltinOptions` (0: none) and the fields.
 * @type {Record<string, [code: number, version: number, options: number, fields?: readonly any[]]>}
 */
export const OPERATORS = {
  ADD: [0, 1, 11, [activation]],
  AVERAGE_POOL_2D: [1, 1, 5, pool],
  CONCATENATION: [2, 1, 10, [['axis', 'Int32'], activation]],
  CONV_2D: [3, 1, 1, [...stride, activation, ...dilation]],
  DEPTHWISE_CONV_2D: [4, 2, 2, [...stride, ['depthMultiplier', 'Int32'], activation, ...dilation]],
  DEPTH_TO_SPACE: [5, 1, 94, [['blockSize', 'Int32']]],
  LOGISTIC: [14, 1, 0],
  MAX_POOL_2D: [17, 1, 5, pool],
  MUL: [18, 1, 21, [activation]],
  RELU: [19, 1, 0],
  RESIZE_BILINEAR: [23, 3, 15, [undefined, undefined, ...resize]],
  SOFTMAX: [25, 1, 9, [['beta', 'Float32']]],
  PAD: [34, 1, 22, []],
  TRANSPOSE: [39, 1, 26, []],
  MEAN: [40, 1, 27, reduction],
  SUB: [41, 1, 28, [activation]],
  EXP: [47, 1, 33, []],
  ARG_MAX: [56, 1, 40, [['outputType', 'Int8']]],
  SUM: [74, 1, 27, reduction],
  RSQRT: [76, 1, 0],
  REDUCE_MAX: [82, 1, 27, reduction],
  RESIZE_NEAREST_NEIGHBOR: [97, 3, 74, resize],
  SQUARED_DIFFERENCE: [99, 1, 76, []],
  CONV_3D: [
    132,
    1,
    106,
    [
      ['padding', 'Int8'],
      ['strideD', 'Int32'],
      ['strideW', 'Int32'],
      ['strideH', 'Int32'],
      activation,
      ['dilationD', 'Int32'],
      ...dilation,
    ],
  ],
};

/** @param {TfliteModel} model @returns {Uint8Array} */
export function encodeTflite({ tensors, operators, inputs, outputs }) {
  const builder = new Builder(1024);
  const names = Object.keys(tensors);
  const indices = (/** @type {readonly string[]} */ list) =>
    int32Vector(
      builder,
      list.map((name) => names.indexOf(name)),
    );

  // Buffer 0 is empty by convention; tensors without data refer to it.
  const buffers = [table(builder, [])];
  const tensorTables = names.map((name) => {
    const { shape, data, type = data instanceof Int32Array ? 'int32' : 'float32' } = tensors[name];
    return table(builder, [
      ['Offset', int32Vector(builder, shape)],
      ['Int8', TENSOR_TYPES[type]],
      ['Int32', data ? buffers.push(encodeBuffer(builder, data)) - 1 : 0],
      ['Offset', builder.createString(name)],
    ]);
  });
  const codes = [...new Set(operators.map(({ op }) => op))];
  const operatorTables = operators.map((operator) => {
    const [, , optionsType, fields] = OPERATORS[operator.op];
    const { options = {} } = operator;
    return table(builder, [
      ['Int32', codes.indexOf(operator.op)],
      ['Offset', indices(operator.inputs)],
      ['Offset', indices(operator.outputs)],
      ['Int8', optionsType],
      fields && [
        'Offset',
        table(
          builder,
          fields.map((field) => field && field[0] in options && [field[1], options[field[0]]]),
        ),
      ],
    ]);
  });
  const graph = table(builder, [
    ['Offset', offsetVector(builder, tensorTables)],
    ['Offset', indices(inputs)],
    ['Offset', indices(outputs)],
    ['Offset', offsetVector(builder, operatorTables)],
  ]);
  const codeTables = codes.map((op) => {
    const [code, version] = OPERATORS[op];
    return table(builder, [
      ['Int8', Math.min(code, MAX_DEPRECATED_CODE)],
      undefined,
      ['Int32', version],
      ['Int32', code],
    ]);
  });
  const model = table(builder, [
    ['Int32', SCHEMA_VERSION],
    ['Offset', offsetVector(builder, codeTables)],
    ['Offset', offsetVector(builder, [graph])],
    undefined,
    ['Offset', offsetVector(builder, buffers)],
  ]);
  builder.finish(model, FILE_IDENTIFIER);
  return builder.asUint8Array();
}

/** @typedef {[type: 'Int8' | 'Int32' | 'Float32' | 'Offset', value: number]} Field */

/**
 * A table. Fields that are falsy are absent.
 * @param {Builder} builder @param {readonly (Field | undefined | false)[]} fields @returns {number} Its offset.
 */
function table(builder, fields) {
  builder.startObject(fields.length);
  for (const [slot, field] of fields.entries()) {
    if (!field) continue;
    const [type, value] = field;
    if (type === 'Offset') builder.addFieldOffset(slot, value, 0);
    else builder[`addField${type}`](slot, value, null);
  }
  return builder.endObject();
}

/** @param {Builder} builder @param {TypedArray} data */
function encodeBuffer(builder, { buffer, byteOffset, byteLength }) {
  builder.prep(ALIGNMENT, byteLength);
  const bytes = builder.createByteVector(new Uint8Array(buffer, byteOffset, byteLength));
  return table(builder, [['Offset', bytes]]);
}

/** @param {Builder} builder @param {readonly number[]} numbers */
function int32Vector(builder, numbers) {
  builder.startVector(4, numbers.length, 4);
  for (const number of [...numbers].reverse()) builder.addInt32(number);
  return builder.endVector();
}

/** @param {Builder} builder @param {readonly number[]} offsets */
function offsetVector(builder, offsets) {
  builder.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) builder.addOffset(offset);
  return builder.endVector();
}
