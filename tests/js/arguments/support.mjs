// Shared by the tests of bad arguments: two instances, and every argument that takes a tensor.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertStillComputes, expectError, loadVariant, memoryInUse } from '../helpers.mjs';

export const c = await loadVariant();
/** Another instance, whose tensors `c` must reject. */
export const other = await loadVariant();
const initial = memoryInUse(c);
/** A 2×3 tensor of `c`: 0 to 5. */
export const matrix = c.tensor([0, 1, 2, 3, 4, 5], [2, 3]);

after(() => {
  matrix.dispose();
  assert.deepEqual(memoryInUse(c), initial);
  c.dispose();
  other.dispose();
});

/** Defines a test that fails if the instance stops computing or its memory use changes. */
export function testErrors(name, run) {
  test(name, () => {
    const before = memoryInUse(c);
    run();
    assertStillComputes(c);
    assert.deepEqual(matrix.toArray(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    assert.deepEqual(memoryInUse(c), before);
  });
}

export const expectInvalid = (message, run) => expectError(c, 'INVALID_ARGUMENT', message, run);
export const expectMismatch = (message, run) => expectError(c, 'SHAPE_MISMATCH', message, run);

/** A tensor of zeros of this shape, as plain data. */
export const zeros = (...shape) => ({
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  shape,
});

/**
 * For every argument that takes a TensorLike, a call whose other arguments are valid. Keys are the names
 * of the arguments in messages.
 * Trailing spaces only make the key unique.
 */
export const TENSOR_ARGUMENTS = {
  'tensor: values': (x) => c.tensor(x),
  'tensor: values ': (x) => c.tensor(x, [3]),
  'stack: tensors[0]': (x) => c.stack([x]),
  'stack: tensors[1]': (x) => c.stack([[1], x, [2]]),
  'matmul: a': (x) => c.matmul(x, [[1]]),
  'matmul: b': (x) => c.matmul([[1]], x),
  'corr2d: X': (x) => c.corr2d(x, [[1]]),
  'corr2d: K': (x) => c.corr2d([[1]], x),
  'corr2dMultiIn: X': (x) => c.corr2dMultiIn(x, [[[1]]]),
  'corr2dMultiIn: K': (x) => c.corr2dMultiIn([[[1]]], x),
  'corr2dMultiInOut: X': (x) => c.corr2dMultiInOut(x, [[[[1]]]]),
  'corr2dMultiInOut: K': (x) => c.corr2dMultiInOut([[[1]]], x),
  'corr2dMultiInOut1x1: X': (x) => c.corr2dMultiInOut1x1(x, [[[[1]]]]),
  'corr2dMultiInOut1x1: K': (x) => c.corr2dMultiInOut1x1([[[1]]], x),
  'toImageData: tensor': (x) => c.toImageData(x),
  'add: other': (x) => matrix.add(x),
  'sub: other': (x) => matrix.sub(x),
  'mul: other': (x) => matrix.mul(x),
};

/**
 * Calls every function of TENSOR_ARGUMENTS with each bad value and expects `code`. Each case is
 * [value, message], where the message follows the argument's name.
 */
export function forEachTensorArgument(cases, code = 'INVALID_ARGUMENT') {
  for (const [argument, call] of Object.entries(TENSOR_ARGUMENTS)) {
    for (const [bad, message] of cases) {
      expectError(c, code, `${argument.trim()}${message}`, () => call(bad));
    }
  }
}

/** The end of messages about an argument that takes a tensor. */
export const EXPECTED_TENSOR = 'expected a tensor, nested arrays of numbers, or { data, shape }';
