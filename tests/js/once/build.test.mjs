// Repeats the build; the suite has just built everything.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { root } from '../helpers.mjs';

test('a build without changes does nothing and prints nothing', () => {
  const output = execFileSync(process.execPath, ['tools/build.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(output, '');
});
