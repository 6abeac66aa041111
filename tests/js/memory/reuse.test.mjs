// Freed memory is usable again, whatever the sizes of the requests.

import assert from 'node:assert/strict';
import { assertStillComputes, createRandom, memoryInUse, moduleFunctions } from '../helpers.mjs';
import { collectUntil, testMemory } from './support.mjs';

const MIB = 2 ** 20;

/** Allocates blocks of `bytes` bytes until the heap is full. Untouched memory needs no physical pages. */
function fillHeap(c, bytes) {
  const { allocate } = moduleFunctions(c);
  const blocks = [];
  for (let block = allocate(bytes); block !== 0; block = allocate(bytes)) {
    blocks.push({ address: block, bytes });
  }
  return blocks;
}

/** Frees blocks in a random order. */
function release(c, blocks, random) {
  while (blocks.length > 0) {
    const [{ address, bytes }] = blocks.splice(random.integer(0, blocks.length - 1), 1);
    moduleFunctions(c).release(address, bytes);
  }
}

testMemory('a heap that was full has room for blocks of any size once they are freed', (c) => {
  const random = createRandom(1);
  const before = memoryInUse(c);
  const sizes = [4 * MIB, 2 * MIB, 3 * MIB + 4, 16 * MIB, MIB, 100 * MIB, 999 * MIB, 4 * MIB];
  for (const bytes of sizes) {
    const blocks = fillHeap(c, bytes);
    const total = bytes * blocks.length;
    // 64 bytes a block are lost, and as much of the address space as the next block would need.
    assert.ok(total > 4095 * MIB - bytes - 128 * blocks.length, `${blocks.length} of ${bytes}`);
    release(c, blocks, random);
    assert.deepEqual(memoryInUse(c), before);
  }
  assertStillComputes(c);
});

testMemory('once everything is freed, one block takes nearly all of the 4 GiB', (c) => {
  const { allocate, release: free } = moduleFunctions(c);
  for (const bytes of [4 * MIB, 777_777]) {
    release(c, fillHeap(c, bytes), createRandom(2));
    const all = 4094 * MIB;
    const block = allocate(all);
    assert.ok(block > 0, `after blocks of ${bytes} bytes`);
    free(block, all);
  }
  assertStillComputes(c);
});

testMemory('a gap of a full heap takes a block of its size', (c) => {
  const blocks = fillHeap(c, 4 * MIB);
  const { address, bytes } = blocks[blocks.length >> 1];
  for (const size of [bytes, bytes - 4, bytes >> 1, 1, 0, bytes]) {
    moduleFunctions(c).release(address, bytes);
    assert.equal(moduleFunctions(c).allocate(size), address);
    moduleFunctions(c).release(address, size);
    assert.equal(moduleFunctions(c).allocate(bytes), address);
  }
  release(c, blocks, createRandom(3));
});

testMemory(
  'after OUT_OF_MEMORY and a collection, tensors of the same size fit again',
  async (c) => {
    const hold = moduleFunctions(c).allocate(3900 * MIB);
    assert.ok(hold > 0);
    const before = c.memory().liveTensors;
    const run = () => {
      const x = c.zeros([MIB]);
      for (let i = 0; i < 1000; i++) c.relu(x);
    };
    assert.throws(run, { code: 'OUT_OF_MEMORY' });
    await collectUntil(
      () => c.memory().liveTensors === before,
      () => JSON.stringify(c.memory()),
    );
    for (const size of [MIB, MIB >> 1, 10 * MIB, MIB]) {
      c.relu(c.zeros([size]));
    }
    moduleFunctions(c).release(hold, 3900 * MIB);
    assertStillComputes(c);
  },
);

testMemory('blocks of every size are aligned to 64 bytes', (c) => {
  const { allocate, release: free } = moduleFunctions(c);
  for (let bytes = 0; bytes < 2000; bytes += 7) {
    const block = allocate(bytes);
    assert.equal(block % 64, 0);
    free(block, bytes);
  }
});
