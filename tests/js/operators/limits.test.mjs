// Sizes at their limits: strides, padding and kernels far beyond the input, tens of thousands of channels,
// and NaN.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTensor, createSharedInstance } from '../helpers.mjs';

const c = await createSharedInstance();
const most = 2 ** 31 - 1;

/** Expects the result of `call`, and disposes of it. */
function assertGives(shape, values, call) {
  const result = call();
  assertTensor(result, shape, values);
  result.dispose();
}

test('strides and padding of up to 2³¹ − 1 do not read outside the input', () => {
  const traces = c.full([2 ** 15], 777);
  const x = c.tensor({ data: [1, 2, 3, 4], shape: [1, 1, 1, 4] });
  assertGives([1, 3, 1], [0, 0, 1], () =>
    c.unfold(x, [1, 3], { padding: [0, 2], stride: [1, most] }),
  );
  assertGives([1, 1, 1], [0], () =>
    c.unfold(x, [1, 1], { padding: [0, 0, 2 ** 28, 0], stride: [1, most] }),
  );
  traces.dispose();
  const wide = [1, 2 ** 15];
  assertGives([1, 1, 1, 1], [4], () =>
    c.maxPool2d(x, wide, { padding: [0, 2 ** 14], stride: most }),
  );
  assertGives([1, 1, 1, 1], [Math.fround(10 / 2 ** 15)], () =>
    c.avgPool2d(x, wide, { padding: [0, 2 ** 14], stride: most }),
  );
  x.dispose();
});

test('operators without a weight accept more channels than a weight could have', () => {
  const x = c.ones([1, 2048, 14, 14]);
  assertGives([1, 2048, 1, 1], new Array(2048).fill(1), () => c.avgPool2d(x, 14));
  x.dispose();
  const many = c.ones([1, 32768, 2, 2]);
  assertGives([1, 32768, 1, 1], new Array(32768).fill(1), () => c.maxPool2d(many, 2));
  const columns = c.unfold(many, 2);
  assert.deepEqual(columns.shape, [1, 4 * 32768, 1]);
  assertGives([1, 32768, 2, 2], new Array(4 * 32768).fill(1), () => c.fold(columns, 2, 2));
  for (const one of [many, columns]) one.dispose();
  const channels = 24000;
  const given = [c.ones([1, 1, 2, 2]), c.ones([1, channels, 2, 2]), c.ones([1, channels, 3, 3])];
  const options = { padding: 1, paddingMode: 'replicate' };
  const gradients = c.conv2dBackward(...given, options);
  // Each element occurs four times in the padded input, read by 1, 2, 2 and 4 windows.
  assertTensor(gradients.input, [1, channels, 2, 2], new Array(4 * channels).fill(9));
  for (const one of [...given, ...Object.values(gradients)]) one.dispose();
});

test('NaN and infinity times zero give NaN in every window, for every kernel size', () => {
  for (const size of [3, 9, 25]) {
    const image = c.ones([1, 1, 256, 256]);
    image.data[128 * 256 + 128] = Number.NaN;
    image.data[100 * 256 + 100] = Number.POSITIVE_INFINITY;
    const weight = c.zeros([1, 1, size, size]);
    const plan = c.planConv2d({ inputShape: image.shape, weight });
    const result = plan.run(image);
    const count = result.data.filter(Number.isNaN).length;
    if (plan.algorithm !== 'winograd' && plan.algorithm !== 'fft') {
      assert.equal(count, 2 * size * size, `${plan.algorithm} of ${size}×${size}`);
    } else {
      assert.ok(count >= 2 * size * size);
    }
    for (const one of [image, weight, plan, result]) one.dispose();
  }
});

test('a stride as long as a kernel of 65,536 elements is computed', () => {
  const taps = 2 ** 16;
  const weight = { data: Float32Array.from({ length: taps }, (_, i) => i), shape: [1, 1, 1, taps] };
  const one = c.full([1, 1, 1, 1], 2);
  const result = c.convTranspose2d(one, weight, { stride: [1, taps] });
  assert.deepEqual(result.shape, [1, 1, 1, taps]);
  assert.ok(result.data.every((value, i) => value === 2 * i));
  for (const made of [one, result]) made.dispose();
});

test('pools accept kernels that cover mostly padding', () => {
  const x = c.tensor({ data: [1, 2, 3, 4], shape: [1, 1, 2, 2] });
  const size = 2 ** 11;
  const options = { padding: size / 2, stride: size };
  assertGives([1, 1, 1, 1], [4], () => c.maxPool2d(x, size, options));
  assertGives([1, 1, 1, 1], [2.5], () =>
    c.avgPool2d(x, size, { ...options, countIncludePad: false }),
  );
  x.dispose();
});
