// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divide } from '../../tools/sweep.mjs';

test('divide splits a part among processes', () => {
  assert.deepEqual(divide('1/1', 1), ['1/1']);
  assert.deepEqual(divide('1/1', 3), ['1/3', '2/3', '3/3']);
  // Numbers that are 2 modulo 3 are 2 or 5 modulo 6.
  assert.deepEqual(divide('2/3', 2), ['2/6', '5/6']);
});

test('divide rejects text that is not a part', () => {
  for (const part of ['', '1', '0/2', '3/2', '1/0', '1/2/3', 'a/b']) {
    assert.throws(() => divide(part, 2), /--part is .*; expected INDEX\/COUNT/, part);
  }
});
