// The operators: every case against real PyTorch (tests/fixtures/operators), one-shot, into `out` and by
// plans; and what they refuse.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertComputes,
  expectError,
  generator,
  loadTested,
  sharedInstance,
  sizeOf,
} from './helpers.mjs';
import { assertResult, call, disposeOf, readCases, runCases } from './operator-cases.mjs';

const cases = readCases('torch-1.13.json');

const c = await sharedInstance();

// ---------------------------------------------------------------------------------------------
// Against PyTorch

/** Where others were wrong: these begin the names of cases, and each has a test of its own. */
const NAMED = [
  'kernel larger than the input',
  'stride larger than the kernel',
  "1×N with stride 2 and 'same-upper'",
  "1×N with stride 2 and 'same-lower'",
  'dilation with padding',
  'groups with one channel each and a multiplier',
  'zero batch',
  'shapes that vary from call to call',
  "ONNX's SAME_LOWER",
  "ONNX's SAME_UPPER",
];

const groups = new Map();
for (const one of cases) {
  const group = NAMED.find((name) => one.name.startsWith(name)) ?? one.function;
  groups.set(group, [...(groups.get(group) ?? []), one]);
}

test('the fixture has what it should have', () => {
  for (const name of NAMED) assert.ok(groups.get(name)?.length >= 3, name);
  const functions = new Set(cases.map((one) => one.function));
  assert.equal(functions.size, 18);
  assert.ok(cases.length > 800);
});

for (const [group, those] of groups) {
  test(`${group}: ${those.length} cases are PyTorch's`, () => runCases(c, those));
}

test('shapes that vary from call to call, in any order, through one instance', () => {
  const those = cases.filter((one) => one.function === 'conv2d');
  const { pick } = generator(1);
  const plans = new Map();
  for (let round = 0; round < 3000; round++) {
    const one = pick(those);
    const [input, weight] = one.args;
    let plan = plans.get(one);
    if (plan === undefined) {
      plan = c.planConv2d({ inputShape: input.shape, weight, ...one.options });
      plans.set(one, plan);
      if (plans.size > 40) {
        const [oldest] = plans.keys();
        plans.get(oldest).dispose();
        plans.delete(oldest);
      }
    }
    for (const result of [plan.run(input), call(c, one)]) {
      assertResult(result, one, `round ${round}`);
      disposeOf(result);
    }
  }
  for (const plan of plans.values()) plan.dispose();
});

test('views of any alignment are inputs like any other', () => {
  for (const one of cases.filter(({ name }) => name.startsWith('conv2d with all options'))) {
    const views = one.args.map(({ data, shape }) => {
      const both = c.tensor([...data, ...data], [2, ...shape]);
      const view = both.at(1); // It begins wherever the first half ends.
      both.dispose();
      return view;
    });
    const result = call(c, { ...one, args: views });
    assertResult(result, one, 'of views');
    for (const tensor of [result, ...views]) tensor.dispose();
  }
});

test("1×N with stride 2 and 'same' is refused, as PyTorch refuses it", () => {
  for (const stride of [2, [1, 2], [2, 1]]) {
    const message = /^conv2d: padding is 'same', which demands stride 1 and not 2/;
    expectError(c, 'INVALID_ARGUMENT', message, () =>
      c.conv2d(ones(1, 1, 1, 9), ones(1, 1, 3, 3), { stride, padding: 'same' }),
    );
  }
});

test('a stride of 65 each way scatters as any other', () => {
  const y = c.convTranspose2d(
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [[[[3]]]],
    { stride: 65 },
  );
  assert.deepEqual(y.shape, [1, 1, 66, 66]);
  const at = (row, column) => y.data[row * 66 + column];
  assert.deepEqual([at(0, 0), at(0, 65), at(65, 0), at(65, 65)], [3, 6, 9, 12]);
  assert.equal(
    y.data.reduce((sum, value) => sum + value),
    30,
  );
  y.dispose();
});

test('what no algorithm can do says why, and who was asked', () => {
  const why = 'as its strides part the output into more than 65536 phases';
  const [x, w] = [ones(1, 1, 2, 2), ones(1, 1, 1, 1)];
  expectError(
    c,
    'UNSUPPORTED',
    `convTranspose2d: this version cannot do it, ${why}: input is 1×1×2×2 and weight is 1×1×1×1`,
    () => c.convTranspose2d(x, w, { stride: 257 }),
  );
  const y = c.conv2d(ones(1, 1, 258, 258), w, { stride: 257, algorithm: 'direct' });
  const refused = (options, message) =>
    expectError(c, 'UNSUPPORTED', message, () =>
      c.conv2dBackward(y, ones(1, 1, 258, 258), w, { stride: 257, ...options }),
    );
  refused({}, new RegExp(`^conv2dBackward: this version cannot do it, ${why}`));
  refused(
    { algorithm: 'direct' },
    new RegExp(`^conv2dBackward: the algorithm asked for cannot do it, ${why}`),
  );
  y.dispose();
});

test('leakyRelu takes its slope', () => {
  const x = { shape: [2, 2], data: [-4, -1, 0, 3] };
  for (const [alpha, expected] of [
    [0.25, [-1, -0.25, 0, 3]],
    [0, [0, 0, 0, 3]],
    [-2, [8, 2, 0, 3]],
  ]) {
    const result = c.leakyRelu(x, alpha);
    assertResult(
      result,
      { name: `alpha ${alpha}`, expected: { shape: [2, 2], data: expected } },
      '',
    );
    result.dispose();
  }
});

test('options that are undefined are absent', () => {
  const absent = (names) => Object.fromEntries(names.map((name) => [name, undefined]));
  const undefineds = {
    conv2d: absent([
      ...['bias', 'stride', 'dilation', 'groups', 'padding', 'paddingMode', 'activation', 'layout'],
      ...['weightLayout', 'algorithm', 'deterministic', 'out'],
    ]),
    conv1d: absent([
      ...['bias', 'stride', 'dilation', 'groups', 'padding', 'paddingMode', 'activation'],
      ...['algorithm', 'deterministic', 'out'],
    ]),
    convTranspose2d: absent([
      ...['bias', 'stride', 'dilation', 'groups', 'padding', 'outputPadding', 'activation'],
      ...['layout', 'weightLayout', 'deterministic', 'out'],
    ]),
    conv2dBackward: absent(['stride', 'dilation', 'groups', 'padding', 'paddingMode']),
    maxPool2d: absent(['stride', 'padding', 'dilation', 'ceilMode']),
    avgPool2d: absent(['stride', 'padding', 'ceilMode', 'countIncludePad']),
    unfold: absent(['stride', 'padding', 'dilation']),
    fold: absent(['stride', 'padding', 'dilation']),
  };
  for (const [name, options] of Object.entries(undefineds)) {
    const plain = cases.filter((one) => one.function === name && one.options === undefined);
    assert.ok(plain.length > 0, name);
    for (const one of plain) {
      const result = call(c, { ...one, options });
      assertResult(result, one, 'with options that are undefined');
      disposeOf(result);
    }
  }
});

test('deterministic, and every algorithm that takes the problem, are right too', () => {
  const those = cases.filter((one) => one.function === 'conv2d' && one.ulps === undefined);
  for (const one of those) {
    const options = [{ deterministic: true }];
    for (const algorithm of ['direct', 'gemm', 'depthwise']) options.push({ algorithm });
    for (const more of options) {
      let result;
      try {
        result = call(c, { ...one, options: { ...one.options, ...more } });
      } catch (error) {
        assert.equal(error.code, 'UNSUPPORTED', error.message);
        assert.notEqual(more.algorithm, undefined, error.message);
        assert.notEqual(more.algorithm, 'direct', error.message);
        continue;
      }
      assertResult(result, one, JSON.stringify(more));
      result.dispose();
    }
  }
});

// ---------------------------------------------------------------------------------------------
// Errors

const ones = (...shape) => ({ shape, data: new Array(sizeOf(shape)).fill(1) });
const image = ones(1, 4, 6, 7);
const weight = ones(6, 4, 3, 2);

/** No whole number of at least 1. */
const NOT_POSITIVE = [0, -1, 1.5, Number.NaN, Infinity, '2', null, true, {}, 2 ** 31, 2n];
const NOT_PAIRS = [
  [],
  [1],
  [1, 2, 3],
  [1, 0],
  [0, 1],
  [1, 1.5],
  [Number.NaN, 1],
  [1, '1'],
  [[1, 1]],
];
const NOT_PADS = [-1, 0.5, Number.NaN, Infinity, null, true, {}, 2 ** 31];
const NOT_FOUR = [[], [1], [1, 2, 3], [1, 1, 1, 1, 1], [1, -1], [0, 0, 0, -1], [0, 0, 0.5, 0]];
const NOT_PADDINGS = ['SAME', 'full', 'Same-upper', 'same_upper', '', 'toString', '1'];
const NOT_ACTIVATIONS = [
  ...['swish', 'Relu', 'leakyRelu', 'leaky_relu', '', 'constructor', null, 3, true, ['relu']],
  ...[{}, { type: 'x' }, { type: 'relu', alhpa: 1 }, { alpha: 1 }],
  ...['1', Number.NaN, Infinity, null, {}].map((alpha) => ({ type: 'leaky-relu', alpha })),
];
const NOT_FLAGS = [0, 1, 'true', null, {}];
const NOT_OPTIONS = [null, 3, 'same', [], [{}], true];
const NOT_TENSORS = [null, undefined, 'x', {}, [[1, 2], [3]], { shape: [2], data: 'ab' }];
const UNKNOWN = ['strides', 'pad', 'Bias', 'dilations', 'group', 'relu', 'constructor', 'alpha'];

/** Each of `values` as the option `name` is refused, and the message begins with `where: name`. */
function refuses(where, run, name, values, code = 'INVALID_ARGUMENT') {
  for (const value of values) {
    expectError(c, code, new RegExp(`^${where}: ${name}`), () => run({ [name]: value }));
  }
}

function refusesUnknown(where, run, more = []) {
  for (const name of [...UNKNOWN, ...more]) {
    const message = new RegExp(`^${where}: .*${name}`);
    expectError(c, 'INVALID_ARGUMENT', message, () => run({ [name]: 1 }));
  }
  for (const options of NOT_OPTIONS) {
    expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: options`), () => run(options));
  }
}

/** Mode of running → what takes the options of conv2d. */
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
  test(`${where}: every option has its range checked`, () => {
    refuses(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
    refuses(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    refuses(where, run, 'groups', [...NOT_POSITIVE, [1], [1, 1]]);
    refuses(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
    refuses(where, run, 'paddingMode', ['zero', 'constant', 'symmetric', 'REFLECT', '', null, 0]);
    refuses(where, run, 'activation', NOT_ACTIVATIONS);
    refuses(where, run, 'layout', ['NCHW', 'nwhc', 'chw', '', null, 0]);
    refuses(where, run, 'weightLayout', ['OIHW', 'iohw', 'hwoi', '', null, 0]);
    refuses(where, run, 'algorithm', ['Winograd', 'im2col', 'none', '', null, 0]);
    refuses(where, run, 'deterministic', NOT_FLAGS);
    refuses(
      where,
      run,
      'bias',
      NOT_TENSORS.filter((one) => one !== undefined),
    );
    refusesUnknown(where, run, ['outputPadding', 'kernelSize', 'ceilMode']);
    assertComputes(c);
  });

  test(`${where}: options that do not suit one another`, () => {
    const refused = (code, message, options) =>
      expectError(c, code, new RegExp(`^${where}: ${message}`), () => run(options));
    refused('INVALID_ARGUMENT', "padding.*'same'.*stride", { padding: 'same', stride: 2 });
    refused('INVALID_ARGUMENT', "padding.*'same'.*stride", { padding: 'same', stride: [1, 2] });
    for (const padding of [7, [6, 0], [0, 7], [0, 0, 0, 7], [6, 0, 0, 0]]) {
      refused('INVALID_ARGUMENT', 'paddingMode', { padding, paddingMode: 'reflect' });
    }
    for (const padding of [8, [7, 0], [0, 8], [0, 0, 8, 0]]) {
      refused('INVALID_ARGUMENT', 'paddingMode', { padding, paddingMode: 'circular' });
    }
    for (const groups of [3, 4, 5, 12]) refused('INVALID_ARGUMENT', 'groups', { groups });
    for (const algorithm of ['winograd', 'separable', 'fft']) {
      refused('UNSUPPORTED', '', { algorithm, deterministic: true });
    }
    // None of them does what it is named for: a 3×2 kernel of all channels, stride 3 and dilation 2.
    for (const algorithm of ['depthwise', 'winograd']) {
      refused('UNSUPPORTED', '', { algorithm, stride: 3, dilation: [1, 2] });
    }
  });

  test(`${where}: shapes that do not suit one another`, () => {
    const call = (input, kernel, options) =>
      where === 'conv2d'
        ? c.conv2d(input, kernel, options)
        : c.planConv2d({ inputShape: input.shape, weight: kernel, ...options });
    const refused = (message, ...args) =>
      expectError(c, 'SHAPE_MISMATCH', message, () => call(...args));
    const named = (what) => new RegExp(`^${where}: ${what}`);
    refused(
      `${where}: weight has 3 input channels, input has 4 (groups = 1)`,
      image,
      ones(6, 3, 3, 2),
    );
    refused(`${where}: weight has 4 input channels, input has 4 (groups = 2)`, image, weight, {
      groups: 2,
    });
    refused(`${where}: weight has 4 input channels, input has 7 (groups = 1)`, image, weight, {
      layout: 'nhwc',
    });
    for (const shape of [[], [4], [6, 7], [1, 1, 4, 6, 7]])
      refused(named('input'), ones(...shape), weight);
    for (const shape of [[], [6], [3, 2], [4, 3, 2], [1, 6, 4, 3, 2]])
      refused(named('weight'), image, ones(...shape));
    for (const shape of [[5], [7], [1], [], [1, 6], [6, 1], [0]])
      refused(named('bias'), image, weight, { bias: ones(...shape) });
    refused(named('.*kernel'), image, ones(6, 4, 7, 2));
    refused(named('.*kernel'), image, ones(6, 4, 2, 8));
    refused(named('.*kernel'), image, weight, { dilation: [1, 7] });
    refused(named('.*kernel'), image, ones(6, 4, 9, 2), { padding: 1 });
    for (const shape of [
      [1, 0, 6, 7],
      [1, 4, 0, 7],
      [1, 4, 6, 0],
    ])
      refused(named(''), ones(...shape), weight);
    for (const shape of [
      [0, 4, 3, 2],
      [6, 0, 3, 2],
      [6, 4, 0, 2],
      [6, 4, 3, 0],
    ])
      refused(named(''), image, ones(...shape));
    assertComputes(c);
  });
}

test('conv2d: out must be a tensor of the output’s shape, with memory of its own', () => {
  const refused = (code, out, input = image) =>
    expectError(c, code, /^conv2d: out/, () => c.conv2d(input, weight, { out }));
  for (const out of [null, 3, [1], ones(1, 6, 4, 6)]) refused('INVALID_ARGUMENT', out);
  for (const shape of [[1, 6, 4, 5], [6, 4, 6], [144], [1, 6, 6, 4]]) {
    const out = c.zeros(shape);
    refused('SHAPE_MISMATCH', out);
    out.dispose();
  }
  const input = c.ones([1, 4, 6, 6]);
  const out = input.reshape([1, 4, 6, 6]);
  expectError(c, 'INVALID_ARGUMENT', /^conv2d: out/, () =>
    c.conv2d(input, ones(4, 4, 1, 1), { out }),
  );
  for (const tensor of [input, out]) tensor.dispose();
});

test('conv2d, planConv2d: what is no tensor is refused', () => {
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

test('conv1d: bad arguments', () => {
  const [row, taps] = [ones(1, 4, 9), ones(6, 4, 3)];
  const run = (options) => c.conv1d(row, taps, options);
  refuses('conv1d', run, 'stride', [...NOT_POSITIVE, [1], [1, 1]]);
  refuses('conv1d', run, 'dilation', [...NOT_POSITIVE, [1], [1, 1]]);
  refuses('conv1d', run, 'groups', [...NOT_POSITIVE, 3, 4]);
  refuses('conv1d', run, 'padding', [
    ...NOT_PADS,
    [],
    [1],
    [1, 2, 3],
    [0, 0, 1, 1],
    [0, -1],
    [0, 0.5],
    [Object.create(null)], // What cannot be written in a message.
    [Symbol('s')],
    ...NOT_PADDINGS,
  ]);
  refuses('conv1d', run, 'paddingMode', ['zero', 'constant', null]);
  refuses('conv1d', run, 'activation', NOT_ACTIVATIONS);
  refuses('conv1d', run, 'deterministic', NOT_FLAGS);
  refusesUnknown('conv1d', run, ['layout', 'weightLayout', 'outputPadding']);
  expectError(c, 'INVALID_ARGUMENT', /^conv1d: padding/, () => run({ padding: 'same', stride: 2 }));
  expectError(c, 'INVALID_ARGUMENT', /^conv1d: paddingMode/, () =>
    run({ padding: 9, paddingMode: 'reflect' }),
  );
  const refused = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.conv1d(...args));
  refused('conv1d: weight has 3 input channels, input has 4 (groups = 1)', row, ones(6, 3, 3));
  refused('conv1d: input is a single number (0-d), must be N×C×L or C×L', ones(), taps);
  refused('conv1d: weight is [6], must be Co×Ci/groups×k', row, ones(6));
  for (const shape of [[9], [1, 1, 4, 9], []]) refused(/^conv1d: input/, ones(...shape), taps);
  for (const shape of [[4, 3], [6, 4, 1, 3], []]) refused(/^conv1d: weight/, row, ones(...shape));
  refused(/^conv1d: bias/, row, taps, { bias: ones(5) });
  refused(/^conv1d: .*kernel/, row, ones(6, 4, 10));
  refused(/^conv1d: /, ones(1, 4, 0), taps);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^conv1d: input/, () => c.conv1d(bad, taps));
    expectError(c, 'INVALID_ARGUMENT', /^conv1d: weight/, () => c.conv1d(row, bad));
  }
});

test('convTranspose2d: bad arguments', () => {
  const where = 'convTranspose2d';
  const kernel = ones(4, 6, 3, 2);
  const run = (options) => c.convTranspose2d(image, kernel, options);
  refuses(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
  refuses(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
  refuses(where, run, 'groups', [...NOT_POSITIVE, 3, 5]);
  refuses(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, 'same', 'valid', 'same-upper']);
  refuses(where, run, 'outputPadding', [
    ...NOT_PADS,
    [],
    [1],
    [0, 0, 0],
    [0, -1],
    'same',
    1,
    [0, 1],
  ]);
  refuses(where, run, 'activation', NOT_ACTIVATIONS);
  refuses(where, run, 'layout', ['NCHW', null]);
  refuses(where, run, 'weightLayout', ['oihw', 'hwio', 'IOHW', null]);
  refuses(where, run, 'deterministic', NOT_FLAGS);
  refusesUnknown(where, run, ['paddingMode', 'algorithm', 'output_padding', 'outputSize']);
  for (const options of [
    { stride: 2, outputPadding: 2 },
    { dilation: [1, 2], outputPadding: 1 },
  ]) {
    expectError(c, 'INVALID_ARGUMENT', /^convTranspose2d: outputPadding/, () => run(options));
  }
  const refused = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.convTranspose2d(...args));
  refused(/^convTranspose2d: weight has 3 input channels, input has 4/, image, ones(3, 6, 3, 2));
  for (const shape of [
    [6, 7],
    [1, 1, 4, 6, 7],
  ])
    refused(/^convTranspose2d: input/, ones(...shape), kernel);
  for (const shape of [
    [3, 2],
    [6, 3, 2],
  ])
    refused(/^convTranspose2d: weight/, image, ones(...shape));
  refused(/^convTranspose2d: bias/, image, kernel, { bias: ones(4) });
  refused(/^convTranspose2d: bias/, image, ones(4, 3, 3, 2), { bias: ones(3), groups: 2 });
  refused(/^convTranspose2d: /, image, kernel, { padding: 4 });
  refused(/^convTranspose2d: /, image, kernel, { padding: [0, 8, 0, 0] });
  refused(/^convTranspose2d: /, ones(1, 4, 0, 7), kernel);
  const out = c.zeros([1, 6, 8, 7]);
  refused(/^convTranspose2d: out/, image, kernel, { out });
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

test('conv2dBackward: bad arguments', () => {
  const where = 'conv2dBackward';
  const gradient = ones(1, 6, 4, 6);
  const run = (options) => c.conv2dBackward(gradient, image, weight, options);
  disposeOf(run());
  refuses(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
  refuses(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
  refuses(where, run, 'groups', [...NOT_POSITIVE, 3]);
  refuses(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
  refuses(where, run, 'paddingMode', ['zero', 'constant', null]);
  refusesUnknown(where, run, ['outputPadding']);
  refuses(where, run, 'layout', ['nhwc'], 'UNSUPPORTED');
  refuses(where, run, 'weightLayout', ['hwio', 'ohwi', 'ihwo'], 'UNSUPPORTED');
  refuses(where, run, 'activation', ['relu', { type: 'gelu' }], 'UNSUPPORTED');
  const refused = (message, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', message, () => c.conv2dBackward(...args));
  for (const shape of [[1, 6, 4, 5], [6, 4, 6], [2, 6, 4, 6], [1, 5, 4, 6], [144]]) {
    refused(/^conv2dBackward: gradOutput/, ones(...shape), image, weight);
  }
  refused(/^conv2dBackward: gradOutput/, gradient, image, weight, { padding: 1 });
  refused(/^conv2dBackward: weight has 3/, gradient, image, ones(6, 3, 3, 2));
  refused(/^conv2dBackward: input/, gradient, ones(6, 7), weight);
  refused(/^conv2dBackward: .*kernel/, gradient, image, ones(6, 4, 7, 2));
  for (const bad of NOT_TENSORS) {
    for (const [i, name] of ['gradOutput', 'input', 'weight'].entries()) {
      const args = [gradient, image, weight].with(i, bad);
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: ${name}`), () =>
        c.conv2dBackward(...args),
      );
    }
  }
});

test('maxPool2d, avgPool2d: bad arguments', () => {
  for (const where of ['maxPool2d', 'avgPool2d']) {
    const run = (options) => c[where](image, 3, options);
    refuses(
      where,
      run,
      'stride',
      [...NOT_POSITIVE, ...NOT_PAIRS].filter((value) => value !== undefined),
    );
    refuses(where, run, 'padding', [...NOT_PADS, ...NOT_FOUR, ...NOT_PADDINGS]);
    refuses(where, run, 'ceilMode', NOT_FLAGS);
    if (where === 'maxPool2d') refuses(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    else refuses(where, run, 'countIncludePad', NOT_FLAGS);
    refusesUnknown(where, run, [
      'kernelSize',
      where === 'maxPool2d' ? 'countIncludePad' : 'dilation',
    ]);
    // PyTorch: at most half of the kernel.
    for (const padding of [2, [2, 0], [0, 2], [0, 0, 2, 0]]) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: padding`), () => run({ padding }));
    }
    for (const kernelSize of [undefined, ...NOT_POSITIVE, ...NOT_PAIRS]) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: kernelSize`), () =>
        c[where](image, kernelSize),
      );
    }
    const refused = (...args) =>
      expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: `), () => c[where](...args));
    for (const shape of [
      [6, 7],
      [1, 1, 4, 6, 7],
      [1, 4, 0, 7],
      [1, 0, 6, 7],
    ])
      refused(ones(...shape), 2);
    for (const kernelSize of [8, [7, 1], [1, 8]]) refused(image, kernelSize);
    for (const bad of NOT_TENSORS) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${where}: input`), () => c[where](bad, 2));
    }
  }
});

test('unfold, fold: bad arguments', () => {
  const columns = ones(1, 24, 24); // of 4×6×7 with 3×2
  disposeOf(c.fold(columns, [6, 7], [3, 2]));
  const runs = {
    unfold: (options) => c.unfold(image, [3, 2], options),
    fold: (options) => c.fold(columns, [6, 7], [3, 2], options),
  };
  for (const [where, run] of Object.entries(runs)) {
    refuses(where, run, 'stride', [...NOT_POSITIVE, ...NOT_PAIRS]);
    refuses(where, run, 'dilation', [...NOT_POSITIVE, ...NOT_PAIRS]);
    refuses(where, run, 'padding', [...NOT_PADS, [], [1], [1, 2, 3], [-1, 0], 'sam']);
    refusesUnknown(where, run, ['kernelSize', 'outputPadding']);
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
  const refused = (where, ...args) =>
    expectError(c, 'SHAPE_MISMATCH', new RegExp(`^${where}: `), () => c[where](...args));
  for (const shape of [
    [6, 7],
    [1, 1, 4, 6, 7],
  ])
    refused('unfold', ones(...shape), 2);
  refused('unfold', image, [7, 1]);
  for (const shape of [[24], [1, 1, 24, 24], [1, 25, 24], [1, 24, 23], [1, 24, 25]]) {
    refused('fold', ones(...shape), [6, 7], [3, 2]);
  }
  refused('fold', columns, [6, 8], [3, 2]);
  refused('fold', columns, [2, 2], [3, 3]);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^unfold: input/, () => c.unfold(bad, 2));
    expectError(c, 'INVALID_ARGUMENT', /^fold: input/, () => c.fold(bad, 4, 2));
  }
});

test('pad: bad arguments', () => {
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
  const refused = (...args) => expectError(c, 'SHAPE_MISMATCH', /^pad: /, () => c.pad(...args));
  refused(image, [-4, -3, 0, 0]);
  refused(image, [0, 0, -7, 0]);
  for (const bad of NOT_TENSORS) {
    expectError(c, 'INVALID_ARGUMENT', /^pad: input/, () => c.pad(bad, [1, 1, 1, 1]));
  }
});

test('activations, matmul: bad arguments', () => {
  const names = ['relu', 'relu6', 'leakyRelu', 'sigmoid', 'tanh', 'silu', 'hardSwish', 'gelu'];
  for (const name of names) {
    for (const bad of NOT_TENSORS) {
      expectError(c, 'INVALID_ARGUMENT', new RegExp(`^${name}: `), () => c[name](bad));
    }
  }
  for (const alpha of ['1', Number.NaN, null, [], {}]) {
    expectError(c, 'INVALID_ARGUMENT', /^leakyRelu: alpha/, () => c.leakyRelu(image, alpha));
  }
  const refused = (...shapes) =>
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
    refused(...shapes);
  }
});

test('a tensor of another instance, or one that has been disposed of, is refused', async () => {
  const other = await loadTested();
  const foreign = other.ones([1, 4, 6, 7]);
  const gone = c.ones([1, 4, 6, 7]);
  gone.dispose();
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
    (x) => c.unfold(x, 2),
    (x) => c.fold(x, 4, 2),
    (x) => c.pad(x, [1, 1, 1, 1]),
    (x) => c.gelu(x),
    (x) => c.correlate2d(x, [[1]]),
  ];
  for (const one of calls) {
    expectError(c, 'INVALID_ARGUMENT', /instance/, () => one(foreign));
    expectError(c, 'DISPOSED', /./, () => one(gone));
  }
  other.dispose();
});

test('a disposed instance refuses them all', async () => {
  const other = await loadTested();
  other.dispose();
  for (const one of cases.filter(({ name }) => !name.includes('number'))) {
    assert.throws(() => call(other, one), { code: 'DISPOSED' }, one.function);
  }
});
