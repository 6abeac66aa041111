// The faults of the mutation check fit, and there are enough of them. That each is caught,
// `npm run mutate` finds out.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findMisfits, findNeglected, withFault } from '../../tools/mutate.mjs';
import { nativeFaults, packageFaults } from '../mutation/faults.mjs';

const all = [...nativeFaults, ...packageFaults];

test('every fault fits its file in one place', () => {
  assert.deepEqual(findMisfits(all), []);
  assert.ok(all.length >= 60, `${all.length}`);
  const texts = all.map((fault) => JSON.stringify(fault));
  assert.equal(new Set(texts).size, texts.length);
});

test('every kernel and every algorithm has five faults', () => {
  assert.deepEqual(findNeglected(5), []);
  assert.ok(findNeglected(100).includes('cpp/algorithms/gemm.cpp'));
  assert.ok(findNeglected(100).includes('cpp/kernels/stream.hpp'));
});

test('the command can look whether they fit, and no more', async () => {
  const tool = fileURLToPath(new URL('../../tools/mutate.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [tool, '--check']);
  assert.match(stdout, new RegExp(`^${all.length} faults, 0 do not fit$`, 'm'));
});

test('a fault that does not fit is an error', () => {
  assert.equal(withFault('a + b', ['x.cpp', 'sign', '+', '-']), 'a - b');
  assert.throws(() => withFault('a * b', ['x.cpp', 'sign', '+', '-']), /x\.cpp: "sign" fits 0/);
  assert.throws(() => withFault('a + b + c', ['x.cpp', 'sign', '+', '-']), /fits 2 places/);
});
