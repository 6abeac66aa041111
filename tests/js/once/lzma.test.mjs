// The decoder of LZMA, against the encoder that the build uses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compress } from '../../../tools/build/binary.mjs';
import { importSource } from '../../../tools/build/bundler.mjs';

const { decodeLzma } = await importSource('runtime/lzma.ts');

/** Bytes that repeat themselves at short and long distances, and some that do not. */
function bytesOf(length, seed) {
  const bytes = new Uint8Array(length);
  let state = seed;
  const next = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let at = 0; at < length; ) {
    const count = Math.min(1 + next(next(3) === 0 ? 400 : 12), length - at);
    const distance = 1 + next(Math.min(at, next(2) === 0 ? 16 : at));
    const copies = at > 0 && next(3) > 0;
    for (let i = 0; i < count; i++, at++) {
      bytes[at] = copies ? bytes[at - distance] : next(next(2) === 0 ? 4 : 256);
    }
  }
  return bytes;
}

test('decodeLzma gives the bytes that were encoded', async () => {
  for (const [seed, length] of [0, 1, 2, 3, 4, 5, 17, 273, 274, 1000, 40_000, 300_000].entries()) {
    const bytes = bytesOf(length, seed);
    assert.deepEqual(decodeLzma(await compress(bytes)), bytes);
  }
});

test('decodeLzma gives as many bytes as the header states, whatever follows', async () => {
  const bytes = bytesOf(5000, 1);
  const file = Uint8Array.from(await compress(bytes));
  for (let length = 13; length < file.length; length += 97) {
    assert.equal(decodeLzma(file.subarray(0, length)).length, 5000);
    const damaged = file.slice();
    damaged.fill(255, length, length + 40);
    assert.equal(decodeLzma(damaged).length, 5000);
  }
});
