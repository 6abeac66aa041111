// The algorithm that a plan chooses for each of the benchmark's shapes. A changed choice must be
// intentional, and measured by npm run bench -- --check-choice.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { listChoices } from './choices.mjs';

test('plans choose the algorithms that choices.txt lists', async () => {
  const text = readFileSync(new URL('choices.txt', import.meta.url), 'utf8');
  assert.deepEqual(await listChoices(), text.trim().split('\n'));
});
