// Tests the benchmark's lines of operators: parsing, data, layouts, the models for the peers, and the report.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { viewsOf } from '../../bench/contenders/layouts.mjs';
import { operatorGraph as liteRtGraph } from '../../bench/contenders/litert-operators.mjs';
import { operatorGraph as onnxGraph } from '../../bench/contenders/onnxruntime-operators.mjs';
import { createCopy } from '../../bench/copy.mjs';
import { makeData } from '../../bench/data.mjs';
import { encodeModel } from '../../bench/onnx-model.mjs';
import { OPERATORS } from '../../bench/operator-shapes.mjs';
import { copyShareOf, formatClass, summaries } from '../../bench/report.mjs';
import { parseShapes } from '../../bench/shapes.mjs';
import { encodeTflite } from '../../bench/tflite-model.mjs';

const FOLDER = new URL('../../bench/shapes/', import.meta.url);
const read = (line) => parseShapes(line, 'any')[0];

test('a line with an operator has operands, options, an output and bytes', () => {
  assert.deepEqual(read('sum 1x64x56x56 axis=-2,3'), {
    kind: 'operator',
    name: 'sum 1×64×56×56 axis=-2,3',
    className: 'any',
    isMain: false,
    op: 'sum',
    operands: [[1, 64, 56, 56]],
    options: { axis: [2, 3] },
    output: [1, 64],
    layout: 'nchw',
    macs: 0,
    bytes: 4 * (64 * 56 * 56 + 64),
  });
  const outputs = {
    'add 2x3 3': [2, 3],
    'add 5x1x4 3x1': [5, 3, 4],
    'add 7 scalar': [7],
    'concat 2x3 2x5 axis=-1': [2, 8],
    'permute 2x3x5 order=2,0,1': [5, 2, 3],
    'argmax 2x3 axis=0': [3],
    'bilinear 1x2x8x8 to=4x6': [1, 2, 4, 6],
    'pixelshuffle 1x8x3x5 factor=2': [1, 2, 6, 10],
    'maxpool 1x2x113x9 kernel=3 stride=2 nhwc': [1, 2, 56, 4],
    'avgpool 1x2x8x8 kernel=3 stride=2 padding=1': [1, 2, 4, 4],
    'globalavgpool 2x3x4x5': [2, 3, 1, 1],
    'conv3d 1x2x4x5x6 3x2x3x3x3 padding=1': [1, 3, 4, 5, 6],
    'layernorm 4x6': [4, 6],
  };
  for (const [line, output] of Object.entries(outputs)) {
    assert.deepEqual(read(line).output, output, line);
  }
  assert.equal(read('maxpool 1x2x9x9 kernel=3 stride=2 nhwc').layout, 'nhwc');
  assert.equal(read('conv3d 1x2x4x5x6 3x2x3x3x3').macs, 3 * 2 * 3 * 4 * 2 * 27);
  assert.equal(read('batchnorm 1x3x2x2').bytes, 4 * (12 + 4 * 3 + 12));
  // Two rows and columns of a picture contribute to each element of its bilinear interpolation.
  assert.equal(read('bilinear 1x1x1000x1000 to=2x2').bytes, 4 * (4 * 4 + 4));
  assert.equal(read('VGG: relu 3 # first').name, 'VGG: relu 3');
});

test('invalid lines with an operator are refused', () => {
  for (const [line, message] of [
    ['add 2x3', 'add has 1 operands; expected 2'],
    ['add 2x3 2', 'shapes 2×3 and 2 do not broadcast'],
    ['sum 2x3', 'sum has no axis; expected axis=…'],
    ['relu 2x', '"2x" is no shape; expected sizes such as 1x64x56x56'],
    ['relu 2 axis=1', 'relu has no option "axis=1"; expected one of those in bench/README.md'],
    ['relu 2 nhwc', 'relu has no option "nhwc"; expected one of those in bench/README.md'],
    ['sum 2 axis=a', 'sum has no option "axis=a"; expected one of those in bench/README.md'],
    ['pixelshuffle 1x6x2x2 factor=2', 'the output is 1×1.5×4×4; expected integers of at least 1'],
  ]) {
    assert.throws(() => read(line), { message: `any, line 1: ${message}` });
  }
});

test('a residual has the shape of the output', () => {
  const shape = read('9x9 2->4 k3 s2 bias relu residual');
  assert.equal(shape.kind, 'residual');
  assert.equal(makeData(shape).residual.length, 4 * 4 * 4);
});

const shapes = readdirSync(FOLDER)
  .flatMap((file) => parseShapes(readFileSync(new URL(file, FOLDER), 'utf8'), file))
  .filter(({ kind }) => kind === 'operator');

test('bench/shapes has every operator', () => {
  assert.deepEqual(new Set(shapes.map(({ op }) => op)), new Set(Object.keys(OPERATORS)));
});

test('operators have data for every operand and parameter, with positive variances', () => {
  const { operands, parameters } = makeData(read('batchnorm 1x3x2x2'));
  assert.deepEqual([operands.length, operands[0].length], [1, 12]);
  assert.deepEqual(Object.keys(parameters), ['mean', 'variance', 'weight', 'bias']);
  assert.ok(parameters.variance.length === 3 && parameters.variance.every((x) => x >= 0.5));
  assert.equal(makeData(read('add 3 scalar')).operands[1].length, 1);
});

test('viewsOf moves the channels of images to the end, and results back', () => {
  const ordered = (line) => {
    const shape = read(line);
    const data = makeData(shape);
    for (const operand of data.operands) operand.set([...operand.keys()]);
    return viewsOf(shape, data);
  };
  const [given, last] = ordered('add 1x2x1x3 2x1x1');
  assert.deepEqual(given.shapes, [
    [1, 2, 1, 3],
    [2, 1, 1],
  ]);
  assert.deepEqual(last.shapes, [[1, 1, 3, 2], [2]]);
  assert.deepEqual([...last.arrays[0]], [0, 3, 1, 4, 2, 5]);
  assert.deepEqual([...last.toOutput(last.arrays[0])], [0, 1, 2, 3, 4, 5]);
  const axes = (line) => ordered(line).map(({ options }) => options.axis);
  assert.deepEqual(axes('sum 1x2x3x4 axis=2,3'), [
    [2, 3],
    [1, 2],
  ]);
  assert.deepEqual(axes('softmax 1x2x3x4 axis=1'), [[3]]);
  assert.deepEqual(axes('softmax 1x2x3x4 axis=3'), [[3]]);
  assert.deepEqual(axes('softmax 2x3 axis=1'), [[1]]);
  assert.equal(ordered('add 1x3x4x2 2').length, 1);
  const [volume] = ordered('conv3d 1x2x3x4x5 6x2x1x1x1');
  assert.deepEqual(volume.shapes, [
    [1, 3, 4, 5, 2],
    [6, 1, 1, 1, 2],
  ]);
  assert.deepEqual(volume.output, [1, 3, 4, 5, 6]);
  // Channel 4·i + j of PyTorch is place j of output channel i, and channel 2·j + i of TensorFlow.
  const [shuffled] = ordered('pixelshuffle 1x8x1x1 factor=2');
  assert.deepEqual([...shuffled.arrays[0]], [0, 4, 1, 5, 2, 6, 3, 7]);
});

test('every operator of bench/shapes has a model for ONNX, and for LiteRT unless it lacks it', () => {
  const missing = [];
  for (const shape of shapes) {
    const data = makeData(shape);
    const graph = onnxGraph(shape, data);
    assert.ok(encodeModel(graph).length > 0);
    assert.equal(graph.ranks[0], shape.output.length);
    for (const name of graph.nodes[0].inputs) {
      assert.ok(name === '' || name in graph.constants, `${shape.name}: ${name}`);
    }
    for (const view of viewsOf(shape, data)) {
      try {
        const { tensors, operators, inputs, outputs, data: arrays } = liteRtGraph(view);
        const used = operators.flatMap((one) => [...one.inputs, ...one.outputs]);
        for (const name of used) assert.ok(name in tensors, `${shape.name}: ${name}`);
        assert.deepEqual(Object.keys(arrays), inputs);
        assert.ok(encodeTflite({ tensors, operators, inputs, outputs }).length > 0);
      } catch (error) {
        if (error.name !== 'Unsupported') throw error;
        missing.push(`${shape.op} ${error.message}`);
      }
    }
  }
  assert.deepEqual(
    [...new Set(missing)],
    [
      'bicubic has no bicubic interpolation',
      'groupnorm has no group normalisation',
      'maxpool has only the paddings same and valid for pools',
    ],
  );
});

test('encodeModel states the type of outputs that are indices', () => {
  const model = { nodes: [], inputs: {}, constants: {}, outputs: ['y'] };
  const float = encodeModel(model);
  const index = encodeModel({ ...model, types: { y: 'int64' } });
  const differing = [...index].filter((byte, i) => byte !== float[i]);
  assert.deepEqual([index.length, differing], [float.length, [7]]);
});

test('createCopy copies the first half of its bytes to the second', () => {
  const { memory, half, target, run } = createCopy(200_001);
  const bytes = new Uint8Array(memory.buffer);
  assert.deepEqual([half, bytes.length >= target + half, target >= half], [100_001, true, true]);
  bytes.fill(7, 0, half);
  run();
  const copied = bytes.subarray(target);
  assert.deepEqual([copied[0], copied[half - 1], copied[half]], [7, 7, 1]);
});

const timing = (median) => ({ median, min: median, q1: median, q3: median, rounds: 9 });

test('classes that memory limits show GB/s and the share of a copy; alternatives their relative time', () => {
  const result = (line, medians, more) => ({
    shape: read(line),
    entries: Object.fromEntries(
      Object.entries(medians).map(([name, value]) => [
        name,
        typeof value === 'string'
          ? { unsupported: value }
          : { timing: timing(value), isUnranked: name === 'nchw' },
      ]),
    ),
    peak: 4e7,
    error: 0,
    ...more,
  });
  const copy = timing(0.1);
  const bound = [
    result('relu 1000x1000', { corr2d: 0.2, tfjs: 0.4 }, { copy }),
    result('exp 1000x1000', { corr2d: 'is not available', tfjs: 1, nchw: '' }, { copy }),
  ];
  assert.deepEqual(
    bound.map((one) => copyShareOf(one)),
    [0.5, null],
  );
  assert.equal(summaries(bound, copyShareOf)[0].mean, 0.5);
  const cells = (text) => text.split('\n').map((line) => line.split(/\s{2,}/));
  assert.deepEqual(cells(formatClass(bound)), [
    ['any', 'corr2d', 'min', 'GB/s', 'of copy', 'tfjs', 'copy', 'GB/s', 'ratio'],
    [
      'relu 1000×1000',
      '0.200',
      '±0 %',
      '0.200',
      '40.0',
      '50 %',
      '0.400',
      '±0 %',
      '0.100',
      '±0 %',
      '80.0',
      '2.00',
    ],
    ['exp 1000×1000', '–', '1.00', '±0 %', '0.100', '±0 %', '80.0', '–'],
    ['– corr2d is not available'],
  ]);
  const pool = 'maxpool 1x1x8x8 kernel=2 stride=2 nhwc';
  const [header, row] = cells(
    formatClass([result(pool, { corr2d: 2, nchw: 1, tfjs: 3 }, { copy })]),
  );
  assert.deepEqual(header.slice(5), ['nchw', '/corr2d', 'tfjs', 'copy', 'GB/s', 'ratio']);
  assert.deepEqual(row.slice(6), [
    '1.00',
    '±0 %',
    '0.50',
    '3.00',
    '±0 %',
    '0.100',
    '±0 %',
    '0.0',
    '1.50',
  ]);
});
