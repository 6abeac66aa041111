// The option `add`: a tensor that a convolution adds to its sums before the activation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedInstance, expectError, memoryInUse } from '../helpers.mjs';

const c = await createSharedInstance();

const random = (shape, seed) => c.normal(0, 1, shape, { seed });
const ALGORITHMS = ['auto', 'direct', 'gemm', 'depthwise', 'winograd', 'separable', 'fft'];

/** The activations that kernels clamp to, and two that run over the finished sums. */
const ACTIVATIONS = {
  none: (x) => x.clone(),
  relu: (x) => c.relu(x),
  relu6: (x) => c.relu6(x),
  silu: (x) => c.silu(x),
  'hard-sigmoid': (x) => c.hardSigmoid(x),
};

/** Dense, grouped and depthwise layers, with few and many channels, and strides. */
const LAYERS = [
  { x: [2, 6, 17, 19], w: [8, 6, 3, 3], options: { padding: 1 } },
  { x: [2, 6, 9, 19], w: [8, 3, 3, 2], options: { padding: [0, 1], groups: 2, stride: [1, 2] } },
  { x: [1, 16, 6, 7], w: [20, 16, 1, 1], options: {} },
  { x: [1, 6, 17, 35], w: [6, 1, 3, 3], options: { padding: 1, groups: 6 } },
  { x: [1, 40, 7, 7], w: [40, 1, 3, 3], options: { padding: 1, groups: 40, stride: 2 } },
  { x: [2, 40, 7, 7], w: [40, 1, 5, 5], options: { padding: 2, groups: 40 } },
  { x: [1, 1, 40, 50], w: [1, 1, 11, 11], options: {} },
];

for (const algorithm of ALGORITHMS) {
  test(`conv2d by ${algorithm} with add has the bits of conv2d, add and activation`, () => {
    let count = 0;
    for (const { x: shape, w, options } of LAYERS) {
      for (const layout of ['nchw', 'nhwc']) {
        const x = random(layout === 'nchw' ? shape : [0, 2, 3, 1].map((axis) => shape[axis]), 1);
        const weight = random(w, 2);
        const bias = random([w[0]], 3);
        const given = { ...options, bias, layout, algorithm, deterministic: false };
        let sums;
        try {
          sums = c.conv2d(x, weight, given);
        } catch ({ code }) {
          assert.equal(code, 'UNSUPPORTED');
          for (const one of [x, weight, bias]) one.dispose();
          continue;
        }
        const add = random(sums.shape, 4);
        const added = sums.add(add);
        for (const [activation, apply] of Object.entries(ACTIVATIONS)) {
          const expected = apply(added);
          const fused = c.conv2d(x, weight, { ...given, activation, add });
          assert.deepEqual(fused.data, expected.data, `${shape} ${layout} ${activation}`);
          for (const one of [expected, fused]) one.dispose();
          count++;
        }
        for (const one of [x, weight, bias, sums, add, added]) one.dispose();
      }
    }
    assert.ok(count >= 5, `${count} problems`);
  });
}

test('plans, conv1d and planConv1d add, too', async () => {
  const before = memoryInUse(c);
  const x = random([4, 20], 1);
  const weight = random([6, 4, 3], 2);
  const add = random([6, 18], 3);
  const activation = 'relu';
  const expected = c.conv1d(x, weight, { add, activation });
  const sums = c.conv1d(x, weight);
  const added = sums.add(add);
  const clamped = c.relu(added);
  assert.deepEqual(expected.data, clamped.data);
  const plan = c.planConv1d({ inputShape: [4, 20], weight, add: true, activation });
  const out = c.zeros([6, 18]);
  assert.equal(plan.run(x, { out, add }), out);
  assert.deepEqual(out.data, expected.data);
  const runs = [
    plan.run(x, { add }),
    plan.run(x.toArray(), { add: add.toArray() }),
    await plan.runAsync(x, { add }),
    await plan.runAsync(x.toArray(), { add: add.toArray(), out: c.zeros([6, 18]) }),
  ];
  for (const run of runs) assert.deepEqual(run.data, expected.data);
  await plan.warmup();
  for (const one of [x, weight, add, expected, sums, added, clamped, plan, out, ...runs]) {
    one.dispose();
  }
  assert.deepEqual(memoryInUse(c), before);
});

test('the second argument of run is a tensor, or options', () => {
  const plan = c.planConv2d({ inputShape: [1, 2, 2], weight: [[[[2]]]] });
  const x = [[[1, 2], [3, 4]]]; // biome-ignore format: a matrix
  const out = c.zeros([1, 2, 2]);
  assert.equal(plan.run(x, out), out);
  assert.equal(plan.run(x, { out }), out);
  assert.deepEqual([...out.data], [2, 4, 6, 8]);
  for (const options of [undefined, {}, { out: undefined, add: undefined }]) {
    const y = plan.run(x, options);
    assert.deepEqual([...y.data], [2, 4, 6, 8]);
    y.dispose();
  }
  for (const options of [null, 1, [out], 'out']) {
    expectError(c, 'INVALID_ARGUMENT', /^run: options is /, () => plan.run(x, options));
  }
  expectError(c, 'INVALID_ARGUMENT', /^run: unknown option "bias"; expected one of out, add/, () =>
    plan.run(x, { bias: [1] }),
  );
  plan.dispose();
  out.dispose();
});

test('errors name add, its value and what it has to be', async () => {
  const x = c.ones([1, 4, 4]);
  const weight = c.ones([2, 1, 3, 3]);
  const plan = c.planConv2d({ inputShape: [1, 4, 4], weight, add: true });
  const other = c.planConv2d({ inputShape: [1, 4, 4], weight });
  const add = c.ones([2, 2, 2]);
  const wrong = c.ones([2, 4, 4]);
  const mismatch = ': add is 2×4×4; expected 2×2×2, the shape of the output';
  expectError(c, 'SHAPE_MISMATCH', `conv2d${mismatch}`, () => c.conv2d(x, weight, { add: wrong }));
  expectError(c, 'SHAPE_MISMATCH', `run${mismatch}`, () => plan.run(x, { add: wrong }));
  await assert.rejects(plan.runAsync(x, { add: wrong }), { message: `runAsync${mismatch}` });
  const missing =
    'add is undefined; expected 2×2×2 numbers, since the plan was made with add: true';
  expectError(c, 'INVALID_ARGUMENT', `run: ${missing}`, () => plan.run(x));
  await assert.rejects(plan.runAsync(x), { message: `runAsync: ${missing}` });
  const surplus = 'run: add is a tensor of 2×2×2; expected a plan made with add: true';
  expectError(c, 'INVALID_ARGUMENT', surplus, () => other.run(x, { add }));
  expectError(c, 'INVALID_ARGUMENT', /^conv2d: add is true; expected a tensor/, () =>
    c.conv2d(x, weight, { add: true }),
  );
  expectError(c, 'INVALID_ARGUMENT', /^planConv2d: add is a tensor of 2×2×2; expected/, () =>
    c.planConv2d({ inputShape: [1, 4, 4], weight, add }),
  );
  // The sums are stored before `add` is read.
  const overlap = /: out shares memory with an argument; expected memory of its own$/;
  expectError(c, 'INVALID_ARGUMENT', overlap, () => c.conv2d(x, weight, { add, out: add }));
  expectError(c, 'INVALID_ARGUMENT', overlap, () => plan.run(x, { add, out: add }));
  expectError(c, 'INVALID_ARGUMENT', /unknown option "add"/, () =>
    c.convTranspose2d(x, [[[[1]]]], { add }),
  );
  add.dispose();
  expectError(c, 'DISPOSED', /^run: add/, () => plan.run(x, { add }));
  expectError(c, 'DISPOSED', /^conv2d: add/, () => c.conv2d(x, weight, { add }));
  for (const one of [x, weight, plan, other, wrong]) one.dispose();
});
