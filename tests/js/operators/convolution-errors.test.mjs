// What conv2d, planConv2d, conv1d, convTranspose2d and conv2dBackward reject.

import { test } from 'node:test';
import { assertStillComputes, expectError } from '../helpers.mjs';
import { disposeOf } from '../operator-cases.mjs';
import {
  c,
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
  refuses,
  refusesUnknown,
  weight,
} from './bad-options.mjs';

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
    assertStillComputes(c);
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
    assertStillComputes(c);
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
