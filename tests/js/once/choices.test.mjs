// Which algorithm a plan chooses for each of the benchmark's shapes. A change of the choice is to be
// seen, and measured by npm run bench -- --check-choice.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { choices } from './choices.mjs';

test('plans choose for the benchmark’s shapes as choices.txt says', async () => {
  const text = readFileSync(new URL('choices.txt', import.meta.url), 'utf8');
  assert.deepEqual(await choices(), text.trim().split('\n'));
});
