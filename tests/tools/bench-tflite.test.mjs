// Tests the models that the benchmark writes for LiteRT, by reading them back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import { hasSamePadding } from '../../bench/contenders/litert.mjs';
import { ACTIVATION, encodeTflite, OPERATORS, PADDING } from '../../bench/tflite-model.mjs';

/** Readers of the fields of a table, by slot; a field that is absent is undefined. */
function readTable(buffer, position) {
  const at = (slot) => {
    const offset = buffer.__offset(position, 4 + 2 * slot);
    return offset && position + offset;
  };
  const scalar = (read) => (slot) => {
    const place = at(slot);
    return place ? buffer[read](place) : undefined;
  };
  const vector = (slot, read, size) => {
    const place = at(slot);
    if (!place) return undefined;
    const begin = buffer.__vector(place);
    return Array.from({ length: buffer.__vector_len(place) }, (_, i) => read(begin + size * i));
  };
  return {
    int8: scalar('readInt8'),
    int32: scalar('readInt32'),
    float32: scalar('readFloat32'),
    text: (slot) => buffer.__string(at(slot)),
    table: (slot) => readTable(buffer, buffer.__indirect(at(slot))),
    ints: (slot) => vector(slot, (place) => buffer.readInt32(place), 4),
    bytes: (slot) => vector(slot, (place) => buffer.readUint8(place), 1),
    start: (slot) => buffer.__vector(at(slot)),
    tables: (slot) => vector(slot, (place) => readTable(buffer, buffer.__indirect(place)), 4),
  };
}

function readModel(bytes) {
  const buffer = new ByteBuffer(bytes);
  assert.ok(buffer.__has_identifier('TFL3'));
  const model = readTable(buffer, buffer.readInt32(buffer.position()) + buffer.position());
  const [graph] = model.tables(2);
  const buffers = model.tables(4);
  return {
    version: model.int32(0),
    codes: model.tables(1).map((one) => [one.int8(0), one.int32(2), one.int32(3)]),
    buffers,
    tensors: graph.tables(0).map((one) => ({
      shape: one.ints(0),
      type: one.int8(1),
      bytes: buffers[one.int32(2)].bytes(0),
      name: one.text(3),
    })),
    inputs: graph.ints(1),
    outputs: graph.ints(2),
    operators: graph.tables(3),
  };
}

test('encodeTflite writes tensors, operators and options where the schema has them', () => {
  const pads = Int32Array.of(0, 0, 1, 2, 3, -4, 0, 0);
  const weight = Float32Array.of(1.5, -2, 0.25);
  const bytes = encodeTflite({
    tensors: {
      x: { shape: [1, 300, 4, 3] },
      pads: { shape: [4, 2], data: pads },
      padded: { shape: [1, 303, 3, 3] },
      weight: { shape: [3], data: weight },
      y: { shape: [1], type: 'int64' },
    },
    operators: [
      { op: 'PAD', inputs: ['x', 'pads'], outputs: ['padded'] },
      {
        op: 'CONV_2D',
        inputs: ['padded', 'weight'],
        outputs: ['y'],
        options: {
          padding: PADDING.valid,
          strideH: 2,
          strideW: 3,
          dilationW: 5,
          activation: ACTIVATION.relu,
        },
      },
      { op: 'PAD', inputs: ['y', 'pads'], outputs: ['x'] },
    ],
    inputs: ['x'],
    outputs: ['y', 'padded'],
  });
  const model = readModel(bytes);
  assert.equal(model.version, 3);
  assert.deepEqual(model.codes, [
    [34, 1, 34],
    [3, 1, 3],
  ]);
  const own = (array) => [...new Uint8Array(array.buffer)];
  assert.deepEqual(model.tensors, [
    { name: 'x', shape: [1, 300, 4, 3], type: 0, bytes: undefined },
    { name: 'pads', shape: [4, 2], type: 2, bytes: own(pads) },
    { name: 'padded', shape: [1, 303, 3, 3], type: 0, bytes: undefined },
    { name: 'weight', shape: [3], type: 0, bytes: own(weight) },
    { name: 'y', shape: [1], type: 4, bytes: undefined },
  ]);
  assert.deepEqual([model.inputs, model.outputs], [[0], [4, 2]]);
  const [pad, convolution, last] = model.operators;
  assert.deepEqual([pad.int32(0), pad.ints(1), pad.ints(2), pad.int8(3)], [0, [0, 1], [2], 22]);
  assert.deepEqual([convolution.int32(0), convolution.ints(1), last.int32(0)], [1, [2, 3], 0]);
  assert.equal(convolution.int8(3), 1);
  const options = convolution.table(4);
  assert.deepEqual(
    [options.int8(0), options.int32(1), options.int32(2), options.int8(3)],
    [PADDING.valid, 3, 2, ACTIVATION.relu],
  );
  assert.deepEqual([options.int32(4), options.int32(5)], [5, undefined]);
});

test('encodeTflite aligns the data of constants to 16 bytes', () => {
  for (const count of [1, 2, 3, 5, 8]) {
    const data = new Float32Array(count).fill(1);
    const bytes = encodeTflite({
      tensors: { a: { shape: [count], data }, b: { shape: [count + 1], data: Int32Array.of(7) } },
      operators: [],
      inputs: [],
      outputs: [],
    });
    const starts = readModel(bytes)
      .buffers.slice(1)
      .map((one) => one.start(0) % 16);
    assert.deepEqual(starts, [0, 0]);
  }
});

test('operators with a number above 127 use the placeholder, and deprecated fields are skipped', () => {
  const encode = (op, options) =>
    readModel(
      encodeTflite({
        tensors: { x: { shape: [] } },
        operators: [{ op, inputs: ['x'], outputs: ['x'], options }],
        inputs: ['x'],
        outputs: ['x'],
      }),
    );
  const conv3d = encode('CONV_3D', { strideD: 2, dilationH: 3 });
  assert.deepEqual(conv3d.codes, [[127, 1, 132]]);
  const conv3dOptions = conv3d.operators[0].table(4);
  assert.deepEqual([conv3dOptions.int32(1), conv3dOptions.int32(7)], [2, 3]);
  const resize = encode('RESIZE_BILINEAR', { halfPixelCenters: 1 });
  assert.deepEqual(resize.codes, [[23, 3, 23]]);
  const resizeOptions = resize.operators[0].table(4);
  assert.deepEqual([resizeOptions.int8(2), resizeOptions.int8(3)], [undefined, 1]);
  assert.equal(encode('SOFTMAX', { beta: 1 }).operators[0].table(4).float32(0), 1);
  assert.equal(encode('RELU').operators[0].int8(3), 0);
});

test('every operator has distinct numbers', () => {
  const codes = Object.values(OPERATORS).map(([code]) => code);
  assert.equal(new Set(codes).size, codes.length);
});

test("hasSamePadding recognises TensorFlow's 'SAME'", () => {
  const shape = (input, k, stride, dilation, pads) => ({
    input: [input, input],
    kernel: [k, k],
    stride: [stride, stride],
    dilation: [dilation, dilation],
    pads,
  });
  const both = (one) => [hasSamePadding(one, 0), hasSamePadding(one, 1)];
  assert.deepEqual(both(shape(9, 3, 1, 1, [1, 1, 1, 0])), [true, false]);
  assert.deepEqual(both(shape(112, 3, 2, 1, [0, 1, 1, 1])), [true, false]);
  assert.deepEqual(both(shape(9, 3, 1, 2, [2, 2, 0, 4])), [true, false]);
  assert.deepEqual(both(shape(9, 1, 2, 1, [0, 0, 0, 1])), [true, false]);
});
