// The build, once more: the suite runs on what it has made.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { root } from '../helpers.mjs';

test('a build after which nothing has changed does nothing and says nothing', () => {
  const output = execFileSync(process.execPath, ['tools/build.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(output, '');
});
