// In a heap of more than 2 GiB every function gives the bits that it gives in a small heap. Addresses
// above 2³¹ are negative if they are taken as signed.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertTensor, loadVariant, memoryInUse, moduleFunctions } from '../helpers.mjs';
import { forAll } from './support.mjs';
import { validCalls } from './valid-calls.mjs';

const HALF = 2 ** 31;
const MIB = 2 ** 20;

/** An instance whose heap is full up to `bytes`. Untouched memory needs no physical pages. */
async function loadFilledTo(bytes) {
  const c = await loadVariant();
  // Allocates smaller and smaller blocks until no gap is left for a tensor.
  for (let block = bytes - c.memory().heapBytes; block >= 16; block = Math.floor(block / 2)) {
    while (c.memory().heapBytes < bytes + 4 * MIB) {
      const { heapBytes } = c.memory();
      const address = moduleFunctions(c).allocate(block);
      assert.ok(address > 0, `${block} bytes of ${heapBytes}`);
      // Blocks of this size now come from beyond `bytes`.
      if (address + block > bytes) break;
    }
  }
  return c;
}

const small = await loadVariant();
const large = await loadFilledTo(HALF);
after(() => {
  small.dispose();
  large.dispose();
});

/** The bits of all results of a call. */
function bitsOf(c, where, { args, options, input, runOptions }) {
  const result = c[where](...args, options);
  const made = [result];
  if (where.startsWith('plan')) made.push(result.run(input, runOptions));
  if (where === 'conv2dBackward') made.push(...Object.values(result));
  const bits = made
    .filter((one) => one?.data !== undefined)
    .map(({ data }) => Buffer.from(data.slice().buffer).toString('base64'));
  for (const one of made) one?.dispose?.();
  return bits;
}

test('new tensors are beyond 2 GiB', () => {
  const t = large.arange(5);
  assert.ok(t.data.byteOffset > HALF, `${t.data.byteOffset}`);
  assertTensor(t.add(t.at(4)), [5], [4, 5, 6, 7, 8]);
  assert.ok(large.memory().heapBytes > HALF);
});

for (const [where, calls] of Object.entries(validCalls)) {
  forAll(
    `${where} gives the same bits beyond 2 GiB`,
    calls,
    (call) => {
      const before = memoryInUse(large);
      assert.deepEqual(bitsOf(large, where, call), bitsOf(small, where, call));
      assert.deepEqual(memoryInUse(large), before);
    },
    40,
  );
}

test('a tensor and a plan across the 2 GiB boundary give the same bits', async () => {
  const c = await loadVariant();
  const { heapBytes } = c.memory();
  moduleFunctions(c).allocate(HALF - heapBytes - 2 * MIB);
  const image = c.normal(0, 1, [3, 512, 1024], { seed: 5 });
  const { byteOffset, byteLength } = image.data;
  assert.ok(byteOffset < HALF && byteOffset + byteLength > HALF, `${byteOffset}`);
  const own = small.tensor(image.data.slice(), image.shape);
  for (const options of [{}, { padding: 1, paddingMode: 'reflect' }, { algorithm: 'gemm' }]) {
    const weight = { shape: [4, 3, 3, 3], data: Array.from({ length: 108 }, (_, i) => i % 7) };
    const [there, here] = [c.conv2d(image, weight, options), small.conv2d(own, weight, options)];
    assert.deepEqual(there.data, here.data);
    there.dispose();
    here.dispose();
  }
  own.dispose();
  c.dispose();
});
