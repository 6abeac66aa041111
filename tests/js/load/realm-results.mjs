// The expected results of realm-program.mjs.

import assert from 'node:assert/strict';

const expected = {
  conv1d: [[21, 32, 43]],
  run: [
    [
      [19, 25],
      [37, 43],
    ],
  ],
  printed: 'tensor([1., 1.])',
  described: 4,
  async: {
    isSame: true,
    hasSteps: true,
    hasYielded: true,
    isReason: true,
    aborted: 'AbortError',
    invalid: 'INVALID_ARGUMENT',
  },
  filter2d: [10, 20, 30, 255, 30, 40, 50, 255],
  image: [10, 20, 30, 255, 50, 60, 70, 255],
  errors: {
    argument: 'INVALID_ARGUMENT',
    shape: 'SHAPE_MISMATCH',
    image: 'INVALID_ARGUMENT',
    memory: 'OUT_OF_MEMORY',
    disposed: 'DISPOSED',
  },
};

/** A text from C++ with a character outside ASCII. */
const REFUSAL = /^conv2d: algorithm 'winograd' cannot compute this because it needs a 3×3 kernel/;

/** Expects the results of one instance with these features. */
export function assertExercised(found, features, what) {
  const { variant, threads, reason: _, ...rest } = found;
  assert.deepEqual({ variant, threads }, features, `${what}: ${found.code} ${found.message}`);
  const { refusal } = rest.errors;
  assert.deepEqual([refusal.type, refusal.code], ['Corr2dError', 'UNSUPPORTED'], what);
  assert.match(refusal.message, REFUSAL, what);
  rest.errors.refusal = undefined;
  /** Errors of the package are compared by code; any other fails. */
  const simplify = (_key, value) => (value?.type === 'Corr2dError' ? value.code : value);
  assert.deepEqual(JSON.parse(JSON.stringify(rest, simplify)), expected, what);
}
