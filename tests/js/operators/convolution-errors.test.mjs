// Errors of conv2d, planConv2d, conv1d, convTranspose2d and conv2dBackward.

import { test } from 'node:test';
import { assertStillComputes, assertTensor, expectError } from '../helpers.mjs';
import { disposeOf } from '../operator-cases.mjs';
import {
  c,
  expectRejected,
  expectUnknownRejected,
  image,
  NOT_ACTIVATIONS,
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

/** Functions that take the options of conv2d, and a call of each. */
const forward = {
  conv2d: (options) => c.conv2d(image, weight, options),
  planConv2d: (options) =>
    c.planConv2d(
      typeof options === 'object' && options !== null && !Array.isArray(options)
        ? { inputShape: image.shape, weight, ...options }
        : options,
    ),
};

for (const [where, run] of Object.entries(forward)) {
  test(`${where} rejects options out of range`, () => {
    expectRejected(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    expectRejected(where, run, 'groups', [...NOT_POSITIVE, [1], [1, 1]]);
    expectRejected(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
    expectRejected(where, run, 'paddingMode', [
      'zero',
      'constant',
      'symmetric',
      'REFLECT',
      '',
      null,
      0,
    ]);
    expectRejected(where, run, 'activation', NOT_ACTIVATIONS);
    expectRejected(where, run, 'layout', ['NCHW', 'nwhc', 'chw', '', null, 0]);
    expectRejected(where, run, 'weightLayout', ['OIHW', 'iohw', 'hwoi', '', null, 0]);
    expectRejected(where, run, 'algorithm', ['Winograd', 'im2col', 'none', '', null, 0]);
    expectRejected(where, run, 'deterministic', NOT_FLAGS);
    expectRejected(
      where,
      run,
      'bias',
      NOT_TENSORS.filter((one) => one !== undefined),
    );
    expectUnknownRejected(where, run, ['outputPadding', 'kernelSize', 'ceilMode']);
    assertStillComputes(c);
  });

  test(`${where} rejects options that contradict each other`, () => {
    const rejects = (code, message, options) =>
      expectError(c, code, new RegExp(`^${where}: ${message}`), () => run(options));
    rejects('INVALID_ARGUMENT', "padding.*'same'.*stride", { padding: 'same', stride: 2 });
    rejects('INVALID_ARGUMENT', "padding.*'same'.*stride", {
      padding: 'same',
      stride: [1, 2],
    });
    for (const padding of [7, [6, 0], [0, 7], [0, 0, 0, 7], [6, 0, 0, 0]]) {
      rejects('INVALID_ARGUMENT', 'paddingMode', { padding, paddingMode: 'reflect' });
    }
    for (const padding of [8, [7, 0], [0, 8], [0, 0, 8, 0]]) {
      rejects('INVALID_ARGUMENT', 'paddingMode', { padding, paddingMode: 'circular' });
    }
    for (const groups of [3, 4, 5, 12]) rejects('INVALID_ARGUMENT', 'groups', { groups });
    for (const algorithm of ['winograd', 'separable', 'fft']) {
      rejects('UNSUPPORTED', '', { algorithm, deterministic: true });
    }
    // Neither computes a 3×2 kernel over all channels with stride 3 and dilation 2.
    for (const algorithm of ['depthwise', 'winograd']) {
      rejects('UNSUPPORTED', '', { algorithm, stride: 3, dilation: [1, 2] });
    }
  });

  test(`${where} rejects shapes that do not match`, () => {
    const call = (input, kernel, options) =>
      where === 'conv2d'
        ? c.conv2d(input, kernel, options)
        : c.planConv2d({ inputShape: input.shape, weight: kernel, ...options });
    const rejects = (message, ...args) =>
      expectError(c, 'SHAPE_MISMATCH', message, () => call(...args));
    const named = (what) => new RegExp(`^${where}: ${what}`);
    rejects(
      `${where}: weight has 3 input channels; expected 4, since input has 4 (groups = 1)`,
      image,
      ones(6, 3, 3, 2),
    );
    rejects(
      `${where}: weight has 4 input channels; expected 2, since input has 4 (groups = 2)`,
      image,
      weight,
      {
        groups: 2,
      },
    );
    rejects(
      `${where}: weight has 4 input channels; expected 7, since input has 7 (groups = 1)`,
      image,
      weight,
      {
        layout: 'nhwc',
      },
    );
    for (const shape of [[], [4], [6, 7], [1, 1, 4, 6, 7]])
      rejects(named('input'), ones(...shape), weight);
    for (const shape of [[], [6], [3, 2], [4, 3, 2], [1, 6, 4, 3, 2]])
      rejects(named('weight'), image, ones(...shape));
    rejects(
      `${where}: weight is 4×3×2; expected Co×Ci/groups×kh×kw or kh×kw`,
      image,
      ones(4, 3, 2),
    );
    rejects(`${where}: weight is [6]; expected kh×kw×Ci/groups×Co or kh×kw`, image, ones(6), {
      weightLayout: 'hwio',
    });
    rejects(
      `${where}: weight has 1 input channels; expected 4, since input has 4 (groups = 1); ` +
        'use groups: 4 to filter each channel',
      image,
      ones(3, 2),
    );
    for (const shape of [[6], [1, 4, 6, 7, 1]]) rejects(named('input'), ones(...shape), ones(3, 2));
    rejects(
      `${where}: input is 6×7 and weight is 0×2; expected no axis of length 0`,
      ones(6, 7),
      ones(0, 2),
    );
    rejects(
      /^\w+: weight is 7×2, and the kernel spans 7×2; expected at most 6×7/,
      ones(6, 7),
      ones(7, 2),
    );
    for (const shape of [[5], [7], [1], [], [1, 6], [6, 1], [0]])
      rejects(named('bias'), image, weight, { bias: ones(...shape) });
    rejects(named('.*kernel'), image, ones(6, 4, 7, 2));
    rejects(named('.*kernel'), image, ones(6, 4, 2, 8));
    rejects(named('.*kernel'), image, weight, { dilation: [1, 7] });
    rejects(named('.*kernel'), image, ones(6, 4, 9, 2), { padding: 1 });
    for (const shape of [
      [1, 0, 6, 7],
      [1, 4, 0, 7],
      [1, 4, 6, 0],
    ])
      rejects(named(''), ones(...shape), weight);
    for (const shape of [
      [0, 4, 3, 2],
      [6, 0, 3, 2],
      [6, 4, 0, 2],
      [6, 4, 3, 0],
    ])
      rejects(named(''), image, ones(...shape));
    assertStillComputes(c);
  });
}

test('conv2d rejects an `out` with a wrong shape or in the memory of an argument', () => {
  const rejects = (code, out, input = image) =>
    expectError(c, code, /^conv2d: out/, () => c.conv2d(input, weight, { out }));
  for (const out of [null, 3, [1], ones(1, 6, 4, 6)]) rejects('INVALID_ARGUMENT', out);
  for (const shape of [[1, 6, 4, 5], [6, 4, 6], [144], [1, 6, 6, 4]]) {
    const out = c.zeros(shape);
    rejects('SHAPE_MISMATCH', out);
    out.dispose();
  }
  const input = c.ones([1, 4, 6, 6]);
  const out = input.reshape([1, 4, 6, 6]);
  expectError(c, 'INVALID_ARGUMENT', /^conv2d: out/, () =>
    c.conv2d(input, ones(4, 4, 1, 1), { out }),
  );
  for (const tensor of [input, out]) tensor.dispose();
});

test('conv2d and planConv2d reject values that are not tensors', () => {
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^conv2d: input/, () => c.conv2d(bad, weight));
    expectError(c, 'INVALID_ARGUMENT', /^conv2d: weight/, () => c.conv2d(image, bad));
    expectError(c, 'INVALID_ARGUMENT', /^planConv2d: weight/, () =>
      c.planConv2d({ inputShape: image.shape, weight: bad }),
    );
  }
  for (const inputShape of [
    undefined,
    null,
    3,
    '1,4,6,7',
    [1, 4, 6, -7],
    [1, 4, 6, 7.5],
    [1, 4, 6, Number.NaN],
  ]) {
    expectError(c, 'INVALID_ARGUMENT', /^planConv2d: inputShape/, () =>
      c.planConv2d({ inputShape, weight }),
    );
  }
  const plan = c.planConv2d({ inputShape: image.shape, weight });
  for (const shape of [[4, 6, 7], [2, 4, 6, 7], [1, 4, 7, 6], [168]]) {
    expectError(c, 'SHAPE_MISMATCH', /input/, () => plan.run(ones(...shape)));
  }
  for (const bad of NOT_TENSORS) expectError(c, 'INVALID_ARGUMENT', /input/, () => plan.run(bad));
  plan.dispose();
  plan.dispose();
  expectError(c, 'DISPOSED', /plan/, () => plan.run(image));
});

const WHOLE = 'expected a whole number from 0 to 2147483647';
const CROPS = 'to crop the input, use c.pad with negative numbers';

test('messages name the paddings of conv1d as they were passed, and every form that it accepts', () => {
  const forms = "[left, right], 'valid', 'same', 'same-upper', 'same-lower'";
  const conv1d = (options) => c.conv1d([[1, 2, 3]], [[[1]]], options);
  const rejects = (message, options) =>
    expectError(c, 'INVALID_ARGUMENT', `conv1d: ${message}`, () => conv1d(options));
  rejects(`padding is 1.2; ${WHOLE}, ${forms}`, { padding: 1.2 });
  rejects(`padding is -1; ${WHOLE}, ${forms}; ${CROPS}`, { padding: -1 });
  rejects(`padding[1] is 2.1; ${WHOLE}`, { padding: [0, 2.1] });
  rejects(`padding[0] is -2; ${WHOLE}; ${CROPS}`, { padding: [-2, 0] });
  rejects(`padding is an array of length 3; expected a number, ${forms}`, { padding: [1, 2, 3] });
  rejects(
    "paddingMode is 'circular' and the padding at left and right is 4, 4; expected at most 3, " +
      "since the input's size along that axis is 3",
    { padding: 4, paddingMode: 'circular' },
  );
});

test('messages about padding name every form that a function accepts', () => {
  const forms = "[h, w], [top, bottom, left, right], 'valid', 'same', 'same-upper', 'same-lower'";
  const calls = {
    conv2d: (padding) => c.conv2d(image, weight, { padding }),
    conv2dBackward: (padding) => c.conv2dBackward(ones(1, 6, 4, 6), image, weight, { padding }),
    maxPool2d: (padding) => c.maxPool2d(image, 3, { padding }),
    avgPool2dBackward: (padding) =>
      c.avgPool2dBackward(ones(1, 4, 2, 2), [1, 4, 6, 7], 3, { padding }),
    unfold: (padding) => c.unfold(image, 3, { padding }),
  };
  for (const [where, run] of Object.entries(calls)) {
    const rejects = (message, padding) =>
      expectError(c, 'INVALID_ARGUMENT', `${where}: ${message}`, () => run(padding));
    rejects(`padding is 0.5; ${WHOLE}, ${forms}`, 0.5);
    rejects(`padding is -1; ${WHOLE}, ${forms}; ${CROPS}`, -1);
    rejects(`padding[2] is -1; ${WHOLE}; ${CROPS}`, [0, 0, -1, 0]);
    rejects(`padding is an array of length 3; expected a number, ${forms}`, [1, 1, 1]);
  }
});

test('messages about kernels give their size with dilation', () => {
  const rejects = (message, run) => expectError(c, 'SHAPE_MISMATCH', message, run);
  rejects(
    'conv2d: weight is 1×1×3×3, and the kernel spans 17×17; expected at most 10×10, the size of the input',
    () => c.conv2d(ones(1, 10, 10), ones(1, 1, 3, 3), { dilation: 8 }),
  );
  rejects(
    'conv2dBackward: weight is 1×1×3×3, and the kernel spans 17×17; expected at most 12×12, the size of ' +
      'the padded input',
    () =>
      c.conv2dBackward(ones(1, 1, 1), ones(1, 10, 10), ones(1, 1, 3, 3), {
        dilation: 8,
        padding: 1,
      }),
  );
  rejects(
    'conv1d: weight is 1×1×3, and the kernel spans 17; expected at most 10, the size of the input',
    () => c.conv1d(ones(1, 10), ones(1, 1, 3), { dilation: 8 }),
  );
  rejects(
    'fold: kernelSize is 2×2, and the kernel spans 9×9; expected at most 4×5, the size of the output',
    () => c.fold(ones(1, 4, 12), [4, 5], [2, 2], { dilation: 8 }),
  );
  rejects(
    'unfold: kernelSize is 3×3, and the kernel spans 17×17; expected at most 6×7, the size of the input',
    () => c.unfold(image, 3, { dilation: 8 }),
  );
  rejects(
    'maxPool2d: kernelSize is 2×3, and the kernel spans 9×17; expected at most 6×7, the size of the input',
    () => c.maxPool2d(image, [2, 3], { dilation: 8 }),
  );
  rejects(
    'avgPool2d: kernelSize is 9×9, and the kernel spans 9×9; expected at most 7×8, what ceilMode permits',
    () => c.avgPool2d(image, 9, { stride: 2, ceilMode: true }),
  );
});

test('messages about padding that cannot be mirrored give the size of the axis', () => {
  const message = (where) =>
    `${where} is 'reflect' and the padding at top and bottom is 1, 1; expected at most 0, since the ` +
    "input's size along that axis is 1";
  const row = ones(1, 1, 5);
  expectError(c, 'INVALID_ARGUMENT', message('conv2d: paddingMode'), () =>
    c.conv2d(row, ones(1, 1, 3, 3), { padding: 1, paddingMode: 'reflect' }),
  );
  expectError(c, 'INVALID_ARGUMENT', message('pad: mode'), () =>
    c.pad(row, [1, 1, 1, 1], 'reflect'),
  );
});

test('conv1d rejects bad arguments', () => {
  const [row, taps] = [ones(1, 4, 9), ones(6, 4, 3)];
  const run = (options) => c.conv1d(row, taps, options);
  expectRejected('conv1d', run, 'stride', [...NOT_POSITIVE, [1], [1, 1]]);
  expectRejected('conv1d', run, 'dilation', [...NOT_POSITIVE, [1], [1, 1]]);
  expectRejected('conv1d', run, 'groups', [...NOT_POSITIVE, 3, 4]);
  expectRejected('conv1d', run, 'padding', [
    ...NOT_PADS,
    [],
    [1],
    [1, 2, 3],
    [0, 0, 1, 1],
    [0, -1],
    [0, 0.5],
    [Object.create(null)], // It cannot be converted to text.
    [Symbol('s')],
    ...NOT_PADDINGS,
  ]);
  expectRejected('conv1d', run, 'paddingMode', ['zero', 'constant', null]);
  expectRejected('conv1d', run, 'activation', NOT_ACTIVATIONS);
  expectRejected('conv1d', run, 'deterministic', NOT_FLAGS);
  expectUnknownRejected('conv1d', run, ['layout', 'weightLayout', 'outputPadding']);
  expectError(c, 'INVALID_ARGUMENT', /^conv1d: padding/, () => run({ padding: 'same', stride: 2 }));
  expectError(c, 'INVALID_ARGUMENT', /^conv1d: paddingMode/, () =>
    run({ padding: 9, paddingMode: 'reflect' }),
  );
  const rejects = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.conv1d(...args));
  rejects(
    'conv1d: weight has 3 input channels; expected 4, since input has 4 (groups = 1)',
    row,
    ones(6, 3, 3),
  );
  rejects('conv1d: input is a single number (0-d); expected N×C×L, C×L or L', ones(), taps);
  rejects('conv1d: weight is [6]; expected Co×Ci/groups×k', row, ones(6));
  rejects('conv1d: weight is 6×4×3; expected k, since input is one signal', ones(9), taps);
  for (const shape of [[1, 1, 4, 9], []]) rejects(/^conv1d: input/, ones(...shape), taps);
  for (const shape of [[4, 3], [6, 4, 1, 3], []]) rejects(/^conv1d: weight/, row, ones(...shape));
  rejects(/^conv1d: bias/, row, taps, { bias: ones(5) });
  rejects(/^conv1d: .*kernel/, row, ones(6, 4, 10));
  rejects(/^conv1d: /, ones(1, 4, 0), taps);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^conv1d: input/, () => c.conv1d(bad, taps));
    expectError(c, 'INVALID_ARGUMENT', /^conv1d: weight/, () => c.conv1d(row, bad));
  }
});

test('convTranspose2d rejects bad arguments', () => {
  const where = 'convTranspose2d';
  const kernel = ones(4, 6, 3, 2);
  const run = (options) => c.convTranspose2d(image, kernel, options);
  expectRejected(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
  expectRejected(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
  expectRejected(where, run, 'groups', [...NOT_POSITIVE, 3, 5]);
  expectRejected(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS, 'same']);
  expectRejected(where, run, 'outputSize', [...NOT_POSITIVE, ...NOT_PAIRS]);
  expectRejected(where, run, 'outputPadding', [
    ...NOT_PADS,
    [],
    [1],
    [0, 0, 0],
    [0, -1],
    'same',
    1,
    [0, 1],
  ]);
  expectRejected(where, run, 'activation', NOT_ACTIVATIONS);
  expectRejected(where, run, 'layout', ['NCHW', null]);
  expectRejected(where, run, 'weightLayout', ['oihw', 'hwio', 'IOHW', null]);
  expectRejected(where, run, 'deterministic', NOT_FLAGS);
  expectUnknownRejected(where, run, ['paddingMode', 'algorithm', 'output_padding']);
  for (const options of [
    { stride: 2, outputPadding: 2 },
    { dilation: [1, 2], outputPadding: 1 },
  ]) {
    expectError(c, 'INVALID_ARGUMENT', /^convTranspose2d: outputPadding/, () => run(options));
  }
  const rejects = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.convTranspose2d(...args));
  rejects(
    /^convTranspose2d: weight has 3 input channels; expected 4, like input/,
    image,
    ones(3, 6, 3, 2),
  );
  for (const shape of [
    [6, 7],
    [1, 1, 4, 6, 7],
  ])
    rejects(/^convTranspose2d: input/, ones(...shape), kernel);
  for (const shape of [
    [3, 2],
    [6, 3, 2],
  ])
    rejects(/^convTranspose2d: weight/, image, ones(...shape));
  rejects(/^convTranspose2d: bias/, image, kernel, { bias: ones(4) });
  rejects(/^convTranspose2d: bias/, image, ones(4, 3, 3, 2), { bias: ones(3), groups: 2 });
  rejects(/^convTranspose2d: /, image, kernel, { padding: 4 });
  rejects(/^convTranspose2d: /, image, kernel, { padding: [0, 8, 0, 0] });
  rejects(/^convTranspose2d: /, ones(1, 4, 0, 7), kernel);
  const out = c.zeros([1, 6, 8, 7]);
  rejects(/^convTranspose2d: out/, image, kernel, { out });
  out.dispose();
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^convTranspose2d: input/, () =>
      c.convTranspose2d(bad, kernel),
    );
    expectError(c, 'INVALID_ARGUMENT', /^convTranspose2d: weight/, () =>
      c.convTranspose2d(image, bad),
    );
  }
});

test('messages of convTranspose2d give the limits of sizes and paddings', () => {
  const kernel = ones(4, 6, 3, 2);
  const rejects = (message, options, code = 'INVALID_ARGUMENT') =>
    expectError(c, code, `convTranspose2d: ${message}`, () =>
      c.convTranspose2d(image, kernel, options),
    );
  rejects(
    `padding is 1.5; ${WHOLE}, [h, w], [top, bottom, left, right], 'valid', 'same-upper', 'same-lower'`,
    { padding: 1.5 },
  );
  rejects('outputPadding is 2×0; expected less than the larger of stride 2×2 and dilation 1×1', {
    stride: 2,
    outputPadding: [2, 0],
  });
  // As in PyTorch: "valid sizes range from [11, 12] to [12, 13]".
  rejects('outputSize is 10×12; expected from 11 to 12 rows', {
    stride: 2,
    padding: [1, 1],
    outputSize: [10, 12],
  });
  rejects('outputSize is 11×14; expected from 12 to 13 columns', {
    stride: 2,
    padding: 1,
    outputSize: [11, 14],
  });
  rejects('outputSize is 15×12; expected from 1 to 14 rows', {
    stride: 2,
    padding: 'same-upper',
    outputSize: [15, 12],
  });
  rejects('outputSize is 13×9; expected from 1 to 1 columns', {
    stride: 2,
    padding: [0, 0, 7, 7],
    outputSize: [13, 9],
  });
  rejects(
    'padding is 6, 6, 8, 8; expected padding that does not crop the whole output: input is ' +
      '1×4×6×7 and weight is 4×6×3×2',
    { stride: 2, padding: [6, 6, 8, 8], outputSize: [1, 1] },
    'SHAPE_MISMATCH',
  );
  rejects(
    'outputPadding is 1×1 and outputSize is 13×14; expected one of them unless padding is a name',
    { stride: 2, outputSize: [13, 14], outputPadding: 1 },
  );
  rejects(
    'padding is 4, 4, 4, 4; expected padding that does not crop the whole output: input is ' +
      '1×4×6×7 and weight is 4×6×3×2',
    { padding: 4 },
    'SHAPE_MISMATCH',
  );
});

test('convTranspose2d with an output size and a name crops the part that the name says', () => {
  const x = { data: [1, 2], shape: [1, 1, 2] };
  const kernel = { data: [1, 2, 3, 4], shape: [1, 1, 1, 4] };
  // Not cropped: 1 2 3 + 2, 4 + 4, 6, 8.
  for (const [padding, size, expected] of [
    ['valid', 6, [1, 2, 5, 8, 6, 8]],
    ['valid', 7, [1, 2, 5, 8, 6, 8, 0]],
    ['valid', 3, [5, 8, 6]],
    ['same-lower', 3, [5, 8, 6]],
    ['same-upper', 3, [2, 5, 8]],
    ['same-upper', undefined, [2, 5, 8, 6]],
    ['same-upper', 1, [5]],
    ['same-lower', 1, [8]],
  ]) {
    const outputSize = size && [1, size];
    const y = c.convTranspose2d(x, kernel, { stride: [1, 2], padding, outputSize });
    assertTensor(y, [1, 1, expected.length], expected);
    y.dispose();
  }
  // ONNX adds output_padding before it crops.
  const y = c.convTranspose2d(x, kernel, {
    stride: [1, 2],
    padding: 'same-upper',
    outputPadding: [0, 1],
  });
  assertTensor(y, [1, 1, 4], [2, 5, 8, 6]);
  y.dispose();
});

test('conv2dBackward rejects bad arguments', () => {
  const where = 'conv2dBackward';
  const gradient = ones(1, 6, 4, 6);
  const run = (options) => c.conv2dBackward(gradient, image, weight, options);
  disposeOf(run());
  expectError(
    c,
    'SHAPE_MISMATCH',
    'conv2dBackward: weight is 3×2; expected four axes, such as 1×1×kh×kw',
    () => c.conv2dBackward(gradient, image, ones(3, 2)),
  );
  expectRejected(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
  expectRejected(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
  expectRejected(where, run, 'groups', [...NOT_POSITIVE, 3]);
  expectRejected(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
  expectRejected(where, run, 'paddingMode', ['zero', 'constant', null]);
  expectRejected(where, run, 'layout', ['NHWC', null, 0]);
  expectRejected(where, run, 'weightLayout', ['iohw', null, 0]);
  expectRejected(where, run, 'gradients', ['weight', null, {}, 3, ['x'], ['bias', null]]);
  const misspelt = `${where}: gradients[1] is "weights"; expected one of 'input', 'weight', 'bias'`;
  expectError(c, 'INVALID_ARGUMENT', misspelt, () => run({ gradients: ['bias', 'weights'] }));
  expectUnknownRejected(where, run, ['outputPadding', 'out']);
  expectRejected(where, run, 'activation', ['relu', { type: 'gelu' }], 'UNSUPPORTED');
  const rejects = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.conv2dBackward(...args));
  for (const shape of [[1, 6, 4, 5], [6, 4, 6], [2, 6, 4, 6], [1, 5, 4, 6], [144]]) {
    rejects(/^conv2dBackward: gradOutput/, ones(...shape), image, weight);
  }
  rejects(/^conv2dBackward: gradOutput/, gradient, image, weight, { padding: 1 });
  rejects(/^conv2dBackward: weight has 3/, gradient, image, ones(6, 3, 3, 2));
  rejects(/^conv2dBackward: input/, gradient, ones(6, 7), weight);
  rejects(/^conv2dBackward: .*kernel/, gradient, image, ones(6, 4, 7, 2));
  for (const bad of NOT_TENSORS) {
    for (const [i, name] of ['gradOutput', 'input', 'weight'].entries()) {
      const args = [gradient, image, weight].with(i, bad);
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: ${name}`), () =>
        c.conv2dBackward(...args),
      );
    }
  }
});
