// The streams of a WebAssembly module, as the build splits it and the package joins it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadStreams, splitIntoStreams } from '../../../tools/build/streams.mjs';
import { root } from '../helpers.mjs';

const { joinStreams } = await loadStreams();
const binary = (variant) => readFileSync(join(root, `dist/corr2d-${variant}.wasm`));

for (const variant of ['simd', 'relaxed', 'threads', 'relaxed-threads']) {
  test(`the streams of ${variant} join to its binary`, async () => {
    const wasm = binary(variant);
    const file = await splitIntoStreams(wasm);
    assert.ok(Buffer.from(joinStreams(file)).equals(wasm));
    assert.ok(file.length < wasm.length + 64);
  });
}

test('operators of every group keep their operands', async () => {
  const operators = [
    ...[
      [0x02, 0x40],
      [0x04, 0x7f],
      [0x0c, 0x81, 0x01],
      [0x0e, 2, 0, 1, 2],
      [0x10, 5],
      [0x11, 1, 0],
    ],
    ...[
      [0x20, 0x80, 0x01],
      [0x23, 0],
      [0x28, 2, 0x80, 0x08],
      [0x3f, 0],
      [0x41, 0x7f],
      [0x42, 1],
    ],
    ...[
      [0x43, 1, 2, 3, 0x84],
      [0x44, 1, 2, 3, 4, 5, 6, 7, 8],
      [0xfc, 10, 0, 0],
      [0xfc, 11, 0],
    ],
    ...[
      [0xfc, 8, 1, 0],
      [0xfc, 9, 1],
      [0xfc, 0],
      [0xfd, 0, 4, 16],
      [0xfd, 84, 0, 1, 3],
    ],
    ...[
      [0xfd, 13, ...new Array(16).fill(0x90)],
      [0xfd, 21, 1],
      [0xfd, 0x85, 0x02],
    ],
    ...[[0xfe, 3, 0], [0xfe, 0x10, 2, 4], [0x0b]],
  ];
  const code = [1, 3, 0x7f, ...operators.flat()];
  const size = [0x80 | (code.length & 127), code.length >> 7];
  const section = [1, ...size, ...code];
  const length = [0x80 | (section.length & 127), section.length >> 7];
  const module = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 0, 10, ...length, ...section]);
  const file = await splitIntoStreams(module);
  assert.ok(Buffer.from(joinStreams(file)).equals(module));
  // Each operator is one byte of the stream of operators, beside what follows the code of its group.
  const sizes = new Uint32Array(file.buffer.slice(file.byteOffset, file.byteOffset + 44));
  assert.deepEqual([...sizes.subarray(3)], [2, 4, 5, 1 + 1, 4 + 8, 16, 9, 1]);
});

test('damaged streams give a module of the size that the header states, in bounded time', async () => {
  const file = await splitIntoStreams(binary('simd'));
  const size = binary('simd').length;
  for (let at = 44; at < file.length; at += 9973) {
    const damaged = Buffer.from(file);
    damaged.fill(0xff, at, at + 40);
    assert.equal(joinStreams(damaged).length, size);
    assert.equal(joinStreams(file.subarray(0, at)).length, size);
  }
});
