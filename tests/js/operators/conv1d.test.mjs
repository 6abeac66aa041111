// conv1d of one signal, planConv1d, and the two spellings of activations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTensor, createRandom, createSharedInstance, expectError } from '../helpers.mjs';

const c = await createSharedInstance();

/** A copy of a tensor, which is disposed. */
function plain(tensor) {
  const copy = { shape: tensor.shape, data: [...tensor.data] };
  tensor.dispose();
  return copy;
}

test('conv1d correlates one signal with one filter', () => {
  assertTensor(plain(c.conv1d([1, 2, 3], [1, 1])), [2], [3, 5]);
  assertTensor(plain(c.conv1d([1, 2, 3], [1, -1])), [2], [-1, -1]);
  const options = { padding: 'same', bias: [1], activation: 'relu', stride: 1 };
  assertTensor(plain(c.conv1d([1, 2, 4], [0, 1, -1], options)), [3], [0, 0, 5]);
});

test('conv1d of one signal says which weight it expects', () => {
  expectError(
    c,
    'SHAPE_MISMATCH',
    'conv1d: weight is 1×1×2; expected k, since input is one signal',
    () => c.conv1d([1, 2, 3], [[[1, 1]]]),
  );
  expectError(c, 'SHAPE_MISMATCH', 'conv1d: weight is [2]; expected Co×Ci/groups×k', () =>
    c.conv1d([[1, 2, 3]], [1, 1]),
  );
});

test('planConv1d gives the results of conv1d, bit for bit', () => {
  const { exact } = createRandom(1);
  for (const [x, w, options] of [
    [exact(40), exact(5), { stride: 2, padding: 3 }],
    [exact(3, 40), exact(4, 3, 5), { dilation: 2, padding: [1, 2] }],
    [exact(2, 4, 30), exact(6, 2, 3), { groups: 2, padding: 'same', activation: 'gelu' }],
  ]) {
    const expected = c.conv1d(x, w, options);
    const plan = c.planConv1d({ inputShape: x.shape, weight: w, ...options });
    assert.deepEqual(plan.outputShape, expected.shape);
    assert.match(plan.describe(), /^conv1d of /);
    const result = plan.run(x);
    assertTensor(result, expected.shape, expected.data);
    for (const one of [expected, plan, result]) one.dispose();
  }
  expectError(c, 'INVALID_ARGUMENT', /^planConv1d: unknown option "out"/, () =>
    c.planConv1d({ inputShape: [3], weight: [1], out: undefined, ...{ out: [1] } }),
  );
});

test('activations have both spellings', () => {
  const x = [-2, -1, 0, 1, 2];
  for (const [dashed, camel] of [
    ['leaky-relu', 'leakyRelu'],
    ['hard-swish', 'hardSwish'],
    ['hard-sigmoid', 'hardSigmoid'],
  ]) {
    const expected = plain(c.conv1d(x, [1], { activation: dashed }));
    assert.deepEqual(plain(c.conv1d(x, [1], { activation: camel })), expected);
    assert.deepEqual(plain(c.conv1d(x, [1], { activation: { type: camel } })), expected);
  }
  const activation = { type: 'leakyRelu', alpha: 0.5 };
  assert.deepEqual(plain(c.conv1d(x, [1], { activation })).data, [-1, -0.5, 0, 1, 2]);
  const onnx = { type: 'hard-sigmoid', alpha: 0.25 };
  assert.deepEqual(plain(c.conv1d(x, [1], { activation: onnx })).data, [0, 0.25, 0.5, 0.75, 1]);
  const elu = { type: 'elu', alpha: 0 };
  assert.deepEqual(plain(c.conv1d([1, 2], [1], { activation: elu })).data, [1, 2]);
  expectError(c, 'INVALID_ARGUMENT', /^conv1d: activation is 'selu' with an alpha; .*'elu'/, () =>
    c.conv1d(x, [1], { activation: { type: 'selu', alpha: 1 } }),
  );
});
