import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFault } from '../../tools/mutate.mjs';

test('withFault replaces the quoted text', () => {
  assert.equal(withFault('a + b', ['x.cpp', 'sign', '+', '-']), 'a - b');
});

test('withFault rejects text that does not occur exactly once', () => {
  assert.throws(() => withFault('a * b', ['x.cpp', 'sign', '+', '-']), /x\.cpp: "sign" fits 0/);
  assert.throws(() => withFault('a + b + c', ['x.cpp', 'sign', '+', '-']), /fits 2 places/);
});
