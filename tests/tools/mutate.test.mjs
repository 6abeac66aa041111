import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyMutation } from '../../tools/mutate.mjs';

test('applyMutation replaces the quoted text', () => {
  assert.equal(applyMutation('a + b', ['x.cpp', 'sign', '+', '-']), 'a - b');
});

test('applyMutation rejects text that does not occur exactly once', () => {
  assert.throws(
    () => applyMutation('a * b', ['x.cpp', 'sign', '+', '-']),
    /x\.cpp: "sign" matches 0/,
  );
  assert.throws(() => applyMutation('a + b + c', ['x.cpp', 'sign', '+', '-']), /matches 2 places/);
});
