// Errors of pools, fold, unfold, pad, activations and matmul, and tensors that every operator rejects.

import { test } from 'node:test';
import { expectError, loadVariant } from '../helpers.mjs';
import { disposeOf } from '../operator-cases.mjs';
import {
  c,
  expectRejected,
  expectUnknownRejected,
  image,
  NOT_FLAGS,
  NOT_FOUR,
  NOT_PADDINGS,
  NOT_PADS,
  NOT_PAIRS,
  NOT_POSITIVE,
  NOT_TENSORS,
  ones,
  weight,
} from './bad-options.mjs';

test('maxPool2d and avgPool2d reject bad arguments', () => {
  for (const where of ['maxPool2d', 'avgPool2d']) {
    const run = (options) => c[where](image, 3, options);
    expectRejected(
      where,
      run,
      'stride',
      [...NOT_POSITIVE, ...NOT_PAIRS].filter((value) => value !== undefined),
    );
    expectRejected(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
    expectRejected(where, run, 'ceilMode', NOT_FLAGS);
    expectRejected(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'layout', ['NHWC', 'chw', null, 0]);
    if (where === 'avgPool2d') expectRejected(where, run, 'countIncludePad', NOT_FLAGS);
    expectUnknownRejected(where, run, [
      'kernelSize',
      ...(where === 'maxPool2d' ? ['countIncludePad'] : []),
    ]);
    for (const padding of [3, [3, 0], [0, 3], [0, 0, 3, 0]]) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: padding`), () => run({ padding }));
    }
    expectError(
      c,
      'INVALID_ARGUMENT',
      `${where}: padding is 5, 5, 1, 1; expected less than the 5×3 that the kernel spans: ` +
        'input is 1×4×6×7 and kernelSize is 3×3',
      () => run({ padding: [5, 1], dilation: [2, 1] }),
    );
    for (const kernelSize of [undefined, ...NOT_POSITIVE, ...NOT_PAIRS]) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: kernelSize`), () =>
        c[where](image, kernelSize),
      );
    }
    const rejects = (...args) =>
      expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: `), () => c[where](...args));
    for (const shape of [
      [6, 7],
      [1, 1, 4, 6, 7],
      [1, 4, 0, 7],
      [1, 0, 6, 7],
    ])
      rejects(ones(...shape), 2);
    for (const kernelSize of [8, [7, 1], [1, 8]]) rejects(image, kernelSize);
    for (const bad of NOT_TENSORS) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: input`), () => c[where](bad, 2));
    }
  }
});

test('the gradients of pools reject bad arguments', () => {
  const gradient = ones(1, 4, 2, 2);
  const calls = {
    maxPool2dBackward: (options, dy = gradient, x = image, size = 3) =>
      c.maxPool2dBackward(dy, x, size, options),
    avgPool2dBackward: (options, dy = gradient, x = image, size = 3) =>
      c.avgPool2dBackward(dy, x.shape, size, options),
  };
  for (const [where, run] of Object.entries(calls)) {
    disposeOf(run());
    expectRejected(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS, 3]);
    expectRejected(where, run, 'ceilMode', NOT_FLAGS);
    expectUnknownRejected(where, run, ['kernelSize', 'out']);
    expectError(
      c,
      'SHAPE_MISMATCH',
      `${where}: gradOutput is 1×4×2×2; expected 1×4×4×5, the shape of the output`,
      () => run({ stride: 1 }),
    );
    for (const bad of NOT_TENSORS) {
      if (bad === undefined) continue;
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: gradOutput`), () => run({}, bad));
    }
    const input = where === 'maxPool2dBackward' ? 'input' : 'inputShape';
    expectError(c, 'SHAPE_MISMATCH', `${where}: ${input} is 6×7; expected N×C×H×W or C×H×W`, () =>
      run({}, gradient, ones(6, 7)),
    );
    expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: .*kernelSize is 8×8`), () =>
      run({}, gradient, image, 8),
    );
  }
  for (const shape of [undefined, null, 3, '1,4,6,7', [1, 4, 6, -7], [1, 4, 6, 7.5]]) {
    expectError(c, 'INVALID_ARGUMENT', /^avgPool2dBackward: inputShape/, () =>
      c.avgPool2dBackward(gradient, shape, 3),
    );
  }
});

test('unfold and fold reject bad arguments', () => {
  const columns = ones(1, 24, 24); // of 4×6×7 with 3×2
  disposeOf(c.fold(columns, [6, 7], [3, 2]));
  const runs = {
    unfold: (options) => c.unfold(image, [3, 2], options),
    fold: (options) => c.fold(columns, [6, 7], [3, 2], options),
  };
  for (const [where, run] of Object.entries(runs)) {
    expectRejected(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'padding', [...NOT_PADS, [], [1], [1, 2, 3], [-1, 0], 'sam']);
    expectUnknownRejected(where, run, ['kernelSize', 'outputPadding']);
  }
  for (const kernelSize of [undefined, ...NOT_POSITIVE, ...NOT_PAIRS]) {
    expectError(c, 'INVALID_ARGUMENT', /^unfold: kernelSize/, () => c.unfold(image, kernelSize));
    expectError(c, 'INVALID_ARGUMENT', /^fold: kernelSize/, () =>
      c.fold(columns, [6, 7], kernelSize),
    );
  }
  for (const outputSize of [undefined, ...NOT_POSITIVE, ...NOT_PAIRS]) {
    expectError(c, 'INVALID_ARGUMENT', /^fold: outputSize/, () => c.fold(columns, outputSize, 2));
  }
  const rejects = (where, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: `), () => c[where](...args));
  for (const shape of [
    [6, 7],
    [1, 1, 4, 6, 7],
  ])
    rejects('unfold', ones(...shape), 2);
  rejects('unfold', image, [7, 1]);
  for (const shape of [[24], [1, 1, 24, 24], [1, 25, 24], [1, 24, 23], [1, 24, 25]]) {
    rejects('fold', ones(...shape), [6, 7], [3, 2]);
  }
  rejects('fold', columns, [6, 8], [3, 2]);
  rejects('fold', columns, [2, 2], [3, 3]);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^unfold: input/, () => c.unfold(bad, 2));
    expectError(c, 'INVALID_ARGUMENT', /^fold: input/, () => c.fold(bad, 4, 2));
  }
});

test('pad rejects bad arguments', () => {
  const invalid = (...args) =>
    expectError(c, 'INVALID_ARGUMENT', /^pad: /, () => c.pad(image, ...args));
  for (const pads of [
    undefined,
    null,
    1,
    'same',
    [],
    [1, 1],
    [1, 1, 1],
    [1, 1, 1, 1, 1, 1],
    [1, 1, 1, 0.5],
    [1, 1, 1, Number.NaN],
    [1, 1, 1, '1'],
    {},
  ]) {
    invalid(pads);
  }
  for (const mode of ['zeros', 'symmetric', 'CONSTANT', '', null, 0]) invalid([1, 1, 1, 1], mode);
  for (const value of ['0', null, [], true]) invalid([1, 1, 1, 1], 'constant', value);
  for (const pads of [
    [7, 0, 0, 0],
    [0, 7, 0, 0],
    [0, 0, 6, 0],
  ])
    invalid(pads, 'reflect');
  for (const pads of [
    [8, 0, 0, 0],
    [0, 0, 0, 7],
  ])
    invalid(pads, 'circular');
  const rejects = (...args) => expectError(c, 'SHAPE_MISMATCH', /^pad: /, () => c.pad(...args));
  rejects(image, [-4, -3, 0, 0]);
  rejects(image, [0, 0, -7, 0]);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^pad: input/, () => c.pad(bad, [1, 1, 1, 1]));
  }
});

test('activations and matmul reject bad arguments', () => {
  const names = [
    ...['relu', 'relu6', 'leakyRelu', 'sigmoid', 'tanh', 'silu', 'hardSwish', 'gelu'],
    ...['elu', 'selu', 'hardSigmoid', 'softplus', 'mish'],
  ];
  for (const name of names) {
    for (const bad of NOT_TENSORS) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${name}: `), () => c[name](bad));
    }
  }
  for (const alpha of ['1', Number.NaN, null, [], {}]) {
    expectError(c, 'INVALID_ARGUMENT', /^leakyRelu: alpha/, () => c.leakyRelu(image, alpha));
    expectError(c, 'INVALID_ARGUMENT', /^elu: alpha/, () => c.elu(image, alpha));
  }
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^prelu: tensor/, () => c.prelu(bad, [1]));
    expectError(c, 'INVALID_ARGUMENT', /^prelu: weight/, () => c.prelu(image, bad));
  }
  for (const slopes of [[], [1, 2, 3], [[1], [2], [3], [4]]]) {
    expectError(c, 'SHAPE_MISMATCH', /^prelu: weight is .*; expected \[1\], or \[4\]/, () =>
      c.prelu(image, slopes),
    );
  }
  const rejects = (...shapes) =>
    expectError(c, 'SHAPE_MISMATCH', /^matmul: /, () =>
      c.matmul(...shapes.map((shape) => ones(...shape))),
    );
  for (const shapes of [
    [
      [2, 3],
      [2, 3],
    ],
    [[3], [4]],
    [[], [3]],
    [
      [2, 2, 3],
      [3, 3, 2],
    ],
    [[2, 3], []],
  ]) {
    rejects(...shapes);
  }
});

test('every operator rejects disposed tensors and those of another instance', async () => {
  const other = await loadVariant();
  const foreign = other.ones([1, 4, 6, 7]);
  const disposed = c.ones([1, 4, 6, 7]);
  disposed.dispose();
  const calls = [
    (x) => c.conv2d(x, weight),
    (x) => c.conv2d(image, x),
    (x) => c.conv2d(image, weight, { bias: x }),
    (x) => c.conv2d(image, weight, { out: x }),
    (x) => c.convTranspose2d(x, weight),
    (x) => c.conv2dBackward(x, image, weight),
    (x) => c.conv2dBackward(ones(1, 6, 4, 6), x, weight),
    (x) => c.maxPool2d(x, 2),
    (x) => c.avgPool2d(x, 2),
    (x) => c.maxPool2dBackward(x, image, 3),
    (x) => c.maxPool2dBackward(ones(1, 4, 2, 2), x, 3),
    (x) => c.avgPool2dBackward(x, [1, 4, 6, 7], 3),
    (x) => c.unfold(x, 2),
    (x) => c.fold(x, 4, 2),
    (x) => c.pad(x, [1, 1, 1, 1]),
    (x) => c.gelu(x),
    (x) => c.correlate2d(x, [[1]]),
  ];
  for (const one of calls) {
    expectError(c, 'INVALID_ARGUMENT', /instance/, () => one(foreign));
    expectError(c, 'DISPOSED', /./, () => one(disposed));
  }
  other.dispose();
});
