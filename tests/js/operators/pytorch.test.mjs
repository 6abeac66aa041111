// The operators against PyTorch (tests/fixtures/operators): one-shot, into `out` and through plans.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRandom,
  createSharedInstance,
  expectError,
  loadVariant,
  sizeOf,
} from '../helpers.mjs';
import { assertResult, call, disposeOf, readCases, runCases } from '../operator-cases.mjs';

const cases = readCases('torch-1.13.json');

const c = await createSharedInstance();

const ones = (...shape) => ({ shape, data: new Array(sizeOf(shape)).fill(1) });

/** Name prefixes of cases that other libraries got wrong; each group has its own test. */
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

test('the fixture contains every function and every named group', () => {
  for (const name of NAMED) assert.ok(groups.get(name)?.length >= 3, name);
  const functions = new Set(cases.map((one) => one.function));
  assert.equal(functions.size, 36);
  assert.ok(cases.length > 800);
});

for (const [group, those] of groups) {
  test(`${group}: ${those.length} cases equal PyTorch's results`, () => runCases(c, those));
}

test('results are correct when shapes change from call to call', () => {
  const those = cases.filter((one) => one.function === 'conv2d');
  const { pick } = createRandom(1);
  const plans = new Map();
  for (let round = 0; round < 3000; round++) {
    const one = pick(those);
    const [input, weight] = one.args;
    const { add, ...options } = { ...one.options };
    let plan = plans.get(one);
    if (plan === undefined) {
      plan = c.planConv2d({ inputShape: input.shape, weight, ...options, add: add && true });
      plans.set(one, plan);
      if (plans.size > 40) {
        const [oldest] = plans.keys();
        plans.get(oldest).dispose();
        plans.delete(oldest);
      }
    }
    for (const result of [plan.run(input, { add }), call(c, one)]) {
      assertResult(result, one, `round ${round}`);
      disposeOf(result);
    }
  }
  for (const plan of plans.values()) plan.dispose();
});

test('inputs may be views of any alignment', () => {
  for (const one of cases.filter(({ name }) => name.startsWith('conv2d with all options'))) {
    const views = one.args.map(({ data, shape }) => {
      const both = c.tensor([...data, ...data], [2, ...shape]);
      const view = both.at(1); // Its alignment depends on the size of the first half.
      both.dispose();
      return view;
    });
    const result = call(c, { ...one, args: views });
    assertResult(result, one, 'of views');
    for (const tensor of [result, ...views]) tensor.dispose();
  }
});

test("padding 'same' with stride 2 is rejected, as in PyTorch", () => {
  for (const stride of [2, [1, 2], [2, 1]]) {
    const message = /^conv2d: padding is 'same' and stride is 2; expected stride 1/;
    expectError(c, 'INVALID_ARGUMENT', message, () =>
      c.conv2d(ones(1, 1, 1, 9), ones(1, 1, 3, 3), { stride, padding: 'same' }),
    );
  }
});

test('convTranspose2d accepts a stride of 65 in both directions', () => {
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

test('UNSUPPORTED errors state the reason and whether an algorithm was requested', () => {
  const why = 'because its strides divide the output into more than 65536 phases';
  const [x, w] = [ones(1, 1, 2, 2), ones(1, 1, 1, 1)];
  expectError(
    c,
    'UNSUPPORTED',
    `convTranspose2d: this version cannot compute this ${why}: input is 1×1×2×2 and weight is 1×1×1×1`,
    () => c.convTranspose2d(x, w, { stride: 257 }),
  );
  const y = c.conv2d(ones(1, 1, 258, 258), w, { stride: 257, algorithm: 'direct' });
  const rejects = (options, message) =>
    expectError(c, 'UNSUPPORTED', message, () =>
      c.conv2dBackward(y, ones(1, 1, 258, 258), w, { stride: 257, ...options }),
    );
  rejects({}, new RegExp(`^conv2dBackward: this version cannot compute this ${why}`));
  rejects(
    { algorithm: 'direct' },
    new RegExp(`^conv2dBackward: algorithm 'direct' cannot compute this ${why}`),
  );
  y.dispose();
});

test('leakyRelu multiplies negative values by alpha', () => {
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

test('options that are undefined have their defaults', () => {
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
    maxPool2d: absent(['stride', 'padding', 'dilation', 'ceilMode', 'layout']),
    avgPool2d: absent(['stride', 'padding', 'dilation', 'ceilMode', 'layout', 'countIncludePad']),
    maxPool2dBackward: absent(['stride', 'padding', 'dilation', 'ceilMode', 'layout']),
    avgPool2dBackward: absent(['stride', 'padding', 'dilation', 'ceilMode', 'countIncludePad']),
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

test('deterministic mode and every applicable algorithm give correct results', () => {
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

test('every operator of a disposed instance throws DISPOSED', async () => {
  const other = await loadVariant();
  other.dispose();
  for (const one of cases.filter(({ name }) => !name.includes('number'))) {
    assert.throws(() => call(other, one), { code: 'DISPOSED' }, one.function);
  }
});
