// Plans: their properties, their results, their errors, and their memory.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectError, loadVariant, memoryInUse, moduleFunctions } from '../helpers.mjs';

let c;
before(async () => {
  c = await loadVariant();
});
after(() => c.dispose());

const options = (more) => ({ inputShape: [2, 3, 8, 9], weight: c.ones([4, 3, 3, 2]), ...more });

test('a plan reports its costs; doubling all channels quadruples the multiply-adds', () => {
  const plan = c.planConv2d(options({ bias: [1, 2, 3, 4] }));
  assert.equal(plan.algorithm, 'direct');
  assert.deepEqual(plan.outputShape, [2, 4, 6, 8]);
  assert.equal(plan.macs, 2 * 4 * 6 * 8 * 3 * 3 * 2);
  assert.equal(plan.flops, 2 * plan.macs);
  // 72 weights, 4 biases and the offsets of 18 taps.
  assert.equal(plan.weightBytes, 4 * (72 + 4 + 18));
  assert.ok(plan.workspaceBytes > 0 && plan.tasks >= 2);
  const text = plan.describe();
  for (const fact of ['direct', plan.macs, plan.weightBytes, plan.workspaceBytes, plan.tasks]) {
    assert.ok(text.includes(String(fact)), `${fact} is missing from: ${text}`);
  }
  const twice = c.planConv2d({ inputShape: [2, 6, 8, 9], weight: c.ones([8, 6, 3, 2]) });
  assert.equal(twice.macs, 4 * plan.macs);
  plan.dispose();
  twice.dispose();
});

test('doubling all channels needs 4× the bytes for weights and 2× for images', () => {
  const bytes = (factor) => {
    const before = c.memory().liveBytes;
    const input = c.ones([1, 16 * factor, 8, 9]);
    const afterInput = c.memory().liveBytes;
    const weight = c.ones([16 * factor, 16 * factor, 3, 2]);
    const afterWeight = c.memory().liveBytes;
    const plan = c.planConv2d({ inputShape: input.shape, weight, algorithm: 'direct' });
    const output = plan.run(input);
    const result = {
      input: afterInput - before,
      weight: afterWeight - afterInput,
      output: c.memory().liveBytes - afterWeight,
      packed: plan.weightBytes,
    };
    for (const one of [input, weight, output, plan]) one.dispose();
    return result;
  };
  const [once, twice] = [bytes(1), bytes(2)];
  assert.deepEqual(once, { ...once, input: 4 * 16 * 72, output: 4 * 16 * 48 });
  assert.equal(twice.input, 2 * once.input);
  assert.equal(twice.output, 2 * once.output);
  assert.equal(twice.weight, 4 * once.weight);
  // A plan also holds biases and tables, whose sizes are per channel or per kernel element.
  const [besideOnce, besideTwice] = [once, twice].map(({ packed, weight }) => packed - weight);
  assert.ok(besideOnce >= 0 && besideTwice <= 2 * besideOnce, `${besideOnce}, ${besideTwice}`);
});

test('a plan computes a 1×1 kernel as a matrix product', () => {
  const plan = c.planConv2d({ inputShape: [64, 28, 28], weight: c.ones([256, 64, 1, 1]) });
  assert.equal(plan.algorithm, 'gemm');
  assert.match(plan.describe(), /matrix product/);
  plan.dispose();
});

test('the algorithm for a large kernel depends on its rank', () => {
  const size = 15;
  const column = Array.from({ length: size }, (_, i) => Math.exp(-((i - 7) ** 2) / 18));
  const gaussian = column.map((a) => column.map((b) => a * b));
  const random = c.normal(0, 1, [size, size], { seed: 3 });
  const input = c.normal(0, 1, [3, 150, 200], { seed: 4 });
  for (const [kernel, algorithm, why] of [
    [c.tensor(gaussian), 'separable', /products of a column and a row/],
    [random, 'fft', /transform/],
  ]) {
    const weight = c.stack([kernel, kernel.mul(2), kernel]).reshape([3, 1, size, size]);
    const given = { inputShape: input.shape, weight, groups: 3, padding: 7 };
    const plan = c.planConv2d(given);
    assert.equal(plan.algorithm, algorithm);
    assert.match(plan.describe(), why);
    const exact = c.planConv2d({ ...given, deterministic: true });
    assert.equal(exact.algorithm, 'depthwise');
    const requested = c.planConv2d({ ...given, algorithm });
    assert.match(requested.describe(), new RegExp(`^algorithm: ${algorithm}, as requested$`, 'm'));
    requested.dispose();
    const [found, wanted] = [plan.run(input), exact.run(input)].map(({ data }) => data);
    assert.ok(found.every((value, i) => Math.abs(value - wanted[i]) < 1e-3));
  }
});

test('a plan copies weight and bias, and every run gives the same result', () => {
  const weight = c.normal(0, 1, [4, 3, 3, 2], { seed: 1 });
  const bias = c.tensor([1, 2, 3, 4]);
  const input = c.normal(0, 1, [2, 3, 8, 9], { seed: 2 });
  const wanted = c.conv2d(input, weight, { bias });
  const plan = c.planConv2d(options({ weight, bias }));
  weight.data.fill(0);
  bias.data.fill(0);
  const out = c.zeros(plan.outputShape);
  assert.deepEqual(plan.run(input).data, wanted.data);
  assert.equal(plan.run(input, out), out);
  assert.deepEqual(out.data, wanted.data);
  plan.dispose();
});

test('plan.run with out allocates nothing in the heap', () => {
  const plan = c.planConv2d(options());
  const input = c.ones([2, 3, 8, 9]);
  const out = c.zeros(plan.outputShape);
  // Any allocation would fail.
  moduleFunctions(c).failAllocationAfter(0);
  plan.run(input, out);
  moduleFunctions(c).failAllocationAfter(-1);
  assert.equal(out.at(0).at(0).at(0).at(0).item(), 18);
  plan.dispose();
});

test('planConv2d says why the requested algorithm does not apply', () => {
  const weight = c.ones([4, 3, 5, 5]);
  assert.throws(() => c.planConv2d({ inputShape: [3, 9, 9], weight, algorithm: 'winograd' }), {
    code: 'UNSUPPORTED',
    message: /because it needs a 3×3 kernel/,
  });
});

test('plans reject inputs, outputs and options that do not match', () => {
  const plan = c.planConv2d(options());
  const input = c.ones([2, 3, 8, 9]);
  const [small, narrow] = [c.ones([3, 8, 9]), c.zeros([2, 4, 6, 7])];
  expectError(
    c,
    'SHAPE_MISMATCH',
    'run: input is 3×8×9; expected 2×3×8×9, the shape of the plan',
    () => plan.run(small),
  );
  expectError(c, 'SHAPE_MISMATCH', /^run: out is 2×4×6×7; expected 2×4×6×8/, () =>
    plan.run(input, narrow),
  );
  expectError(c, 'INVALID_ARGUMENT', /^run: options is an array/, () => plan.run(input, []));
  const given = (more) => ({ inputShape: [2, 3, 8, 9], weight: [[[[1]]]], ...more });
  expectError(c, 'INVALID_ARGUMENT', /^planConv2d: unknown option "out"/, () =>
    c.planConv2d(given({ out: input })),
  );
  expectError(c, 'INVALID_ARGUMENT', /^planConv2d: inputShape/, () =>
    c.planConv2d(given({ inputShape: undefined })),
  );
  expectError(c, 'OUT_OF_MEMORY', /^planConv2d: input/, () =>
    c.planConv2d(given({ inputShape: [2 ** 20, 3, 2 ** 20, 9] })),
  );
  plan.dispose();
});

test('out may be next to the input in memory but must not overlap it', () => {
  const plan = c.planConv2d({ inputShape: [1, 4, 4], weight: [[[[2]]]] });
  const both = c.arange(32).reshape([2, 1, 4, 4]);
  const [input, beside] = [both.at(0), both.at(1)];
  assert.equal(plan.run(input, beside), beside);
  assert.deepEqual(
    Array.from(beside.data),
    Array.from(input.data, (value) => 2 * value),
  );
  expectError(c, 'INVALID_ARGUMENT', /^run: out shares memory with an argument/, () =>
    plan.run(input, input),
  );
  plan.dispose();
});

test('a disposed plan throws DISPOSED and may be disposed of twice', async () => {
  const plan = c.planConv2d(options());
  plan.dispose();
  plan.dispose();
  const input = c.ones([2, 3, 8, 9]);
  expectError(c, 'DISPOSED', 'run: the plan has been disposed', () => plan.run(input));
  await assert.rejects(plan.warmup(), { code: 'DISPOSED' });
});

test('warmup leaks no memory', async () => {
  const plan = c.planConv2d(options());
  const before = memoryInUse(c);
  await plan.warmup();
  assert.deepEqual(memoryInUse(c), before);
  plan.dispose();
});

test('planConv2d throws OUT_OF_MEMORY whichever allocation fails', () => {
  const weight = c.ones([4, 3, 3, 2]);
  const before = memoryInUse(c);
  let failures = 0;
  for (; ; failures++) {
    moduleFunctions(c).failAllocationAfter(failures);
    try {
      c.planConv2d({ inputShape: [2, 3, 8, 9], weight }).dispose();
      break;
    } catch (error) {
      assert.equal(error.code, 'OUT_OF_MEMORY', error.stack);
      assert.deepEqual(memoryInUse(c), before);
    }
  }
  moduleFunctions(c).failAllocationAfter(-1);
  assert.ok(failures >= 5, `${failures} allocations`);
  assert.deepEqual(memoryInUse(c), before);
});
