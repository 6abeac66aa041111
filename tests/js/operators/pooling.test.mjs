// Pools beyond PyTorch's fixtures: wide padding, windows that contain only padding, NaN and infinities.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTensor, createSharedInstance } from '../helpers.mjs';

const c = await createSharedInstance();
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Expects the result of `call`, and disposes of it. */
function assertGives(shape, values, call) {
  const result = call();
  assertTensor(result, shape, values);
  result.dispose();
}

test("a dilated maxPool2d with stride 1 and padding 'same' keeps the size", () => {
  const row = [[[1, 2, 3, 4, 5, 6, 7]]];
  const options = { stride: 1, dilation: 2, padding: 'same' };
  assertGives([1, 1, 7], [3, 4, 5, 6, 7, 6, 7], () => c.maxPool2d(row, [1, 3], options));
});

test('the padding of pools may exceed half of the kernel', () => {
  const x = c.ones([1, 1, 28, 28]);
  const options = { stride: 1, padding: 2 };
  assertGives([1, 1, 30, 30], new Array(900).fill(1), () => c.maxPool2d(x, 3, options));
  assertGives([1, 1, 30, 30], new Array(900).fill(1), () =>
    c.avgPool2d(x, 3, { ...options, countIncludePad: false }),
  );
  const y = c.avgPool2d(x, 3, options);
  assert.equal(y.data[0], Math.fround(1 / 9));
  for (const one of [x, y]) one.dispose();
});

// With dilation, the elements of a window can lie on both sides of the input.
const aside = { stride: 1, dilation: 2, padding: 1 };

test('a window that contains only padding has the maximum −∞', () => {
  assertGives([1, 1, 1], [-infinity], () => c.maxPool2d([[[5]]], 2, aside));
});

test('a window that contains only padding has the mean 0', () => {
  for (const countIncludePad of [true, false]) {
    assertGives([1, 1, 1], [0], () => c.avgPool2d([[[5]]], 2, { ...aside, countIncludePad }));
  }
});

test('the gradient of a window that contains only padding goes nowhere', () => {
  assertGives([1, 1, 1], [0], () => c.maxPool2dBackward([[[7]]], [[[5]]], 2, aside));
  assertGives([1, 1, 1], [0], () => c.avgPool2dBackward([[[7]]], [1, 1, 1], 2, aside));
});

test('the gradient of a maximum goes to the first of equal elements and to the last NaN', () => {
  for (const [input, at] of [
    [[1, 1, 1, 1], 0],
    [[0, 1, 0, 1], 1],
    [[-infinity, -infinity, -infinity, -infinity], 0],
    [[nan, 1, nan, 2], 2],
    [[nan, nan, 1, infinity], 1],
    [[1, nan, 1, nan], 3],
  ]) {
    const x = { data: input, shape: [1, 2, 2] };
    assertGives(
      [1, 2, 2],
      input.map((_, i) => (i === at ? 3 : 0)),
      () => c.maxPool2dBackward([[[3]]], x, 2),
    );
  }
});

test('overlapping windows add their gradients', () => {
  const options = { stride: 1, padding: 1 };
  const x = [
    [
      [0, 0, 0],
      [0, 9, 0],
      [0, 0, 0],
    ],
  ];
  const ones = { data: new Array(9).fill(1), shape: [1, 3, 3] };
  assertGives([1, 3, 3], [0, 0, 0, 0, 9, 0, 0, 0, 0], () =>
    c.maxPool2dBackward(ones, x, 3, options),
  );
  const nines = { data: new Array(9).fill(9), shape: [1, 3, 3] };
  assertGives([1, 3, 3], [4, 6, 4, 6, 9, 6, 4, 6, 4], () =>
    c.avgPool2dBackward(nines, [1, 3, 3], 3, options),
  );
});
